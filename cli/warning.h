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
 * Says on stderr what is wrong with files that none of the findings is about: vfmond's own file is no
 * matter of Nova's. *ret_count is how many those are. Returns as warning_of_configuration().
 */
enum exit_status warning_of_own_files(struct query *q, const struct value *findings,
				      size_t *ret_count);

#endif
