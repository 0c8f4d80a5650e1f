/* SPDX-License-Identifier: Apache-2.0 */
/* Names of an entry that Placement does not take. */
#include "lint_internal.h"
#include "vfmon/pytext.h"
#include "vfmon/resource_class.h"

#define QUOTE_MAX 80

#define REMEDY                                                                                     \
	"use a standard name, or CUSTOM_ with capital letters, digits and underscores behind it, " \
	"at most 255 characters"

static int check_class(const struct lint *lint, const struct spec_info *info,
		       const struct finding_place *place)
{
	char quote[QUOTE_MAX];

	if (!info->has_resource_class)
		return 0;
	if (!info->resource_class_is_text)
		return findings_add(
			lint->out,
			&(const struct finding_kind){
				FINDING_WRONG, FINDING_INVALID_RESOURCE_CLASS,
				"write the resource_class as a text in double quotes" },
			place,
			"the resource_class is no text: Nova starts, and fails at every "
			"report to Placement");
	if (resource_class_is_valid(info->resource_class))
		return 0;
	return findings_add(
		lint->out,
		&(const struct finding_kind){ FINDING_WRONG, FINDING_INVALID_RESOURCE_CLASS,
					      REMEDY },
		place,
		"the resource class becomes '%s', which Placement does not take: Nova starts, and "
		"none of its PCI resources get there",
		pytext_print(pytext_of(info->resource_class), quote, sizeof(quote)));
}

static int check_trait(const struct lint *lint, const struct finding_place *place,
		       const char *trait)
{
	char quote[QUOTE_MAX];

	if (trait_is_valid(trait))
		return 0;
	return findings_add(
		lint->out,
		&(const struct finding_kind){ FINDING_WRONG, FINDING_INVALID_TRAIT, REMEDY }, place,
		"a trait becomes '%s', which Placement does not take (a comma too many makes an "
		"empty one): Nova starts, and none of its PCI resources get there",
		pytext_print(pytext_of(trait), quote, sizeof(quote)));
}

int lint_names(const struct lint *lint, const struct spec_info *info,
	       const struct finding_place *place)
{
	int r;

	/* These never get to Placement. */
	if (info->physical_network && info->physical_network[0])
		return 0;
	r = check_class(lint, info, place);
	if (r == 0 && !info->traits_are_text)
		r = findings_add(lint->out,
				 &(const struct finding_kind){
					 FINDING_WRONG, FINDING_INVALID_TRAIT,
					 "write the traits as one text, separated by commas" },
				 place,
				 "traits is no text: Nova starts, and fails at every report to "
				 "Placement");
	for (size_t i = 0; i < info->trait_count && r == 0; i++)
		r = check_trait(lint, place, info->traits[i]);
	return r;
}
