/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/finding.h"
#include "vfmon/names.h"
#include "vfmon/wire.h"

static void write_devices(struct json_text *t, const struct finding *f)
{
	char text[PCI_ADDR_TEXT_MAX];

	json_text_key(t, KEY_DEVICES);
	json_text_begin_array(t);
	for (size_t i = 0; i < f->device_count; i++)
		json_text_string(t, pci_addr_format(&f->devices[i], text));
	json_text_end_array(t);
}

void wire_finding(struct json_text *t, const struct finding *f)
{
	json_text_begin_object(t);
	wire_member_text(t, KEY_LEVEL, finding_level_name(f->level));
	wire_member_text(t, KEY_CODE, finding_code_name(f->code));
	wire_member_text(t, KEY_MESSAGE, f->message);
	if (f->file)
		wire_member_text(t, KEY_FILE, f->file);
	if (f->line > 0)
		wire_member_uint(t, KEY_LINE, f->line);
	if (f->column > 0)
		wire_member_uint(t, KEY_COLUMN, f->column);
	if (f->spec_index >= 0)
		wire_member_uint(t, KEY_SPEC_INDEX, (uint64_t)f->spec_index);
	write_devices(t, f);
	if (f->remedy)
		wire_member_text(t, KEY_REMEDY, f->remedy);
	json_text_end_object(t);
}
