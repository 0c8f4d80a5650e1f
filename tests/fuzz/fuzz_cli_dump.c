/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A dump as vfmonctl --from reads it: any bytes. What is taken is a host that answers every call, a
 * dump of what it lists is the same host, and no text of it can do anything to a terminal.
 */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../cli/connection.h"
#include "../../cli/dump.h"
#include "../../cli/dump_host.h"
#include "../../cli/writer.h"
#include "vfmon/keys.h"
#include "vfmon/names.h"
#include "vfmon/text.h"
#include "vfmon/vf.h"

#define TIMEOUT_USEC 1000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_images(const struct dump *dump)
{
	for (size_t i = 0; i < dump->count; i++) {
		const struct vf *vf = dump->images[i];

		assert(vf->kind < VF_KIND_COUNT && vf->binding < VF_BINDING_COUNT);
		assert(vf->kind != VF_KIND_VF || vf->has_physical_function);
		assert((vf->iommu_group < 0) == (vf->group == NULL));
		assert(i == 0 || pci_addr_compare(&dump->images[i - 1]->addr, &vf->addr) < 0);
	}
}

/* Whether it is told of each function whether it has a group and nodes, as a daemon's dump does. */
static bool is_all_told(const struct dump *dump)
{
	uint8_t not_told = 0;

	for (size_t i = 0; i < dump->count; i++)
		not_told |= dump->images[i]->not_told;
	return !(not_told & (VF_NOT_TOLD_GROUP | VF_NOT_TOLD_NODES));
}

/* Whether it is a dump; if not, there is a sentence that says why. Nothing is left behind. */
static bool is_dump(const char *text, size_t len, bool *ret_all_told)
{
	char reason[DUMP_REASON_MAX] = "";
	struct text_pool *pool;
	struct dump *dump = NULL;
	int r;

	assert(text_pool_new(&pool) == 0);
	r = dump_read(text, len, pool, &dump, reason);
	assert(r == 0 || (r == -EINVAL && !dump && reason[0]));
	assert(memchr(reason, '\0', sizeof(reason)));
	if (dump) {
		check_images(dump);
		*ret_all_told = is_all_told(dump);
	}
	dump_free(dump);
	assert(text_pool_count(pool) == 0);
	text_pool_free(pool);
	return r == 0;
}

static struct dump_host *host_of(const char *text, size_t len)
{
	int fd = memfd_create("dump", MFD_CLOEXEC);
	struct options options = { 0 };
	struct dump_host *host = NULL;
	char path[32];

	assert(fd >= 0 && write(fd, text, len) == (ssize_t)len);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	options.from = path;
	assert(dump_host_new(&options, &host) == EXIT_STATUS_YES);
	close(fd);
	return host;
}

static int check_member(const char *name, const struct value *member, void *arg);

/* No control character, in no string at any depth. */
static void check_harmless(const struct value *v)
{
	const char *text = value_as_text(v);

	for (const char *p = text; p && *p; p++)
		assert((unsigned char)*p >= ' ' && *p != 0x7f);
	for (size_t i = 0; i < value_count(v); i++)
		check_harmless(value_at(v, i));
	(void)value_each(v, check_member, NULL);
}

static int check_member(const char *name, const struct value *member, void *arg)
{
	(void)name;
	(void)arg;
	check_harmless(member);
	return 0;
}

/* What is looked for in replies. */
struct heard {
	FILE *out; /* devices are printed to it; NULL: they are not */
	size_t devices;
	char address[PCI_ADDR_TEXT_MAX]; /* of the last of them; empty: there was none */
	bool may_refuse;
};

static void hear_devices(struct heard *h, const struct value *devices)
{
	for (size_t i = 0; i < value_count(devices); i++) {
		const char *address = value_text(value_at(devices, i), KEY_ADDRESS);

		assert(address && strlen(address) < sizeof(h->address));
		strcpy(h->address, address);
		if (h->out && h->devices++ > 0)
			fputc(',', h->out);
		if (h->out)
			assert(value_print(value_at(devices, i), h->out) == 0);
	}
}

