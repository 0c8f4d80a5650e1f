/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "../../monitor/journal.h"
#include "vfmon/readiness.h"
#include "vfmon/registry.h"
#include "vfmon/text.h"
#include "vfmon/vf.h"

#define SEC 1000000ULL
#define BIT(field) (1ULL << VF_FIELD_##field)

/* What came to the log. */
struct heard {
	int count;
	enum log_level level;
	char id[64];
	char message[1024];
	char fields[2048]; /* "NAME=value" lines */
};

struct fixture {
	struct heard heard;
	struct journal *journal;
	struct text_pool *pool;
	struct text *igbvf, *vfio_pci;
	struct vf *pf, *host, *vfio;
	uint64_t sequence;
};

static void on_line(const struct log_entry *entry, const char *message, void *arg)
{
	struct heard *h = arg;

	h->count++;
	h->level = entry->level;
	(void)snprintf(h->id, sizeof(h->id), "%s", entry->id ? entry->id : "");
	(void)snprintf(h->message, sizeof(h->message), "%s", message);
	h->fields[0] = '\n';
	h->fields[1] = '\0';
	for (const struct log_field *f = entry->fields; f && f->name; f++) {
		size_t used = strlen(h->fields);

		if (f->value)
			(void)snprintf(h->fields + used, sizeof(h->fields) - used, "%s=%s\n",
				       f->name, f->value);
	}
}

static struct vf *vf_image(struct fixture *f, const char *address, enum vf_kind kind)
{
	struct pci_addr addr;
	struct vf *vf;

	(void)f;
	assert_int_equal(pci_addr_parse(address, &addr), 0);
	assert_int_equal(vf_new(&addr, &vf), 0);
	vf->kind = (uint8_t)kind;
	return vf;
}

static int set_up(void **state)
{
	static struct fixture f;

	f = (struct fixture){ 0 };
	if (journal_new(&f.journal) < 0 || text_pool_new(&f.pool) < 0 ||
	    text_take(f.pool, "igbvf", &f.igbvf) < 0 ||
	    text_take(f.pool, "vfio-pci", &f.vfio_pci) < 0)
		return -1;
	f.pf = vf_image(&f, "0000:3b:00.0", VF_KIND_PF);
	f.pf->num_vfs = 4;
	f.pf->total_vfs = 8;
	f.host = vf_image(&f, "0000:3b:00.2", VF_KIND_VF);
	f.host->has_physical_function = true;
	f.host->physical_function = f.pf->addr;
	f.host->vf_index = 1;
	f.host->binding = VF_BINDING_HOST;
	f.host->driver = text_ref(f.igbvf);
	assert_int_equal(vf_copy(f.host, &f.vfio), 0);
	f.vfio->driver = text_unref(f.vfio->driver);
	f.vfio->driver = text_ref(f.vfio_pci);
	f.vfio->binding = VF_BINDING_VFIO_GENERIC;
	log_set_level(LOG_LEVEL_INFO);
	log_set_hook(on_line, &f.heard);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	log_set_hook(NULL, NULL);
	journal_free(f->journal);
	vf_unref(f->pf);
	vf_unref(f->host);
	vf_unref(f->vfio);
	text_unref(f->igbvf);
	text_unref(f->vfio_pci);
	text_pool_free(f->pool);
	return 0;
}

static struct change change_of(struct fixture *f, struct vf *previous, struct vf *device)
{
	return (struct change){
		.sequence = ++f->sequence,
		.generation = 4711,
		.fields = previous && device ? vf_diff(previous, device) : 0,
		.device = device,
		.previous = previous,
		.kind = !previous ? CHANGE_APPEARED
			: !device ? CHANGE_DISAPPEARED
				  : CHANGE_CHANGED,
		.addr = device ? device->addr : previous->addr,
		.cause = { .source = CAUSE_UEVENT, .action = UEVENT_BIND, .seqnum = 48190 },
	};
}

static void assert_field(const struct fixture *f, const char *line)
{
	char whole[256];

	(void)snprintf(whole, sizeof(whole), "\n%s\n", line);
	if (!strstr(f->heard.fields, whole))
		fail_msg("no %s in %s", line, f->heard.fields);
}

static void assert_no_field(const struct fixture *f, const char *name)
{
	char start[256];

	(void)snprintf(start, sizeof(start), "\n%s=", name);
	assert_null(strstr(f->heard.fields, start));
}

