/* SPDX-License-Identifier: Apache-2.0 */
/* Asks the daemon for a verb: whatever goes wrong is told on stderr, with what to type next. */
#ifndef VFMON_CLI_QUERY_H
#define VFMON_CLI_QUERY_H

#include "connection.h"
#include "options.h"

/* Exit statuses, design section 9. */
enum exit_status {
	EXIT_STATUS_YES = 0,
	EXIT_STATUS_NO = 1,
	EXIT_STATUS_USAGE = 2,
	EXIT_STATUS_NO_DAEMON = 3,
	EXIT_STATUS_OTHER = 4
};

struct dump_host;

/* How long an answer is waited for. */
uint64_t query_timeout_usec(const struct options *o);

struct query {
	const struct options *options;
	struct connection *connection;
	struct dump_host *host; /* answers instead of the daemon; NULL: the daemon does */
	uint64_t timeout_usec;	/* for each answer */
};

/* Connects. After anything but EXIT_STATUS_YES everything is said. */
enum exit_status query_open(const struct options *o, struct query *ret);

/*
 * The same without a word, for who has an answer to a failure or wants texts in another way. Returns
 * 0 or as connection_open(); query_not_open() says what that means, and returns the exit status.
 */
int query_try_open(const struct options *o, enum connection_texts texts, struct query *ret);
enum exit_status query_not_open(const struct options *o, int error);

/* The same for texts that go to a program: nothing in them is changed. */
enum exit_status query_open_exact(const struct options *o, struct query *ret);

/* The same for a host that a dump tells of, or the daemon's judged anew, see dump_host.h. Takes it. */
enum exit_status query_open_host(const struct options *o, struct dump_host *host,
				 struct query *ret);

void query_close(struct query *q);

/* Begins a call; the members of its parameters are written to what it returns. */
struct json_text *query_begin(struct query *q, const char *method);

enum exit_status query_send(struct query *q, enum connection_call call);

/*
 * The next reply; reply_done() frees it. Also one that is an error is handed out: the caller looks
 * for those that it has an answer to, and gives the rest to query_explain().
 */
enum exit_status query_receive(struct query *q, struct reply *ret);

/* Says what an error reply means. Returns the exit status for it. */
enum exit_status query_explain(const struct reply *reply);

/* Says what went wrong with the connection, from a negative errno. Returns the exit status. */
enum exit_status query_failed(const struct query *q, int error);

/* Sends the call that was begun and takes its one reply, a success: reply_done() frees it. */
enum exit_status query_one(struct query *q, struct reply *ret);

/* What to do with the parameters of one reply. */
typedef enum exit_status (*query_reply_fn)(const struct value *parameters, void *arg);

/* Sends the call that was begun and hands every reply to fn until the last one or a failure. */
enum exit_status query_each(struct query *q, query_reply_fn fn, void *arg);

/* Says that there is no memory. Returns the exit status. */
enum exit_status query_no_memory(void);

#endif
