/* SPDX-License-Identifier: Apache-2.0 */
#include "follow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lookout.h"
#include "vfmon/keys.h"
#include "vfmon/names.h"

#define PAUSE_LEAST_USEC (50 * 1000ULL)
#define PAUSE_MOST_USEC (1000 * 1000ULL)
/* After so many replies the caller has a look, however fast more come. */
#define REPLIES_A_STEP 256
/* Bookmarks come after 30 s of silence: without three of them nobody is there any more. */
#define SILENCE_USEC (3 * BOOKMARK_AFTER_USEC)

void follow_init(struct follow *f, const struct options *o)
{
	*f = (struct follow){ .options = o, .pause_usec = PAUSE_LEAST_USEC };
}

void follow_done(struct follow *f)
{
	query_close(&f->query);
	census_done(&f->census);
	free(f->epoch);
	f->epoch = NULL;
}

enum connection_texts follow_texts(const struct options *o)
{
	return o->terminal.utf8 ? CONNECTION_TEXTS_UTF8 : CONNECTION_TEXTS_ASCII;
}

bool follow_is_passing(const struct reply *reply)
{
	return strcmp(reply->error, ERROR_TOO_MANY_CLIENTS) == 0;
}

static void disconnect(struct follow *f)
{
	query_close(&f->query);
	f->resuming = false;
}

/* The socket's folder is watched meanwhile, so that a daemon that starts is met at once. */
static void wait_before_next(struct follow *f, uint64_t usec)
{
	lookout_wait(f->options->socket, usec < f->pause_usec ? usec : f->pause_usec);
	f->pause_usec = f->pause_usec * 2 < PAUSE_MOST_USEC ? f->pause_usec * 2 : PAUSE_MOST_USEC;
}

static int subscribe(struct follow *f, uint64_t usec)
{
	struct json_text *call = query_begin(&f->query, METHOD_WATCH_DEVICES);

	if (f->epoch) {
		json_text_key(call, KEY_EPOCH);
		json_text_string(call, f->epoch);
		json_text_key(call, KEY_SEQUENCE);
		json_text_int(call, f->sequence);
	}
	return connection_send(f->query.connection, CONNECTION_MORE, usec);
}

/* What a daemon says that is not there yet, is just going, or has no place left. */
static bool is_passing_failure(int error)
{
	switch (-error) {
	case ENOENT:
	case ENOTDIR:
	case ECONNREFUSED:
	case ECONNRESET:
	case EPIPE:
	case ETIMEDOUT:
	case EAGAIN:
		return true;
	default:
		return false;
	}
}

static enum exit_status try_to_connect(struct follow *f, uint64_t usec)
{
	int r = query_try_open(f->options, follow_texts(f->options), &f->query);

	if (r < 0 && !is_passing_failure(r))
		return query_not_open(f->options, r);
	if (r == 0)
		r = subscribe(f, usec);
	if (r == -ENOMEM)
		return query_no_memory();
	if (r < 0) {
		disconnect(f);
		wait_before_next(f, usec);
		return EXIT_STATUS_YES;
	}
	f->resuming = true;
	return EXIT_STATUS_YES;
}

static int keep_place(struct follow *f, const struct value *parameters)
{
	const char *epoch = value_text(parameters, KEY_EPOCH);
	char *copy;

	if (!epoch)
		return 0;
	copy = strdup(epoch);
	if (!copy)
		return -ENOMEM;
	free(f->epoch);
	f->epoch = copy;
	f->sequence = value_int(parameters, KEY_SEQUENCE, 0);
	return 0;
}

static int take_snapshot(struct follow *f, const struct value *devices)
{
	int r = 0;

	if (f->resuming) {
		census_clear(&f->census);
		f->complete = false;
		free(f->epoch);
		f->epoch = NULL;
	}
	for (size_t i = 0; r == 0 && i < value_count(devices); i++)
		r = census_put(&f->census, value_at(devices, i),
			       value_int(value_at(devices, i), KEY_SEQUENCE, 0));
	return r;
}

static int take_change(struct follow *f, const struct value *change)
{
	const struct value *device = value_member(change, KEY_DEVICE);
	const char *address = value_text(change, KEY_ADDRESS);
	int64_t sequence = value_int(change, KEY_SEQUENCE, 0);
	struct pci_addr addr;

	if (!address || pci_addr_parse(address, &addr) < 0)
		return -EBADMSG;
	f->sequence = sequence;
	if (device)
		return census_put(&f->census, device, sequence);
	census_drop(&f->census, &addr, sequence);
	return 0;
}

static int take_parameters(struct follow *f, const struct value *parameters)
{
	const struct value *change = value_member(parameters, KEY_CHANGE);
	const struct value *snapshot = value_member(parameters, KEY_SNAPSHOT);
	int r = 0;

	if (snapshot)
		r = take_snapshot(f, snapshot);
	if (r == 0 && change)
		r = take_change(f, change);
	/* The place is kept with the last part only: half a snapshot is nothing to go on from. */
	if (r == 0)
		r = keep_place(f, parameters);
	f->resuming = false;
	if (value_bool(parameters, KEY_SNAPSHOT_COMPLETE) == 1)
		f->complete = true;
	f->pause_usec = PAUSE_LEAST_USEC;
	return r;
}

static enum exit_status take_reply(struct follow *f, const struct reply *reply, uint64_t usec)
{
	int r;

	if (reply->error) {
		if (!follow_is_passing(reply))
			return query_explain(reply);
		f->pause_usec = PAUSE_MOST_USEC;
		disconnect(f);
		wait_before_next(f, usec);
		return EXIT_STATUS_YES;
	}
	r = take_parameters(f, reply->parameters);
	return r < 0 ? query_failed(&f->query, r) : EXIT_STATUS_YES;
}

/* Takes in one reply, waiting for it; *ret_more if there may be more at once. */
static enum exit_status take_one(struct follow *f, uint64_t wait_usec, uint64_t left_usec,
				 bool *ret_more)
{
	struct reply reply;
	enum exit_status status;
	int r = connection_receive(f->query.connection, wait_usec, &reply);

	*ret_more = false;
	if (r == -ETIMEDOUT && wait_usec < SILENCE_USEC)
		return EXIT_STATUS_YES;
	if (r < 0 && is_passing_failure(r)) {
		disconnect(f);
		wait_before_next(f, left_usec);
		return EXIT_STATUS_YES;
	}
	if (r < 0)
		return query_failed(&f->query, r);
	status = take_reply(f, &reply, left_usec);
	reply_done(&reply);
	*ret_more = f->query.connection != NULL;
	return status;
}

enum exit_status follow_step(struct follow *f, uint64_t usec, bool *ret_news)
{
	enum exit_status status = EXIT_STATUS_YES;
	uint64_t wait_usec = usec < SILENCE_USEC ? usec : SILENCE_USEC;
	bool more = true;

	if (!f->query.connection)
		return try_to_connect(f, usec);
	for (int i = 0; status == EXIT_STATUS_YES && more && i < REPLIES_A_STEP; i++) {
		status = take_one(f, wait_usec, usec, &more);
		*ret_news |= more;
		wait_usec = 0; /* what has come meanwhile is looked at together */
	}
	return status;
}

bool follow_is_complete(const struct follow *f)
{
	return f->complete && f->query.connection && !f->resuming;
}

void follow_print_trouble(const struct follow *f, FILE *out)
{
	if (f->query.connection)
		fprintf(out, "vfmond has not answered yet");
	else
		fprintf(out, "vfmond is not running");
}
