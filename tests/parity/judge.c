/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers the cases of the parity run with our own code: judge VERSION. One case a line on standard
 * input, one answer a line on standard output, in the form of ask.py.
 */
#include <err.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge_host.h"
#include "vfmon/alias.h"
#include "vfmon/cleanup.h"
#include "vfmon/conf_names.h"
#include "vfmon/device_spec.h"
#include "vfmon/hostdev_xml.h"
#include "vfmon/placement.h"
#include "vfmon/resource_class.h"
#include "vfmon/vf.h"

DEFINE_CLEANUP(char *, free);

#define TEXT_MAX 1024
#define FILES_MAX 4

static struct json_object *string(const char *text)
{
	return text ? json_object_new_string(text) : NULL;
}

static void must(int r)
{
	if (r < 0)
		errx(1, "%s", strerror(-r));
}

static const char *tag_of(const struct spec_match *match, const char *name)
{
	for (size_t i = 0; i < match->tag_count; i++)
		if (strcmp(match->tags[i].name, name) == 0)
			return match->tags[i].value;
	return NULL;
}

/* Number of the entry and what is stored of managed: true, false or nothing. */
static void write_take(FILE *out, const struct vf *vf)
{
	const char *managed;

	if (!vf->spec) {
		(void)fputc('-', out);
		return;
	}
	managed = tag_of(vf->spec, SPEC_MANAGED);
	(void)fprintf(out, "%u%c", vf->spec->index,
		      managed && strcmp(managed, "true") == 0	 ? 'y'
		      : managed && strcmp(managed, "false") == 0 ? 'n'
								 : 'u');
}

static struct json_object *tags(const struct device_specs *specs)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < device_specs_count(specs); i++) {
		struct json_object *entry = json_object_new_object();
		struct spec_info info;

		device_specs_get(specs, i, &info);
		for (size_t t = 0; t < info.tag_count; t++)
			json_object_object_add(entry, info.tags[t].name,
					       string(info.tags[t].value));
		json_object_array_add(list, entry);
	}
	return list;
}

static void answer_spec(const struct host *host, struct json_object *answer)
{
	char takes[TEXT_MAX] = "";
	FILE *out = fmemopen(takes, sizeof(takes), "w");

	if (!out)
		err(1, "fmemopen");
	for (size_t i = 0; i < host->count; i++) {
		if (i > 0)
			(void)fputc(' ', out);
		write_take(out, host->items[i]);
	}
	(void)fclose(out);
	json_object_object_add(answer, "takes", string(takes));
	json_object_object_add(answer, "tags", tags(host->config.specs));
}

static void answer_type(const struct host *host, struct json_object *answer)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < host->count; i++) {
		const struct vf *vf = host->items[i];
		char text[64], parent[PCI_ADDR_TEXT_MAX] = "-";

		if (vf->kind == VF_KIND_VF)
			(void)pci_addr_format(&vf->physical_function, parent);
		(void)snprintf(text, sizeof(text), "%s %s", vf_nova_device_type(vf), parent);
		json_object_array_add(list, string(text));
	}
	json_object_object_add(answer, "types", list);
}

static struct json_object *provider_line(const struct provider *p)
{
	char text[TEXT_MAX] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	if (!out)
		err(1, "fmemopen");
	(void)fprintf(out, "%s %s %zu ", p->name, p->resource_class, p->device_count);
	for (size_t i = 0; i < p->trait_count; i++)
		(void)fprintf(out, "%s%s", i ? "," : "", p->traits[i]);
	(void)fclose(out);
	return string(text);
}

