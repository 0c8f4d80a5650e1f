/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "problem.h"
#include "ruling_internal.h"
#include "vfmon/conf_names.h"
#include "vfmon/nova_config.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What there is to say of the files as they are on disk. */
static const struct nova_config *on_disk(const struct ruling *r)
{
	return r->now->rejected ? r->now->rejected : r->now->nova;
}

static char *unreadable_text(const char *path, const char *reason, bool is_older_in_force)
{
	char *text;

	return asprintf(&text, "%s: %s%s", path, reason,
			is_older_in_force ? "; the configuration from before stays in force" : "") <
			       0
		       ? NULL
		       : text;
}

static bool is_refused(const struct findings *findings, const char *path)
{
	for (size_t i = 0; i < findings->count; i++)
		if (findings->items[i].level == FINDING_REFUSED && findings->items[i].file &&
		    strcmp(findings->items[i].file, path) == 0)
			return true;
	return false;
}

static char *own_error(const struct ruling *r)
{
	const struct conffile *f = &r->conf;
	const struct config *config = f->seen ? f->seen : f->in_force;
	const struct findings *findings = &on_disk(r)->findings;
	const char *consequence = "the rest of the file is in force";

	if (f->unreadable)
		return unreadable_text(f->path, f->unreadable, f->loaded_usec > 0);
	if (f->seen)
		consequence = "the configuration from before stays in force";
	else if (config->broken || is_refused(findings, f->path))
		consequence = r->now->rejected ? "the configuration from before stays in force"
					       : "no device_spec is in force";
	return problem_text(f->path, findings, config, consequence);
}

static char *nova_error(const struct ruling *r, const struct nova_file *file)
{
	const struct nova_config *nova = on_disk(r);
	const char *consequence = r->now->rejected ? "the configuration from before stays in force"
						   : "no device_spec is in force";
	char *text = problem_text(file->path, &nova->findings, NULL, consequence);

	if (!text && nova->broken)
		return asprintf(&text, "%s: another file is refused; %s", file->path, consequence) <
				       0
			       ? NULL
			       : text;
	return text;
}

/* Returns -1 without memory: there are no rows then. */
static int make_rows(struct ruling *r)
{
	size_t count = 1 + r->files->count;
	struct config_file_status *rows;
	char **errors;

	for (size_t i = 0; i < r->row_count; i++)
		free(r->errors[i]);
	r->row_count = 0;
	rows = reallocarray(r->rows, count, sizeof(*rows));
	if (rows)
		r->rows = rows;
	errors = reallocarray(r->errors, count, sizeof(*errors));
	if (errors)
		r->errors = errors;
	if (!rows || !errors)
		return -1;
	r->row_count = count;
	return 0;
}

static void describe_files(struct ruling *r)
{
	if (make_rows(r) < 0)
		return;
	r->errors[0] = own_error(r);
	r->rows[0] = (struct config_file_status){ r->conf.path, r->conf.loaded_usec, r->errors[0] };
	for (size_t i = 0; i < r->files->count; i++) {
		const struct nova_file *file = &r->files->files[i];

		r->errors[1 + i] = nova_error(r, file);
		r->rows[1 + i] = (struct config_file_status){
			file->path,
			file->error ? 0 : r->nova_loaded_usec,
			r->errors[1 + i],
		};
	}
}

static struct setting_status *setting(struct ruling *r, const char *name)
{
	for (size_t i = 0; i < CONFIG_SETTINGS; i++)
		if (strcmp(r->settings[i].name, name) == 0)
			return &r->settings[i];
	return NULL;
}

/* What is not set is found or, where it can not be, taken for the newest that is known. */
static void describe_version(struct ruling *r, const char *name, version_t given,
			     const struct version_found *found, char *origin)
{
	struct setting_status *s = setting(r, name);
	char text[VERSION_TEXT_MAX];

	if (!s || given)
		return;
	if (!found->version) {
		s->origin = ORIGIN_ASSUMED;
		(void)snprintf(s->value, sizeof(s->value), "%s", CONF_NEWEST);
		return;
	}
	(void)snprintf(s->value, sizeof(s->value), "%s", version_format(found->version, text));
	(void)snprintf(origin, RULING_ORIGIN_MAX, ORIGIN_FOUND " (%s)", found->where);
	s->origin = origin;
}

