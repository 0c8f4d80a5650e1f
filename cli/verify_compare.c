/* SPDX-License-Identifier: Apache-2.0 */
#include "verify_compare.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "vfmon/keys.h"
#include "vfmon/vf.h"
#include "writer.h"

#define VERIFY_SILENT "it does not answer"

struct pair {
	struct pci_addr addr;
	const struct value *registry, *host; /* Devices; NULL: not there */
	const struct verify_limits *limits;
	const struct value *all; /* of the registry */
};

static char *text_of(const struct value *v)
{
	struct writer w = { 0 };
	char *text = NULL;

	if (writer_open(&w) < 0)
		return NULL;
	if (value_print(v, w.out) == 0 && writer_close(&w) == 0)
		text = strdup(w.text);
	writer_done(&w);
	return text;
}

static int add(struct verify *v, const struct pair *p, const struct verify_line *line)
{
	struct verify_line *lines = reallocarray(v->lines, v->count + 1, sizeof(*lines));

	if (!lines)
		return -ENOMEM;
	v->lines = lines;
	lines[v->count] = *line;
	lines[v->count].addr = p->addr;
	v->differences += !line->not_compared;
	v->count++;
	return 0;
}

/* Takes both texts; NULL: there was no memory for it. */
static int add_texts(struct verify *v, const struct pair *p, const char *field, char *registry,
		     char *host)
{
	const struct verify_line line = { .field = field, .registry = registry, .host = host };

	if (registry && host && add(v, p, &line) == 0)
		return 0;
	free(registry);
	free(host);
	return -ENOMEM;
}

static int add_difference(struct verify *v, const struct pair *p, const char *field,
			  const struct value *registry, const struct value *host)
{
	return add_texts(v, p, field, text_of(registry), text_of(host));
}

static int add_not_compared(struct verify *v, const struct pair *p, const char *field,
			    const char *why)
{
	const struct verify_line line = { .field = field, .not_compared = why };

	return add(v, p, &line);
}

static int compare(struct verify *v, const struct pair *p, const char *field,
		   const struct value *registry, const struct value *host)
{
	return value_equal(registry, host) ? 0 : add_difference(v, p, field, registry, host);
}

/* Only the codes and whom they name: sentences and commands are made when somebody asks. */
static bool same_reasons(const struct value *a, const struct value *b)
{
	size_t count = value_count(a);

	if (count != value_count(b))
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct value *x = value_at(a, i), *y = value_at(b, i);

		if (!value_equal(value_member(x, KEY_CODE), value_member(y, KEY_CODE)) ||
		    !value_equal(value_member(x, KEY_BLOCKERS), value_member(y, KEY_BLOCKERS)))
			return false;
	}
	return true;
}

static int compare_readiness(struct verify *v, const struct pair *p)
{
	const char *name = vf_field_name(VF_FIELD_READINESS);
	const struct value *a = value_member(p->registry, name), *b = value_member(p->host, name);

	if (value_equal(value_member(a, KEY_STATE), value_member(b, KEY_STATE)) &&
	    same_reasons(value_member(a, KEY_REASONS), value_member(b, KEY_REASONS)))
		return 0;
	return add_difference(v, p, name, a, b);
}

static int compare_binding(struct verify *v, const struct pair *p)
{
	static const struct {
		const char *key, *path;
	} members[] = { { KEY_STATE, "binding.state" },
			{ KEY_DRIVER, "binding.driver" },
			{ KEY_MODULE, "binding.module" } };
	const struct value *a = device_field(p->registry, VF_FIELD_BINDING);
	const struct value *b = device_field(p->host, VF_FIELD_BINDING);
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(members) / sizeof(members[0]); i++)
		r = compare(v, p, members[i].path, value_member(a, members[i].key),
			    value_member(b, members[i].key));
	return r;
}

static enum vf_binding state_of(const struct value *device)
{
	const char *name = value_text(device_field(device, VF_FIELD_BINDING), KEY_STATE);
	int state = name ? vf_binding_from_name(name) : -EINVAL;

	return state < 0 ? VF_BINDING_UNKNOWN : (enum vf_binding)state;
}

static bool is_on_its_way(enum vf_binding state)
{
	return state == VF_BINDING_PROBING || state == VF_BINDING_UNBINDING ||
	       state == VF_BINDING_STUCK;
}

