/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs.h"

#include <errno.h>
#include <time.h>

#include "pager.h"
#include "verify.h"
#include "vfmon/keys.h"

/* An event may be under way, or a timer pending, when the two are compared. */
static const long again_msec[] = { 100, 300, 1000, 2000 };
#define TIMES (sizeof(again_msec) / sizeof(again_msec[0]))

static void pause_msec(long msec)
{
	const struct timespec ts = { msec / 1000, msec % 1000 * 1000000 };

	(void)nanosleep(&ts, NULL); /* too short does no harm */
}

static void print_json_line(const struct verify_line *line, const char *between)
{
	char addr[PCI_ADDR_TEXT_MAX];

	printf("%s{\"" KEY_ADDRESS "\":\"%s\",\"field\":\"%s\",", between,
	       pci_addr_format(&line->addr, addr), line->field);
	if (line->not_compared)
		printf("\"reason\":\"%s\"}", line->not_compared);
	else
		printf("\"registry\":%s,\"host\":%s}", line->registry, line->host);
}

static void print_json_lines(const struct verify *v, bool differences)
{
	const char *between = "";

	for (size_t i = 0; i < v->count; i++) {
		if (!v->lines[i].not_compared != differences)
			continue;
		print_json_line(&v->lines[i], between);
		between = ",";
	}
}

/* Where none could be compared nothing is known, and "equal" would be no answer. */
static bool is_known(const struct verify *v)
{
	return v->functions > 0 || v->left_out == 0 || v->differences > 0;
}

static void print_json(const struct verify *v)
{
	printf("{\"equal\":%s,\"functions\":%zu,\"differences\":[",
	       v->differences ? "false"
	       : is_known(v)  ? "true"
			      : "null",
	       v->functions);
	print_json_lines(v, true);
	printf("],\"not_compared\":[");
	print_json_lines(v, false);
	printf("]}\n");
}

static void print_line(const struct verify_line *line)
{
	char addr[PCI_ADDR_TEXT_MAX];

	(void)pci_addr_format(&line->addr, addr);
	if (line->not_compared)
		printf("%s %s: not compared, %s\n", addr, line->field, line->not_compared);
	else
		printf("%s %s: vfmond has %s, the host %s\n", addr, line->field, line->registry,
		       line->host);
}

static void print_sum(const struct verify *v)
{
	/* A line of a whole function is no field. */
	size_t fields = v->count - v->differences - v->left_out;

	printf(": %zu function%s compared, %zu difference%s", v->functions,
	       v->functions == 1 ? "" : "s", v->differences, v->differences == 1 ? "" : "s");
	if (v->left_out)
		printf(", %zu function%s not compared", v->left_out, v->left_out == 1 ? "" : "s");
	if (fields)
		printf(", fields of others not compared, in %zu line%s above", fields,
		       fields == 1 ? "" : "s");
}

static void print_for_people(const struct verify *v, const struct options *o)
{
	for (size_t i = 0; i < v->count; i++)
		print_line(&v->lines[i]);
	printf("%s", v->differences ? "different" : is_known(v) ? "equal" : "unknown");
	if (!o->no_legend)
		print_sum(v);
	printf("\n");
}

static enum exit_status status_of(const struct verify *v)
{
	if (v->differences)
		return EXIT_STATUS_NO;
	return is_known(v) ? EXIT_STATUS_YES : EXIT_STATUS_OTHER;
}

enum exit_status verb_verify(const struct options *o)
{
	struct verify v = { 0 };
	enum exit_status status = verify_once(o, &v);
	pid_t pager;

	for (size_t i = 0; i < TIMES && status == EXIT_STATUS_YES && v.differences; i++) {
		verify_done(&v);
		pause_msec(again_msec[i]);
		status = verify_once(o, &v);
	}
	if (status != EXIT_STATUS_YES)
		return status;
	if (o->json) {
		print_json(&v);
	} else {
		pager = pager_start(o);
		print_for_people(&v, o);
		pager_finish(pager);
	}
	status = status_of(&v);
	verify_done(&v);
	return status;
}
