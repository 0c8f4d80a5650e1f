/* SPDX-License-Identifier: Apache-2.0 */
#include "interfaces.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/text.h"

struct interface {
	const char *name; /* text_str(text): a node can be looked for without one */
	struct text *text;
	struct pci_addr addr;
};

static int compare_names(const void *a, const void *b)
{
	const struct interface *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void free_interface(void *node)
{
	struct interface *i = node;

	text_unref(i->text);
	free(i);
}

void interfaces_done(struct interfaces *interfaces)
{
	tdestroy(interfaces->tree, free_interface);
	interfaces->tree = NULL;
}

static struct interface *find(const struct interfaces *interfaces, const char *name)
{
	const struct interface key = { .name = name };
	struct interface *const *node = tfind(&key, &interfaces->tree, compare_names);

	return node ? *node : NULL;
}

int interfaces_put(struct interfaces *interfaces, struct text *name, const struct pci_addr *addr)
{
	struct interface *i = find(interfaces, text_str(name));

	if (i) {
		i->addr = *addr;
		return 0;
	}
	i = malloc(sizeof(*i));
	if (!i)
		return -ENOMEM;
	*i = (struct interface){ text_str(name), text_ref(name), *addr };
	if (!tsearch(i, &interfaces->tree, compare_names)) {
		free_interface(i);
		return -ENOMEM;
	}
	return 0;
}

void interfaces_drop(struct interfaces *interfaces, const struct text *name,
		     const struct pci_addr *addr)
{
	struct interface *i = find(interfaces, text_str(name));

	if (!i || pci_addr_compare(&i->addr, addr) != 0)
		return;
	tdelete(i, &interfaces->tree, compare_names);
	free_interface(i);
}

bool interfaces_find(const struct interfaces *interfaces, const char *name, struct pci_addr *ret)
{
	const struct interface *i = find(interfaces, name);

	if (i)
		*ret = i->addr;
	return i != NULL;
}
