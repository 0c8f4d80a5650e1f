/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/nova_config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nova_values.h"
#include "vfmon/alias.h"
#include "vfmon/conf_names.h"
#include "vfmon/device_spec.h"
#include "vfmon/spec_error.h"

/* How much of a name a message quotes. */
#define QUOTE_MAX 64

/* What hangs on a configuration besides what everybody sees. */
struct held_config {
	struct nova_config config; /* the first member: the one is made of the other by a cast */
	char *mdev_file;
};

/* A file that was taken apart. */
struct source {
	const char *path;
	const struct nova_conf *conf; /* NULL: it is not usable */
	struct nova_conf *owned;      /* the same, if it is to be freed here */
};

struct reading {
	struct nova_config *config;
	version_t version;
	struct source *sources;
	size_t source_count;
	struct nova_values values;
};

DEFINE_CLEANUP(char *, free);

static void reading_done(struct reading *r)
{
	for (size_t i = 0; i < r->source_count; i++)
		nova_conf_free(r->sources[i].owned);
	free(r->sources);
	nova_values_done(&r->values);
}

/* What Nova refuses is matched nowhere. */
static enum finding_level level_of(const struct reading *r, enum nova_option option)
{
	return option == NOVA_ALIAS && r->version < NOVA_CHECKS_ALIASES ? FINDING_WRONG
									: FINDING_REFUSED;
}

static int add_error(const struct reading *r, const char *path, enum finding_level level,
		     enum finding_code code, const struct spec_error *error)
{
	static const char *const remedies[FINDING_LEVEL_COUNT] = {
		[FINDING_REFUSED] = "mend it; until then nova-compute does not start with it",
		[FINDING_WRONG] = "mend it; until then every flavor that asks for an alias fails",
	};
	const struct finding_place place = { path, error->line, error->column, -1 };
	const struct finding_kind kind = { level, code, remedies[level] };

	if (level == FINDING_REFUSED)
		r->config->broken = true;
	if (!error->nova_class)
		return findings_add(&r->config->findings, &kind, &place, "%s", error->reason);
	return findings_add(&r->config->findings, &kind, &place, "%s (%s)", error->reason,
			    error->nova_class);
}

/* An assignment that Nova can not use. */
static int add_value_error(const struct reading *r, const struct nova_assignment *a,
			   const struct spec_error *error)
{
	return add_error(r, r->sources[a->file].path, level_of(r, a->option), FINDING_VALUE_ERROR,
			 error);
}

/* Where the name of an assignment stands. */
static struct finding_place place_of(const char *path, const struct nova_conf_value *v)
{
	return (struct finding_place){
		.file = path, .line = v->line, .column = v->name_column, .spec_index = -1
	};
}

static int add_file_error(const struct reading *r, const struct nova_file *file)
{
	const struct finding_place place = { .file = file->path, .spec_index = -1 };
	const struct finding_kind kind = {
		FINDING_REFUSED, FINDING_FILE_ERROR,
		"let the file be read, or take it out of the list of Nova's files"
	};

	r->config->broken = true;
	return findings_add(&r->config->findings, &kind, &place, "the file can not be read: %s",
			    nova_conf_unreadable(file->error));
}

/* Of a file whose grammar is broken there is nothing but that to say. */
static int take_apart(struct reading *r, const struct nova_file *file)
{
	struct source *source = &r->sources[r->source_count++];
	struct spec_error error = { 0 };
	int error_number;

	source->path = file->path;
	r->values.redacted = r->values.redacted || file->redacted;
	if (file->error)
		return add_file_error(r, file);
	error_number = nova_conf_parse(file->bytes, file->len, &source->owned, &error);
	source->conf = source->owned;
	if (error_number != -EINVAL)
		return error_number;
	return add_error(r, file->path, FINDING_REFUSED, FINDING_SYNTAX_ERROR, &error);
}

/* Nova ignores an option of [pci] that it does not know. */
static int check_unknown(const struct reading *r, const char *path, const struct nova_conf_value *v)
{
	const struct finding_place place = place_of(path, v);
	const char *like = nova_option_like(v->name);
	char quote[QUOTE_MAX], remedy[2 * QUOTE_MAX];
	const struct finding_kind kind = { like ? FINDING_WRONG : FINDING_SUSPICIOUS,
					   FINDING_UNKNOWN_KEY, like ? remedy : NULL };

	if (!nova_conf_is_in(v, CONF_SECTION_PCI))
		return 0;
	pytext_print(pytext_of(v->name), quote, sizeof(quote));
	(void)snprintf(remedy, sizeof(remedy), "write %s", like ? like : "");
	return findings_add(&r->config->findings, &kind, &place,
			    "Nova has no option '%s' in [pci] and ignores the line", quote);
}

