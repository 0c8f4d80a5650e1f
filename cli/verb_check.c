/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs.h"

#include <errno.h>

#include "dump_host.h"
#include "pager.h"
#include "remark.h"
#include "vfmon/keys.h"
#include "vfmon/names.h"
#include "warning.h"

static size_t shown(const struct options *o, const struct value *findings)
{
	size_t count = value_count(findings);

	return o->lines && o->lines < count ? (size_t)o->lines : count;
}

static int print_json(const struct options *o, const struct value *findings)
{
	printf("{\"" KEY_FINDINGS "\":[");
	for (size_t i = 0; i < shown(o, findings); i++) {
		printf("%s", i ? "," : "");
		if (value_print(value_at(findings, i), stdout) < 0)
			return -ENOMEM;
	}
	printf("]}\n");
	return 0;
}

static int print_remarks(const struct options *o, const struct value *findings)
{
	cleanup_(quote_done) struct quote quote = { 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < shown(o, findings); i++)
		r = remark_print(&quote, value_at(findings, i), &o->terminal, stdout);
	return r;
}

static int print_for_people(const struct options *o, const struct value *findings,
			    const struct remark_sum *sum, size_t wrong_files)
{
	pid_t pager = pager_start(o);
	int r = print_remarks(o, findings);

	if (!o->no_legend && value_count(findings)) {
		remark_print_sum(sum, stdout);
		printf("\n");
	} else if (!o->no_legend && wrong_files == 0) {
		printf("Nothing is wrong with the configuration.\n");
	}
	pager_finish(pager);
	return r;
}

/* The configuration in force, that of a dump's host, or files on the host of now or of a dump. */
static enum exit_status open_judge(const struct options *o, struct query *ret)
{
	struct dump_host *host;
	enum exit_status status;

	if (o->nova_configs.count + o->nova_config_dirs.count == 0)
		return query_open(o, ret);
	status = dump_host_new(o, &host);
	return status == EXIT_STATUS_YES ? query_open_host(o, host, ret) : status;
}

enum exit_status verb_check(const struct options *o)
{
	cleanup_(query_close) struct query q = { 0 };
	cleanup_(reply_done) struct reply reply = { 0 };
	enum exit_status status = open_judge(o, &q);
	struct remark_sum sum = { 0 };
	const struct value *findings;
	size_t wrong_files;
	int r;

	if (status != EXIT_STATUS_YES)
		return status;
	(void)query_begin(&q, METHOD_CHECK_CONFIGURATION);
	status = query_one(&q, &reply);
	if (status != EXIT_STATUS_YES)
		return status;
	findings = value_member(reply.parameters, KEY_FINDINGS);
	if (!value_is_array(findings))
		return query_failed(&q, -EBADMSG);
	for (size_t i = 0; i < value_count(findings); i++)
		remark_count(&sum, value_at(findings, i));
	status = warning_of_own_files(&q, findings, &wrong_files);
	if (status != EXIT_STATUS_YES)
		return status;
	r = o->json ? print_json(o, findings) : print_for_people(o, findings, &sum, wrong_files);
	if (r < 0)
		return query_no_memory();
	return sum.levels[FINDING_REFUSED] || sum.levels[FINDING_WRONG] || wrong_files
		       ? EXIT_STATUS_NO
		       : EXIT_STATUS_YES;
}
