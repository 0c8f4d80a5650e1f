/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scenario for vfmond-sim: any bytes, played on a host that only exists in memory. A line that is
 * refused says where and why and has done nothing, and whatever was played, the model is JSON and no
 * move leaves the tree.
 */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../sim/host.h"
#include "../../sim/model.h"
#include "../../sim/play_step.h"
#include "../../sim/source.h"
#include "vfmon/value.h"

/* So many moves are enough of one scenario: 65535 VFs take their time. */
#define MAX_MOVES 20000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* No part of a path is empty or leads up. */
static void check_path(const char *path)
{
	assert(strncmp(path, "sys/", 4) == 0 || strncmp(path, "dev/", 4) == 0 ||
	       strncmp(path, "modules/", 8) == 0);
	assert(!strstr(path, "//") && !strstr(path, "/../"));
	assert(path[strlen(path) - 1] != '/');
}

static void check_event(const struct move *move)
{
	const char *at = memchr(move->text, '@', move->size);

	assert(move->size > 0 && move->text[move->size - 1] == '\0');
	assert(at && at[1] == '/' && strlen(at) < move->size);
}

static int on_move(const struct move *move, void *arg)
{
	size_t *moves = arg;

	++*moves;
	if (move->kind == MOVE_EVENT)
		check_event(move);
	else
		check_path(move->path);
	return *moves < MAX_MOVES ? 0 : -ENOSPC;
}

static char *model_of(const struct host *host)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert(out && model_write(host, out, NULL, NULL) == 0 && fclose(out) == 0);
	return text;
}

static void check_model(const struct host *host)
{
	struct value *root = NULL;
	char *text = model_of(host);
	size_t len = strlen(text);

	assert(text[len - 1] == '\n' && value_parse(text, len - 1, &root) == 0);
	assert(value_count(value_member(root, "devices")) == host->functions.count);
	value_free(root);
	free(text);
}

static void check_refusal(const struct scenario_line *line, const struct scenario_error *error)
{
	assert(error->line == line->number);
	assert(error->column >= 1 && error->column <= line->len + 1);
	assert(error->text[0] && memchr(error->text, '\0', sizeof(error->text)));
}

/* Blanks before it and a comment behind it move a step to the right, and change nothing else. */
static void check_padded(const struct scenario_line *line, const struct step *step)
{
	static const char before[] = " \t", behind[] = " # what for";
	size_t shift = strlen(before), len = shift + line->len + strlen(behind);
	struct scenario_line padded = { .len = len, .number = line->number };
	struct scenario_error error;
	struct step again;
	char *text = malloc(len);

	assert(text);
	memcpy(text, before, shift);
	memcpy(text + shift, line->text, line->len);
	memcpy(text + shift + line->len, behind, strlen(behind));
	padded.text = text;
	assert(scenario_parse_line(&padded, &again, &error) == 1);
	for (size_t i = 0; i < 1 + STEP_ARGS_MAX; i++) {
		assert(again.column[i] == (step->column[i] ? step->column[i] + shift : 0));
		again.column[i] = step->column[i];
	}
	assert(memcmp(step, &again, sizeof(again)) == 0);
	free(text);
}

static int perform(struct host *host, const struct scenario_line *line, const struct step *step,
		   size_t *moves)
{
	struct scenario_error error = { .line = 0 };
	size_t moves_before = *moves;
	char *before = model_of(host), *after;
	int r = host_perform(host, step, &error);

	if (r == -EINVAL) {
		check_refusal(line, &error);
		after = model_of(host);
		assert(*moves == moves_before && strcmp(before, after) == 0);
		free(after);
	}
	assert(r == 0 || r == -EINVAL || (r == -ENOSPC && *moves >= MAX_MOVES));
	free(before);
	return r == -EINVAL ? 0 : r;
}

/* Whether one line more can be played. */
static bool play_line(struct host *host, const struct scenario_line *line, size_t *moves)
{
	struct scenario_error error = { .line = 0 };
	struct step step;
	int r;

	memset(&step, 0x5a, sizeof(step));
	r = scenario_parse_line(line, &step, &error);
	assert(r == 0 || r == 1 || r == -EINVAL);
	if (r == -EINVAL) {
		check_refusal(line, &error);
		assert(step.line == 0x5a5a5a5a);
	}
	if (r != 1)
		return true;
	assert(step.line == line->number);
	check_padded(line, &step);
	if (play_step_check(&step, true, &error) < 0)
		check_refusal(line, &error);
	return perform(host, line, &step, moves) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source source = { .fd = -1, .whole = true, .size = size };
	struct scenario_line line;
	struct host *host = NULL;
	size_t moves = 0;

	/* Of the exact size, so that a byte read behind it is seen. */
	source.text = malloc(size ? size : 1);
	if (!source.text)
		return 0;
	memcpy(source.text, data, size);
	assert(host_new(on_move, &moves, &host) == 0 && host_build(host) == 0);
	while (source_next(&source, &line) && play_line(host, &line, &moves))
		continue;
	check_model(host);
	host_free(host);
	source_done(&source);
	return 0;
}
