/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages come out as they went in, however the bytes are cut: the first byte of the input is the
 * size of the pieces, the second how many messages are taken behind each.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LIMIT 256

/* What was fed, and how far messages of it came out. */
struct track {
	const char *bytes;
	size_t taken;
	size_t fed;
};

static int take(struct frame *f, struct track *track)
{
	const char *expected = track->bytes + track->taken;
	char *message;
	size_t len;

	if (frame_take(f, &message, &len) == 0)
		return 0;
	if (len > LIMIT || track->taken + len >= track->fed ||
	    memcmp(message, expected, len + 1) != 0)
		abort();
	track->taken += len + 1;
	return 1;
}

/* All whole messages have been taken; if one was too long, it is the next. */
static void check_rest(const struct track *track, int error)
{
	size_t left = track->fed - track->taken;
	const char *nul = memchr(track->bytes + track->taken, '\0', left);

	if (error == 0 && (nul || left > LIMIT))
		abort();
	if (error == -EMSGSIZE &&
	    (nul ? (size_t)(nul - track->bytes) - track->taken : left) <= LIMIT)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct track track = { .bytes = (const char *)data + 2 };
	struct frame f;
	int r = 0;

	if (size < 2)
		return 0;
	frame_init(&f, LIMIT);
	while (r == 0 && track.fed < size - 2) {
		size_t piece = data[0] ? data[0] : 1, left = size - 2 - track.fed;

		piece = left < piece ? left : piece;
		r = frame_feed(&f, track.bytes + track.fed, piece);
		track.fed += piece;
		for (unsigned int i = 0; i < data[1] && take(&f, &track); i++)
			continue;
		if (data[1] & 1)
			frame_trim(&f);
	}
	while (take(&f, &track))
		continue;
	if (r != -ENOMEM)
		check_rest(&track, r);
	frame_done(&f);
	return 0;
}
