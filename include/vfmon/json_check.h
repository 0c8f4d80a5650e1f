/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether bytes are one JSON object that is safe to hand to a parser: one pass, no memory. A parser
 * behind it may be lenient or hungry; the verdict is made here.
 */
#ifndef VFMON_JSON_CHECK_H
#define VFMON_JSON_CHECK_H

#include <stddef.h>

/* Names that may stand in all open objects together; bounds what is kept on the stack. */
#define JSON_CHECK_NAMES 256

/* Objects and arrays that may be open at once. */
#define JSON_CHECK_DEPTH 32

/*
 * The text must be exactly one object as in RFC 8259, with white space around it; in UTF-8, without
 * U+0000 and lone surrogates in strings, without a name twice in one object, with at most
 * max_containers objects and arrays. Returns
 *   0         it is
 *   -EBADMSG  it is no JSON, or no object, or something follows it
 *   -EILSEQ   a string that is no text: invalid UTF-8, a control character, U+0000, half a pair
 *   -ENOTUNIQ a name twice
 *   -E2BIG    more containers, depth or names than allowed
 */
int json_check(const char *text, size_t len, size_t max_containers);

/* What such an error means, for a log. Borrowed, never NULL. */
const char *json_check_reason(int error);

#endif
