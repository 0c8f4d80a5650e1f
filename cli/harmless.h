/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes what a daemon, a driver or a card says safe to print: names in sysfs and in hardware
 * databases are nobody's promise, and a terminal obeys what looks like a control sequence.
 */
#ifndef VFMON_CLI_HARMLESS_H
#define VFMON_CLI_HARMLESS_H

#include <stddef.h>

enum harmless_charset {
	HARMLESS_ASCII, /* the locale can show nothing else */
	HARMLESS_UTF8
};

/*
 * In a JSON text, raw or escaped: line breaks and tabs become a blank, other control characters and
 * those that change the direction of writing become '?', as does what the charset can not show.
 * Covers names of members as well as values. The text becomes no longer. Returns the new length.
 */
size_t harmless_json(char *text, size_t len, enum harmless_charset charset);

#endif
