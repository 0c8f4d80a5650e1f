/* SPDX-License-Identifier: Apache-2.0 */
/* What the reader's thread is asked for, first in, first out. Knows no lock; reader_queue has it. */
#ifndef VFMON_MONITOR_READER_COMMANDS_H
#define VFMON_MONITOR_READER_COMMANDS_H

#include <stddef.h>

#include "reader.h"

enum reader_command_kind {
	COMMAND_READ,
	COMMAND_SCAN,
	COMMAND_INVALIDATE, /* modules and drivers */
	COMMAND_FORGET_USE,
	COMMAND_REFRESH_USE,
	COMMAND_VENDOR_RULES,
	COMMAND_FIND_NEW /* for the audit */
};

struct reader_command {
	enum reader_command_kind kind;
	struct read_request request;	   /* of all but a read only the hint counts */
	unsigned int use_parts;		   /* to be refreshed */
	struct vendor_rules *vendor_rules; /* goes over to whoever takes the command */
	struct pci_addr *known;		   /* the same */
	size_t known_count;
};

/* A ring; all 0 is an empty one. */
struct reader_commands {
	struct reader_command *items;
	size_t room; /* a power of two */
	size_t first, count;
};

/* Frees what was not taken. */
void reader_commands_done(struct reader_commands *c);

/* Has room for so many more, so that adding them can not fail. Returns 0 or -ENOMEM. */
int reader_commands_make_room(struct reader_commands *c, size_t count);

/* For both there must be room. */
void reader_commands_append(struct reader_commands *c, const struct reader_command *command);
void reader_commands_put_first(struct reader_commands *c, const struct reader_command *command);

/* Takes the first one; there must be one. */
struct reader_command reader_commands_take(struct reader_commands *c);

#endif