static void test_another_driver_is_told_with_old_and_new(void **state)
{
	struct fixture *f = *state;
	struct change change = change_of(f, f->host, f->vfio);

	assert_false(journal_change(f->journal, &change, SEC));
	assert_int_equal(f->heard.count, 1);
	assert_int_equal(f->heard.level, LOG_LEVEL_INFO);
	assert_string_equal(f->heard.id, journal_event_id(JOURNAL_BINDING));
	assert_string_equal(f->heard.message,
			    "0000:3b:00.2 host (igbvf) -> vfio_generic (vfio-pci)");
	assert_field(f, "VF=0000:3b:00.2");
	assert_field(f, "PF=0000:3b:00.0");
	assert_field(f, "VFMON_ADDRESS=0000:3b:00.2");
	assert_field(f, "VFMON_KIND=vf");
	assert_field(f, "VFMON_CHANGE=changed");
	assert_field(f, "VFMON_DRIVER=vfio-pci");
	assert_field(f, "VFMON_DRIVER_PREVIOUS=igbvf");
	assert_field(f, "VFMON_BINDING=vfio_generic");
	assert_field(f, "VFMON_BINDING_PREVIOUS=host");
	assert_field(f, "VFMON_READINESS=untracked");
	assert_field(f, "VFMON_READINESS_PREVIOUS=untracked");
	assert_field(f, "VFMON_SEQUENCE=1");
	assert_field(f, "VFMON_GENERATION=4711");
	assert_field(f, "VFMON_CAUSE=uevent");
	assert_field(f, "VFMON_CAUSE_ACTION=bind");
	assert_field(f, "VFMON_CAUSE_SEQNUM=48190");
	assert_field(f, "VFMON_FIELDS=binding");
}

static void test_one_that_appears_has_nothing_before(void **state)
{
	struct fixture *f = *state;
	struct change change = change_of(f, NULL, f->host);

	change.cause = (struct cause){ .source = CAUSE_TIMER };
	(void)journal_change(f->journal, &change, SEC);
	assert_string_equal(f->heard.id, journal_event_id(JOURNAL_APPEARED));
	assert_string_equal(
		f->heard.message,
		"0000:3b:00.2 appeared: virtual function 1 of 0000:3b:00.0, host (igbvf)");
	assert_no_field(f, "VFMON_BINDING_PREVIOUS");
	assert_no_field(f, "VFMON_DRIVER_PREVIOUS");
	assert_no_field(f, "VFMON_CAUSE_ACTION");
	assert_no_field(f, "VFMON_CAUSE_SEQNUM");
	assert_field(f, "VFMON_CAUSE=timer");
}

static void test_one_that_disappears_keeps_what_it_was(void **state)
{
	struct fixture *f = *state;
	struct change change = change_of(f, f->host, NULL);

	(void)journal_change(f->journal, &change, SEC);
	assert_string_equal(f->heard.id, journal_event_id(JOURNAL_DISAPPEARED));
	assert_field(f, "VF=0000:3b:00.2");
	assert_field(f, "PF=0000:3b:00.0");
	assert_field(f, "VFMON_DRIVER_PREVIOUS=igbvf");
	assert_no_field(f, "VFMON_BINDING");
}

static void test_a_physical_function_is_no_vf(void **state)
{
	struct fixture *f = *state;
	struct change change = change_of(f, NULL, f->pf);

	(void)journal_change(f->journal, &change, SEC);
	assert_no_field(f, "VF");
	assert_field(f, "PF=0000:3b:00.0");
	assert_field(f, "VFMON_KIND=pf");
	assert_no_field(f, "VFMON_DRIVER");
	assert_string_equal(f->heard.message,
			    "0000:3b:00.0 appeared: physical function, 4 of 8 VFs, unknown");
}

