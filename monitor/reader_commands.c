/* SPDX-License-Identifier: Apache-2.0 */
#include "reader_commands.h"

#include <errno.h>
#include <stdlib.h>

#include "vfmon/vendor_rules.h"

#define COMMANDS_FIRST 64

void reader_commands_done(struct reader_commands *c)
{
	for (size_t i = 0; i < c->count; i++) {
		struct reader_command *command = &c->items[(c->first + i) % c->room];

		vendor_rules_free(command->vendor_rules);
		free(command->known);
	}
	free(c->items);
	*c = (struct reader_commands){ 0 };
}

/* The ring is laid out anew from its first. */
int reader_commands_make_room(struct reader_commands *c, size_t count)
{
	size_t room = c->room ? c->room : COMMANDS_FIRST;
	struct reader_command *items;

	while (room - c->count < count)
		room *= 2;
	if (room == c->room)
		return 0;
	items = reallocarray(NULL, room, sizeof(*items));
	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < c->count; i++)
		items[i] = c->items[(c->first + i) % c->room];
	free(c->items);
	c->items = items;
	c->room = room;
	c->first = 0;
	return 0;
}

void reader_commands_append(struct reader_commands *c, const struct reader_command *command)
{
	c->items[(c->first + c->count++) % c->room] = *command;
}

void reader_commands_put_first(struct reader_commands *c, const struct reader_command *command)
{
	c->first = (c->first + c->room - 1) % c->room;
	c->items[c->first] = *command;
	c->count++;
}

struct reader_command reader_commands_take(struct reader_commands *c)
{
	struct reader_command command = c->items[c->first];

	c->first = (c->first + 1) % c->room;
	/* A burst's memory is given back when all of it has been taken. */
	if (--c->count == 0 && c->room > COMMANDS_FIRST) {
		free(c->items);
		*c = (struct reader_commands){ 0 };
	}
	return command;
}
