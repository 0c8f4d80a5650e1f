/* SPDX-License-Identifier: Apache-2.0 */
#include "scenario.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "scenario_keys.h"
#include "scenario_words.h"

/*
 * What follows a step's word, one letter an argument: a address, w name, n count, d duration,
 * i vendor:product, x four hex digits, s on or off, e action of an event, t the rest of the line,
 * k keys with values; a '?' says that the line may end here.
 */
static const struct {
	const char *word;
	const char *arguments;
} grammar[] = {
	[STEP_DRIVER] = { "driver", "wk" },
	[STEP_PF] = { "pf", "aik" },
	[STEP_DEVICE] = { "device", "aik" },
	[STEP_CDEV] = { "cdev", "s" },
	[STEP_VFS] = { "vfs", "an" },
	[STEP_AUTOPROBE] = { "autoprobe", "as" },
	[STEP_VF_ID] = { "vf-id", "ax" },
	[STEP_BIND] = { "bind", "aw" },
	[STEP_UNBIND] = { "unbind", "a" },
	[STEP_PROBE] = { "probe", "a" },
	[STEP_OVERRIDE] = { "override", "aw" },
	[STEP_FAIL_PROBE] = { "fail-probe", "aw" },
	[STEP_SLOW_PROBE] = { "slow-probe", "aw" },
	[STEP_FAIL] = { "fail", "a" },
	[STEP_STUCK] = { "stuck", "a" },
	[STEP_RELEASE] = { "release", "a" },
	[STEP_OPEN] = { "open", "a" },
	[STEP_CLOSE] = { "close", "a" },
	[STEP_DISK] = { "disk", "aw" },
	[STEP_STACK] = { "stack", "aw" },
	[STEP_MASTER] = { "master", "aw" },
	[STEP_VDPA] = { "vdpa", "aw" },
	[STEP_VPD] = { "vpd", "aw" },
	[STEP_LOAD] = { "load", "w" },
	[STEP_UNLOAD] = { "unload", "w" },
	[STEP_REMOVE] = { "remove", "a" },
	[STEP_RESCAN] = { "rescan", "" },
	[STEP_WRITE] = { "write", "aft" },
	[STEP_HANG] = { "hang", "af" },
	[STEP_HIDE] = { "hide", "af" },
	[STEP_RESTORE] = { "restore", "af" },
	[STEP_EVENT] = { "event", "ea" },
	[STEP_BURST] = { "burst", "an" },
	[STEP_NOISE] = { "noise", "n" },
	[STEP_DROP] = { "drop", "n" },
	[STEP_DUPLICATE] = { "duplicate", "n" },
	[STEP_REORDER] = { "reorder", "n" },
	[STEP_DELAY] = { "delay", "d?n" },
	[STEP_START] = { "start", "" },
	[STEP_STOP] = { "stop", "" },
	[STEP_END] = { "end", "" },
	[STEP_FREEZE] = { "freeze", "" },
	[STEP_THAW] = { "thaw", "" },
	[STEP_WAIT_FOR] = { "wait-for", "t" },
	[STEP_PAUSE] = { "pause", "d" },
	[STEP_SAY] = { "say", "t" },
	[STEP_PRINT] = { "print", "" },
};

_Static_assert(sizeof(grammar) / sizeof(grammar[0]) == STEP_KIND_MAX_, "a word for each step");

const char *step_kind_to_string(enum step_kind kind)
{
	assert(kind < STEP_KIND_MAX_);
	return grammar[kind].word;
}

static int take_switch(struct words *w, const struct word *word, uint64_t *ret)
{
	static const char *const choices[] = { "off", "on", NULL };
	size_t choice;

	if (words_take_choice(w, word, choices, &choice) < 0)
		return -EINVAL;
	*ret = choice;
	return 0;
}

