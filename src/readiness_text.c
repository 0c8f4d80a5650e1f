/* SPDX-License-Identifier: Apache-2.0 */
/* The reasons of an image: their order, what is behind each, and the sentence that says it. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "readiness_internal.h"
#include "vfmon/device_spec.h"
#include "vfmon/text.h"

/* More than these of one group are only counted. */
#define BLOCKERS_NAMED 6

static const char *const code_names[] = {
#define CODE_NAME(name, text) [REASON_##name] = text,
	REASON_CODES(CODE_NAME)
#undef CODE_NAME
};

const char *reason_code_name(enum reason_code code)
{
	return code_names[code];
}

bool readiness_same_driver(const char *a, const char *b)
{
	while (*a && (*a == *b || (strchr("-_", *a) && *b && strchr("-_", *b)))) {
		a++;
		b++;
	}
	return *a == *b;
}

/* The cursor counts places in the order: all codes of the worst severity, of the next, and so on. */
bool readiness_next_reason(const struct vf *vf, size_t *cursor, enum reason_code *ret)
{
	while (vf->reasons && *cursor < (size_t)VF_READINESS_COUNT * REASON_COUNT) {
		size_t place = (*cursor)++;
		enum vf_readiness severity =
			(enum vf_readiness)(VF_READINESS_COUNT - 1 - place / REASON_COUNT);
		enum reason_code code = (enum reason_code)(place % REASON_COUNT);

		if (vf->reasons >> code & 1 && readiness_severity(vf, code) == severity) {
			*ret = code;
			return true;
		}
	}
	return false;
}

static bool next_group_blocker(const struct vf *vf, size_t *cursor, struct pci_addr *ret)
{
	while (vf->group && *cursor < vf->group->count) {
		const struct vf_group_member *m = &vf->group->members[(*cursor)++];

		if (m->blocks && pci_addr_compare(&m->addr, &vf->addr) != 0) {
			*ret = m->addr;
			return true;
		}
	}
	return false;
}

bool readiness_next_blocker(const struct vf *vf, enum reason_code code, size_t *cursor,
			    struct pci_addr *ret)
{
	if (code == REASON_IOMMU_GROUP_NOT_VIABLE)
		return next_group_blocker(vf, cursor, ret);
	if (code != REASON_PHYSICAL_FUNCTION_UNBOUND &&
	    (code != REASON_PHYSICAL_FUNCTION_NOT_ANSWERING || vf->pf_silent_sec == 0))
		return false;
	if (!vf->has_physical_function || *cursor > 0)
		return false;
	(*cursor)++;
	*ret = vf->physical_function;
	return true;
}

/* A sentence that is being put together. */
struct sentence {
	char *text;
	size_t used;
	const struct vf *vf;
	char addr[PCI_ADDR_TEXT_MAX];
};

static void __attribute__((format(printf, 2, 3))) say(struct sentence *s, const char *format, ...)
{
	size_t room = REASON_TEXT_MAX - s->used;
	va_list args;

	va_start(args, format);
	int len = vsnprintf(s->text + s->used, room, format, args);
	va_end(args);
	if (len > 0)
		s->used += (size_t)len < room ? (size_t)len : room - 1;
}

static const char *driver_of(const struct vf *vf)
{
	return vf->driver ? text_str(vf->driver) : "its driver";
}

/* How Nova was told. */
static void say_managed(struct sentence *s)
{
	const struct spec_match *spec = s->vf->spec;

	say(s, "managed=%s", spec->managed_effective ? "yes" : "no");
	if (spec->managed_effective && !spec->managed)
		say(s, " for its physical_network");
	say(s, " (device_spec in %s, line %u)", spec->file, spec->line);
}

static void say_vendor_driver(struct sentence *s)
{
	const char *choice = readiness_choice(s->vf);

	say(s, "%s is a VFIO device of the host driver %s, and a guest gets it with ", s->addr,
	    driver_of(s->vf));
	say_managed(s);
	say(s,
	    ": libvirt takes it off that driver, tries %s, and does not put it back; what was set "
	    "up there is lost",
	    choice);
}

