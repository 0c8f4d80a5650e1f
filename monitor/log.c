/* SPDX-License-Identifier: Apache-2.0 */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "systemd.h"
#include "vfmon/names.h"

#define MESSAGE_MAX 2048
#define FIELDS_BYTES_MAX 4096

/* Level and destination of the whole program; all but the level is set before a thread starts. */
static struct {
	atomic_int level;
	bool journal;
	uint32_t traced; /* one bit for each enum log_token */
	log_hook_fn hook;
	void *hook_arg;
} log_state = { .level = LOG_LEVEL_INFO };

static const struct {
	const char *name;
	const char *label; /* in front of a plain line */
	char priority;	   /* of syslog(3) */
} levels[] = {
	[LOG_LEVEL_ERR] = { "err", "error: ", '3' },
	[LOG_LEVEL_WARNING] = { "warning", "warning: ", '4' },
	[LOG_LEVEL_INFO] = { "info", "", '6' },
	[LOG_LEVEL_DEBUG] = { "debug", "", '7' },
};
_Static_assert(sizeof(levels) / sizeof(*levels) == LOG_LEVEL_COUNT, "each level has a row");

static const char *const tokens[] = {
	[LOG_TOKEN_CLIENT] = "client",	 [LOG_TOKEN_CONFIG] = "config",
	[LOG_TOKEN_INOTIFY] = "inotify", [LOG_TOKEN_NETLINK] = "netlink",
	[LOG_TOKEN_READER] = "reader",	 [LOG_TOKEN_REGISTRY] = "registry",
	[LOG_TOKEN_UDEV] = "udev",	 [LOG_TOKEN_UEVENT] = "uevent",
};
_Static_assert(sizeof(tokens) / sizeof(*tokens) == LOG_TOKEN_COUNT, "each token has a name");

/* Whether a list like "netlink,client" has the name. */
static bool list_has(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = list; *p; p += strspn(p, ", ")) {
		size_t word = strcspn(p, ", ");

		if (word == len && strncmp(p, name, len) == 0)
			return true;
		p += word;
	}
	return false;
}

void log_open(void)
{
	const char *list = getenv(ENV_TRACE);

	log_state.journal = systemd_is_journal_stream(STDERR_FILENO);
	log_state.traced = 0;
	for (int t = 0; list && t < LOG_TOKEN_COUNT; t++)
		if (list_has(list, tokens[t]))
			log_state.traced |= 1U << t;
}

void log_set_level(enum log_level level)
{
	atomic_store_explicit(&log_state.level, (int)level, memory_order_relaxed);
}

bool log_is_on(enum log_level level)
{
	return (int)level <= atomic_load_explicit(&log_state.level, memory_order_relaxed);
}

bool log_is_traced(enum log_token token)
{
	return log_state.traced & (1U << token);
}

void log_set_hook(log_hook_fn fn, void *arg)
{
	log_state.hook = fn;
	log_state.hook_arg = arg;
}

const char *log_level_name(enum log_level level)
{
	return levels[level].name;
}

int log_level_from_name(const char *name)
{
	for (int level = 0; level < LOG_LEVEL_COUNT; level++)
		if (strcmp(levels[level].name, name) == 0)
			return level;
	return -EINVAL;
}

const char *log_token_name(enum log_token token)
{
	return tokens[token];
}

/* Fields as journald wants them, "NAME=value", in one piece of memory. */
struct fields {
	struct iovec iov[LOG_FIELDS_MAX];
	int count;
	size_t used;
	char text[FIELDS_BYTES_MAX];
};

/* A field that has no room is left out: the line itself must not get lost for it. */
static void fields_add(struct fields *f, const char *name, const char *value)
{
	size_t room = sizeof(f->text) - f->used;
	char *start = f->text + f->used;

	if (!value || f->count == LOG_FIELDS_MAX)
		return;

	int len = snprintf(start, room, "%s=%s", name, value);

	if (len < 0 || (size_t)len >= room)
		return;
	f->iov[f->count++] = (struct iovec){ start, (size_t)len };
	f->used += (size_t)len + 1;
}

