/* SPDX-License-Identifier: Apache-2.0 */
/* A registry with a made-up host in front of it, and a record of the changes that come out. */
#ifndef VFMON_TEST_HOST_H
#define VFMON_TEST_HOST_H

#include <stddef.h>
#include <stdint.h>

#include "vfmon/device_spec.h"
#include "vfmon/nova_config.h"
#include "vfmon/observation.h"
#include "vfmon/policy.h"
#include "vfmon/readiness.h"
#include "vfmon/registry.h"
#include "vfmon/text.h"

#define HOST_CHANGES_MAX 256

struct host_change {
	struct change change;
	char text[160]; /* "appeared 0000:3b:00.1", "changed 0000:3b:00.1 binding" */
};

struct host_again {
	struct pci_addr addr;
	uint64_t due_usec;
};

struct host {
	struct text_pool *pool;
	struct registry *registry;
	struct registry_options options;
	struct nova_config config; /* of policy; takes nothing as long as specs is NULL */
	struct policy policy;
	struct moment now;
	struct host_change changes[HOST_CHANGES_MAX];
	size_t change_count;
	struct host_again again[HOST_CHANGES_MAX];
	size_t again_count;
};

/* Ends the test program on failure: a fixture that can not be made is no test. */
void host_init(struct host *h, const struct registry_options *options);
void host_done(struct host *h);

/*
 * The configuration is another one now: entries of device_spec, or NULL for none. What else is in
 * config and policy can be changed before.
 */
void host_configure(struct host *h, const char *specs);

/* A scan of nothing, or the borders of one. */
void host_begin_scan(struct host *h);
void host_end_scan(struct host *h);

/* Observations to be changed and then given to host_see(). */
struct observation host_pf(const char *addr, int total);
struct observation host_vf(const char *addr, const char *pf, int index);
struct observation host_plain(const char *addr);
/* The PF of HOST_PF on its driver, and a VF of it on its variant, which a guest can be given. */
struct observation host_bound_pf(void);
struct observation host_good_vf(const char *addr, int index);
void host_see_bound_pf(struct host *h);
void host_see_good_vf(struct host *h, const char *addr, int index);
void host_set_driver(struct observation *obs, const char *driver);
void host_see(struct host *h, const struct observation *obs);
void host_gone(struct host *h, const char *addr);

/* The changes so far as texts, one a line; then they are forgotten. */
const char *host_take_changes(struct host *h);

/* HOST_VF0 and HOST_VF1 are good and their PF bound, with these entries; changes are taken. */
void host_see_two_vfs(struct host *h, const char *specs);

bool host_has_reason(const struct host *h, const char *addr, enum reason_code code);

/* When, from the since-th time on, a function was asked to be read again; 0: never. */
uint64_t host_asked_again(const struct host *h, size_t since, const char *addr);

/* The listed function, or NULL. */
struct vf *host_get(const struct host *h, const char *addr);

/* What most tests begin with: a host with a PF of 8 VFs, none of them on, after its first scan. */
#define HOST_PF "0000:3b:00.0"
#define HOST_VF0 "0000:3b:02.0"
#define HOST_VF1 "0000:3b:02.1"
int host_set_up(void **state);
int host_tear_down(void **state);

/* A VF of that PF is read. */
void host_see_vf(struct host *h, const char *addr, int index);

#endif
