/* SPDX-License-Identifier: Apache-2.0 */
/* A simulated host for unit tests: plays lines, and writes down what they do to it. */
#ifndef SIM_FIXTURE_H
#define SIM_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../sim/host.h"
#include "../../sim/model.h"

#define TRACE_SIZE 65536

/* What a step did, as lines: link, gone, event, keys (of the uevent file), write. */
struct trace {
	char text[TRACE_SIZE];
	size_t used;
	/* the last event as it is sent */
	char event[2600];
	size_t event_size;
	/* fails the nth move from now, if above 0 */
	int fail_at;
};

static inline void __attribute__((format(printf, 2, 3)))
trace_add(struct trace *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	t->used += (size_t)vsnprintf(t->text + t->used, sizeof(t->text) - t->used, format, args);
	va_end(args);
	assert_true(t->used < sizeof(t->text));
}

/* Without the directories that all functions of a test are in. */
static inline const char *short_path(const char *path)
{
	static const char *const prefixes[] = { "sys/devices/pci0000:3b/", "sys/" };

	for (size_t n = 0; n < sizeof(prefixes) / sizeof(prefixes[0]); n++)
		if (strncmp(path, prefixes[n], strlen(prefixes[n])) == 0)
			return path + strlen(prefixes[n]);
	return path;
}

static inline const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static inline const char *key_of(const char *text, size_t size, const char *key)
{
	for (const char *p = text; p < text + size; p += strlen(p) + 1)
		if (strncmp(p, key, strlen(key)) == 0)
			return p;
	return NULL;
}

static inline void trace_event(struct trace *t, const struct move *move)
{
	const char *driver = key_of(move->text, move->size, "DRIVER=");
	const char *at = strchr(move->text, '@');

	assert_int_equal(move->text[move->size - 1], '\0');
	memcpy(t->event, move->text, move->size);
	t->event_size = move->size;
	trace_add(t, "event %.*s %s%s%s\n", (int)(at - move->text), move->text,
		  strncmp(at, "@/devices/pci0000:3b/", 21) == 0 ? at + 21 : at + 2,
		  driver ? " " : "", driver ? driver : "");
}

static inline int trace_move(const struct move *move, void *arg)
{
	struct trace *t = arg;

	if (t->fail_at > 0 && --t->fail_at == 0)
		return -28;
	if (move->kind == MOVE_EVENT)
		trace_event(t, move);
	else if (move->kind == MOVE_LINK)
		trace_add(t, "link %s\n", short_path(move->path));
	else if (move->kind == MOVE_GONE)
		trace_add(t, "gone %s\n", short_path(move->path));
	else if (move->kind == MOVE_WRITE)
		trace_add(t, "write %s %s", short_path(move->path), move->text);
	else if (move->kind == MOVE_TEXT && strcmp(base_name(move->path), "uevent") == 0)
		trace_add(t, "keys %s\n", strncmp(move->text, "DRIVER=", 7) == 0 ? "DRIVER=" : "-");
	return 0;
}

struct fixture {
	struct trace trace;
	struct host *host;
	struct scenario_error error;
};

static inline int try_line(struct fixture *f, const char *text)
{
	struct scenario_line line = { .text = text, .len = strlen(text), .number = 1 };
	struct step step;

	f->error = (struct scenario_error){ .line = 0 };
	f->trace.used = 0;
	f->trace.text[0] = '\0';
	if (scenario_parse_line(&line, &step, &f->error) != 1)
		fail_msg("'%s': %s", text, f->error.text);
	return host_perform(f->host, &step, &f->error);
}

static inline void play(struct fixture *f, const char *text)
{
	if (try_line(f, text) != 0)
		fail_msg("'%s': %s", text, f->error.text);
}

static inline int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	assert_int_equal(host_new(trace_move, &f->trace, &f->host), 0);
	assert_int_equal(host_build(f->host), 0);
	play(f, "driver nic id 8086:1572 id 8086:154c");
	play(f, "driver vfio-pci vfio generic");
	play(f, "driver nic_vfio_pci vfio variant id 8086:154c unloaded");
	play(f, "driver gpu vfio vendor id 10de:2236 id 10de:25b6");
	play(f, "pf 0000:3b:00.0 8086:1572 total 8 vf-id 154c");
	*state = f;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	f->host = host_free(f->host);
	free(f);
	return 0;
}

static inline struct function *function(struct fixture *f, const char *address)
{
	struct pci_addr addr;

	assert_int_equal(pci_addr_parse(address, &addr), 0);
	return host_find(f->host, &addr);
}

static inline void assert_state(struct fixture *f, const char *address, const char *expected)
{
	assert_non_null(function(f, address));
	assert_string_equal(model_state(function(f, address)), expected);
}

/* A VF that the generic VFIO driver has. */
static inline void play_vfio_vf(struct fixture *f)
{
	play(f, "vfs 0000:3b:00.0 2");
	play(f, "unbind 0000:3b:00.1");
	play(f, "override 0000:3b:00.1 vfio-pci");
	play(f, "bind 0000:3b:00.1 vfio-pci");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

#endif
