/* SPDX-License-Identifier: Apache-2.0 */
#include "query.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dump_host.h"
#include "vfmon/keys.h"
#include "vfmon/names.h"

/* Where --timeout is not given. */
#define TIMEOUT_USEC (10 * 1000000ULL)
#define ERROR_PERMISSION_DENIED IFACE_SERVICE ".PermissionDenied"

uint64_t query_timeout_usec(const struct options *o)
{
	return o->timeout_usec ? o->timeout_usec : TIMEOUT_USEC;
}

static void say_not_running(const struct options *o)
{
	bool usual = strcmp(o->socket, VFMON_SOCKET) == 0;

	fprintf(stderr, "vfmonctl: vfmond is not running%s%s%s: systemctl start vfmond\n",
		usual ? "" : " (nobody listens on ", usual ? "" : o->socket, usual ? "" : ")");
}

static bool is_member(const struct group *group, const char *user)
{
	for (char **member = group->gr_mem; *member; member++) {
		if (strcmp(*member, user) == 0)
			return true;
	}
	return false;
}

static bool session_has_group(gid_t gid)
{
	gid_t groups[256];
	int n = getgroups(256, groups);

	if (getegid() == gid)
		return true;
	for (int i = 0; i < n; i++) {
		if (groups[i] == gid)
			return true;
	}
	return false;
}

/* The socket belongs to root and one group: which of the ways to get into it is missing? */
static void say_not_allowed(const struct options *o)
{
	const struct passwd *me = getpwuid(geteuid());
	const char *user = me ? me->pw_name : "USER";
	const struct group *group = getgrnam(VFMON_GROUP);

	if (!group || session_has_group(group->gr_gid))
		fprintf(stderr, "vfmonctl: this user may not connect to %s: ls -ld %s\n", o->socket,
			o->socket);
	else if (is_member(group, user))
		fprintf(stderr,
			"vfmonctl: %s is in the group " VFMON_GROUP
			", but not yet in this session: log in again, or newgrp " VFMON_GROUP "\n",
			user);
	else
		fprintf(stderr,
			"vfmonctl: you are not in the group " VFMON_GROUP
			": usermod -aG " VFMON_GROUP " %s (as root), then log in again\n",
			user);
}

enum exit_status query_not_open(const struct options *o, int error)
{
	if (error == -ENOENT || error == -ECONNREFUSED) {
		say_not_running(o);
		return EXIT_STATUS_NO_DAEMON;
	}
	if (error == -EACCES || error == -EPERM)
		say_not_allowed(o);
	else if (error == -ETIMEDOUT)
		fprintf(stderr, "vfmonctl: vfmond takes no more connections now: "
				"systemctl status vfmond\n");
	else
		fprintf(stderr, "vfmonctl: can not connect to %s: %s\n", o->socket,
			strerror(-error));
	return EXIT_STATUS_OTHER;
}

int query_try_open(const struct options *o, enum connection_texts texts, struct query *ret)
{
	struct query q = { .options = o };
	int r;

	q.timeout_usec = query_timeout_usec(o);
	r = connection_open(o->socket, q.timeout_usec, texts, &q.connection);
	if (r == 0)
		*ret = q;
	return r;
}

static enum connection_texts texts_for(const struct options *o)
{
	if (o->json)
		return CONNECTION_TEXTS_EXACT;
	return o->terminal.utf8 ? CONNECTION_TEXTS_UTF8 : CONNECTION_TEXTS_ASCII;
}

static enum exit_status open_host(const struct options *o, enum connection_texts texts,
				  struct dump_host *host, struct query *ret)
{
	struct query q = { .options = o, .host = host, .timeout_usec = TIMEOUT_USEC };

	if (connection_open_service(dump_host_service(host), texts, &q.connection) < 0) {
		query_close(&q);
		return query_no_memory();
	}
	*ret = q;
	return EXIT_STATUS_YES;
}

enum exit_status query_open_host(const struct options *o, struct dump_host *host, struct query *ret)
{
	return open_host(o, texts_for(o), host, ret);
}

static enum exit_status open_for(const struct options *o, enum connection_texts texts,
				 struct query *ret)
{
	struct dump_host *host;
	enum exit_status status;
	int r;

	if (o->from) {
		status = dump_host_new(o, &host);
		if (status != EXIT_STATUS_YES)
			return status;
		if (dump_host_is_refused(host)) /* it looks like a host without entries */
			fprintf(stderr,
				"vfmonctl: nova-compute does not start with this configuration, so "
				"no function is tracked: vfmonctl check tells why\n");
		return open_host(o, texts, host, ret);
	}
	r = query_try_open(o, texts, ret);
	return r < 0 ? query_not_open(o, r) : EXIT_STATUS_YES;
}

enum exit_status query_open(const struct options *o, struct query *ret)
{
	return open_for(o, texts_for(o), ret);
}

enum exit_status query_open_exact(const struct options *o, struct query *ret)
{
	return open_for(o, CONNECTION_TEXTS_EXACT, ret);
}

void query_close(struct query *q)
{
	q->connection = connection_free(q->connection);
	q->host = dump_host_free(q->host);
}

struct json_text *query_begin(struct query *q, const char *method)
{
	return connection_begin(q->connection, method);
}

enum exit_status query_send(struct query *q, enum connection_call call)
{
	int r = connection_send(q->connection, call, q->timeout_usec);

	return r < 0 ? query_failed(q, r) : EXIT_STATUS_YES;
}

enum exit_status query_receive(struct query *q, struct reply *ret)
{
	int r = connection_receive(q->connection, q->timeout_usec, ret);