static int collect_file(struct reading *r, size_t file)
{
	const struct source *source = &r->sources[file];
	size_t count = source->conf ? nova_conf_count(source->conf) : 0;
	int error = 0;

	for (size_t i = 0; i < count && error == 0; i++) {
		const struct nova_conf_value *v = nova_conf_get(source->conf, i);

		error = nova_values_add(&r->values, file, i, v);
		if (error == 0)
			error = check_unknown(r, source->path, v);
		else if (error > 0)
			error = 0;
	}
	return error;
}

/* In one file the oldest name counts first, wherever the lines stand. */
static int check_names(const struct reading *r, enum nova_option option)
{
	size_t count;
	const struct nova_assignment *all = nova_values_all(&r->values, option, &count);

	for (size_t i = 1; i < count; i++) {
		struct finding_place place = place_of(r->sources[all[i].file].path, all[i].value);
		int error;

		if (all[i].file != all[i - 1].file || all[i].age == all[i - 1].age)
			continue;
		error = findings_add(
			&r->config->findings,
			&(const struct finding_kind){
				FINDING_SUSPICIOUS, FINDING_MIXED_OPTION_NAMES,
				"give all values under the present name, in the order that is meant" },
			&place,
			"%s is given under more than one name in this file: Nova takes all values of "
			"the name [%s] %s first, wherever the lines stand",
			nova_option_name(option), all[i - 1].value->section,
			all[i - 1].value->name);
		if (error < 0)
			return error;
	}
	return 0;
}

/* The value of an option with one, the default where it is bad. */
static int take_single(const struct reading *r, enum nova_option option, char **ret)
{
	const struct nova_assignment *a = nova_values_last(&r->values, option);
	struct spec_error error = { 0 };
	char *text;
	int error_number = nova_values_get(&r->values, option, &text, &error);

	if (error_number == -EINVAL)
		return add_value_error(r, a, &error);
	if (error_number < 0)
		return error_number;
	free(*ret);
	*ret = text;
	return 0;
}

static int take_boolean(const struct reading *r, enum nova_option option, bool *ret)
{
	cleanup_(freep) char *text = NULL;
	int error = take_single(r, option, &text);

	*ret = text && strcmp(text, "True") == 0;
	return error;
}

/* A list is set if there is an item in it. */
static int take_mdev_types(const struct reading *r)
{
	const struct nova_assignment *a = nova_values_last(&r->values, NOVA_MDEV_TYPES);
	struct held_config *held = (struct held_config *)r->config;
	cleanup_(freep) char *text = NULL;
	struct spec_error error = { 0 };
	size_t len;
	int error_number = a ? nova_values_text(&r->values, a, &text, &len, &error) : 0;

	if (error_number == -EINVAL)
		return add_value_error(r, a, &error);
	if (error_number < 0 || !text || text[strspn(text, " \t\n,")] == '\0')
		return error_number;
	held->mdev_file = strdup(r->sources[a->file].path);
	if (!held->mdev_file)
		return -ENOMEM;
	r->config->has_mdev_types = true;
	r->config->mdev_place = place_of(held->mdev_file, a->value);
	return 0;
}

static int take_options(const struct reading *r)
{
	int error = take_boolean(r, NOVA_REPORT_IN_PLACEMENT, &r->config->report_in_placement);

	if (error == 0)
		error = take_boolean(r, NOVA_PCI_IN_PLACEMENT, &r->config->pci_in_placement);
	if (error == 0)
		error = take_single(r, NOVA_VIRT_TYPE, &r->config->virt_type);
	return error == 0 ? take_mdev_types(r) : error;
}

static int add_entry(const struct reading *r, const struct nova_assignment *a,
		     const struct spec_value *value)
{
	struct spec_error error = { 0 };
	int error_number = a->option == NOVA_ALIAS
				   ? aliases_add(r->config->aliases, value, &error)
				   : device_specs_add(r->config->specs, value, &error);

	return error_number == -EINVAL ? add_value_error(r, a, &error) : error_number;
}

/* Nova can not read any alias if one can not be substituted: an empty value says so. */
static int refuse_entry(const struct reading *r, const struct nova_assignment *a,
			const struct spec_error *error)
{
	const struct spec_value empty = { .file = r->sources[a->file].path, .line = 1, .text = "" };
	struct spec_error ignored = { 0 };

	if (a->option == NOVA_ALIAS && aliases_add(r->config->aliases, &empty, &ignored) == -ENOMEM)
		return -ENOMEM;
	return add_value_error(r, a, error);
}

