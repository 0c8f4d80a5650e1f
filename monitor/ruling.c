/* SPDX-License-Identifier: Apache-2.0 */
#include "ruling.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "moment.h"
#include "problem.h"
#include "ruling_internal.h"
#include "vfmon/conf_names.h"
#include "vfmon/names.h"
#include "vfmon/nova_config.h"

static struct ruled *ruled_free(struct ruled *ruled)
{
	if (!ruled)
		return NULL;
	nova_config_free(ruled->nova);
	nova_config_free(ruled->rejected);
	free(ruled);
	return NULL;
}

DEFINE_CLEANUP(struct ruled *, ruled_free);

bool ruling_is_nova(const struct novafiles *files)
{
	for (size_t i = 0; i < files->count; i++)
		if (!files->files[i].error)
			return true;
	return false;
}

struct novafiles_options ruling_places(const struct ruling *r, const struct config *config)
{
	const struct ruling_options *o = &r->options;

	return (struct novafiles_options){
		.root = o->root,
		.copies = o->copies,
		.files = o->files.count ? o->files : config->nova_configs,
		.dirs = o->dirs.count ? o->dirs : config->nova_config_dirs,
	};
}

static int on_place(const char *path, void *arg)
{
	struct ruling *r = arg;

	return watchfiles_add(r->watch, path);
}

/* The watch is set before the files are read, so that nothing is missed between. */
static int look(struct ruling *r, const struct config *config, struct novafiles **ret)
{
	const struct novafiles_options places = ruling_places(r, config);
	int error = 0;

	if (r->watch) {
		watchfiles_begin(r->watch);
		error = novafiles_each_place(&places, on_place, r);
		watchfiles_end(r->watch);
	}
	return error < 0 ? error : novafiles_read(&places, ret);
}

/* The first entry of vfmond.conf's own; 0: there is none. */
static unsigned int own_line(const struct config *config)
{
	for (size_t i = 0; config->file && i < nova_conf_count(config->file); i++) {
		const struct nova_conf_value *v = nova_conf_get(config->file, i);

		if (nova_conf_is_in(v, CONF_SECTION_PCI) &&
		    (strcmp(v->name, CONF_DEVICE_SPEC) == 0 || strcmp(v->name, CONF_ALIAS) == 0))
			return v->line;
	}
	return 0;
}

static int interpret(const struct ruling *r, const struct config *config,
		     const struct novafiles *files, struct nova_config **ret)
{
	version_t version = config->nova_version ? config->nova_version : NOVA_NEWEST;

	if (ruling_is_nova(files) || (files->count > 0 && own_line(config) == 0))
		return nova_config_parse(version, files->files, files->count, ret);
	if (config->file)
		return nova_config_own(version, r->conf.path, config->file, ret);
	return nova_config_none(version, ret);
}

static void set_policy(const struct ruling *r, const struct config *config,
		       const struct novafiles *files, struct ruled *ruled)
{
	bool is_ignored = ruling_is_nova(files) && own_line(config) > 0;

	ruled->policy = (struct policy){
		.config = ruled->nova,
		.rejected = ruled->rejected ? &ruled->rejected->findings : NULL,
		.nova = config->nova_version ? config->nova_version : NOVA_NEWEST,
		.libvirt = config->libvirt_version ? config->libvirt_version : r->libvirt.version,
		.qemu = config->qemu_version ? config->qemu_version : r->qemu.version,
		.has_driverctl = versions_has_driverctl(r->options.root),
		.host_name = r->host_name,
		.own_file = is_ignored ? r->conf.path : NULL,
		.own_line = is_ignored ? own_line(config) : 0,
	};
}

/* Whether vfmond.conf itself is what is broken: then nothing of it may come into force. */
static bool is_own_fault(const struct ruled *ruled, const struct novafiles *files)
{
	return ruled->rejected && !ruling_is_nova(files);
}

/* A broken configuration comes into force only where there is none yet; then it matches nothing. */
static int rule(struct ruling *r, const struct config *config, const struct novafiles *files,
		struct ruled **ret)
{
	cleanup_(ruled_freep) struct ruled *ruled = calloc(1, sizeof(*ruled));
	int error = ruled ? interpret(r, config, files, &ruled->nova) : -ENOMEM;

