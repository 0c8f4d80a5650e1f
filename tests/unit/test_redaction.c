/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/alloc.h"
#include "../lib/redacted.h"
#include "vfmon/nova_conf.h"
#include "vfmon/redaction.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct row {
	const char *file;
	const char *wanted;
};

static void check_bytes(const char *file, size_t len, const char *wanted, size_t wanted_len)
{
	char *copy = NULL;
	size_t copy_len = 0;

	redacted_check(file, len);
	assert_int_equal(redaction_make(file, len, &copy, &copy_len), 0);
	if (wanted_len != copy_len || memcmp(copy, wanted, copy_len) != 0)
		fail_msg("%s\ngave    %s\ninstead %s", file, copy, wanted);
	free(copy);
}

static void check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check_bytes(rows[i].file, strlen(rows[i].file), rows[i].wanted,
			    strlen(rows[i].wanted));
}

static void test_only_pci_and_the_named_options_are_left(void **state)
{
	static const struct row rows[] = {
		{ "[database]\nconnection = mysql://nova:secret@db\n[pci]\nalias = {}\n",
		  "[database]\n#\n[pci]\nalias = {}\n" },
		{ "[DEFAULT]\ntransport_url = secret\npci_alias = 1\npci_passthrough_whitelist = 2\n"
		  "update_resources_interval = 3\n",
		  "[DEFAULT]\n#\npci_alias = 1\npci_passthrough_whitelist = 2\n"
		  "update_resources_interval = 3\n" },
		{ "[filter_scheduler]\npci_in_placement = on\nx = 1\n",
		  "[filter_scheduler]\npci_in_placement = on\n#\n" },
		{ "[libvirt]\nvirt_type = kvm\nrbd_secret_uuid = 1\n",
		  "[libvirt]\nvirt_type = kvm\n#\n" },
		{ "[devices]\nenabled_mdev_types = a\nenabled_vgpu_types = b\nz = c\n",
		  "[devices]\nenabled_mdev_types = a\nenabled_vgpu_types = b\n#\n" },
		{ "[pci]\nunknown: 1\ndev_spec = 2\n", "[pci]\nunknown: 1\ndev_spec = 2\n" },
		{ "[PCI]\nalias = 1\n[LibVirt]\nvirt_type = qemu\n",
		  "[PCI]\nalias = 1\n[LibVirt]\nvirt_type = qemu\n" },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_what_only_looks_like_it_is_taken_out(void **state)
{
	static const struct row rows[] = {
		{ "[ pci ]\nalias = 1\n", "[ pci ]\n#\n" },
		{ "[pci2]\nalias = 1\n[pc]\nalias = 1\n", "[pci2]\n#\n[pc]\n#\n" },
		{ "[default]\npci_alias = 1\n", "[default]\n#\n" },
		{ "[DEFAULT]\nPCI_ALIAS = 1\npci_alias2 = 1\nalias = 1\n", "[DEFAULT]\n#\n#\n#\n" },
		{ "[libvirt]\npci_alias = 1\n", "[libvirt]\n#\n" },
		{ "[pci]\n# password = secret\n; another\n", "[pci]\n#\n#\n" },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_lines_that_go_on_share_the_fate_of_their_value(void **state)
{
	static const struct row rows[] = {
		{ "[pci]\nalias = {\n  \"a\": 1\n\t}\n", "[pci]\nalias = {\n  \"a\": 1\n\t}\n" },
		{ "[x]\nkey = BEGIN\n secret\n\tsecret\n[pci]\na = 1\n b\n",
		  "[x]\n#\n#\n#\n[pci]\na = 1\n b\n" },
		{ "[x]\nkey = 1\n[pci]\n", "[x]\n#\n[pci]\n" },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_an_error_stays_one_and_shows_nothing(void **state)
{
	static const struct row rows[] = {
		{ "[x]\nsecret\n[pci]\na = 1\n", "[x]\n?\n#\n#\n" },
		{ "[x]\n= secret\n", "[x]\n=\n" },
		{ "[x]\n: secret\n", "[x]\n=\n" },
		{ "secret = 1\n", "=\n" },
		{ "= secret\n", "=\n" },
		{ "secret\n", "?\n" },
		{ "[x]\n\n \t secret\n", "[x]\n\n \t #\n" },
		{ "[x]\n# c\n secret = 1\n", "[x]\n#\n #\n" },
		{ "[x]\na = 1\n\n secret\n", "[x]\n#\n\n #\n" },
		{ "[secret] # secret\n[pci]\na = 1\n", "[\n#\n#\n" },
		{ "[secret\npassword = 1\n", "[\n#\n" },
		{ "[]\npassword = 1\n", "[]\n#\n" },
		{ "[\n", "[\n" },
		{ "[pci]\n}\na = 1\n", "[pci]\n}\n#\n" },
		{ "[pci]\na = 1\n[secret\npassword = 1\n", "[pci]\na = 1\n[\n#\n" },
		{ "\xef\xbb\xbf[pci]\na = 1\n", "\xef\xbb\xbf\n#\n" },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_bytes_that_are_no_text_refuse_the_file_and_are_not_shown(void **state)
{
	static const struct row rows[] = {
		{ "[pci]\na = 1\n[x]\nsecret = \xc3\n", "#\n#\n#\n\xff\n" },
		{ "[pci]\na = \xed\xa0\x80 1\nb = \xff\n", "#\n\xff\n#\n" },
		/* Although the grammar is broken before it. */
		{ "secret\n\n\x80", "#\n\n\xff" },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_a_nul_is_a_byte_as_any_other(void **state)
{
	static const char file[] = "[pci]\na = 1\0"
				   "2\n[x]\nb\0c = 1\n[pci\0]\nd = 1\n";
	static const char wanted[] = "[pci]\na = 1\0"
				     "2\n[x]\n#\n[pci\0]\n#\n";

	(void)state;
	check_bytes(file, sizeof(file) - 1, wanted, sizeof(wanted) - 1);
}

static void test_every_kind_of_line_end_is_one(void **state)
{
	static const struct row rows[] = {
		{ "[pci]\r\na = 1\r\n", "[pci]\na = 1\n" },
		{ "[x]\rb = 1\r\r\n[pci]\ra = 1", "[x]\n#\n\n[pci]\na = 1" },
		{ "[x]\nb = 1\x0b\x0c\n", "[x]\n#\n" },
		{ "", "" },
		{ "\n", "\n" },
	};

	(void)state;
	check(rows, COUNT(rows));
}

static void test_a_file_that_is_too_large_is_refused(void **state)
{
	size_t len = NOVA_CONF_MAX_BYTES, copy_len;
	char *file = malloc(len + 1), *copy;

	(void)state;
	assert_non_null(file);
	memset(file, '\n', len + 1);
	assert_int_equal(redaction_make(file, len + 1, &copy, &copy_len), -EFBIG);
	assert_int_equal(redaction_make(file, len, &copy, &copy_len), 0);
	assert_int_equal(copy_len, len);
	free(copy);
	free(file);
}

static void test_without_memory_there_is_no_copy(void **state)
{
	char *copy;
	size_t len;

	(void)state;
	alloc_fail_after(0);
	assert_int_equal(redaction_make("a", 1, &copy, &len), -ENOMEM);
	assert_true(alloc_fail_never());
}

/* The pieces that decide how a line is read, in any order. */
static void test_any_file_keeps_its_lines_and_its_verdict(void **state)
{
	static const char *const pieces[] = {
		"[pci]",
		"[PCI]",
		"[DEFAULT]",
		"[x]",
		"[",
		"]",
		"[]",
		"\n",
		"\n",
		"\n",
		"\n",
		"\r",
		"\r\n",
		" ",
		"\t",
		"=",
		" = ",
		":",
		"alias",
		"pci_alias",
		"'",
		"secret",
		"{",
		"}",
		"#",
		";",
		"\xff",
		"\xc2\xa0",
		"\xef\xbb\xbf",
		"\x0b",
		"\"",
		"\n ",
		"\n[pci]\nalias = 1\n",
		"\n[libvirt]\nvirt_type = 1\n",
		"\n[x]\ny = secret\n z\n",
	};
	unsigned int seed = 1;
	char file[1024];

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t len = 0, count = (seed >> 8) % 24;

		for (size_t i = 0; i < count; i++) {
			const char *piece = pieces[(seed >> 8) % COUNT(pieces)];

			seed = seed * 1103515245u + 12345u;
			memcpy(file + len, piece, strlen(piece));
			len += strlen(piece);
		}
		seed = seed * 1103515245u + 12345u;
		redacted_check(file, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_pci_and_the_named_options_are_left),
		cmocka_unit_test(test_what_only_looks_like_it_is_taken_out),
		cmocka_unit_test(test_lines_that_go_on_share_the_fate_of_their_value),
		cmocka_unit_test(test_an_error_stays_one_and_shows_nothing),
		cmocka_unit_test(test_bytes_that_are_no_text_refuse_the_file_and_are_not_shown),
		cmocka_unit_test(test_a_nul_is_a_byte_as_any_other),
		cmocka_unit_test(test_every_kind_of_line_end_is_one),
		cmocka_unit_test(test_a_file_that_is_too_large_is_refused),
		cmocka_unit_test(test_without_memory_there_is_no_copy),
		cmocka_unit_test(test_any_file_keeps_its_lines_and_its_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