/* Sends the call that was begun, and hears all of its replies. */
static void hear(struct connection *c, enum connection_call how, struct heard *h)
{
	struct reply reply = { .continues = true };

	assert(connection_send(c, how, TIMEOUT_USEC) == 0);
	while (reply.continues) {
		assert(connection_receive(c, TIMEOUT_USEC, &reply) == 0);
		assert(!reply.error || h->may_refuse);
		hear_devices(h, value_member(reply.parameters, KEY_DEVICES));
		if (!h->out)
			check_harmless(reply.message);
		reply_done(&reply);
	}
}

static void ask(struct connection *c, const char *method, struct heard *h)
{
	(void)connection_begin(c, method);
	hear(c, CONNECTION_ONE_REPLY, h);
}

/* What a person at a terminal is told, of all that can be asked. */
static void ask_all(struct dump_host *host)
{
	struct heard h = { .out = NULL };
	struct json_text *call;
	struct connection *c;

	assert(connection_open_service(dump_host_service(host), CONNECTION_TEXTS_UTF8, &c) == 0);
	ask(c, METHOD_LIST_DEVICES, &h);
	ask(c, METHOD_GET_STATUS, &h);
	ask(c, METHOD_GET_HISTORY, &h);
	ask(c, METHOD_LIST_VANISHED_DEVICES, &h);
	ask(c, METHOD_CHECK_CONFIGURATION, &h);
	ask(c, METHOD_LIST_RESOURCE_PROVIDERS, &h);
	if (h.address[0]) {
		h.may_refuse = true; /* no entry takes it */
		call = connection_begin(c, METHOD_DESCRIBE_HOSTDEV);
		json_text_key(call, KEY_ADDRESS);
		json_text_string(call, h.address);
		hear(c, CONNECTION_ONE_REPLY, &h);
	}
	connection_free(c);
}

/* The dump again, with the devices as the host lists them. */
static void print_again(const char *text, size_t len, struct writer *w)
{
	struct dump_host *host = host_of(text, len);
	struct heard h = { .out = NULL };
	struct value *root = NULL;
	struct connection *c;

	while (len > 0 && strchr(" \t\r\n", text[len - 1]))
		len--;
	assert(value_parse(text, len, &root) == 0 && writer_open(w) == 0);
	fprintf(w->out, "{\"" KEY_FORMAT "\":\"" DUMP_FORMAT "\",\"" KEY_VERSION "\":%d",
		DUMP_VERSION);
	fprintf(w->out, ",\"" KEY_HOST "\":");
	assert(value_print(value_member(root, KEY_HOST), w->out) == 0);
	fprintf(w->out, ",\"" KEY_STATUS "\":");
	assert(value_print(value_member(root, KEY_STATUS), w->out) == 0);
	fprintf(w->out, ",\"" KEY_DEVICES "\":[");
	assert(connection_open_service(dump_host_service(host), CONNECTION_TEXTS_EXACT, &c) == 0);
	(void)connection_begin(c, METHOD_LIST_DEVICES);
	h.out = w->out;
	hear(c, CONNECTION_MORE, &h);
	fprintf(w->out, "]}");
	assert(writer_close(w) == 0);
	ask_all(host);
	connection_free(c);
	value_free(root);
	dump_host_free(host);
}

static void check_same(const struct writer *once, const struct writer *twice)
{
	if (once->len == twice->len && memcmp(once->text, twice->text, once->len) == 0)
		return;
	fprintf(stderr, "once:  %s\ntwice: %s\n", once->text, twice->text);
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct writer once = { 0 }, twice = { 0 };
	bool all_told, once_told;
	/* Of the exact size, so that a byte read behind it is seen. */
	char *text = malloc(size ? size : 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	if (is_dump(text, size, &all_told)) {
		print_again(text, size, &once);
		assert(is_dump(once.text, once.len, &once_told) && once_told);
		print_again(once.text, once.len, &twice);
		if (all_told)
			check_same(&once, &twice);
	}
	writer_done(&once);
	writer_done(&twice);
	free(text);
	return 0;
}
