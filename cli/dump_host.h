/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host that is not here: what a dump says of it, judged in this program by the code that the daemon
 * has. It answers the same calls.
 */
#ifndef VFMON_CLI_DUMP_HOST_H
#define VFMON_CLI_DUMP_HOST_H

#include <stdbool.h>

#include "query.h"
#include "vfmon/cleanup.h"

struct dump_host;
struct service;

/*
 * Makes the host of --from, or, where that is not given, the one that the daemon watches now; it is
 * judged by --nova-config and its like, without them by the entries that the dump tells of. After
 * anything but EXIT_STATUS_YES everything is said.
 */
enum exit_status dump_host_new(const struct options *o, struct dump_host **ret);

/* Takes NULL. Returns NULL. */
struct dump_host *dump_host_free(struct dump_host *host);

DEFINE_CLEANUP(struct dump_host *, dump_host_free);

/* Whether Nova would not start with the configuration that judges it: then nothing is tracked. */
bool dump_host_is_refused(const struct dump_host *host);

/* Answers calls. Borrowed. */
struct service *dump_host_service(struct dump_host *host);

#endif
