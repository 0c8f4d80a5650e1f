/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/binding.h"

#include <stddef.h>

#define MSEC 1000ULL

/* A failed probe sends nothing, so a new link is looked at again, ever more rarely. */
static const uint64_t recheck_after_usec[] = { 100 * MSEC, 300 * MSEC, 1000 * MSEC, 3000 * MSEC,
					       10000 * MSEC };
#define RECHECKS (sizeof(recheck_after_usec) / sizeof(*recheck_after_usec))
#define SETTLED_AFTER_USEC recheck_after_usec[RECHECKS - 1]

/* The driver pointer is set a moment before the link is made: DRIVER= alone may be a begin. */
#define MAY_BE_A_BEGIN_USEC (300 * MSEC)

/* The module link of a driver is made after the first probes of its module's load. */
#define MODULE_LINK_WITHIN_USEC (1000 * MSEC)

static uint64_t min_usec(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The next time at which a pending link or unbinding is looked at again; 0: not any more. */
static uint64_t next_recheck(uint64_t since, uint64_t now)
{
	for (size_t i = 0; i < RECHECKS; i++)
		if (since + recheck_after_usec[i] > now)
			return since + recheck_after_usec[i];
	return 0;
}

static void fold_unbound(struct binding_memory *m, struct binding_verdict *v)
{
	m->settled = m->was_there = false;
	m->link = NULL;
	m->pending_usec = 0;
	v->state = VF_BINDING_UNBOUND;
	v->evidence = VF_EVIDENCE_NO_LINK;
}

/* No link but DRIVER=: on its way out, or, just after it had no driver, on its way in. */
static void fold_only_driver(struct binding_memory *m, const struct binding_input *in,
			     struct binding_verdict *v)
{
	const uint32_t evidence = in->obs->hint.evidence;
	bool was_unbound = m->seen ? !m->link && !m->only_driver : !in->first_scan;
	uint64_t stuck_at;

	if (!m->only_driver) {
		m->pending_usec = in->now_usec;
		m->may_be_begin = was_unbound;
	}
	if (evidence & (EVIDENCE_BOUND | EVIDENCE_MISSED))
		m->may_be_begin = false;
	m->settled = m->was_there = false;
	m->link = NULL;
	v->evidence = VF_EVIDENCE_ONLY_DRIVER;
	v->again_usec = next_recheck(m->pending_usec, in->now_usec);
	if (m->may_be_begin && in->now_usec < m->pending_usec + MAY_BE_A_BEGIN_USEC) {
		v->state = VF_BINDING_PROBING;
		return;
	}
	stuck_at = m->pending_usec + in->stuck_after_usec;
	if (in->now_usec >= stuck_at) {
		v->state = VF_BINDING_STUCK;
		return;
	}
	v->state = VF_BINDING_UNBINDING;
	v->again_usec = v->again_usec ? min_usec(v->again_usec, stuck_at) : stuck_at;
}

/* Before kernel 6.1 there is no vfio-dev/: the module's alias or its use of the VFIO core tells. */
static void classify_old_kernel(const struct observation *obs, struct binding_verdict *v)
{
	v->evidence = VF_EVIDENCE_OLD_KERNEL;
	if (obs->module_vfio == MODULE_VFIO_GENERIC) {
		v->state = VF_BINDING_VFIO_GENERIC;
	} else if (obs->module_vfio == MODULE_VFIO_VARIANT) {
		v->state = VF_BINDING_VFIO_VARIANT;
	} else if (obs->module_holds_vfio_core) {
		v->state = VF_BINDING_VFIO_VENDOR;
	} else {
		v->state = VF_BINDING_HOST;
		v->evidence = VF_EVIDENCE_NO_VFIO_DEV;
	}
}

/* What drives a function whose probe is over. */
static void classify(const struct binding_input *in, struct binding_verdict *v)
{
	if (!in->obs->vfio_device && !in->kernel_has_vfio_dev) {
		classify_old_kernel(in->obs, v);
		return;
	}
	if (!in->obs->vfio_device) {
		v->state = VF_BINDING_HOST;
		v->evidence = VF_EVIDENCE_NO_VFIO_DEV;
		return;
	}
	switch (in->obs->module_vfio) {
	case MODULE_VFIO_GENERIC:
		v->state = VF_BINDING_VFIO_GENERIC;
		v->evidence = VF_EVIDENCE_ALIAS_ALL;
		break;
	case MODULE_VFIO_VARIANT:
		v->state = VF_BINDING_VFIO_VARIANT;
		v->evidence = VF_EVIDENCE_ALIAS_OWN;
		break;
	case MODULE_VFIO_NONE:
		v->state = VF_BINDING_VFIO_VENDOR;
		v->evidence = VF_EVIDENCE_ALIAS_NONE;
		break;
	}
}

/*
 * Notes a link that is another one than at the last read, and whether its probe is over. What has
 * bound it may have been told to nobody: before the first scan, or among events that were lost.
 * Then it counts as bound, and is looked at again all the same.
 */
static void note_link(struct binding_memory *m, const struct binding_input *in)
{
	uint32_t evidence = in->obs->hint.evidence;

	/* An unbind came before this read, so this is a newer link even if it looks the same. */
	if (m->link != in->link || evidence & EVIDENCE_UNBOUND) {
		m->was_there = in->first_scan && !m->seen;
		m->settled = false;
		m->pending_usec = in->now_usec;
	}
	m->link = in->link;
	if (evidence & EVIDENCE_BOUND || in->now_usec >= m->pending_usec + SETTLED_AFTER_USEC)
		m->settled = true;
	else if (evidence & EVIDENCE_MISSED)
		m->was_there = true;
}

static void fold_link(struct binding_memory *m, const struct binding_input *in,
		      struct binding_verdict *v)
{
	bool module_may_come;

	note_link(m, in);
	/* Without the module a variant that was loaded just now would look like a vendor's driver. */
	module_may_come = in->obs->vfio_device && !in->obs->module && !m->was_there &&
			  in->now_usec < m->pending_usec + MODULE_LINK_WITHIN_USEC;
	if (!m->settled || module_may_come)
		v->again_usec = next_recheck(m->pending_usec, in->now_usec);
	if ((m->settled || m->was_there) && !module_may_come) {
		classify(in, v);
		return;
	}
	v->state = VF_BINDING_PROBING;
	v->evidence = VF_EVIDENCE_NO_BIND_EVENT;
}

void binding_fold(struct binding_memory *memory, const struct binding_input *in,
		  struct binding_verdict *ret)
{
	bool only_driver = !in->link && in->obs->uevent_driver;

	*ret = (struct binding_verdict){ 0 };
	if (in->link)
		fold_link(memory, in, ret);
	else if (only_driver)
		fold_only_driver(memory, in, ret);
	else
		fold_unbound(memory, ret);
	memory->only_driver = only_driver;
	memory->seen = true;
}
