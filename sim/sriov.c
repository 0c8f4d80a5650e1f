/* SPDX-License-Identifier: Apache-2.0 */
#include "sriov.h"

#include <stdio.h>
#include <string.h>

#include "binding.h"
#include "function.h"

/* VFs beyond the PF's own bus are on a bus that comes and goes with them. */
static void send_bus(struct host *h, const struct function *vf, const char *action)
{
	char path[sizeof(vf->path) + 32];
	struct event e;

	(void)snprintf(path, sizeof(path), "%.*s/pci_bus/%04x:%02x",
		       (int)(strlen(vf->path) - strlen(vf->name) - 1), vf->path, vf->addr.domain,
		       vf->addr.bus);
	if (strcmp(action, "add") == 0)
		move_dir(&h->moves, "sys/%s", path);
	else
		move_gone(&h->moves, "sys/%s", path);
	event_begin(&e, action, path, "pci_bus");
	move_event(&h->moves, &e);
}

static bool is_first_on_bus(const struct function *pf, const struct function *vf)
{
	uint8_t bus_before = vf->index > 0 ? pf->vfs[vf->index - 1]->addr.bus : pf->addr.bus;

	return vf->addr.bus != bus_before;
}

static void make_links(struct host *h, const struct function *pf, const struct function *vf)
{
	char pf_path[sizeof(pf->path) + 4], vf_path[sizeof(vf->path) + 4];

	(void)snprintf(pf_path, sizeof(pf_path), "sys/%s", pf->path);
	(void)snprintf(vf_path, sizeof(vf_path), "sys/%s", vf->path);
	move_link(&h->moves, vf_path, "%s/virtfn%u", pf_path, vf->index);
	move_link(&h->moves, pf_path, "%s/physfn", vf_path);
}

static int add_vf(struct host *h, struct function *pf, unsigned index)
{
	struct function *vf;
	int r = function_new_vf(pf, index, &vf);

	if (r < 0)
		return r;
	pf->vfs[index] = vf;
	if (is_first_on_bus(pf, vf))
		send_bus(h, vf, "add");
	/* A PF that a VFIO driver has keeps its VFs from host drivers. */
	if (pf->driver && pf->driver->keys.vfio == VFIO_GENERIC)
		memcpy(vf->override, pf->driver->name, sizeof(vf->override));
	r = function_add(h, vf);
	if (r < 0)
		return r;
	/* The links come after `add`: this is why the kernel says `change` once more. */
	make_links(h, pf, vf);
	function_send(h, vf, "change");
	return binding_try(h, vf);
}

int sriov_enable(struct host *h, struct function *pf, unsigned count)
{
	int r;

	for (unsigned n = 0; n < count; n++) {
		r = add_vf(h, pf, n);
		if (r < 0)
			return r;
		pf->num_vfs = n + 1;
	}
	function_send(h, pf, "change");
	sriov_write_count(h, pf);
	return 0;
}

static void remove_vf(struct host *h, struct function *pf, struct function *vf)
{
	move_gone(&h->moves, "sys/%s/virtfn%u", pf->path, vf->index);
	move_gone(&h->moves, "sys/%s/physfn", vf->path);
	if (vf->driver)
		binding_unbind(h, vf);
	function_remove(h, vf);
}

void sriov_disable(struct host *h, struct function *pf)
{
	unsigned count = pf->num_vfs;
	struct function *vf;
	bool last_on_bus;

	for (unsigned n = 0; n < count; n++) {
		vf = pf->vfs[n];
		last_on_bus = vf->addr.bus != pf->addr.bus &&
			      (n + 1 == count || pf->vfs[n + 1]->addr.bus != vf->addr.bus);
		remove_vf(h, pf, vf);
		if (last_on_bus)
			send_bus(h, vf, "remove");
		pf->vfs[n] = function_free(vf);
	}
	/* No event for the PF: its count is 0 from now on, and nobody says so. */
	pf->num_vfs = 0;
	move_text(&h->moves, "0\n", "sys/%s/sriov_numvfs", pf->path);
}

void sriov_write_count(struct host *h, const struct function *pf)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%u\n", pf->num_vfs);
	move_write(&h->moves, text, "sys/%s/sriov_numvfs", pf->path);
}
