/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody has to know before an answer is believed. */
#ifndef VFMON_CLI_WARNING_H
#define VFMON_CLI_WARNING_H

#include "query.h"

/*
 * Says on stderr which files of the daemon's configuration are refused: without their entries a
 * function looks untracked. For a dump that was said when it was opened. Returns EXIT_STATUS_YES, or
 * what went wrong, which is said.
 */
enum exit_status warning_of_configuration(struct query *q);

/*
 * The same, and which functions do not answer: what a list has of them is older, and those that have
 * not answered since the daemon's start are in none. Returns as warning_of_configuration().
 */
enum exit_status warning_of_list(struct query *q);

/*
 * Finds out whether a function is there and does not answer. Returns as warning_of_configuration().
 */
enum exit_status warning_ask_silent(struct query *q, const char *address, bool *ret);

/*
 * Says on stderr what is wrong with files that none of the findings is about: vfmond's own file is no
 * matter of Nova's. *ret_count is how many those are. Returns as warning_of_configuration().
 */
enum exit_status warning_of_own_files(struct query *q, const struct value *findings,
				      size_t *ret_count);

#endif
