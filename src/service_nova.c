/* SPDX-License-Identifier: Apache-2.0 */
#include "service_nova.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "vfmon/alias.h"
#include "vfmon/finding.h"
#include "vfmon/hostdev_xml.h"
#include "vfmon/lint.h"
#include "vfmon/names.h"
#include "vfmon/nova_config.h"
#include "vfmon/placement.h"
#include "vfmon/policy.h"
#include "vfmon/session.h"
#include "vfmon/wire.h"

/* More than one finding takes in a reply. */
#define ROOM (256ULL << 10)

/* All listed functions, in the order of their addresses. */
struct functions {
	const struct vf **items;
	size_t count;
};

static void functions_done(struct functions *f)
{
	free(f->items);
}

static int take_functions(const struct registry *registry, struct functions *ret)
{
	const struct vf *vf = NULL;
	size_t hint = 0;

	ret->items = calloc(registry_count(registry) + 1, sizeof(*ret->items));
	if (!ret->items)
		return -ENOMEM;
	while ((vf = registry_next_near(registry, vf ? &vf->addr : NULL, &hint)))
		ret->items[ret->count++] = vf;
	return 0;
}

/* The function that a call names; if there is none, that is the reply. */
static const struct vf *find_function(const struct service *service,
				      const struct wire_request *request, struct json_text *out)
{
	struct pci_addr addr;
	const struct vf *vf;

	if (pci_addr_parse(request->address, &addr) < 0) {
		wire_error(out, ERROR_INVALID_ADDRESS, KEY_ADDRESS, request->address);
		return NULL;
	}
	vf = registry_get(service->registry, &addr);
	if (!vf)
		wire_error(out, ERROR_NO_SUCH_DEVICE, KEY_ADDRESS, request->address);
	return vf;
}

/* What is left out of a reply that would be too long: the worst stand first, so not those. */
static int say_what_is_left(const struct findings *all, size_t written, struct json_text *out)
{
	const struct finding_place nowhere = { .spec_index = -1 };
	struct findings last = { 0 };
	int r = findings_add(
		&last,
		&(const struct finding_kind){ all->items[written].level, all->items[written].code,
					      "correct what is listed, then ask again" },
		&nowhere, "there are %zu more findings, which are not listed",
		all->count - written);

	if (r == 0)
		wire_finding(out, &last.items[0]);
	findings_done(&last);
	return r;
}

static int write_findings(const struct findings *findings, struct json_text *out)
{
	size_t start = out->len, i = 0;
	int r = 0;

	wire_reply_begin(out);
	json_text_key(out, KEY_FINDINGS);
	json_text_begin_array(out);
	for (; i < findings->count && out->len - start < MAX_PLAIN_REPLY_BYTES - ROOM; i++)
		wire_finding(out, &findings->items[i]);
	if (i < findings->count)
		r = say_what_is_left(findings, i, out);
	json_text_end_array(out);
	wire_reply_end(out, WIRE_LAST);
	return r;
}

int service_nova_check(struct service *service, struct wire_request *request, struct json_text *out,
		       struct stream **ret_stream)
{
	const struct policy *policy = service->get_policy(service->arg);
	struct findings findings = { 0 };
	int r;

	(void)request;
	(void)ret_stream;
	r = lint_run(policy, service->registry, &findings);
	if (r == 0)
		r = write_findings(&findings, out);
	findings_done(&findings);
	return r;
}

int service_nova_hostdev(struct service *service, struct wire_request *request,
			 struct json_text *out, struct stream **ret_stream)
{
	const struct vf *vf = find_function(service, request, out);
	char *xml;
	int r;

	(void)ret_stream;
	if (!vf)
		return 0;
	r = hostdev_xml(service->get_policy(service->arg), vf, &xml);
	if (r == -ENODATA)
		wire_error(out, ERROR_NOT_TRACKED, KEY_ADDRESS, request->address);
	if (r < 0)
		return r == -ENODATA ? 0 : r;
	wire_reply_begin(out);
	wire_member_text(out, KEY_XML, xml);
	wire_reply_end(out, WIRE_LAST);
	free(xml);
	return 0;
}

