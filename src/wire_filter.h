/* SPDX-License-Identifier: Apache-2.0 */
/* Type Filter as it comes in a call. */
#ifndef VFMON_WIRE_FILTER_H
#define VFMON_WIRE_FILTER_H

struct filter;
struct value;

/*
 * Makes a filter, which the caller frees. Returns 0, -ENOMEM, or -EINVAL: then *ret_invalid is the
 * member that is wrong, or as it was if that is the whole value. Of what is wrong it is the innermost
 * name that is told.
 */
int wire_filter_read(const struct value *value, struct filter **ret, const char **ret_invalid);

#endif