static void answer_placement(const struct host *host, struct json_object *answer)
{
	cleanup_(providers_done) struct providers p = { 0 };
	struct json_object *list;

	must(providers_make(&host->policy, host->policy.host_name, host->items, host->count, &p));
	if (p.refused) {
		*strchrnul(p.refused, ':') = '\0';
		json_object_object_add(answer, "error", string(p.refused));
		return;
	}
	list = json_object_new_array();
	for (size_t i = 0; i < p.count; i++)
		json_object_array_add(list, provider_line(&p.items[i]));
	json_object_object_add(answer, "providers", list);
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static struct json_object *addresses(const struct vf *const *devices, size_t count)
{
	char buf[HOST_FUNCTIONS_MAX][PCI_ADDR_TEXT_MAX], text[TEXT_MAX] = "", *end = text;
	const char *sorted[HOST_FUNCTIONS_MAX];

	for (size_t i = 0; i < count; i++)
		sorted[i] = pci_addr_format(&devices[i]->addr, buf[i]);
	qsort(sorted, count, sizeof(sorted[0]), compare_texts);
	for (size_t i = 0; i < count; i++)
		end = stpcpy(stpcpy(end, i ? " " : ""), sorted[i]);
	return string(text);
}

static void answer_alias(const struct host *host, struct json_object *c, struct json_object *answer)
{
	struct json_object *names = json_object_object_get(c, "names");
	struct json_object *gets = json_object_new_object(), *placed = NULL;

	for (size_t i = 0; i < json_object_array_length(names); i++) {
		const char *name = json_object_get_string(json_object_array_get_idx(names, i));
		cleanup_(alias_answer_done) struct alias_answer a = { 0 };
		int r = aliases_resolve(host->config.aliases, name, host->items, host->count, &a);

		if (r == -ENOENT) {
			json_object_object_add(gets, name, NULL);
			continue;
		}
		must(r);
		json_object_object_add(gets, name, addresses(a.devices, a.device_count));
		if (!a.with_placement)
			continue;
		if (!placed)
			placed = json_object_new_object();
		json_object_object_add(placed, name,
				       addresses(a.placement_devices, a.placement_device_count));
	}
	json_object_object_add(answer, "gets", gets);
	if (placed)
		json_object_object_add(answer, "placed", placed);
}

static void answer_xml(const struct host *host, struct json_object *answer)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < host->count; i++) {
		cleanup_(freep) char *xml = NULL;
		int r = hostdev_xml(&host->policy, host->items[i], &xml);

		if (r == -ENODATA)
			continue;
		must(r);
		json_object_array_add(list, string(xml));
	}
	json_object_object_add(answer, "xml", list);
}

static void answer_host(version_t nova, struct json_object *c, struct json_object *answer)
{
	const char *kind = json_object_get_string(json_object_object_get(c, "kind"));
	cleanup_(host_done) struct host host;
	const char *nova_class = host_init(&host, nova, c);

	if (nova_class)
		json_object_object_add(answer, "error", string(nova_class));
	else if (strcmp(kind, "spec") == 0)
		answer_spec(&host, answer);
	else if (strcmp(kind, "type") == 0)
		answer_type(&host, answer);
	else if (strcmp(kind, "placement") == 0)
		answer_placement(&host, answer);
	else if (strcmp(kind, "alias") == 0)
		answer_alias(&host, c, answer);
	else if (strcmp(kind, "xml") == 0)
		answer_xml(&host, answer);
	else
		errx(1, "%s: no such kind", kind);
}

/* The bytes of a file, of which each is a character of the case's text. */
static size_t to_bytes(const char *text, char *out)
{
	size_t len = 0;

	for (const unsigned char *s = (const unsigned char *)text; *s; s += *s < 0x80 ? 1 : 2)
		out[len++] = (char)(*s < 0x80 ? *s : (*s & 3) << 6 | (s[1] & 0x3f));
	return len;
}

/* Each name once. */
static struct json_object *alias_names(const struct aliases *aliases)
{
	struct json_object *list = json_object_new_array();
	struct alias_info info, earlier;

	if (aliases_are_broken(aliases)) {
		json_object_put(list);
		return NULL;
	}
	for (size_t i = 0; i < aliases_count(aliases); i++) {
		bool is_new = true;

		aliases_get(aliases, i, &info);
		for (size_t j = 0; j < i && is_new; j++) {
			aliases_get(aliases, j, &earlier);
			is_new = strcmp(info.name, earlier.name) != 0;
		}
		if (is_new)
			json_object_array_add(list, string(info.name));
	}
	return list;
}