static const char *pf_of(const struct value *device)
{
	return value_text(device, vf_field_name(VF_FIELD_PHYSICAL_FUNCTION));
}

/* Whether one that does not answer is of the same family: PF and VFs are judged together. */
static bool is_relative_silent(const struct pair *p)
{
	const char *mine = value_text(p->registry, KEY_ADDRESS), *pf = pf_of(p->registry);

	for (size_t i = 0; i < value_count(p->all); i++) {
		const struct value *other = value_at(p->all, i);
		const char *others = pf_of(other);

		if (others && value_lists_text(p->limits->silent, value_text(other, KEY_ADDRESS)) &&
		    (strcmp(others, mine) == 0 || (pf && strcmp(others, pf) == 0)))
			return true;
	}
	return false;
}

static bool rests_on_silent(const struct pair *p)
{
	const struct value *members = value_member(p->registry,
						   vf_field_name(VF_FIELD_IOMMU_GROUP_MEMBERS));

	if (value_count(p->limits->silent) == 0)
		return false;
	for (size_t i = 0; i < value_count(members); i++)
		if (value_lists_text(p->limits->silent,
				     value_text(value_at(members, i), KEY_ADDRESS)))
			return true;
	return value_lists_text(p->limits->silent, pf_of(p->registry)) || is_relative_silent(p);
}

static int compare_verdict(struct verify *v, const struct pair *p)
{
	const char *members = vf_field_name(VF_FIELD_IOMMU_GROUP_MEMBERS);
	const char *start = vf_field_name(VF_FIELD_GUEST_START);
	int r;

	if (rests_on_silent(p))
		return add_not_compared(v, p, "iommu_group_members, readiness, guest_start",
					"a function that they rest on does not answer");
	r = compare_readiness(v, p);
	if (r == 0)
		r = compare(v, p, members, value_member(p->registry, members),
			    value_member(p->host, members));
	return r < 0 ? r
		     : compare(v, p, start, value_member(p->registry, start),
			       value_member(p->host, start));
}

static int compare_state(struct verify *v, const struct pair *p)
{
	enum vf_binding a = state_of(p->registry), b = state_of(p->host);
	int r;

	if (is_on_its_way(a) || is_on_its_way(b) || a == VF_BINDING_UNKNOWN)
		return add_not_compared(v, p, "binding, readiness, guest_start",
					"its driver is on its way, which only time tells");
	r = compare_binding(v, p);
	return r < 0 ? r : compare_verdict(v, p);
}

/* What both sides have by a scan; names, serial numbers and vendors' files are the daemon's. */
static bool is_compared_as_it_is(enum vf_field field)
{
	static const uint64_t others = 1ULL << VF_FIELD_VENDOR_NAME |
				       1ULL << VF_FIELD_PRODUCT_NAME |
				       1ULL << VF_FIELD_CARD_SERIAL | 1ULL << VF_FIELD_IN_USE |
				       1ULL << VF_FIELD_VENDOR_STATE |
				       1ULL << VF_FIELD_VENDOR_PROBLEM | 1ULL << VF_FIELD_BINDING |
				       1ULL << VF_FIELD_READINESS | 1ULL << VF_FIELD_GUEST_START |
				       1ULL << VF_FIELD_IOMMU_GROUP_MEMBERS |
				       1ULL << VF_FIELD_NETWORK | 1ULL << VF_FIELD_HOST_USE;

	return !(others & 1ULL << field);
}

static int on_any(const char *name, const struct value *member, void *arg)
{
	(void)name;
	(void)member;
	(void)arg;
	return 1;
}

/* What the daemon has, and a scan does not. */
static int note_the_daemons(struct verify *v, const struct pair *p)
{
	static const struct {
		enum vf_field field;
		const char *why;
	} fields[] = {
		{ VF_FIELD_CARD_SERIAL, "only vfmond reads it" },
		{ VF_FIELD_VENDOR_STATE, "only vfmond reads it" },
		{ VF_FIELD_VENDOR_PROBLEM, "only vfmond reads it" },
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(fields) / sizeof(fields[0]); i++) {
		const char *name = vf_field_name(fields[i].field);
		const struct value *has = value_member(p->registry, name);

		if (value_as_text(has) || value_each(has, on_any, NULL))
			r = add_not_compared(v, p, name, fields[i].why);
	}
	return r;
}

