/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/vpd.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct image {
	unsigned char bytes[2 * VPD_MAX_BYTES];
	size_t len;
	size_t resource; /* where the present one begins */
};

static void put(struct image *v, const void *bytes, size_t len)
{
	memcpy(v->bytes + v->len, bytes, len);
	v->len += len;
}

static void begin(struct image *v, unsigned char tag)
{
	const unsigned char header[] = { tag, 0, 0 };

	v->resource = v->len;
	put(v, header, sizeof(header));
}

static void end(struct image *v)
{
	size_t len = v->len - v->resource - 3;

	v->bytes[v->resource + 1] = (unsigned char)(len & 0xff);
	v->bytes[v->resource + 2] = (unsigned char)(len >> 8);
}

static void put_field(struct image *v, const char *keyword, const char *value)
{
	unsigned char len = (unsigned char)strlen(value);

	put(v, keyword, 2);
	put(v, &len, 1);
	put(v, value, len);
}

/* The field that makes the sum of all before it 0, with room behind it; the resource ends here. */
static void put_checksum(struct image *v, size_t more)
{
	unsigned char sum = 0, len = (unsigned char)(1 + more);

	put(v, "RV", 2);
	put(v, &len, 1);
	v->len += 1 + more;
	end(v);
	for (size_t i = 0; i < v->len; i++)
		sum = (unsigned char)(sum + v->bytes[i]);
	v->bytes[v->len - 1 - more] = (unsigned char)-sum;
}

/* A card's, with this serial number (NULL: none), before the tag of its end. */
static void make(struct image *v, const char *serial)
{
	memset(v, 0, sizeof(*v));
	begin(v, 0x82);
	put(v, "A card", 6);
	end(v);
	begin(v, 0x90);
	put_field(v, "PN", "MBF2H332A");
	if (serial)
		put_field(v, "SN", serial);
	put_field(v, "V0", "whatever");
	put_checksum(v, 2);
}

static void finish(struct image *v)
{
	static const unsigned char tag = 0x78;

	put(v, &tag, 1);
}

static const char *serial_of(const struct image *v, int expected)
{
	static char serial[VPD_SERIAL_MAX];
	/* Of the exact size, so that a byte read behind it is seen. */
	unsigned char *bytes = malloc(v->len ? v->len : 1);

	assert_non_null(bytes);
	memcpy(bytes, v->bytes, v->len);
	serial[0] = '\0';
	assert_int_equal(vpd_serial(bytes, v->len, serial), expected);
	free(bytes);
	return serial;
}

static void test_the_serial_number_is_keyword_sn_of_the_read_only_part(void **state)
{
	static const struct {
		const char *text, *serial;
		int r;
	} cases[] = {
		{ "MT2113X00000", "MT2113X00000", 0 },
		{ " MT 1\t\n", "MT 1", 0 },
		{ "", "", -ENOENT },
		{ "   ", "", -ENOENT },
		{ "MT\001", "", -ENOENT },
		{ "M\303\244", "", -ENOENT },
		{ NULL, "", -ENOENT },
	};
	static struct image v;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		make(&v, cases[i].text);
		finish(&v);
		assert_string_equal(serial_of(&v, cases[i].r), cases[i].serial);
	}
}

static void test_the_read_write_part_may_follow(void **state)
{
	static struct image v;

	(void)state;
	make(&v, "MT1");
	begin(&v, 0x91);
	put_field(&v, "SN", "not this one");
	put_field(&v, "RW", "");
	end(&v);
	finish(&v);
	assert_string_equal(serial_of(&v, 0), "MT1");
	make(&v, "MT1");
	begin(&v, 0x91);
	put_field(&v, "RV", "x");
	end(&v);
	finish(&v);
	(void)serial_of(&v, -EBADMSG);
}

/* Its length is known, and what it is for is nobody's business here. */
static void test_a_resource_of_another_kind_is_passed_over(void **state)
{
	static struct image v;

	(void)state;
	memset(&v, 0, sizeof(v));
	begin(&v, 0x83);
	put(&v, "SN\003ABC", 6);
	end(&v);
	begin(&v, 0x90);
	put_field(&v, "SN", "MT1");
	put_checksum(&v, 0);
	finish(&v);
	assert_string_equal(serial_of(&v, 0), "MT1");
}

static void test_a_name_that_is_no_text_makes_all_of_it_worthless(void **state)
{
	static struct image v;

	(void)state;
	memset(&v, 0, sizeof(v));
	begin(&v, 0x82);
	put(&v, "A c\033rd", 6);
	end(&v);
	begin(&v, 0x90);
	put_field(&v, "SN", "MT1");
	put_checksum(&v, 0);
	finish(&v);
	(void)serial_of(&v, -EBADMSG);
}

static void test_a_wrong_checksum_makes_all_of_it_worthless(void **state)
{
	static struct image v;

	(void)state;
	make(&v, "MT1");
	finish(&v);
	for (size_t i = 3; i < 9; i++) {
		v.bytes[i] ^= 1;
		(void)serial_of(&v, -EBADMSG);
		v.bytes[i] ^= 1;
	}
	assert_string_equal(serial_of(&v, 0), "MT1");
}

static void test_borders_that_do_not_fit_make_all_of_it_worthless(void **state)
{
	static struct image v;

	(void)state;
	/* No checksum */
	memset(&v, 0, sizeof(v));
	begin(&v, 0x90);
	put_field(&v, "SN", "MT1");
	end(&v);
	finish(&v);
	(void)serial_of(&v, -EBADMSG);
	/* Something behind the checksum */
	memset(&v, 0, sizeof(v));
	begin(&v, 0x90);
	put_field(&v, "SN", "MT1");
	put_checksum(&v, 3);
	v.bytes[v.len - 5] -= 3; /* the field's length, which the sum is of too */
	v.bytes[v.len - 4] += 3;
	finish(&v);
	(void)serial_of(&v, -EBADMSG);
	/* A field that is longer than the part that it is in */
	make(&v, "MT1");
	finish(&v);
	v.bytes[14] = 0xff;
	(void)serial_of(&v, -EBADMSG);
	/* Only the end */
	memset(&v, 0, sizeof(v));
	finish(&v);
	(void)serial_of(&v, -EBADMSG);
}

static void test_data_that_is_cut_anywhere_is_worthless(void **state)
{
	static struct image v;

	(void)state;
	make(&v, "MT1");
	finish(&v);
	while (v.len-- > 0)
		(void)serial_of(&v, -EBADMSG);
}

static void test_what_is_behind_its_room_does_not_count(void **state)
{
	static struct image v;

	(void)state;
	make(&v, "MT1");
	begin(&v, 0x91);
	v.len = VPD_MAX_BYTES;
	end(&v);
	finish(&v);
	(void)serial_of(&v, -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_serial_number_is_keyword_sn_of_the_read_only_part),
		cmocka_unit_test(test_the_read_write_part_may_follow),
		cmocka_unit_test(test_a_resource_of_another_kind_is_passed_over),
		cmocka_unit_test(test_a_name_that_is_no_text_makes_all_of_it_worthless),
		cmocka_unit_test(test_a_wrong_checksum_makes_all_of_it_worthless),
		cmocka_unit_test(test_borders_that_do_not_fit_make_all_of_it_worthless),
		cmocka_unit_test(test_data_that_is_cut_anywhere_is_worthless),
		cmocka_unit_test(test_what_is_behind_its_room_does_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
