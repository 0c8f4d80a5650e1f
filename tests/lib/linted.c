/* SPDX-License-Identifier: Apache-2.0 */
#include "linted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "vfmon/lint.h"

static void see_function(struct host *h, struct observation obs, uint16_t product_id)
{
	obs.product_id = product_id;
	obs.hint.evidence = EVIDENCE_BOUND;
	host_set_driver(&obs, "igb");
	host_see(h, &obs);
}

static void see_plain(struct host *h)
{
	struct observation obs = host_plain("0000:07:00.0");

	obs.vendor_id = 0x1000;
	obs.interface = observation_put(&obs, "eth7", 4);
	see_function(h, obs, 1);
}

int linted_set_up(void **state)
{
	static struct linted linted;
	struct host *h = &linted.host;

	linted = (struct linted){ 0 };
	host_init(h, NULL);
	h->policy.nova = VERSION(31, 0, 0);
	host_begin_scan(h);
	see_function(h, host_pf("0000:3b:00.0", 8), 0x10c9);
	see_function(h, host_vf("0000:3b:02.0", "0000:3b:00.0", 0), 0x10ca);
	see_function(h, host_vf("0000:3b:02.1", "0000:3b:00.0", 1), 0x10ca);
	see_function(h, host_pf("0000:5e:00.0", 8), 0x10c9);
	see_function(h, host_vf("0000:5e:02.0", "0000:5e:00.0", 0), 0x10ca);
	see_plain(h);
	host_end_scan(h);
	*state = &linted;
	return 0;
}

int linted_tear_down(void **state)
{
	struct linted *l = *state;

	findings_done(&l->findings);
	host_done(&l->host);
	nova_config_free(l->config);
	return 0;
}

void linted_check(struct linted *l, const char *text)
{
	const struct nova_file file = { .path = "nova.conf", .bytes = text, .len = strlen(text) };
	struct nova_config *old = l->config;

	assert_int_equal(nova_config_parse(l->host.policy.nova, &file, 1, &l->config), 0);
	l->host.policy.config = l->config;
	assert_int_equal(registry_configure(l->host.registry, &l->host.options, &l->host.now), 0);
	nova_config_free(old);
	findings_done(&l->findings);
	assert_int_equal(lint_run(&l->host.policy, l->host.registry, &l->findings), 0);
}

static void print_finding(FILE *out, const struct finding *f)
{
	char address[PCI_ADDR_TEXT_MAX];

	fprintf(out, "%s %s %u:%u", finding_level_name(f->level), finding_code_name(f->code),
		f->line, f->column);
	if (f->spec_index >= 0)
		fprintf(out, " #%d", f->spec_index);
	for (size_t i = 0; i < f->device_count; i++)
		fprintf(out, " %s", pci_addr_format(&f->devices[i], address));
	fprintf(out, "\n");
}

void linted_expect(struct linted *l, const char *text, const char *expected)
{
	static char found[16384];
	FILE *out = fmemopen(found, sizeof(found), "w");

	assert_non_null(out);
	linted_check(l, text);
	for (size_t i = 0; i < l->findings.count; i++) {
		assert_true(l->findings.items[i].message[0] != '\0');
		print_finding(out, &l->findings.items[i]);
	}
	fclose(out);
	if (l->findings.count == 0)
		found[0] = '\0';
	if (strcmp(found, expected) != 0)
		fail_msg("%s\nfound:\n%sexpected:\n%s", text, found, expected);
}

static void expect_piece(const char *text, const char *piece)
{
	if (!text || !strstr(text, piece))
		fail_msg("no '%s' in '%s'", piece, text ? text : "");
}

void linted_expect_message(const struct linted *l, const char *piece)
{
	assert_true(l->findings.count > 0);
	expect_piece(l->findings.items[0].message, piece);
}

void linted_expect_remedy(const struct linted *l, const char *piece)
{
	assert_true(l->findings.count > 0);
	expect_piece(l->findings.items[0].remedy, piece);
}