/* Substitution keeps the lines, so the columns of lines without a "$" stay true. */
static int take_entry(const struct reading *r, const struct nova_assignment *a)
{
	cleanup_(freep) char *text = NULL;
	struct spec_error error = { 0 };
	struct spec_value value = {
		.file = r->sources[a->file].path,
		.line = a->value->line,
		.column = a->value->columns[0],
		.columns = a->value->columns,
	};
	int error_number = nova_values_text(&r->values, a, &text, &value.len, &error);

	if (error_number == -EINVAL)
		return refuse_entry(r, a, &error);
	if (error_number < 0)
		return error_number;
	value.text = text;
	return add_entry(r, a, &value);
}

static int take_entries(const struct reading *r, enum nova_option option)
{
	size_t count;
	const struct nova_assignment *all = nova_values_all(&r->values, option, &count);
	int error = 0;

	for (size_t i = 0; i < count && error == 0; i++)
		error = take_entry(r, &all[i]);
	return error;
}

/* Empty lists in the place of those that are there. */
static int make_lists(struct nova_config *config, version_t version)
{
	const struct spec_rules spec_rules = {
		.nova = version,
		.report_in_placement = config->report_in_placement,
		.is_parallels = config->virt_type && strcmp(config->virt_type, "parallels") == 0,
	};
	const struct alias_rules alias_rules = {
		.nova = version,
		.pci_in_placement = config->pci_in_placement,
	};

	config->specs = device_specs_free(config->specs);
	config->aliases = aliases_free(config->aliases);
	if (device_specs_new(&spec_rules, &config->specs) < 0)
		return -ENOMEM;
	return aliases_new(&alias_rules, &config->aliases);
}

static int interpret(struct reading *r)
{
	int error = 0;

	for (size_t i = 0; i < r->source_count && error == 0; i++)
		error = collect_file(r, i);
	if (error < 0)
		return error;
	nova_values_sort(&r->values);
	for (int option = 0; option < NOVA_OPTION_COUNT && error == 0; option++)
		error = check_names(r, (enum nova_option)option);
	if (error == 0)
		error = take_options(r);
	if (error == 0)
		error = make_lists(r->config, r->version);
	if (error == 0)
		error = take_entries(r, NOVA_DEVICE_SPEC);
	if (error == 0)
		error = take_entries(r, NOVA_ALIAS);
	if (error == 0 && r->config->broken)
		error = make_lists(r->config, r->version);
	findings_sort(&r->config->findings);
	return error;
}

/* Reads what files hold or, if that is given, the one file that was taken apart already. */
static int read_files(version_t version, const struct nova_file *files, size_t count,
		      const struct nova_conf *own, struct nova_config **ret)
{
	struct held_config *held = calloc(1, sizeof(*held));
	cleanup_(nova_config_freep) struct nova_config *config = held ? &held->config : NULL;
	cleanup_(reading_done) struct reading r = { .config = config,
						    .version = version ? version : NOVA_NEWEST };
	int error = 0;

	if (!config)
		return -ENOMEM;
	config->mdev_place.spec_index = -1;
	config->virt_type = strdup("kvm");
	r.sources = calloc(count ? count : 1, sizeof(*r.sources));
	if (!config->virt_type || !r.sources)
		return -ENOMEM;
	for (size_t i = 0; i < count && error == 0 && !own; i++)
		error = take_apart(&r, &files[i]);
	if (own)
		r.sources[r.source_count++] = (struct source){ .path = files->path, .conf = own };
	if (error == 0)
		error = interpret(&r);
	if (error < 0)
		return error;
	*ret = TAKE_PTR(config);
	return 0;
}

int nova_config_parse(version_t version, const struct nova_file *files, size_t count,
		      struct nova_config **ret)
{
	return read_files(version, files, count, NULL, ret);
}

int nova_config_none(version_t version, struct nova_config **ret)
{
	return read_files(version, NULL, 0, NULL, ret);
}

int nova_config_own(version_t version, const char *path, const struct nova_conf *file,
		    struct nova_config **ret)
{
	return read_files(version, &(struct nova_file){ .path = path }, 1, file, ret);
}

struct nova_config *nova_config_free(struct nova_config *config)
{
	if (!config)
		return NULL;
	device_specs_free(config->specs);
	aliases_free(config->aliases);
	findings_done(&config->findings);
	free(config->virt_type);
	free(((struct held_config *)config)->mdev_file);
	free(config);
	return NULL;
}