/* What depends on the namespace of networks that is looked from. */
static int compare_network(struct verify *v, const struct pair *p)
{
	static const enum vf_field fields[] = { VF_FIELD_NETWORK, VF_FIELD_HOST_USE };
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(fields) / sizeof(fields[0]); i++) {
		const char *name = vf_field_name(fields[i]);
		const struct value *a = value_member(p->registry, name);
		const struct value *b = value_member(p->host, name);

		if (!p->limits->is_in_other_namespace)
			r = compare(v, p, name, a, b);
		else if (a || b)
			r = add_not_compared(v, p, name, "vfmond is in another network namespace");
	}
	return r;
}

static int leave_out(struct verify *v, const struct pair *p, const char *why)
{
	v->left_out++;
	return add_not_compared(v, p, "all", why);
}

static int compare_function(struct verify *v, const struct pair *p)
{
	int r;

	if (state_of(p->host) == VF_BINDING_UNKNOWN)
		return leave_out(v, p, "this user can not read it");
	v->functions++;
	r = compare(v, p, KEY_GENERATION, value_member(p->registry, KEY_GENERATION),
		    value_member(p->host, KEY_GENERATION));
	for (int f = 0; r == 0 && f < VF_FIELD_COUNT; f++) {
		const char *name = vf_field_name((enum vf_field)f);

		if (is_compared_as_it_is((enum vf_field)f))
			r = compare(v, p, name, value_member(p->registry, name),
				    value_member(p->host, name));
	}
	if (r == 0)
		r = compare_network(v, p);
	if (r == 0)
		r = compare_state(v, p);
	return r < 0 ? r : note_the_daemons(v, p);
}

static int compare_presence(struct verify *v, const struct pair *p)
{
	return add_texts(v, p, "present", strdup(p->registry ? "true" : "false"),
			 strdup(p->host ? "true" : "false"));
}

static bool address_of(const struct value *device, struct pci_addr *ret)
{
	const char *text = value_text(device, KEY_ADDRESS);

	return text && pci_addr_parse(text, ret) == 0;
}

/* The next address of either side, with whoever has it. Returns 0, or -EBADMSG for what has none. */
static int next_pair(const struct value *registry, const struct value *host, struct pair *ret)
{
	struct pair p = { .registry = registry, .host = host };
	struct pci_addr a = { 0 }, b = { 0 };
	int order;

	if ((registry && !address_of(registry, &a)) || (host && !address_of(host, &b)))
		return -EBADMSG;
	order = !registry ? 1 : !host ? -1 : pci_addr_compare(&a, &b);
	p.addr = order > 0 ? b : a;
	if (order > 0)
		p.registry = NULL;
	if (order < 0)
		p.host = NULL;
	*ret = p;
	return 0;
}

static bool is_silent(const struct pair *p)
{
	char addr[PCI_ADDR_TEXT_MAX];

	return value_lists_text(p->limits->silent, pci_addr_format(&p->addr, addr));
}

/* Those that have not answered since the daemon's start: nobody knows more than their addresses. */
static int note_unknown(struct verify *v, const struct value *registry,
			const struct verify_limits *limits)
{
	struct pair p = { .limits = limits };
	int r = 0;

	for (size_t i = 0; r == 0 && i < value_count(limits->silent); i++) {
		const char *address = value_text_at(limits->silent, i);
		bool is_known = false;

		for (size_t j = 0; !is_known && j < value_count(registry); j++) {
			const char *known = value_text(value_at(registry, j), KEY_ADDRESS);

			is_known = known && address && strcmp(known, address) == 0;
		}
		if (!is_known && address && pci_addr_parse(address, &p.addr) == 0)
			r = leave_out(v, &p, VERIFY_SILENT);
	}
	return r;
}

int verify_compare(struct verify *v, const struct value *registry, const struct value *host,
		   const struct verify_limits *limits)
{
	size_t i = 0, j = 0;
	struct pair p;
	int r = 0;

	while (r == 0 && (i < value_count(registry) || j < value_count(host))) {
		r = next_pair(value_at(registry, i), value_at(host, j), &p);
		if (r < 0)
			break;
		i += p.registry != NULL;
		j += p.host != NULL;
		p.limits = limits;
		p.all = registry;
		if (is_silent(&p))
			r = leave_out(v, &p, VERIFY_SILENT);
		else
			r = p.registry && p.host ? compare_function(v, &p)
						 : compare_presence(v, &p);
	}
	return r < 0 ? r : note_unknown(v, registry, limits);
}