	return r < 0 ? query_failed(q, r) : EXIT_STATUS_YES;
}

enum exit_status query_no_memory(void)
{
	fprintf(stderr, "vfmonctl: out of memory\n");
	return EXIT_STATUS_OTHER;
}

enum exit_status query_failed(const struct query *q, int error)
{
	switch (-error) {
	case ENOMEM:
		return query_no_memory();
	case EPIPE: /* nobody reads what this program writes: there is nobody to tell */
		return EXIT_STATUS_YES;
	case ETIMEDOUT:
		fprintf(stderr,
			"vfmonctl: vfmond did not answer within %g s: systemctl status vfmond, or a "
			"longer --timeout\n",
			(double)q->timeout_usec / 1e6);
		return EXIT_STATUS_OTHER;
	case ECONNRESET:
		fprintf(stderr, "vfmonctl: vfmond closed the connection without an answer: "
				"journalctl -u vfmond\n");
		return EXIT_STATUS_NO_DAEMON;
	case EBADMSG:
	case EMSGSIZE:
		fprintf(stderr, "vfmonctl: what listens on %s does not answer as vfmond does\n",
			q->options->socket);
		return EXIT_STATUS_OTHER;
	default:
		fprintf(stderr, "vfmonctl: talking to vfmond: %s\n", strerror(-error));
		return EXIT_STATUS_OTHER;
	}
}

/* What an error means for the person in front, with one of its parameters in the middle. */
static const struct meaning {
	const char *error;
	const char *parameter;
	const char *before;
	const char *after;
	enum exit_status status;
} meanings[] = {
	{ ERROR_NO_SUCH_DEVICE, KEY_ADDRESS, "there is no function ", ": vfmonctl list",
	  EXIT_STATUS_NO },
	{ ERROR_NOT_TRACKED, KEY_ADDRESS, "no device_spec takes ",
	  ": Nova gives it to no guest; vfmonctl check", EXIT_STATUS_NO },
	{ ERROR_NO_SUCH_ALIAS, KEY_NAME, "no alias of this name is in force: ", ": vfmonctl check",
	  EXIT_STATUS_NO },
	{ ERROR_INVALID_ADDRESS, KEY_ADDRESS, "vfmond does not take this for a PCI address: ", "",
	  EXIT_STATUS_USAGE },
	{ ERROR_TOO_MANY_CLIENTS, KEY_LIMIT, "vfmond serves no more clients (the limit is ",
	  "): max_clients and max_clients_per_user in " VFMON_CONFIG_FILE, EXIT_STATUS_OTHER },
	{ ERROR_INVALID_PARAMETER, KEY_PARAMETER, "vfmond does not take the parameter ",
	  ": it may be older than this vfmonctl; systemctl restart vfmond after an update",
	  EXIT_STATUS_OTHER },
	{ ERROR_EXPECTED_MORE, NULL, "the answer is too big for one reply",
	  ": narrow it with a filter or -n", EXIT_STATUS_OTHER },
	{ ERROR_METHOD_NOT_IMPLEMENTED, KEY_METHOD, "this vfmond does not have ",
	  " yet: vfmond --version", EXIT_STATUS_OTHER },
	{ ERROR_METHOD_NOT_FOUND, KEY_METHOD, "this vfmond does not have ",
	  ": it is older than this vfmonctl; systemctl restart vfmond after an update",
	  EXIT_STATUS_OTHER },
	{ ERROR_INTERFACE_NOT_FOUND, KEY_INTERFACE, "what listens there does not have ",
	  ": is it vfmond?", EXIT_STATUS_OTHER },
	{ ERROR_PERMISSION_DENIED, NULL, "vfmond does not answer this user", "",
	  EXIT_STATUS_OTHER },
};

/* As JSON text: with --json, texts come in as they are, and standard error may be a terminal. */
enum exit_status query_explain(const struct reply *reply)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		const struct meaning *m = &meanings[i];

		if (strcmp(m->error, reply->error) != 0)
			continue;
		fprintf(stderr, "vfmonctl: %s", m->before);
		if (m->parameter)
			(void)value_print(value_member(reply->parameters, m->parameter), stderr);
		fprintf(stderr, "%s\n", m->after);
		return m->status;
	}
	fprintf(stderr, "vfmonctl: vfmond answers ");
	(void)value_print_text(reply->error, stderr);
	fprintf(stderr, " ");
	(void)value_print(reply->parameters, stderr);
	fprintf(stderr, "\n");
	return EXIT_STATUS_OTHER;
}

enum exit_status query_one(struct query *q, struct reply *ret)
{
	enum exit_status status = query_send(q, CONNECTION_ONE_REPLY);
	struct reply reply = { 0 };

	if (status == EXIT_STATUS_YES)
		status = query_receive(q, &reply);
	if (status == EXIT_STATUS_YES && reply.error) {
		status = query_explain(&reply);
		reply_done(&reply);
	} else if (status == EXIT_STATUS_YES) {
		*ret = reply;
	}
	return status;
}

enum exit_status query_each(struct query *q, query_reply_fn fn, void *arg)
{
	enum exit_status status = query_send(q, CONNECTION_MORE);
	bool more = true;

	while (status == EXIT_STATUS_YES && more) {
		struct reply reply;

		status = query_receive(q, &reply);
		if (status != EXIT_STATUS_YES)
			return status;
		status = reply.error ? query_explain(&reply) : fn(reply.parameters, arg);
		more = reply.continues;
		reply_done(&reply);
	}
	return status;
}
