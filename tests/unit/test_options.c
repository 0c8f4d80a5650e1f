/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../monitor/log.h"
#include "../../monitor/options.h"

#define MAX_WORDS 16

/* Standard output and standard error of one parse. */
struct said {
	char out[4096];
	char err[4096];
};

static void redirect(FILE *to, FILE *stream, int *ret_saved)
{
	(void)fflush(stream);
	*ret_saved = dup(fileno(stream));
	assert_true(*ret_saved >= 0);
	assert_true(dup2(fileno(to), fileno(stream)) >= 0);
}

static void restore(FILE *from, FILE *stream, int saved, char *buf)
{
	(void)fflush(stream);
	assert_true(dup2(saved, fileno(stream)) >= 0);
	(void)close(saved);
	rewind(from);
	buf[fread(buf, 1, 4095, from)] = '\0';
	(void)fclose(from);
}

/* Parses a command line of words with blanks between them. */
static int parse(const char *line, struct options *ret, struct said *ret_said)
{
	static char words[512];
	char *argv[MAX_WORDS + 1] = { 0 };
	FILE *out = tmpfile(), *err = tmpfile();
	int argc = 0, saved_out, saved_err;
	char *rest = words;

	assert_non_null(out);
	assert_non_null(err);
	assert_true(strlen(line) < sizeof(words));
	(void)strcpy(words, line);
	for (char *word = strsep(&rest, " "); word && argc < MAX_WORDS; word = strsep(&rest, " "))
		argv[argc++] = word;
	redirect(out, stdout, &saved_out);
	redirect(err, stderr, &saved_err);

	int r = options_parse(argc, argv, ret);

	restore(err, stderr, saved_err, ret_said->err);
	restore(out, stdout, saved_out, ret_said->out);
	return r;
}

static void test_defaults_are_those_of_the_design(void **state)
{
	struct options o;
	struct said said;

	(void)state;
	assert_int_equal(parse("vfmond", &o, &said), OPTIONS_RUN);
	assert_string_equal(o.config, "/etc/vfmond/vfmond.conf");
	assert_string_equal(o.socket, "/run/vfmond/io.vfmon.Monitor");
	assert_string_equal(o.sysfs_root, "/sys");
	assert_string_equal(o.dev_root, "/dev");
	assert_string_equal(o.proc_root, "/proc");
	assert_null(o.modules_alias);
	assert_false(o.config_given || o.socket_given || o.all_functions || o.accept_injected);
	assert_int_equal(o.log_level, -1);
	assert_int_equal(o.nova_config_count + o.nova_config_dir_count, 0);
	assert_string_equal(said.out, "");
	assert_string_equal(said.err, "");
	options_done(&o);
}

static void test_every_option_is_taken(void **state)
{
	struct options o;
	struct said said;

	(void)state;
	assert_int_equal(parse("vfmond --config c --socket s --sysfs-root=y --dev-root d "
			       "--proc-root p --modules-alias m --all-functions",
			       &o, &said),
			 OPTIONS_RUN);
	assert_string_equal(o.config, "c");
	assert_string_equal(o.socket, "s");
	assert_string_equal(o.sysfs_root, "y");
	assert_string_equal(o.dev_root, "d");
	assert_string_equal(o.proc_root, "p");
	assert_string_equal(o.modules_alias, "m");
	assert_true(o.config_given && o.socket_given && o.all_functions);
	options_done(&o);
	assert_int_equal(parse("vfmond --log-level debug", &o, &said), OPTIONS_RUN);
	assert_int_equal(o.log_level, LOG_LEVEL_DEBUG);
	options_done(&o);
}

static void test_novas_files_keep_their_order(void **state)
{
	struct options o;
	struct said said;

	(void)state;
	assert_int_equal(
		parse("vfmond --nova-config a --nova-config-dir x --nova-config b", &o, &said),
		OPTIONS_RUN);
	assert_int_equal(o.nova_config_count, 2);
	assert_string_equal(o.nova_configs[0], "a");
	assert_string_equal(o.nova_configs[1], "b");
	assert_int_equal(o.nova_config_dir_count, 1);
	assert_string_equal(o.nova_config_dirs[0], "x");
	options_done(&o);
	assert_int_equal(o.nova_config_count, 0);
}

static void test_help_goes_to_standard_output(void **state)
{
	struct options o;
	struct said said, short_said;

	(void)state;
	assert_int_equal(parse("vfmond --help", &o, &said), OPTIONS_SHOWN);
	assert_string_equal(said.err, "");
	assert_non_null(strstr(said.out, "--modules-alias FILE"));
	assert_int_equal(parse("vfmond -h", &o, &short_said), OPTIONS_SHOWN);
	assert_string_equal(short_said.out, said.out);
	assert_int_equal(parse("vfmond --version", &o, &said), OPTIONS_SHOWN);
	assert_string_equal(said.out, "vfmond " VFMON_VERSION "\n");
	assert_string_equal(said.err, "");
}

static void test_a_wrong_command_line_is_told_on_standard_error(void **state)
{
	static const char *const wrong[] = {
		"vfmond --nonsense",
		"vfmond -x",
		"vfmond word",
		"vfmond --config",
		"vfmond --log-level loud",
		"vfmond --log-level 7",
		"vfmond --socket=",
		"vfmond --help=yes",
		"vfmond -- word",
		"vfmond --accept-injected",
	};
	struct options o;
	struct said said;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_int_equal(parse(wrong[i], &o, &said), -EINVAL);
		assert_string_equal(said.out, "");
		assert_non_null(strstr(said.err, "--help"));
		options_done(&o);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults_are_those_of_the_design),
		cmocka_unit_test(test_every_option_is_taken),
		cmocka_unit_test(test_novas_files_keep_their_order),
		cmocka_unit_test(test_help_goes_to_standard_output),
		cmocka_unit_test(test_a_wrong_command_line_is_told_on_standard_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