static void say_host_use(struct sentence *s)
{
	say(s, "the host %s, and a guest gets %s with ", text_str(s->vf->host_use), s->addr);
	say_managed(s);
	say(s, ": its start takes the device from the host without asking");
}

static void say_has_vfs(struct sentence *s)
{
	say(s, "%s is a physical function with %" PRId32 " VFs on, and a guest gets it with ",
	    s->addr, s->vf->num_vfs);
	say_managed(s);
	say(s, ": its start takes it off %s, and the VFs vanish", driver_of(s->vf));
}

static void say_not_bound_to_vfio(struct sentence *s)
{
	if (s->vf->binding == VF_BINDING_UNBOUND)
		say(s, "%s has no driver, and a guest gets it with ", s->addr);
	else
		say(s, "%s is bound to the host driver %s, and a guest gets it with ", s->addr,
		    driver_of(s->vf));
	say_managed(s);
	say(s, ": libvirt refuses the start, as somebody else has to bind it to a VFIO driver");
	if (s->vf->binding == VF_BINDING_HOST && s->vf->host_use)
		say(s, "; the host %s", text_str(s->vf->host_use));
}

static void say_transition(struct sentence *s)
{
	if (s->vf->binding == VF_BINDING_PROBING)
		say(s, "the driver %s is being tried on %s, which takes a moment", driver_of(s->vf),
		    s->addr);
	else
		say(s, "%s is being taken off %s, which takes a moment", s->addr, driver_of(s->vf));
}

static void say_stuck(struct sentence *s)
{
	say(s,
	    "%s is being taken off %s and does not come off: whoever has it open, as a rule a "
	    "guest, has to end first",
	    s->addr, driver_of(s->vf));
}

static void say_no_group(struct sentence *s)
{
	if (s->vf->iommu_group < 0)
		say(s,
		    "%s is in no IOMMU group: firmware or kernel have no IOMMU switched on for it",
		    s->addr);
	else
		say(s, "%s is in the no-IOMMU group %" PRId32 ", which no guest can be given",
		    s->addr, s->vf->iommu_group);
}

static void say_group(struct sentence *s)
{
	const struct vf_group *group = s->vf->group;
	char addr[PCI_ADDR_TEXT_MAX];
	unsigned int named = 0, more = 0;

	say(s,
	    "IOMMU group %" PRId32 " of %s can not be given to a guest while another member has "
	    "a host driver: ",
	    s->vf->iommu_group, s->addr);
	for (unsigned int i = 0; i < group->count; i++) {
		const struct vf_group_member *m = &group->members[i];

		if (!m->blocks || pci_addr_compare(&m->addr, &s->vf->addr) == 0)
			continue;
		if (named == BLOCKERS_NAMED)
			more++;
		else
			say(s, "%s%s (%s)", named++ > 0 ? ", " : "",
			    pci_addr_format(&m->addr, addr), text_str(m->driver));
	}
	if (more > 0)
		say(s, " and %u more", more);
	if (s->vf->guest_starts == 0 && s->vf->driver && !s->vf->driver_after)
		say(s, "; with managed=yes a start that fails may leave %s on another driver",
		    s->addr);
}

static void say_node(struct sentence *s)
{
	say(s,
	    "%s is bound to the VFIO driver %s, but its node below /dev/vfio is not there, so "
	    "that no guest can open it",
	    s->addr, driver_of(s->vf));
}

static void say_vendor_problem(struct sentence *s)
{
	say(s, "%s has nothing to give to a guest yet: %s", s->addr,
	    text_str(s->vf->vendor_problem));
}

/* A read that hangs holds, or waits for, the lock of a device: as a rule the physical function's. */
static void say_not_answering(struct sentence *s)
{
	static const char *const kinds[VF_KIND_COUNT] = { "PF", "VF", "function" };
	char pf[PCI_ADDR_TEXT_MAX];

	if (s->vf->silent_sec > 0)
		say(s, "%s %s has not answered for %" PRIu32 " s", kinds[s->vf->kind], s->addr,
		    s->vf->silent_sec);
	if (s->vf->silent_sec > 0 && s->vf->pf_silent_sec > 0)
		say(s, ", and ");
	if (s->vf->pf_silent_sec > 0)
		say(s, "PF %s has not answered for %" PRIu32 " s",
		    pci_addr_format(&s->vf->physical_function, pf), s->vf->pf_silent_sec);
	say(s, ": what is known of %s is from before that", s->addr);
}