static void test_only_changes_that_matter_are_info(void **state)
{
	struct fixture *f = *state;
	struct vf *later;

	assert_int_equal(vf_copy(f->pf, &later), 0);
	later->numa_node = 1;

	struct change change = change_of(f, f->pf, later);

	(void)journal_change(f->journal, &change, SEC);
	assert_int_equal(f->heard.count, 0);
	log_set_level(LOG_LEVEL_DEBUG);
	(void)journal_change(f->journal, &change, SEC);
	assert_int_equal(f->heard.level, LOG_LEVEL_DEBUG);
	assert_string_equal(f->heard.message, "0000:3b:00.0 changed: numa_node");
	log_set_level(LOG_LEVEL_INFO);
	later->num_vfs = 0;
	change = change_of(f, f->pf, later);
	(void)journal_change(f->journal, &change, SEC);
	assert_int_equal(f->heard.level, LOG_LEVEL_INFO);
	assert_string_equal(f->heard.message, "0000:3b:00.0 VFs 4 -> 0");
	vf_unref(later);
}

static void test_another_verdict_is_told_with_its_reasons(void **state)
{
	struct fixture *f = *state;
	struct change change;

	f->vfio->readiness = VF_READINESS_READY;
	f->host->readiness = VF_READINESS_BLOCKED;
	f->host->reasons = 1U << REASON_IOMMU_GROUP_NOT_VIABLE | 1U << REASON_PLACEMENT_CONFLICT;
	change = change_of(f, f->vfio, f->host);
	(void)journal_change(f->journal, &change, SEC);
	assert_string_equal(f->heard.message,
			    "0000:3b:00.2 vfio_generic (vfio-pci) -> host (igbvf), readiness ready "
			    "-> blocked (iommu_group_not_viable)");
	assert_field(f, "VFMON_READINESS=blocked");
	assert_field(f, "VFMON_REASON=iommu_group_not_viable");
	assert_field(f, "VFMON_REASON=placement_conflict");
	assert_no_field(f, "VFMON_REASON_PREVIOUS");
	change = change_of(f, f->host, f->vfio);
	(void)journal_change(f->journal, &change, SEC);
	assert_no_field(f, "VFMON_REASON");
	assert_field(f, "VFMON_REASON_PREVIOUS=placement_conflict");
}

static void test_a_storm_ends_in_one_line(void **state)
{
	struct fixture *f = *state;
	int begun = 0;

	for (int i = 0; i < 1000; i++) {
		struct change change = change_of(f, i % 2 ? f->host : NULL, i % 2 ? NULL : f->host);

		begun += journal_change(f->journal, &change, SEC + (uint64_t)i);
	}
	assert_int_equal(begun, 1);
	assert_int_equal(f->heard.count, JOURNAL_LINES_PER_SECOND);
	journal_flush(f->journal);
	assert_int_equal(f->heard.count, JOURNAL_LINES_PER_SECOND + 1);
	assert_string_equal(f->heard.id, journal_event_id(JOURNAL_STORM));
	assert_field(f, "VFMON_SEQUENCE_FIRST=201");
	assert_field(f, "VFMON_SEQUENCE=1000");
	assert_non_null(strstr(f->heard.message, "400 appeared, 0 changed, 400 disappeared"));
	journal_flush(f->journal);
	assert_int_equal(f->heard.count, JOURNAL_LINES_PER_SECOND + 1);
}

static void test_a_new_second_has_lines_again(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 10 * JOURNAL_LINES_PER_SECOND; i++) {
		struct change change = change_of(f, NULL, f->host);

		assert_false(journal_change(f->journal, &change, SEC + (uint64_t)i * 5000));
	}
	assert_int_equal(f->heard.count, 10 * JOURNAL_LINES_PER_SECOND);
}

static void test_each_kind_has_an_id_of_its_own(void **state)
{
	(void)state;
	for (int a = 0; a < JOURNAL_EVENT_COUNT; a++) {
		const char *id = journal_event_id((enum journal_event)a);

		assert_int_equal(strlen(id), 32);
		for (const char *p = id; *p; p++)
			assert_true(isxdigit((unsigned char)*p) && !isupper((unsigned char)*p));
		for (int b = 0; b < a; b++)
			assert_string_not_equal(id, journal_event_id((enum journal_event)b));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_another_driver_is_told_with_old_and_new,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_one_that_appears_has_nothing_before, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_one_that_disappears_keeps_what_it_was, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_a_physical_function_is_no_vf, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_only_changes_that_matter_are_info, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_another_verdict_is_told_with_its_reasons,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_storm_ends_in_one_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_new_second_has_lines_again, set_up,
						tear_down),
		cmocka_unit_test(test_each_kind_has_an_id_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
