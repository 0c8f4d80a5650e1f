/* SPDX-License-Identifier: Apache-2.0 */
#define PCRE2_CODE_UNIT_WIDTH 8

#include "pyregex.h"

#include <errno.h>
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "pyregex_translate.h"

/*
 * Far more than any sane pattern needs for four characters. Compiled code is never used (no JIT): the
 * daemon may not make memory executable.
 */
#define STEPS_MAX 5000
#define DEPTH_MAX 2000
#define HEAP_MAX_KIB 8192

/* A translated group needs at most two of PCRE2's. */
#define NESTING_MAX (2 * PYREGEX_DEPTH_MAX + 2)

/* PCRE2's short cuts would save nothing, and 10.42 takes one where it must not: (x|(?=a)){0}0 */
#define OPTIONS (PCRE2_ANCHORED | PCRE2_NO_START_OPTIMIZE | PCRE2_NO_AUTO_POSSESS)

struct pyregex {
	pcre2_code *code; /* NULL: too large for PCRE2; never matches */
	pcre2_match_data *data;
	pcre2_match_context *limits;
};

struct pyregex *pyregex_free(struct pyregex *re)
{
	if (!re)
		return NULL;
	pcre2_match_context_free(re->limits);
	pcre2_match_data_free(re->data);
	pcre2_code_free(re->code);
	free(re);
	return NULL;
}

static int compile(struct pyregex *re, const char *translated)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	PCRE2_SIZE offset;
	int error;

	if (!context)
		return -ENOMEM;
	(void)pcre2_set_parens_nest_limit(context, NESTING_MAX);
	re->code = pcre2_compile((PCRE2_SPTR)translated, PCRE2_ZERO_TERMINATED, OPTIONS, &error,
				 &offset, context);
	pcre2_compile_context_free(context);
	/* Python took the pattern, so what PCRE2 may say against it is that it is too large. */
	return !re->code && error == PCRE2_ERROR_NOMEMORY ? -ENOMEM : 0;
}

static int prepare(struct pyregex *re)
{
	re->data = pcre2_match_data_create(1, NULL);
	re->limits = pcre2_match_context_create(NULL);
	if (!re->data || !re->limits)
		return -ENOMEM;
	(void)pcre2_set_match_limit(re->limits, STEPS_MAX);
	(void)pcre2_set_depth_limit(re->limits, DEPTH_MAX);
	(void)pcre2_set_heap_limit(re->limits, HEAP_MAX_KIB);
	return 0;
}

int pyregex_new(const char *pattern, struct pyregex **ret, struct pyregex_error *ret_error)
{
	cleanup_(pyregex_freep) struct pyregex *re = NULL;
	char *translated;
	int r = pyregex_translate(pattern, &translated, ret_error);

	if (r < 0)
		return r;
	re = calloc(1, sizeof(*re));
	r = re ? compile(re, translated) : -ENOMEM;
	free(translated);
	if (r == 0)
		r = prepare(re);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(re);
	return 0;
}

bool pyregex_matches(const struct pyregex *re, const char *subject)
{
	return re->code && pcre2_match(re->code, (PCRE2_SPTR)subject, strlen(subject), 0, 0,
				       re->data, re->limits) >= 0;
}