static void say_rebinds(struct sentence *s)
{
	say(s, "%s is bound to %s, but a guest gets it with ", s->addr, driver_of(s->vf));
	say_managed(s);
	say(s, ": libvirt moves it to %s, and afterwards it is left to a host driver or to none",
	    readiness_choice(s->vf));
}

static void say_generic(struct sentence *s)
{
	say(s,
	    "%s is bound to the generic driver %s although the variant %s is made for it: a "
	    "guest starts, but without what the variant can do, such as live migration",
	    s->addr, driver_of(s->vf), text_str(s->vf->best_driver));
}

static void say_pf_unbound(struct sentence *s)
{
	char pf[PCI_ADDR_TEXT_MAX];

	say(s, "%s, the physical function of %s, has no driver: its VFs may not work",
	    pci_addr_format(&s->vf->physical_function, pf), s->addr);
}

static void say_managed_ignored(struct sentence *s)
{
	const struct spec_match *spec = s->vf->spec;

	say(s,
	    "the entry of %s says managed=no (device_spec in %s, line %u), but it has a "
	    "physical_network: Nova gives the guest managed=yes all the same",
	    s->addr, spec->file, spec->line);
}

static void say_conflict(struct sentence *s)
{
	const enum placement_conflict conflict = (enum placement_conflict)s->vf->conflict;
	char pf[PCI_ADDR_TEXT_MAX];

	say(s, "%s: %s; ",
	    s->vf->has_physical_function ? pci_addr_format(&s->vf->physical_function, pf) : s->addr,
	    placement_conflict_text(conflict));
	if (conflict < PLACEMENT_MIXED_MANAGED)
		say(s, "nova-compute refuses to start with report_in_placement");
	else
		say(s, "with pci_in_placement a guest is refused or given too much");
}

static void (*const sayers[])(struct sentence *s) = {
	[REASON_MANAGED_YES_VENDOR_DRIVER] = say_vendor_driver,
	[REASON_HOST_USES_DEVICE] = say_host_use,
	[REASON_PHYSICAL_FUNCTION_HAS_VFS] = say_has_vfs,
	[REASON_MANAGED_NO_HOST_DRIVER] = say_not_bound_to_vfio,
	[REASON_MANAGED_NO_UNBOUND] = say_not_bound_to_vfio,
	[REASON_BINDING_IN_TRANSITION] = say_transition,
	[REASON_UNBIND_STUCK] = say_stuck,
	[REASON_NO_IOMMU_GROUP] = say_no_group,
	[REASON_IOMMU_GROUP_NOT_VIABLE] = say_group,
	[REASON_VFIO_NODE_MISSING] = say_node,
	[REASON_VGPU_TYPE_UNSET] = say_vendor_problem,
	[REASON_PHYSICAL_FUNCTION_NOT_ANSWERING] = say_not_answering,
	[REASON_MANAGED_YES_REBINDS] = say_rebinds,
	[REASON_GENERIC_DRIVER_VARIANT_AVAILABLE] = say_generic,
	[REASON_PHYSICAL_FUNCTION_UNBOUND] = say_pf_unbound,
	[REASON_MANAGED_IGNORED_FOR_NETWORK] = say_managed_ignored,
	[REASON_PLACEMENT_CONFLICT] = say_conflict,
};
_Static_assert(sizeof(sayers) / sizeof(*sayers) == REASON_COUNT, "a sentence each");

void readiness_describe(const struct vf *vf, enum reason_code code, struct reason *ret)
{
	struct sentence s = { .text = ret->message, .vf = vf };

	ret->code = code;
	ret->severity = readiness_severity(vf, code);
	ret->message[0] = '\0';
	pci_addr_format(&vf->addr, s.addr);
	sayers[code](&s);
	readiness_remedy(vf, code, ret->remedy);
}
