/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One running WatchDevices. It follows the numbers of the changes: up to a number everything was
 * sent or is pending, the changes behind it are read from the history.
 */
#ifndef VFMON_WATCH_H
#define VFMON_WATCH_H

#include "vfmon/session.h"

struct watch;
struct wire_request;

/* Takes the request's filter. Returns 0 or -ENOMEM. */
int watch_new(struct service *service, struct wire_request *request, struct watch **ret);

/* Takes NULL. Returns NULL. */
struct watch *watch_free(struct watch *w);

/*
 * Writes the next replies that are owed. Returns 1, 0 if none is, -ENOMEM, or -ENODATA: changes
 * that were owed are not in the history any more.
 */
int watch_step(struct watch *w, struct json_text *out);

/* As session_change(); an error is told by the next step. */
enum session_delivery watch_change(struct watch *w, const struct change *change,
				   enum session_room room);

/* Returns 1 if a bookmark was written, 0 if changes are owed. */
int watch_bookmark(struct watch *w, struct json_text *out);

#endif