static void describe_config(const struct nova_config *config, struct json_object *answer)
{
	if (config->broken) {
		json_object_object_add(answer, "error", string("refused"));
		return;
	}
	json_object_object_add(answer, "entries", tags(config->specs));
	json_object_object_add(answer, "aliases", alias_names(config->aliases));
	json_object_object_add(answer, "report",
			       json_object_new_boolean(config->report_in_placement));
	json_object_object_add(answer, "in_placement",
			       json_object_new_boolean(config->pci_in_placement));
	json_object_object_add(answer, "virt_type", string(config->virt_type));
}

static void answer_config(version_t nova, struct json_object *c, struct json_object *answer)
{
	cleanup_(nova_config_freep) struct nova_config *config = NULL;
	struct json_object *texts = json_object_object_get(c, "files");
	struct nova_file files[FILES_MAX] = { 0 };
	char *bytes[FILES_MAX] = { 0 };
	size_t count = json_object_array_length(texts);

	if (count > FILES_MAX)
		errx(1, "too many files in a case");
	for (size_t i = 0; i < count; i++) {
		const char *text = json_object_get_string(json_object_array_get_idx(texts, i));

		bytes[i] = malloc(strlen(text) + 1);
		if (!bytes[i])
			err(1, "malloc");
		files[i] = (struct nova_file){ .path = "nova.conf", .bytes = bytes[i] };
		files[i].len = to_bytes(text, bytes[i]);
	}
	must(nova_config_parse(nova, files, count, &config));
	describe_config(config, answer);
	for (size_t i = 0; i < count; i++)
		free(bytes[i]);
}

/* What an entry with this text as its class or traits says. */
static void answer_name(version_t nova, struct json_object *c, const char *key,
			struct json_object *answer)
{
	cleanup_(host_done) struct host host;
	struct json_object *entry = json_object_new_object(), *values = json_object_new_array();
	struct json_object *list = json_object_new_array();
	char name[RESOURCE_CLASS_DEFAULT_MAX];
	struct spec_info info;

	json_object_object_add(entry, key, json_object_get(json_object_object_get(c, "text")));
	json_object_array_add(values, string(json_object_to_json_string(entry)));
	json_object_object_add(c, "specs", values);
	if (host_init(&host, nova, c))
		errx(1, "an entry with this name is refused: %s", json_object_to_json_string(c));
	device_specs_get(host.config.specs, 0, &info);
	for (size_t i = 0; i < info.trait_count; i++)
		json_object_array_add(list, string(info.traits[i]));
	if (strcmp(key, SPEC_TRAITS) == 0)
		json_object_object_add(answer, "names", json_object_get(list));
	else
		json_object_object_add(
			answer, "name",
			string(info.resource_class ? info.resource_class
						   : resource_class_default(0x10de, 0x25b6, name)));
	json_object_put(list);
	json_object_put(entry);
}

static void answer_case(version_t nova, struct json_object *c, struct json_object *answer)
{
	const char *kind = json_object_get_string(json_object_object_get(c, "kind"));

	if (strcmp(kind, "config") == 0)
		answer_config(nova, c, answer);
	else if (strcmp(kind, "class") == 0)
		answer_name(nova, c, SPEC_RESOURCE_CLASS, answer);
	else if (strcmp(kind, "traits") == 0)
		answer_name(nova, c, SPEC_TRAITS, answer);
	else
		answer_host(nova, c, answer);
}

int main(int argc, char **argv)
{
	cleanup_(freep) char *line = NULL;
	size_t size = 0;
	version_t nova;

	if (argc != 2 || version_parse(argv[1], &nova) < 0)
		errx(2, "usage: judge VERSION");
	while (getline(&line, &size, stdin) > 0) {
		struct json_object *c = json_tokener_parse(line);
		struct json_object *answer = json_object_new_object();

		if (!c)
			errx(1, "not JSON: %s", line);
		json_object_object_add(answer, "id",
				       json_object_get(json_object_object_get(c, "id")));
		answer_case(nova, c, answer);
		(void)puts(json_object_to_json_string_ext(answer, JSON_C_TO_STRING_PLAIN));
		json_object_put(answer);
		json_object_put(c);
	}
	return 0;
}
