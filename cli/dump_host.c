/* SPDX-License-Identifier: Apache-2.0 */
#include "dump_host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../monitor/novafiles.h"
#include "dump.h"
#include "moment.h"
#include "vfmon/conf_names.h"
#include "vfmon/history.h"
#include "vfmon/names.h"
#include "vfmon/nova_config.h"
#include "vfmon/policy.h"
#include "vfmon/registry.h"
#include "vfmon/session.h"
#include "vfmon/text.h"
#include "vfmon/vf.h"
#include "writer.h"

/* Nothing changes here, so that a history is only there to be asked. */
#define HISTORY_BYTES 4096

struct dump_host {
	struct text_pool *pool;
	struct dump *dump;
	struct novafiles *files; /* NULL: none were given */
	struct nova_config *config;
	struct policy policy;
	struct vf *const *images; /* that are judged; borrowed, mostly the dump's */
	size_t count;
	bool all_functions; /* also those that no entry takes are listed */
	struct registry *registry;
	struct history *history;
	struct service service;
};

struct dump_host *dump_host_free(struct dump_host *host)
{
	if (!host)
		return NULL;
	history_free(host->history);
	registry_free(host->registry);
	dump_free(host->dump);
	nova_config_free(host->config);
	novafiles_free(host->files);
	text_pool_free(host->pool);
	free(host);
	return NULL;
}

struct service *dump_host_service(struct dump_host *host)
{
	return &host->service;
}

static int append_stream(FILE *in, FILE *out)
{
	char bytes[65536];
	size_t n;

	while ((n = fread(bytes, 1, sizeof(bytes), in)) > 0)
		fwrite(bytes, 1, n, out);
	return ferror(in) ? -errno : 0;
}

static enum exit_status say_unreadable(const char *path, int error)
{
	fprintf(stderr, "vfmonctl: %s can not be read: %s\n", path, strerror(-error));
	return EXIT_STATUS_OTHER;
}

static enum exit_status read_file(const char *path, FILE *out)
{
	FILE *in;
	int r;

	if (strcmp(path, "-") == 0) {
		r = append_stream(stdin, out);
		return r < 0 ? say_unreadable("standard input", r) : EXIT_STATUS_YES;
	}
	in = fopen(path, "re");
	if (!in)
		return say_unreadable(path, -errno);
	r = append_stream(in, out);
	fclose(in);
	return r < 0 ? say_unreadable(path, r) : EXIT_STATUS_YES;
}

/* The dump's text: of a file, of standard input, or made of what the daemon says now. */
static enum exit_status get_text(const struct options *o, struct writer *text)
{
	struct options live = *o;
	enum exit_status status;

	if (writer_open(text) < 0)
		return query_no_memory();
	live.given &= ~OPTIONS_FROM;
	status = o->from ? read_file(o->from, text->out) : dump_write(&live, text->out);
	if (writer_close(text) < 0)
		return query_no_memory();
	return status;
}

static enum exit_status load(const struct options *o, struct dump_host *host)
{
	cleanup_(writer_done) struct writer text = { 0 };
	char reason[DUMP_REASON_MAX];
	enum exit_status status = get_text(o, &text);
	int r;

	if (status != EXIT_STATUS_YES)
		return status;
	r = dump_read(text.text, text.len, host->pool, &host->dump, reason);
	if (r == -EINVAL) {
		fprintf(stderr, "vfmonctl: %s: %s\n", o->from ? o->from : "what vfmond says",
			reason);
		return EXIT_STATUS_OTHER;
	}
	return r < 0 ? query_no_memory() : EXIT_STATUS_YES;
}

static version_t version_of(const struct dump *dump, const char *setting)
{
	const char *text = dump_setting(dump, setting);
	version_t version;

	return text && version_parse(text, &version) == 0 ? version : 0;
}

static bool is_on(const struct dump *dump, const char *setting)
{
	const char *text = dump_setting(dump, setting);

	return text && strcmp(text, "true") == 0;
}

/* The configuration that judged when the dump was made, as far as it is told. */
static int take_told_config(struct dump_host *host)
{
	const char *virt_type = dump_setting(host->dump, CONF_VIRT_TYPE);
	char *copy;
	int r = nova_config_none(host->policy.nova, &host->config);

	if (r < 0)
		return r;
	host->config->report_in_placement = is_on(host->dump, CONF_REPORT_IN_PLACEMENT);
	host->config->pci_in_placement = is_on(host->dump, CONF_PCI_IN_PLACEMENT);
	if (!virt_type)
		return 0;
	copy = strdup(virt_type);
	if (!copy)
		return -ENOMEM;
	free(host->config->virt_type);
	host->config->virt_type = copy;
	return 0;
}

