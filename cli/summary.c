/* SPDX-License-Identifier: Apache-2.0 */
#include "summary.h"

#include "device.h"

static const struct {
	const char *one;
	const char *several;
} kind_words[] = {
	[VF_KIND_PF] = { "PF", "PFs" },
	[VF_KIND_VF] = { "VF", "VFs" },
	[VF_KIND_PCI] = { "other function", "other functions" },
};
_Static_assert(sizeof(kind_words) / sizeof(kind_words[0]) == VF_KIND_COUNT, "words for each kind");

/* The worst last, but what nobody asked for behind all. */
static const enum vf_readiness order[] = { VF_READINESS_READY,	   VF_READINESS_DEGRADED,
					   VF_READINESS_UNKNOWN,   VF_READINESS_BLOCKED,
					   VF_READINESS_DANGEROUS, VF_READINESS_UNTRACKED };
_Static_assert(sizeof(order) / sizeof(order[0]) == VF_READINESS_COUNT, "each readiness once");

void summary_add(struct summary *s, const struct value *device)
{
	const char *kind = device_text(device, VF_FIELD_KIND);
	int k = kind ? vf_kind_from_name(kind) : -1;
	int r = vf_readiness_from_name(device_readiness(device));

	s->functions++;
	s->kinds[k < 0 ? VF_KIND_PCI : k]++;
	s->readiness[r < 0 ? VF_READINESS_UNKNOWN : r]++;
}

void summary_print_kinds(const struct summary *s, FILE *out)
{
	const char *between = "";

	for (size_t i = 0; i < VF_KIND_COUNT; i++) {
		/* "0 VFs" says something, "0 other functions" does not. */
		if (i == VF_KIND_PCI && s->kinds[i] == 0)
			continue;
		fprintf(out, "%s%zu %s", between, s->kinds[i],
			s->kinds[i] == 1 ? kind_words[i].one : kind_words[i].several);
		between = ", ";
	}
}

void summary_print_readiness(const struct summary *s, FILE *out)
{
	const char *between = "";

	for (size_t i = 0; i < VF_READINESS_COUNT; i++) {
		if (s->readiness[order[i]] == 0)
			continue;
		fprintf(out, "%s%zu %s", between, s->readiness[order[i]],
			vf_readiness_name(order[i]));
		between = ", ";
	}
}
