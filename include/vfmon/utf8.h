/* SPDX-License-Identifier: Apache-2.0 */
/* Which bytes are a character of UTF-8. */
#ifndef VFMON_UTF8_H
#define VFMON_UTF8_H

#include <stddef.h>

/*
 * Length in bytes of the character that s begins with, of len bytes that are there; 0 if that is
 * none: cut off, overlong, a surrogate or above U+10FFFF.
 */
size_t utf8_length(const char *s, size_t len);

#endif
