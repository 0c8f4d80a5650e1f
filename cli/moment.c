/* SPDX-License-Identifier: Apache-2.0 */
#include "moment.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define USEC_PER_SEC 1000000ULL
#define USEC_PER_MSEC 1000
#define SPAN_SEC_MAX 1e9

static uint64_t clock_usec(clockid_t clock)
{
	struct timespec ts;

	(void)clock_gettime(clock, &ts); /* these clocks are always there */
	return (uint64_t)ts.tv_sec * USEC_PER_SEC + (uint64_t)ts.tv_nsec / 1000;
}

uint64_t moment_now_usec(void)
{
	return clock_usec(CLOCK_REALTIME);
}

uint64_t moment_monotonic_usec(void)
{
	return clock_usec(CLOCK_MONOTONIC);
}

uint64_t moment_boottime_usec(void)
{
	return clock_usec(CLOCK_BOOTTIME);
}

int moment_msec_left(uint64_t deadline_usec)
{
	uint64_t now = moment_monotonic_usec();
	uint64_t usec = deadline_usec > now ? deadline_usec - now : 0;
	uint64_t msec = (usec + USEC_PER_MSEC - 1) / USEC_PER_MSEC;

	return msec > INT32_MAX ? INT32_MAX : (int)msec;
}

static struct tm local_time(uint64_t usec)
{
	time_t seconds = (time_t)(usec / USEC_PER_SEC);
	struct tm tm = { 0 };

	(void)localtime_r(&seconds, &tm);
	return tm;
}

const char *moment_format(uint64_t usec, char buf[static MOMENT_TEXT_MAX])
{
	struct tm then = local_time(usec);
	struct tm now = local_time(moment_now_usec());
	bool today = then.tm_year == now.tm_year && then.tm_yday == now.tm_yday;

	if (strftime(buf, MOMENT_TEXT_MAX, today ? "%H:%M:%S" : "%Y-%m-%d %H:%M:%S", &then) == 0)
		buf[0] = '\0';
	return buf;
}

const char *moment_format_fine(uint64_t usec, char buf[static MOMENT_TEXT_MAX])
{
	size_t len = strlen(moment_format(usec, buf));

	(void)snprintf(buf + len, MOMENT_TEXT_MAX - len, ".%03u",
		       (unsigned int)(usec % USEC_PER_SEC / 1000));
	return buf;
}

const char *moment_format_utc(uint64_t usec, char buf[static MOMENT_TEXT_MAX])
{
	time_t seconds = (time_t)(usec / USEC_PER_SEC);
	struct tm tm = { 0 };

	(void)gmtime_r(&seconds, &tm);
	if (strftime(buf, MOMENT_TEXT_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		buf[0] = '\0';
	return buf;
}

const char *moment_format_span(uint64_t usec, char buf[static MOMENT_TEXT_MAX])
{
	uint64_t seconds = usec / USEC_PER_SEC;
	uint64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24;

	if (days)
		(void)snprintf(buf, MOMENT_TEXT_MAX, "%" PRIu64 " d %" PRIu64 " h", days,
			       hours % 24);
	else if (hours)
		(void)snprintf(buf, MOMENT_TEXT_MAX, "%" PRIu64 " h %" PRIu64 " min", hours,
			       minutes % 60);
	else if (minutes)
		(void)snprintf(buf, MOMENT_TEXT_MAX, "%" PRIu64 " min", minutes);
	else
		(void)snprintf(buf, MOMENT_TEXT_MAX, "%" PRIu64 " s", seconds);
	return buf;
}

int moment_parse_span(const char *text, uint64_t *ret_usec)
{
	static const struct {
		const char *name;
		double seconds;
	} units[] = { { "", 1 },   { "s", 1 },	  { "min", 60 },
		      { "m", 60 }, { "h", 3600 }, { "d", 86400 } };
	char *end;
	double number = strtod(text, &end);

	if (end == text || !isfinite(number) || number < 0)
		return -EINVAL;
	while (*end == ' ')
		end++;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(units[i].name, end) != 0)
			continue;
		number *= units[i].seconds;
		if (number > SPAN_SEC_MAX)
			return -EINVAL;
		*ret_usec = (uint64_t)(number * (double)USEC_PER_SEC);
		return 0;
	}
	return -EINVAL;
}

static int from_local(struct tm tm, uint64_t *ret_usec)
{
	time_t seconds;

	tm.tm_isdst = -1;
	seconds = mktime(&tm);
	if (seconds < 0)
		return -EINVAL;
	*ret_usec = (uint64_t)seconds * USEC_PER_SEC;
	return 0;
}

static int parse_absolute(const char *text, uint64_t now_usec, uint64_t *ret_usec)
{
	static const struct {
		const char *format;
		bool has_date;
	} forms[] = { { "%Y-%m-%d", true },
		      { "%Y-%m-%d %H:%M", true },
		      { "%Y-%m-%d %H:%M:%S", true },
		      { "%H:%M", false },
		      { "%H:%M:%S", false } };

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct tm tm = { 0 };
		const char *end;

		if (!forms[i].has_date) {
			tm = local_time(now_usec);
			tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
		}
		end = strptime(text, forms[i].format, &tm);
		if (end && *end == '\0')
			return from_local(tm, ret_usec);
	}
	return -EINVAL;
}

int moment_parse(const char *text, uint64_t now_usec, uint64_t *ret_usec)
{
	bool yesterday = strcmp(text, "yesterday") == 0;
	uint64_t span;

	if (yesterday || strcmp(text, "today") == 0) {
		struct tm tm = local_time(now_usec);

		tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
		tm.tm_mday -= yesterday;
		return from_local(tm, ret_usec);
	}
	if (parse_absolute(text, now_usec, ret_usec) == 0)
		return 0;
	/* A bare number could be a year or an hour: only with a unit is it a span. */
	if (strpbrk(text, "smhd") == NULL || moment_parse_span(text, &span) < 0 || span > now_usec)
		return -EINVAL;
	*ret_usec = now_usec - span;
	return 0;
}