static int take_action(struct words *w, const struct word *word, char ret[static STEP_NAME_MAX])
{
	static const char *const actions[] = { "add",	 "remove",  "change", "bind", "unbind",
					       "online", "offline", "move",   NULL };
	size_t action;

	if (words_take_choice(w, word, actions, &action) < 0)
		return -EINVAL;
	return words_take_name(w, word, ret);
}

/* A file in a function's directory; one more directory may stand before it. */
static int take_file(struct words *w, const struct word *word, char ret[static STEP_NAME_MAX])
{
	if (word->len == 0 || word->len >= STEP_NAME_MAX || word->text[0] == '/' ||
	    word->text[word->len - 1] == '/' || memchr(word->text, '\0', word->len) ||
	    memmem(word->text, word->len, "//", 2) || memmem(word->text, word->len, "..", 2))
		return words_refuse(w, word, "here must be a file in the function's directory");
	memcpy(ret, word->text, word->len);
	ret[word->len] = '\0';
	return 0;
}

static int take_text(struct words *w, const struct word *first, char ret[static STEP_TEXT_MAX])
{
	struct word text = *first, more;

	if (text.len == 0)
		return words_refuse(w, &text, "here must be a text");
	more = words_rest(w);
	if (more.len > 0)
		text.len = (size_t)(more.text + more.len - text.text);
	if (text.len >= STEP_TEXT_MAX)
		return words_refuse(w, &text, "longer than %d characters", STEP_TEXT_MAX - 1);
	memcpy(ret, text.text, text.len);
	ret[text.len] = '\0';
	return 0;
}

static int take_argument(struct words *w, char type, const struct word *word, struct step *step)
{
	uint32_t hex = 0;
	int r;

	switch (type) {
	case 'a':
		return words_take_address(w, word, &step->addr);
	case 'w':
		return words_take_name(w, word, step->name);
	case 'f':
		return take_file(w, word, step->name);
	case 'e':
		return take_action(w, word, step->name);
	case 'n':
		return words_take_count(w, word, &step->number);
	case 'd':
		return words_take_duration(w, word, &step->usec);
	case 'i':
		return words_take_id(w, word, &step->function.id);
	case 's':
		return take_switch(w, word, &step->number);
	case 't':
		return take_text(w, word, step->text);
	default:
		assert(type == 'x');
		r = words_take_hex(w, word, 4, &hex);
		step->number = hex;
		return r;
	}
}

static int take_arguments(struct words *w, struct step *step)
{
	const char *type = grammar[step->kind].arguments;
	bool optional = false;
	struct word word;

	for (size_t n = 1; *type; type++) {
		if (*type == '?') {
			optional = true;
			continue;
		}
		if (*type == 'k')
			return step->kind == STEP_DRIVER ? scenario_take_driver_keys(w, step)
							 : scenario_take_function_keys(w, step);
		word = words_next(w);
		if (optional && word.len == 0)
			return 0;
		step->column[n++] = word.column;
		if (take_argument(w, *type, &word, step) < 0)
			return -EINVAL;
	}
	word = words_next(w);
	if (word.len > 0)
		return words_refuse(w, &word, "the line must end here");
	return 0;
}

static int take_kind(struct words *w, const struct word *word, enum step_kind *ret)
{
	const char *words[STEP_KIND_MAX_ + 1] = { NULL };
	size_t kind;

	for (size_t n = 0; n < STEP_KIND_MAX_; n++)
		words[n] = grammar[n].word;
	if (words_take_choice(w, word, words, &kind) < 0)
		return -EINVAL;
	*ret = (enum step_kind)kind;
	return 0;
}

int scenario_parse_line(const struct scenario_line *line, struct step *ret,
			struct scenario_error *ret_error)
{
	struct words w = { .line = line, .error = ret_error };
	struct word word = words_next(&w);
	struct step step = { .line = line->number, .number = 1 };

	if (word.len == 0)
		return 0;
	step.column[0] = word.column;
	if (take_kind(&w, &word, &step.kind) < 0 || take_arguments(&w, &step) < 0)
		return -EINVAL;
	*ret = step;
	return 1;
}
