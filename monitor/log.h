/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The daemon's log: lines for people, with fields for machines. Where standard error is connected to
 * the journal an entry goes to journald with its fields (and, should that fail, as a line with the
 * "<6>" prefix of sd-daemon(3)), else it is one plain line on standard error. Any thread may log.
 */
#ifndef VFMOND_LOG_H
#define VFMOND_LOG_H

#include <stdbool.h>
#include <stddef.h>

enum log_level {
	LOG_LEVEL_ERR,	   /* it can not do its job */
	LOG_LEVEL_WARNING, /* it does less than it should */
	LOG_LEVEL_INFO,	   /* start, stop, functions that come, go or change their driver */
	LOG_LEVEL_DEBUG,   /* each event */
	LOG_LEVEL_COUNT
};

/* The subsystems of debug lines and of VFMOND_TRACE, see log_token_name(). */
enum log_token {
	LOG_TOKEN_CLIENT,
	LOG_TOKEN_CONFIG,
	LOG_TOKEN_INOTIFY,
	LOG_TOKEN_NETLINK,
	LOG_TOKEN_READER,
	LOG_TOKEN_REGISTRY,
	LOG_TOKEN_UDEV,
	LOG_TOKEN_UEVENT,
	LOG_TOKEN_COUNT
};

/* One field of the journal; an entry's fields end with one whose name is NULL. */
struct log_field {
	const char *name;  /* whole, for example "VFMON_SEQUENCE" */
	const char *value; /* NULL: the field is left out */
};

/* At most so many fields of an entry are written. */
#define LOG_FIELDS_MAX 32

struct log_entry {
	enum log_level level;
	const char *id;			/* MESSAGE_ID, 32 hexadecimal digits; NULL: none */
	const struct log_field *fields; /* NULL: none */
};

/* Finds out where lines go and what VFMOND_TRACE asks for. Before it: plain standard error. */
void log_open(void);

/* Lines above this level are dropped; at the start it is LOG_LEVEL_INFO. */
void log_set_level(enum log_level level);
bool log_is_on(enum log_level level);

/* Names as in --log-level. The second returns the level or -EINVAL. */
const char *log_level_name(enum log_level level);
int log_level_from_name(const char *name);

const char *log_token_name(enum log_token token);

/* Whether VFMOND_TRACE names the subsystem: each message is to be shown decoded. */
bool log_is_traced(enum log_token token);

/* Lines without fields. A line end is added. */
void log_err(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A line at debug with its subsystem in front; arguments are not looked at below that level. */
#define log_debug(token, ...)                                                                      \
	do {                                                                                       \
		if (log_is_on(LOG_LEVEL_DEBUG))                                                    \
			log_detail(token, __VA_ARGS__);                                            \
	} while (0)

/* The same for a subsystem that VFMOND_TRACE names, whatever the level is. */
#define log_trace(token, ...)                                                                      \
	do {                                                                                       \
		if (log_is_traced(token))                                                          \
			log_detail(token, __VA_ARGS__);                                            \
	} while (0)

/* What the two macros call. */
void log_detail(enum log_token token, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A line with an id and fields. */
void log_structured(const struct log_entry *entry, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * From now on every line that would be written goes to fn instead (NULL: as before). For tests.
 */
typedef void (*log_hook_fn)(const struct log_entry *entry, const char *message, void *arg);
void log_set_hook(log_hook_fn fn, void *arg);

#endif
