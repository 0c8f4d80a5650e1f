/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a configuration, and where. */
#ifndef VFMON_SPEC_ERROR_H
#define VFMON_SPEC_ERROR_H

struct spec_error {
	unsigned int line;   /* from 1, in the file */
	unsigned int column; /* from 1, in characters */
	char reason[256];    /* a sentence without its full stop, cut where it is too long */
	/* Nova's own class of error, "PciConfigInvalidSpec"; static. NULL: it has none. */
	const char *nova_class;
};

#endif
