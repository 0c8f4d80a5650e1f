/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with files of configuration, for the log and for GetStatus. */
#ifndef VFMOND_PROBLEM_H
#define VFMOND_PROBLEM_H

struct config;
struct findings;

/* One journal entry for one thing that is wrong; line 0: the file as a whole. */
void problem_log(const char *path, unsigned int line, unsigned int column, const char *reason);

/* The same for each finding that Nova does not start with. */
void problem_log_findings(const struct findings *findings);

/*
 * All that makes a file refused as one text "PATH:LINE:COLUMN: reason; ...", then what is wrong with
 * its settings (config may be NULL), then the consequence; the caller frees. NULL: nothing is wrong
 * with it, or no memory.
 */
char *problem_text(const char *path, const struct findings *findings, const struct config *config,
		   const char *consequence);

#endif
