/* SPDX-License-Identifier: Apache-2.0 */
/* What a caller of a served host expects to receive; a test that gets something else fails. */
#ifndef VFMON_TEST_EXPECT_H
#define VFMON_TEST_EXPECT_H

#include "served.h"
#include "vfmon/names.h"

/* Calls of WatchDevices. */
#define WATCH_WITH(parameters)                                                                     \
	"{\"method\":\"" IFACE_MONITOR ".WatchDevices\",\"more\":true,\"parameters\":" parameters  \
	"}"
#define WATCH WATCH_WITH("{}")
#define WATCH_DRIVER(driver) WATCH_WITH("{\"filter\":{\"drivers\":[\"" driver "\"]}}")
#define RESUME(sequence) WATCH_WITH("{\"epoch\":\"" SERVED_EPOCH "\",\"sequence\":" sequence "}")

/* Parts of its replies. */
#define PLACE(sequence)                                                                            \
	"\"epoch\":\"" SERVED_EPOCH "\",\"sequence\":" sequence "},\"continues\":true}"
#define BOOKMARK(sequence) "{\"parameters\":{" PLACE(sequence)
#define COMPLETE(sequence) "],\"snapshot_complete\":true," PLACE(sequence)

/* The next message has this in it, is exactly this, is not there. */
const char *expect_part(struct caller *c, const char *part);
void expect(struct caller *c, const char *text);
void expect_silence(struct caller *c);

/* The begin and the end of a change, and whether it says what was before. */
struct told {
	const char *begin; /* "4,\"kind\":\"changed\",\"address\":\"0000:3b:02.0\"" */
	bool matches;
	bool has_previous;
	int merged;
};

void expect_change(struct caller *c, const struct told *told);

#define EXPECT_CHANGE(c, ...) expect_change(c, &(struct told){ __VA_ARGS__ })
#define CHANGED(sequence, addr) sequence ",\"kind\":\"changed\",\"address\":\"0000:3b:" addr "\""
#define APPEARED(sequence, addr) sequence ",\"kind\":\"appeared\",\"address\":\"0000:3b:" addr "\""
#define GONE(sequence, addr) sequence ",\"kind\":\"disappeared\",\"address\":\"0000:3b:" addr "\""

/* Connects and takes the snapshot, which is not looked at. */
struct caller *connect_watch(struct served *s, const char *call);

#endif