static int write_journal(const struct log_entry *entry, const char *message)
{
	const char priority[] = { levels[entry->level].priority, '\0' };
	struct fields f;

	f.count = 0;
	f.used = 0;
	fields_add(&f, "MESSAGE", message);
	fields_add(&f, "PRIORITY", priority);
	fields_add(&f, "MESSAGE_ID", entry->id);
	for (const struct log_field *field = entry->fields; field && field->name; field++)
		fields_add(&f, field->name, field->value);
	return systemd_journal_send(f.iov, f.count);
}

/* One system call a line, so that lines of two threads do not mix. */
static void write_line(enum log_level level, const char *message)
{
	char start[64];
	int len;

	if (log_state.journal)
		len = snprintf(start, sizeof(start), "<%c>", levels[level].priority);
	else
		len = snprintf(start, sizeof(start), "%s: %s", program_invocation_short_name,
			       levels[level].label);
	if (len < 0 || (size_t)len >= sizeof(start))
		len = 0;

	const char *const parts[] = { start, message, "\n" };
	const size_t sizes[] = { (size_t)len, strlen(message), 1 };
	struct iovec iov[3];

	for (int i = 0; i < 3; i++) {
		memcpy(&iov[i].iov_base, &parts[i], sizeof(parts[i]));
		iov[i].iov_len = sizes[i];
	}
	/* There is nowhere to report that the log can not be written. */
	if (writev(STDERR_FILENO, iov, 3) < 0)
		return;
}

/* Texts of clients and files may be in it: an entry stays one line, and the terminal unharmed. */
static void make_one_line(char *message)
{
	for (char *p = message; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
}

/* errno stays as it was: the line that is logged is often about it. */
static void write_entry(const struct log_entry *entry, char *message)
{
	int saved_errno = errno;

	make_one_line(message);
	if (log_state.hook)
		log_state.hook(entry, message, log_state.hook_arg);
	else if (!log_state.journal || write_journal(entry, message) < 0)
		write_line(entry->level, message);
	errno = saved_errno;
}

__attribute__((format(printf, 2, 0))) static void format_entry(const struct log_entry *entry,
							       const char *format, va_list args)
{
	char message[MESSAGE_MAX];

	if (vsnprintf(message, sizeof(message), format, args) >= 0)
		write_entry(entry, message);
}

#define WRITE_PLAIN(at)                                                                            \
	do {                                                                                       \
		va_list args;                                                                      \
                                                                                                   \
		if (!log_is_on(at))                                                                \
			return;                                                                    \
		va_start(args, format);                                                            \
		format_entry(&(struct log_entry){ .level = (at) }, format, args);                  \
		va_end(args);                                                                      \
	} while (0)

void log_err(const char *format, ...)
{
	WRITE_PLAIN(LOG_LEVEL_ERR);
}

void log_warning(const char *format, ...)
{
	WRITE_PLAIN(LOG_LEVEL_WARNING);
}

void log_info(const char *format, ...)
{
	WRITE_PLAIN(LOG_LEVEL_INFO);
}

void log_detail(enum log_token token, const char *format, ...)
{
	const struct log_field fields[] = { { JOURNAL_PREFIX "SUBSYSTEM", tokens[token] }, { 0 } };
	const struct log_entry entry = { .level = LOG_LEVEL_DEBUG, .fields = fields };
	char message[MESSAGE_MAX];
	va_list args;

	int len = snprintf(message, sizeof(message), "%s: ", tokens[token]);

	if (len < 0)
		return;
	va_start(args, format);
	int rest = vsnprintf(message + len, sizeof(message) - (size_t)len, format, args);
	va_end(args);
	if (rest >= 0)
		write_entry(&entry, message);
}

void log_structured(const struct log_entry *entry, const char *format, ...)
{
	va_list args;

	if (!log_is_on(entry->level))
		return;
	va_start(args, format);
	format_entry(entry, format, args);
	va_end(args);
}
