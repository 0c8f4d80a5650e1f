/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host that is not here: what a dump says of it, judged in this program by the code that the daemon
 * has. It answers the same calls.
 */
#ifndef VFMON_CLI_DUMP_HOST_H
#define VFMON_CLI_DUMP_HOST_H

#include <stdbool.h>
#include <stddef.h>

#include "query.h"
#include "vfmon/cleanup.h"

struct dump;
struct dump_host;
struct service;
struct text_pool;
struct vf;

/*
 * Makes the host of --from, or, where that is not given, the one that the daemon watches now; it is
 * judged by --nova-config and its like, without them by the entries that the dump tells of. After
 * anything but EXIT_STATUS_YES everything is said.
 */
enum exit_status dump_host_new(const struct options *o, struct dump_host **ret);

/*
 * The same in two steps, for who has something else to be judged: asks the daemon; and judges images
 * (count of them, whose texts are the host's pool's) by what the daemon says of its configuration.
 */
enum exit_status dump_host_ask(const struct options *o, struct dump_host **ret);
enum exit_status dump_host_judge(const struct options *o, struct dump_host *host,
				 struct vf *const *images, size_t count);

/* What was asked, and where texts are kept. Borrowed. */
const struct dump *dump_host_dump(const struct dump_host *host);
struct text_pool *dump_host_pool(const struct dump_host *host);

/* Takes NULL. Returns NULL. */
struct dump_host *dump_host_free(struct dump_host *host);

DEFINE_CLEANUP(struct dump_host *, dump_host_free);

/* Whether Nova would not start with the configuration that judges it: then nothing is tracked. */
bool dump_host_is_refused(const struct dump_host *host);

/* Answers calls. Borrowed. */
struct service *dump_host_service(struct dump_host *host);

#endif
