/* SPDX-License-Identifier: Apache-2.0 */
#include "belief.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "device.h"
#include "vfmon/names.h"

#define USEC_PER_SEC 1000000ULL

void belief_done(struct belief *b)
{
	for (size_t i = 0; i < b->count; i++)
		free(b->errors[i].name);
	free(b->errors);
	*b = (struct belief){ 0 };
}

static int add(struct belief *b, const char *name, bool is_file,
	       const struct staleness_verdict *verdict)
{
	struct belief_error *errors = reallocarray(b->errors, b->count + 1, sizeof(*errors));
	struct belief_error error = { .is_file = is_file, .verdict = *verdict };

	if (!errors)
		return -ENOMEM;
	b->errors = errors;
	error.name = strdup(name);
	if (!error.name)
		return -ENOMEM;
	b->errors[b->count++] = error;
	b->certain += verdict->how == STALENESS_NOT_KNOWN;
	return 0;
}

static struct staleness_time time_of(const struct value *device, const char *key,
				     const char *boottime_key)
{
	int64_t usec = value_int(device, key, 0);
	int64_t boottime_usec = value_int(device, boottime_key, 0);

	return (struct staleness_time){ usec > 0 ? (uint64_t)usec : 0,
					boottime_usec > 0 ? (uint64_t)boottime_usec : 0 };
}

static int add_device(struct belief *b, const struct staleness_time *started,
		      const struct value *device)
{
	const char *address = value_text(device, KEY_ADDRESS);
	struct staleness_life life = {
		.appeared = time_of(device, KEY_APPEARED_USEC, KEY_APPEARED_BOOTTIME_USEC),
		.changed = time_of(device, KEY_ATTRIBUTES_CHANGED_USEC,
				   KEY_ATTRIBUTES_CHANGED_BOOTTIME_USEC),
		.vanished = time_of(device, KEY_VANISHED_USEC, KEY_VANISHED_BOOTTIME_USEC),
	};
	struct staleness_verdict verdict = staleness_judge(started, &life);

	if (verdict.what == STALENESS_NOTHING || !address)
		return 0;
	return add(b, address, false, &verdict);
}

/*
 * One that no entry takes now may have been taken before: then that is a change of what Nova would
 * store, and counts.
 */
static bool concerns_nova(const struct value *device)
{
	return device_field(device, VF_FIELD_SPEC) ||
	       (value_int(device, KEY_VANISHED_USEC, 0) == 0 &&
		value_int(device, KEY_ATTRIBUTES_CHANGED_USEC, 0) > 0);
}

int belief_add_devices(struct belief *b, const struct staleness_time *started,
		       const struct value *devices)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < value_count(devices); i++) {
		if (concerns_nova(value_at(devices, i)))
			r = add_device(b, started, value_at(devices, i));
	}
	return r;
}

static uint64_t usec_of(const struct timespec *ts)
{
	return (uint64_t)ts->tv_sec * USEC_PER_SEC + (uint64_t)ts->tv_nsec / 1000;
}

static int add_file(struct belief *b, const struct staleness_time *started, const char *path)
{
	struct staleness_verdict verdict = { .what = STALENESS_CHANGED };
	uint64_t modified;
	struct stat st;

	if (stat(path, &st) < 0) {
		b->unreadable++;
		return 0;
	}
	modified = usec_of(&st.st_mtim);
	verdict.how = staleness_of_file(started, modified, usec_of(&st.st_ctim));
	verdict.since.usec = modified > started->usec ? modified : usec_of(&st.st_ctim);
	return verdict.how == STALENESS_KNOWN ? 0 : add(b, path, true, &verdict);
}

/* The first file is vfmond's own, which Nova does not read. */
int belief_add_files(struct belief *b, const struct staleness_time *started,
		     const struct value *status)
{
	const struct value *files = value_member(status, KEY_CONFIG_FILES);
	int r = 0;

	for (size_t i = 1; r == 0 && i < value_count(files); i++) {
		const char *path = value_text(value_at(files, i), KEY_PATH);

		b->refused += value_text(value_at(files, i), KEY_ERROR) != NULL;
		if (path)
			r = add_file(b, started, path);
	}
	return r;
}
