/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/names.h"
#include "vfmon/wire.h"

static void begin_list(struct json_text *t, const char *key)
{
	json_text_key(t, key);
	json_text_begin_array(t);
}

static void write_count(struct json_text *t, const char *name, uint64_t count)
{
	json_text_begin_object(t);
	wire_member_text(t, KEY_NAME, name);
	wire_member_uint(t, KEY_COUNT, count);
	json_text_end_object(t);
}

static void write_counts(struct json_text *t, const struct status *s)
{
	begin_list(t, KEY_KINDS);
	for (unsigned int i = 0; i < VF_KIND_COUNT; i++)
		write_count(t, vf_kind_name((enum vf_kind)i), s->kinds[i]);
	json_text_end_array(t);
	begin_list(t, KEY_STATES);
	for (unsigned int i = 0; i < VF_BINDING_COUNT; i++)
		write_count(t, vf_binding_name((enum vf_binding)i), s->states[i]);
	json_text_end_array(t);
	begin_list(t, KEY_READINESS);
	for (unsigned int i = 0; i < VF_READINESS_COUNT; i++)
		write_count(t, vf_readiness_name((enum vf_readiness)i), s->readiness[i]);
	json_text_end_array(t);
}

static void write_source(struct json_text *t, const char *name, const struct source_status *source)
{
	json_text_begin_object(t);
	wire_member_text(t, KEY_NAME, name);
	wire_member_uint(t, KEY_EVENTS, source->events);
	wire_member_uint(t, KEY_IGNORED, source->ignored);
	wire_member_uint(t, KEY_REJECTED, source->rejected);
	wire_member_uint(t, KEY_OVERFLOWS, source->overflows);
	wire_member_uint(t, KEY_LOST, source->lost);
	if (source->blind)
		wire_member_text(t, KEY_BLIND, source->blind);
	json_text_end_object(t);
}

static void write_sources(struct json_text *t, const struct status *s)
{
	begin_list(t, KEY_SOURCES);
	for (unsigned int i = 0; i < SOURCE_COUNT; i++)
		if (s->sources[i].used)
			write_source(t, source_name((enum source_id)i), &s->sources[i]);
	json_text_end_array(t);
	begin_list(t, KEY_RESYNCS);
	for (unsigned int i = 0; i < RESYNC_COUNT; i++)
		write_count(t, resync_cause_name((enum resync_cause)i), s->resyncs[i]);
	json_text_end_array(t);
}

static void write_reading(struct json_text *t, const struct status *s)
{
	wire_member_uint(t, KEY_AUDIT_FINDINGS, s->audit_findings);
	wire_member_uint(t, KEY_READS, s->reads);
	wire_member_uint(t, KEY_READ_ERRORS, s->read_errors);
	begin_list(t, KEY_NOT_ANSWERING);
	for (size_t i = 0; i < s->not_answering_count; i++) {
		char addr[PCI_ADDR_TEXT_MAX];

		json_text_string(t, pci_addr_format(&s->not_answering[i], addr));
	}
	json_text_end_array(t);
	if (s->not_read)
		wire_member_text(t, KEY_NOT_READ, s->not_read);
	wire_member_uint(t, KEY_CLIENTS, s->clients);
	wire_member_uint(t, KEY_CLIENTS_DROPPED, s->clients_dropped);
	wire_member_uint(t, KEY_CHANGES_MERGED, s->changes_merged);
}

static void write_files(struct json_text *t, const struct status *s)
{
	begin_list(t, KEY_CONFIG_FILES);
	for (size_t i = 0; i < s->config_file_count; i++) {
		const struct config_file_status *file = &s->config_files[i];

		json_text_begin_object(t);
		wire_member_text(t, KEY_PATH, file->path);
		if (file->loaded_usec > 0)
			wire_member_uint(t, KEY_LOADED_USEC, file->loaded_usec);
		if (file->error)
			wire_member_text(t, KEY_ERROR, file->error);
		json_text_end_object(t);
	}
	json_text_end_array(t);
}

static void write_settings(struct json_text *t, const struct status *s)
{
	begin_list(t, KEY_SETTINGS);
	for (size_t i = 0; i < s->setting_count; i++) {
		json_text_begin_object(t);
		wire_member_text(t, KEY_NAME, s->settings[i].name);
		wire_member_text(t, KEY_VALUE, s->settings[i].value);
		wire_member_text(t, KEY_ORIGIN, s->settings[i].origin);
		json_text_end_object(t);
	}
	json_text_end_array(t);
}

void wire_status(struct json_text *t, const struct status *s)
{
	json_text_begin_object(t);
	wire_member_text(t, KEY_VERSION, s->version);
	wire_member_text(t, KEY_BOOT_ID, s->boot_id);
	wire_member_text(t, KEY_EPOCH, s->epoch);
	wire_member_uint(t, KEY_SEQUENCE, s->sequence);
	wire_member_uint(t, KEY_OLDEST_SEQUENCE, s->oldest_sequence);
	wire_member_uint(t, KEY_STARTED_USEC, s->started_usec);
	write_counts(t, s);
	write_sources(t, s);
	write_reading(t, s);
	write_files(t, s);
	write_settings(t, s);
	if (s->latency_p50_usec >= 0)
		wire_member_uint(t, KEY_LATENCY_P50_USEC, (uint64_t)s->latency_p50_usec);
	if (s->latency_p99_usec >= 0)
		wire_member_uint(t, KEY_LATENCY_P99_USEC, (uint64_t)s->latency_p99_usec);
	if (s->last_audit_usec > 0)
		wire_member_uint(t, KEY_LAST_AUDIT_USEC, s->last_audit_usec);
	if (s->state_file_error)
		wire_member_text(t, KEY_STATE_FILE_ERROR, s->state_file_error);
	if (s->network_namespace > 0)
		wire_member_uint(t, KEY_NETWORK_NAMESPACE, s->network_namespace);
	json_text_end_object(t);
}