	if (error < 0)
		return error;
	if (ruled->nova->broken)
		problem_log_findings(&ruled->nova->findings);
	if (ruled->nova->broken && r->now) {
		ruled->rejected = ruled->nova;
		ruled->nova = NULL;
	}
	*ret = TAKE_PTR(ruled);
	return 0;
}

/* The old rules go on under what is new: the versions, and what there is to say of the files. */
static void take(struct ruling *r, struct ruled *ruled, struct novafiles *files, bool with_config)
{
	if (with_config)
		r->old_config = conffile_take(&r->conf);
	if (!ruled->nova) {
		ruled->nova = r->now->nova;
		r->now->nova = NULL;
	} else {
		r->nova_loaded_usec = clock_usec(CLOCK_REALTIME);
	}
	set_policy(r, r->conf.in_force, files, ruled);
	if (ruled->rejected && r->now)
		ruled->policy.nova = r->now->policy.nova; /* the one that its configuration is of */
	r->old = r->now;
	r->now = ruled;
	novafiles_free(r->files);
	r->files = files;
}

int ruling_load(struct ruling *r, enum ruling_scope scope)
{
	cleanup_(novafiles_freep) struct novafiles *files = NULL;
	cleanup_(ruled_freep) struct ruled *ruled = NULL;
	int is_new = scope == RULING_ALL ? conffile_read(&r->conf) : 0;
	const struct config *config = is_new > 0 ? r->conf.seen : r->conf.in_force;
	int error = is_new < 0 ? is_new : look(r, config, &files);

	if (error < 0)
		return error;
	if (scope == RULING_NOVA && novafiles_equal(files, r->files))
		return 0;
	error = versions_libvirt(r->options.root, &r->libvirt);
	if (error == 0)
		error = versions_qemu(r->options.root, &r->qemu_seen, &r->qemu);
	if (error == 0)
		error = rule(r, config, files, &ruled);
	if (error < 0)
		return error;
	ruling_forget(r);
	is_new = is_new > 0 && !is_own_fault(ruled, files);
	take(r, TAKE_PTR(ruled), TAKE_PTR(files), is_new);
	return 1;
}

void ruling_forget(struct ruling *r)
{
	r->old = ruled_free(r->old);
	r->old_config = config_free(r->old_config);
}

static void open_watch(struct ruling *r)
{
	int error = watchfiles_new(&r->watch);

	if (error < 0)
		r->blind = error == -EMFILE ? "no more inotify instances "
					      "(fs.inotify.max_user_instances)"
					    : "the kernel gives no inotify";
}

int ruling_new(const struct ruling_options *options, struct ruling **ret)
{
	struct ruling *r = calloc(1, sizeof(*r));
	int error;

	if (!r)
		return -ENOMEM;
	r->options = *options;
	r->conf.path = options->config;
	r->conf.must_exist = options->config_given;
	if (gethostname(r->host_name, sizeof(r->host_name) - 1) < 0)
		r->host_name[0] = '\0';
	open_watch(r);
	error = ruling_load(r, RULING_ALL);
	if (error < 0) {
		ruling_free(r);
		return error;
	}
	*ret = r;
	return 0;
}

struct ruling *ruling_free(struct ruling *r)
{
	if (!r)
		return NULL;
	ruling_forget(r);
	ruled_free(r->now);
	novafiles_free(r->files);
	watchfiles_free(r->watch);
	conffile_done(&r->conf);
	for (size_t i = 0; i < r->row_count; i++)
		free(r->errors[i]);
	free(r->errors);
	free(r->rows);
	free(r);
	return NULL;
}

const struct config *ruling_config(const struct ruling *r)
{
	return r->conf.in_force;
}

const struct policy *ruling_policy(const struct ruling *r)
{
	return &r->now->policy;
}

int ruling_fd(const struct ruling *r)
{
	return r->watch ? watchfiles_fd(r->watch) : -1;
}

int ruling_hear(struct ruling *r)
{
	int error = watchfiles_read(r->watch);

	if (error < 0)
		r->blind = "inotify failed";
	return error;
}
