/* SPDX-License-Identifier: Apache-2.0 */
/* A case's host and configuration, put before our own code. */
#ifndef PARITY_JUDGE_HOST_H
#define PARITY_JUDGE_HOST_H

#include <stddef.h>

#include "vfmon/nova_config.h"
#include "vfmon/policy.h"

struct json_object;
struct registry;
struct text_pool;
struct vf;

/* More than any host of hosts.json has. */
#define HOST_FUNCTIONS_MAX 16

struct host {
	struct nova_config config;
	struct policy policy;
	struct json_object *functions; /* borrowed */
	struct text_pool *pool;
	struct registry *registry;
	const struct vf *items[HOST_FUNCTIONS_MAX]; /* as in the case */
	size_t count;
};

/*
 * Everything that a case says of configuration and host. Returns NULL, or the class of error with
 * which Nova would refuse; host_done() is due in either case. No memory ends the program.
 */
const char *host_init(struct host *host, version_t nova, struct json_object *c);
void host_done(struct host *host);

#endif
