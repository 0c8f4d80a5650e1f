/* SPDX-License-Identifier: Apache-2.0 */
#include "use_addresses.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "vfmon/names.h"

#include "addr_dump.h"
#include "sysfs_file.h"

bool use_addresses_counts(int family, const void *address)
{
	const uint8_t *b = address;

	if (family == AF_INET)
		return b[0] != 127 && !(b[0] == 169 && b[1] == 254);
	if (family == AF_INET6)
		return memcmp(b, &in6addr_loopback, sizeof(in6addr_loopback)) != 0 &&
		       !(b[0] == 0xfe && (b[1] & 0xc0) == 0x80);
	return false;
}

/* The function that an interface belongs to, by its link in sysfs. */
static int function_of(int sysfs_fd, const char *interface, struct pci_addr *ret)
{
	char path[sizeof(SYSFS_CLASS_NET) + IF_NAMESIZE + 1], target[SYSFS_TARGET_MAX];
	/* An alias of old, such as eth0:1, is an address of eth0. */
	int n = snprintf(path, sizeof(path), SYSFS_CLASS_NET "/%.*s", (int)strcspn(interface, ":"),
			 interface);
	int r;

	if (n >= (int)sizeof(path))
		return -ENAMETOOLONG;
	r = sysfs_file_target(sysfs_fd, path, target);
	return r < 0 ? r : pci_addr_from_path(target, ret);
}

static int add(int sysfs_fd, const struct addr_dump_entry *entry, struct use_table *t)
{
	char text[USE_TEXT_MAX], address[INET6_ADDRSTRLEN];
	struct pci_addr addr;

	if (!use_addresses_counts(entry->family, entry->address) ||
	    function_of(sysfs_fd, entry->interface, &addr) < 0 ||
	    !inet_ntop(entry->family, entry->address, address, sizeof(address)))
		return 0;
	(void)snprintf(text, sizeof(text), "has an address on its interface %s (%s/%u)",
		       entry->interface, address, entry->prefix);
	return use_table_add(t, &addr, text);
}

int use_addresses_collect_from(int sysfs_fd, const struct addr_dump *dump, struct use_table *t)
{
	int r = 0;

	for (size_t i = 0; i < dump->count && r == 0; i++)
		r = add(sysfs_fd, &dump->entries[i], t);
	return r;
}

int use_addresses_collect(int sysfs_fd, struct use_table *t)
{
	struct addr_dump dump = { 0 };
	int r = addr_dump_read(&dump);

	if (r == 0)
		r = use_addresses_collect_from(sysfs_fd, &dump, t);
	addr_dump_done(&dump);
	return r;
}
