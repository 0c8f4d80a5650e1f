/* SPDX-License-Identifier: Apache-2.0 */
#include "staleness.h"

#include <stdbool.h>

static bool is_never(const struct staleness_time *t)
{
	return t->usec == 0 && t->boottime_usec == 0;
}

static enum staleness compare(uint64_t started, uint64_t happened)
{
	if (happened <= started)
		return STALENESS_KNOWN;
	return happened - started <= STALENESS_UNCERTAIN_USEC ? STALENESS_UNCERTAIN
							      : STALENESS_NOT_KNOWN;
}

enum staleness staleness_of(const struct staleness_time *started,
			    const struct staleness_time *happened)
{
	if (is_never(happened))
		return STALENESS_KNOWN;
	/* A clock that was set meanwhile makes nothing older or newer. */
	if (started->boottime_usec && happened->boottime_usec)
		return compare(started->boottime_usec, happened->boottime_usec);
	return compare(started->usec, happened->usec);
}

static struct staleness_verdict verdict(enum staleness_what what, enum staleness how,
					const struct staleness_time *since)
{
	if (how == STALENESS_KNOWN)
		return (struct staleness_verdict){ .what = STALENESS_NOTHING };
	return (struct staleness_verdict){ .what = what, .how = how, .since = *since };
}

struct staleness_verdict staleness_judge(const struct staleness_time *started,
					 const struct staleness_life *life)
{
	enum staleness appeared = staleness_of(started, &life->appeared);
	enum staleness vanished = staleness_of(started, &life->vanished);

	if (!is_never(&life->vanished)) {
		/* What came and went after Nova had looked was never offered. */
		if (appeared == STALENESS_NOT_KNOWN)
			vanished = STALENESS_KNOWN;
		else if (appeared == STALENESS_UNCERTAIN && vanished == STALENESS_NOT_KNOWN)
			vanished = STALENESS_UNCERTAIN;
		return verdict(STALENESS_GONE, vanished, &life->vanished);
	}
	if (appeared != STALENESS_KNOWN)
		return verdict(STALENESS_NOT_SEEN, appeared, &life->appeared);
	return verdict(STALENESS_CHANGED, staleness_of(started, &life->changed), &life->changed);
}

enum staleness staleness_of_file(const struct staleness_time *started, uint64_t modified_usec,
				 uint64_t changed_usec)
{
	enum staleness modified = modified_usec ? compare(started->usec, modified_usec)
						: STALENESS_KNOWN;
	enum staleness changed = changed_usec ? compare(started->usec, changed_usec)
					      : STALENESS_KNOWN;

	/* Another owner or mode would be a change too: that alone proves nothing. */
	if (modified == STALENESS_KNOWN && changed == STALENESS_NOT_KNOWN)
		return STALENESS_UNCERTAIN;
	return modified != STALENESS_KNOWN ? modified : changed;
}