static int read_config(const struct options *o, struct dump_host *host)
{
	const struct novafiles_options options = {
		.root = "",
		.files = o->nova_configs,
		.dirs = o->nova_config_dirs,
	};
	int r = novafiles_read(&options, &host->files);

	if (r == 0)
		r = nova_config_parse(host->policy.nova, host->files->files, host->files->count,
				      &host->config);
	return r;
}

static int configure(const struct options *o, struct dump_host *host)
{
	struct policy *p = &host->policy;

	p->nova = o->nova_version ? o->nova_version : version_of(host->dump, CONF_NOVA_VERSION);
	p->nova = p->nova ? p->nova : NOVA_NEWEST;
	p->libvirt = version_of(host->dump, CONF_LIBVIRT_VERSION);
	p->qemu = version_of(host->dump, CONF_QEMU_VERSION);
	p->host_name = dump_host_name(host->dump);
	p->config = NULL;
	if (o->nova_configs.count + o->nova_config_dirs.count == 0)
		return take_told_config(host);
	return read_config(o, host);
}

static bool has_group_nodes(const struct dump_host *host)
{
	uint8_t nodes = 0;

	for (size_t i = 0; i < host->count; i++)
		nodes |= host->images[i]->nodes;
	return (nodes & VF_NODE_GROUP) || !(nodes & VF_NODE_CDEV);
}

/* As a daemon with --all-functions does. */
static bool tells_all_functions(const struct dump *dump)
{
	for (size_t i = 0; i < dump->count; i++)
		if (dump->images[i]->kind == VF_KIND_PCI && !dump->images[i]->spec)
			return true;
	return false;
}

static int populate(struct dump_host *host)
{
	const struct registry_ops ops = { 0 };
	const struct moment now = { moment_now_usec(), 1 };
	const struct registry_options options = {
		.pool = host->pool,
		.policy = &host->policy,
		.keep_specs = !host->files,
		.has_group_nodes = has_group_nodes(host),
		.all_functions = host->all_functions,
	};
	int r = registry_new(&ops, &options, &host->registry);

	if (r == 0)
		r = registry_adopt(host->registry, host->images, host->count, &now);
	if (r == 0)
		r = history_new(HISTORY_BYTES, &host->history);
	return r;
}

static void gather_status(struct status *ret, void *arg)
{
	struct dump_host *host = arg;

	ret->version = VFMON_VERSION;
	ret->boot_id = "";
	ret->epoch = host->service.epoch;
	ret->sequence = registry_sequence(host->registry);
}

static const struct policy *get_policy(void *arg)
{
	const struct dump_host *host = arg;

	return &host->policy;
}

static int serve(const struct options *o, struct dump_host *host)
{
	int r = configure(o, host);

	host->policy.config = host->config;
	if (r == 0)
		r = populate(host);
	host->service = (struct service){
		.registry = host->registry,
		.history = host->history,
		.epoch = "dump",
		.gather_status = gather_status,
		.get_policy = get_policy,
		.arg = host,
	};
	return r;
}

bool dump_host_is_refused(const struct dump_host *host)
{
	return host->config->broken;
}

enum exit_status dump_host_ask(const struct options *o, struct dump_host **ret)
{
	cleanup_(dump_host_freep) struct dump_host *host = calloc(1, sizeof(*host));
	enum exit_status status;

	if (!host || text_pool_new(&host->pool) < 0)
		return query_no_memory();
	status = load(o, host);
	if (status == EXIT_STATUS_YES)
		*ret = TAKE_PTR(host);
	return status;
}

enum exit_status dump_host_judge(const struct options *o, struct dump_host *host,
				 struct vf *const *images, size_t count)
{
	host->images = images;
	host->count = count;
	host->all_functions = images != host->dump->images && tells_all_functions(host->dump);
	return serve(o, host) < 0 ? query_no_memory() : EXIT_STATUS_YES;
}

const struct dump *dump_host_dump(const struct dump_host *host)
{
	return host->dump;
}

struct text_pool *dump_host_pool(const struct dump_host *host)
{
	return host->pool;
}

enum exit_status dump_host_new(const struct options *o, struct dump_host **ret)
{
	cleanup_(dump_host_freep) struct dump_host *host = NULL;
	enum exit_status status = dump_host_ask(o, &host);

	if (status == EXIT_STATUS_YES)
		status = dump_host_judge(o, host, host->dump->images, host->dump->count);
	if (status == EXIT_STATUS_YES)
		*ret = TAKE_PTR(host);
	return status;
}