static void write_addr(struct json_text *t, const struct pci_addr *addr)
{
	char text[PCI_ADDR_TEXT_MAX];

	json_text_string(t, pci_addr_format(addr, text));
}

static void write_provider(struct json_text *t, const struct provider *p)
{
	json_text_begin_object(t);
	wire_member_text(t, KEY_NAME, p->name);
	json_text_key(t, KEY_ADDRESS);
	write_addr(t, &p->address);
	wire_member_text(t, KEY_RESOURCE_CLASS, p->resource_class);
	wire_member_uint(t, KEY_TOTAL, p->device_count);
	json_text_key(t, KEY_TRAITS);
	json_text_begin_array(t);
	for (size_t i = 0; i < p->trait_count; i++)
		json_text_string(t, p->traits[i]);
	json_text_end_array(t);
	json_text_key(t, KEY_DEVICES);
	json_text_begin_array(t);
	for (size_t i = 0; i < p->device_count; i++)
		write_addr(t, &p->devices[i]->addr);
	json_text_end_array(t);
	json_text_end_object(t);
}

int service_nova_providers(struct service *service, struct wire_request *request,
			   struct json_text *out, struct stream **ret_stream)
{
	cleanup_(functions_done) struct functions all = { 0 };
	const struct policy *policy = service->get_policy(service->arg);
	const char *host = request->host_name ? request->host_name : policy->host_name;
	struct providers providers = { 0 };

	(void)ret_stream;
	if (take_functions(service->registry, &all) < 0 ||
	    providers_make(policy, host, all.items, all.count, &providers) < 0)
		return -ENOMEM;
	wire_reply_begin(out);
	json_text_key(out, KEY_PROVIDERS);
	json_text_begin_array(out);
	for (size_t i = 0; i < providers.count; i++)
		write_provider(out, &providers.items[i]);
	json_text_end_array(out);
	if (providers.refused)
		wire_member_text(out, KEY_REFUSED, providers.refused);
	wire_reply_end(out, WIRE_LAST);
	providers_done(&providers);
	return 0;
}

static void write_devices(struct json_text *t, const char *key, const struct vf *const *devices,
			  size_t count)
{
	json_text_key(t, key);
	json_text_begin_array(t);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			json_text_raw(t, ",", 1);
		wire_device(t, devices[i]);
	}
	json_text_end_array(t);
}

/* Asks for one; whoever wants more changes the number. */
static void write_property(struct json_text *t, const char *alias)
{
	json_text_key(t, KEY_FLAVOR_PROPERTY);
	json_text_raw(t, "\"", 1);
	json_text_raw_characters(t, NOVA_ALIAS_PROPERTY "=");
	json_text_raw_characters(t, alias);
	json_text_raw_characters(t, ":1");
	json_text_raw(t, "\"", 1);
}

int service_nova_alias(struct service *service, struct wire_request *request, struct json_text *out,
		       struct stream **ret_stream)
{
	cleanup_(functions_done) struct functions all = { 0 };
	const struct aliases *aliases = service->get_policy(service->arg)->config->aliases;
	size_t start = out->len;
	struct alias_answer answer;
	int r;

	(void)ret_stream;
	if (take_functions(service->registry, &all) < 0)
		return -ENOMEM;
	r = aliases_resolve(aliases, request->alias, all.items, all.count, &answer);
	if (r == -ENOENT)
		wire_error(out, ERROR_NO_SUCH_ALIAS, KEY_NAME, request->alias);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	wire_reply_begin(out);
	write_devices(out, KEY_DEVICES, answer.devices, answer.device_count);
	if (answer.with_placement)
		write_devices(out, KEY_DEVICES_WITH_PLACEMENT, answer.placement_devices,
			      answer.placement_device_count);
	write_property(out, request->alias);
	wire_reply_end(out, WIRE_LAST);
	alias_answer_done(&answer);
	if (out->len - start > MAX_PLAIN_REPLY_BYTES) {
		json_text_cut(out, start);
		wire_error(out, ERROR_EXPECTED_MORE, NULL, NULL);
	}
	return 0;
}
