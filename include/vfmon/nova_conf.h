/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammar of nova.conf (that of oslo.config 9), which vfmond.conf has too: bytes of a file in, a
 * list of assignments out. What sections and options mean is not known here.
 */
#ifndef VFMON_NOVA_CONF_H
#define VFMON_NOVA_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "vfmon/cleanup.h"
#include "vfmon/spec_error.h"

/* A longer file is refused. */
#define NOVA_CONF_MAX_BYTES (1u << 20)

struct nova_conf;

/* One assignment. */
struct nova_conf_value {
	const char *section;
	const char *name;
	const char *text; /* continuation lines joined by a newline; a NUL follows */
	size_t len;
	unsigned int
		line; /* of the assignment; each newline of text is the next line of the file */
	unsigned int name_column;
	/*
	 * Where each line of text begins in its line of the file, from 1, in characters: blanks
	 * before it and a removed quote are not in text.
	 */
	const unsigned int *columns;
	unsigned int line_count; /* of text; at least 1 */
};

/*
 * Takes a file apart. Returns 0; -EINVAL with *ret_error filled where Nova would not start with such
 * a file (broken grammar, no UTF-8) or it is too large; -ENOMEM. A section or name with a NUL in it
 * has the bytes C0 80 there, which equal nothing.
 */
int nova_conf_parse(const char *bytes, size_t len, struct nova_conf **ret,
		    struct spec_error *ret_error);

/* Takes NULL. Returns NULL. */
struct nova_conf *nova_conf_free(struct nova_conf *conf);

/* All assignments in the order of the file. */
size_t nova_conf_count(const struct nova_conf *conf);
const struct nova_conf_value *nova_conf_get(const struct nova_conf *conf, size_t index);

/* Whether a value stands in a section: case does not count, but for DEFAULT. */
bool nova_conf_is_in(const struct nova_conf_value *value, const char *section);

/*
 * Why a file could not be read, for a person; a positive errno, where EMEDIUMTYPE is a FIFO or the
 * like, and EFBIG one that is too large. Static.
 */
const char *nova_conf_unreadable(int error);

DEFINE_CLEANUP(struct nova_conf *, nova_conf_free);

#endif
