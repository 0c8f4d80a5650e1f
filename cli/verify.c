/* SPDX-License-Identifier: Apache-2.0 */
#include "verify.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../monitor/kernel.h"
#include "dump.h"
#include "dump_host.h"
#include "roots.h"
#include "scan.h"
#include "scan_process.h"
#include "verify_compare.h"
#include "vfmon/device_spec.h"
#include "vfmon/keys.h"
#include "vfmon/names.h"
#include "vfmon/text.h"
#include "vfmon/vf.h"
#include "writer.h"

void verify_done(struct verify *v)
{
	for (size_t i = 0; i < v->count; i++) {
		free(v->lines[i].registry);
		free(v->lines[i].host);
	}
	free(v->lines);
	*v = (struct verify){ 0 };
}

static void take_text(struct text **to, struct text *from)
{
	text_unref(*to);
	*to = text_ref(from);
}

/* What only the daemon has: the entry that takes it, and what rests on more than sysfs. */
static void borrow(struct vf *vf, const struct vf *told, const struct verify_limits *limits)
{
	spec_match_unref(vf->spec);
	vf->spec = spec_match_ref(told->spec);
	vf->in_use = told->in_use;
	take_text(&vf->card_serial, told->card_serial);
	take_text(&vf->vendor_state, told->vendor_state);
	take_text(&vf->vendor_problem, told->vendor_problem);
	if (limits->is_in_other_namespace)
		take_text(&vf->host_use, told->host_use);
}

static const struct vf *find(const struct dump *dump, const struct pci_addr *addr)
{
	size_t low = 0, high = dump->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = pci_addr_compare(&dump->images[middle]->addr, addr);

		if (order == 0)
			return dump->images[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static int complete(struct scan *s, const struct dump *dump, const struct verify_limits *limits)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct vf *told = find(dump, &s->images[i]->addr);
		struct vf *copy;

		if (!told)
			continue;
		if (vf_copy(s->images[i], &copy) < 0)
			return -ENOMEM;
		borrow(copy, told, limits);
		vf_unref(s->images[i]);
		s->images[i] = copy;
	}
	return 0;
}

static enum exit_status say_silent(const struct options *o, const struct scan_place *place)
{
	char addr[PCI_ADDR_TEXT_MAX];

	fprintf(stderr,
		"vfmonctl: reading %s has not ended within %g s: the kernel's log may tell why, or a "
		"longer --timeout\n",
		place->has_addr ? pci_addr_format(&place->addr, addr) : roots_sysfs(o),
		(double)query_timeout_usec(o) / 1e6);
	return EXIT_STATUS_OTHER;
}

static enum exit_status say_unreadable(const struct options *o, int error,
				       const struct scan_place *place)
{
	if (error == -ENOMEM)
		return query_no_memory();
	if (error == -ETIMEDOUT)
		return say_silent(o, place);
	fprintf(stderr, "vfmonctl: %s can not be read: %s\n", roots_sysfs(o),
		error == -ECHILD ? "the process that does has ended" : strerror(-error));
	return EXIT_STATUS_OTHER;
}

/* More than the daemon ever has of them; a scan that meets one more ends with its patience. */
#define SILENT_MAX 64

static size_t list_silent(const struct verify_limits *limits,
			  struct pci_addr ret[static SILENT_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < value_count(limits->silent) && count < SILENT_MAX; i++) {
		const char *address = value_text_at(limits->silent, i);

		count += address && pci_addr_parse(address, &ret[count]) == 0;
	}
	return count;
}

/* The host as it is, judged by what the daemon goes by. */
static enum exit_status read_host(const struct options *o, struct dump_host *host,
				  const struct verify_limits *limits)
{
	struct pci_addr silent[SILENT_MAX];
	const struct scan_left_out left_out = { silent, list_silent(limits, silent) };
	struct scan_place place = { 0 };
	struct scan s = { 0 };
	enum exit_status status;
	int r = scan_read(o, &left_out, query_timeout_usec(o), dump_host_pool(host), &s, &place);

	if (r < 0)
		return say_unreadable(o, r, &place);
	if (complete(&s, dump_host_dump(host), limits) < 0)
		status = query_no_memory();
	else
		status = dump_host_judge(o, host, s.images, s.count);
	scan_done(&s);
	return status;
}

struct listing {
	struct writer text;
	size_t count;
};

static enum exit_status on_devices(const struct value *parameters, void *arg)
{
	struct listing *l = arg;
	const struct value *devices = value_member(parameters, KEY_DEVICES);

	for (size_t i = 0; i < value_count(devices); i++) {
		fprintf(l->text.out, "%s", l->count++ ? "," : "[");
		if (value_print(value_at(devices, i), l->text.out) < 0)
			return query_no_memory();
	}
	return EXIT_STATUS_YES;
}

/* The scan's functions in the form of the interface. */
static enum exit_status list_host(struct query *q, struct value **ret)
{
	struct listing l = { 0 };
	enum exit_status status = EXIT_STATUS_YES;

	if (writer_open(&l.text) < 0)
		return query_no_memory();
	(void)query_begin(q, METHOD_LIST_DEVICES);
	status = query_each(q, on_devices, &l);
	fprintf(l.text.out, "%s", l.count ? "]" : "[]");
	if (status == EXIT_STATUS_YES &&
	    (writer_close(&l.text) < 0 || value_parse(l.text.text, l.text.len, ret) < 0))
		status = query_no_memory();
	writer_done(&l.text);
	return status;
}

static struct verify_limits limits_of(const struct dump *dump)
{
	const struct value *status = value_member(dump->root, KEY_STATUS);
	uint64_t theirs = (uint64_t)value_int(status, KEY_NETWORK_NAMESPACE, 0);
	uint64_t mine = kernel_network_namespace();

	return (struct verify_limits){
		.silent = value_member(status, KEY_NOT_ANSWERING),
		.is_in_other_namespace = theirs != 0 && mine != 0 && mine != theirs,
	};
}

enum exit_status verify_once(const struct options *o, struct verify *ret)
{
	cleanup_(query_close) struct query q = { 0 };
	cleanup_(value_freep) struct value *mine = NULL;
	cleanup_(dump_host_freep) struct dump_host *host = NULL;
	struct verify_limits limits = { 0 };
	struct options exact = *o;
	struct verify v = { 0 };
	const struct value *told;
	enum exit_status status;

	exact.json = true; /* texts as they are on both sides */
	status = dump_host_ask(&exact, &host);
	if (status == EXIT_STATUS_YES) {
		limits = limits_of(dump_host_dump(host));
		status = roots_check(o, dump_host_dump(host)->count > 0);
	}
	if (status == EXIT_STATUS_YES)
		status = read_host(&exact, host, &limits);
	if (status != EXIT_STATUS_YES)
		return status;
	told = value_member(dump_host_dump(host)->root, KEY_DEVICES);
	status = query_open_host(&exact, TAKE_PTR(host), &q);
	if (status == EXIT_STATUS_YES)
		status = list_host(&q, &mine);
	if (status == EXIT_STATUS_YES && verify_compare(&v, told, mine, &limits) < 0)
		status = query_no_memory();
	if (status == EXIT_STATUS_YES)
		*ret = v;
	else
		verify_done(&v);
	return status;
}
