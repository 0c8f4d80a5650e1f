/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/names.h"
#include "vfmon/wire.h"

static const char *const kind_names[] = {
	[CHANGE_APPEARED] = "appeared",
	[CHANGE_CHANGED] = "changed",
	[CHANGE_DISAPPEARED] = "disappeared",
};

_Static_assert(sizeof(kind_names) / sizeof(*kind_names) == CHANGE_KIND_COUNT, "a kind has no name");

static void write_fields(struct json_text *t, uint64_t fields)
{
	json_text_key(t, KEY_FIELDS);
	json_text_begin_array(t);
	for (unsigned int i = 0; i < VF_FIELD_COUNT; i++)
		if (fields & (1ULL << i))
			json_text_string(t, vf_field_name((enum vf_field)i));
	json_text_end_array(t);
}

static void write_image(struct json_text *t, const char *key, const struct vf *vf)
{
	if (!vf)
		return;
	json_text_key(t, key);
	wire_device(t, vf);
}

static void write_cause(struct json_text *t, const struct cause *cause)
{
	const char *action = cause_action_name(cause->action);

	json_text_key(t, KEY_CAUSE);
	json_text_begin_object(t);
	wire_member_text(t, KEY_SOURCE, cause_source_name(cause->source));
	if (action)
		wire_member_text(t, KEY_ACTION, action);
	if (cause->seqnum > 0)
		wire_member_uint(t, KEY_SEQNUM, cause->seqnum);
	json_text_end_object(t);
}

void wire_change(struct json_text *t, const struct change *change,
		 const struct wire_change_options *options)
{
	char addr[PCI_ADDR_TEXT_MAX];

	json_text_begin_object(t);
	wire_member_uint(t, KEY_SEQUENCE, change->sequence);
	wire_member_text(t, KEY_KIND, kind_names[change->kind]);
	wire_member_text(t, KEY_ADDRESS, pci_addr_format(&change->addr, addr));
	wire_member_uint(t, KEY_GENERATION, change->generation);
	json_text_key(t, KEY_MATCHES);
	json_text_bool(t, options->matches);
	write_fields(t, change->fields);
	write_image(t, KEY_DEVICE, change->device);
	/* What it was before several changes is not kept. */
	if (options->merged == 1)
		write_image(t, KEY_PREVIOUS, change->previous);
	write_cause(t, &change->cause);
	wire_member_uint(t, KEY_OBSERVED_USEC, change->observed_usec);
	wire_member_uint(t, KEY_MERGED, options->merged);
	json_text_end_object(t);
}
