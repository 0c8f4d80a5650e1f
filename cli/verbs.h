/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs: one file each, listed in main.c. */
#ifndef VFMON_CLI_VERBS_H
#define VFMON_CLI_VERBS_H

#include "options.h"
#include "query.h"

/* args[0] of the options is the verb itself; main.c has checked how many there are. */
typedef enum exit_status (*verb_fn)(const struct options *o);

enum exit_status verb_list(const struct options *o);
enum exit_status verb_show(const struct options *o);
enum exit_status verb_watch(const struct options *o);
enum exit_status verb_history(const struct options *o);
enum exit_status verb_status(const struct options *o);
enum exit_status verb_dump(const struct options *o);
enum exit_status verb_check(const struct options *o);
enum exit_status verb_xml(const struct options *o);
enum exit_status verb_providers(const struct options *o);
enum exit_status verb_alias(const struct options *o);
enum exit_status verb_wait(const struct options *o);
enum exit_status verb_nova(const struct options *o);
enum exit_status verb_verify(const struct options *o);

#endif