static void describe_nova_version(struct ruling *r)
{
	struct setting_status *s = setting(r, CONF_NOVA_VERSION);
	char text[VERSION_TEXT_MAX];

	if (!s || r->conf.in_force->nova_version)
		return;
	(void)snprintf(s->value, sizeof(s->value), "%s", version_format(r->now->policy.nova, text));
	s->origin = ORIGIN_ASSUMED;
}

/* As many as fit, with a blank between them. */
static void add_path(struct setting_status *s, const char *path)
{
	size_t len = strlen(s->value);

	(void)snprintf(s->value + len, sizeof(s->value) - len, "%s%s", len ? " " : "", path);
}

static struct setting_status *begin_row(struct ruling *r, enum ruling_row row, const char *name,
					const char *origin)
{
	struct setting_status *s = &r->settings[CONFIG_SETTINGS + row];

	*s = (struct setting_status){ .name = name, .origin = origin };
	return s;
}

/* Which paths are named, by whom. */
static const char *origin_of(const struct config_paths *option, const struct config_paths *file)
{
	if (option->count)
		return ORIGIN_OPTION;
	return file->count ? ORIGIN_FILE : ORIGIN_DEFAULT;
}

static void describe_places(struct ruling *r)
{
	const struct config *c = r->conf.in_force;
	const struct novafiles_options places = ruling_places(r, c);
	struct setting_status *s = begin_row(r, RULING_NOVA_CONFIG, CONF_NOVA_CONFIG,
					     origin_of(&r->options.files, &c->nova_configs));

	for (size_t i = 0; i < places.files.count; i++)
		add_path(s, places.files.items[i]);
	for (size_t i = 0; places.files.count == 0 && i < r->files->first_of_dirs; i++)
		add_path(s, r->files->files[i].path);
	s = begin_row(r, RULING_NOVA_CONFIG_DIR, CONF_NOVA_CONFIG_DIR,
		      origin_of(&r->options.dirs, &c->nova_config_dirs));
	for (size_t i = 0; i < places.dirs.count; i++)
		add_path(s, places.dirs.items[i]);
	for (size_t i = 0; places.dirs.count == 0 && i < r->files->dir_count; i++)
		add_path(s, r->files->dirs[i]);
}

static void describe_option(struct ruling *r, enum ruling_row row, const char *name,
			    const char *value, const char *initial)
{
	bool is_default = strcmp(value, initial) == 0;
	struct setting_status *s = begin_row(r, row, name,
					     is_default ? ORIGIN_DEFAULT : ORIGIN_FILE);

	(void)snprintf(s->value, sizeof(s->value), "%s", value);
}

static const char *boolean(bool value)
{
	return value ? "true" : "false";
}

static void describe_settings(struct ruling *r)
{
	const struct config *c = r->conf.in_force;
	const struct nova_config *nova = r->now->nova;

	memcpy(r->settings, c->settings, sizeof(c->settings));
	describe_nova_version(r);
	describe_version(r, CONF_LIBVIRT_VERSION, c->libvirt_version, &r->libvirt,
			 r->libvirt_origin);
	describe_version(r, CONF_QEMU_VERSION, c->qemu_version, &r->qemu, r->qemu_origin);
	describe_places(r);
	describe_option(r, RULING_VIRT_TYPE, CONF_VIRT_TYPE, nova->virt_type, "kvm");
	describe_option(r, RULING_REPORT_IN_PLACEMENT, CONF_REPORT_IN_PLACEMENT,
			boolean(nova->report_in_placement), "false");
	describe_option(r, RULING_PCI_IN_PLACEMENT, CONF_PCI_IN_PLACEMENT,
			boolean(nova->pci_in_placement), "false");
}

void ruling_status(struct ruling *r, struct status *ret)
{
	struct source_status *source = &ret->sources[SOURCE_INOTIFY];

	describe_files(r);
	describe_settings(r);
	ret->config_files = r->rows;
	ret->config_file_count = r->row_count;
	ret->settings = r->settings;
	ret->setting_count = COUNT(r->settings);
	source->used = true;
	if (r->watch)
		watchfiles_status(r->watch, source);
	if (r->blind)
		source->blind = r->blind;
}

const char *ruling_error(struct ruling *r)
{
	describe_files(r);
	for (size_t i = 0; i < r->row_count; i++)
		if (r->errors[i])
			return r->errors[i];
	return NULL;
}
