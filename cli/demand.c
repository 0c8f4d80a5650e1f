/* SPDX-License-Identifier: Apache-2.0 */
#include "demand.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/cleanup.h"

DEFINE_CLEANUP(char *, free);

void demands_done(struct demands *d)
{
	for (size_t i = 0; i < d->count; i++)
		free(d->items[i].name);
	free(d->items);
	*d = (struct demands){ 0 };
}

static int add(struct demands *d, const struct demand *demand)
{
	struct demand *items = reallocarray(d->items, d->count + 1, sizeof(*items));

	if (!items)
		return -ENOMEM;
	d->items = items;
	d->items[d->count++] = *demand;
	return 0;
}

int demands_copy(struct demands *d, const struct demands *other)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < other->count; i++) {
		struct demand demand = other->items[i];

		if (demand.name)
			demand.name = strdup(demand.name);
		if (other->items[i].name && !demand.name)
			return -ENOMEM;
		r = add(d, &demand);
		if (r < 0)
			free(demand.name);
	}
	return r;
}

/* Digits alone: neither a sign nor blanks, which strtoul() would take. */
static int parse_count(const char *text, uint32_t *ret)
{
	uintmax_t count;

	if (*text == '\0' || text[strspn(text, "0123456789")] != '\0')
		return -EINVAL;
	errno = 0;
	count = strtoumax(text, NULL, 10);
	if (errno || count == 0 || count > INT32_MAX)
		return -EINVAL;
	*ret = (uint32_t)count;
	return 0;
}

/* The last "=" is the one before the count: a name may have some too. */
static int add_named(struct demands *d, enum demand_kind kind, char *word, FILE *err)
{
	struct demand demand = { .kind = kind };
	char *equals = strrchr(word, '=');
	int r;

	if (!equals || equals == word || parse_count(equals + 1, &demand.count) < 0) {
		fprintf(err, "'%s' is not %s=COUNT with a COUNT of 1 or more", word,
			kind == DEMAND_CLASS ? "CLASS" : "NAME");
		return -EINVAL;
	}
	demand.name = strndup(word, (size_t)(equals - word));
	if (!demand.name)
		return -ENOMEM;
	r = add(d, &demand);
	if (r < 0)
		free(demand.name);
	return r;
}

int demands_add_named(struct demands *d, enum demand_kind kind, const char *text, FILE *err)
{
	cleanup_(freep) char *copy = strdup(text);
	char *rest = copy;
	char *word;
	int r = copy ? 0 : -ENOMEM;

	while (r == 0 && (word = strsep(&rest, ",")))
		r = add_named(d, kind, word, err);
	return r;
}

int demands_add_count(struct demands *d, const char *text, FILE *err)
{
	struct demand demand = { .kind = DEMAND_COUNT };

	if (parse_count(text, &demand.count) < 0) {
		fprintf(err, "'%s' is not a number of functions, 1 or more", text);
		return -EINVAL;
	}
	return add(d, &demand);
}

int demands_add_address(struct demands *d, const struct pci_addr *addr)
{
	return add(d, &(struct demand){ .kind = DEMAND_ADDRESS, .addr = *addr, .count = 1 });
}

int demands_add_every(struct demands *d)
{
	return add(d, &(struct demand){ .kind = DEMAND_EVERY, .count = 1 });
}

static struct census_question question_of(const struct demand *d,
					  const struct census_question *scope)
{
	struct census_question q = { .ready = scope->ready };

	switch (d->kind) {
	case DEMAND_CLASS:
		q.class = d->name;
		q.kinds = scope->kinds;
		break;
	case DEMAND_COUNT:
		q.kinds = scope->kinds;
		break;
	case DEMAND_EVERY:
		q.kinds = scope->kinds;
		q.tracked = true;
		break;
	case DEMAND_ALIAS:
	case DEMAND_ADDRESS:
		break;
	}
	return q;
}

struct outcome demand_judge(const struct demand *d, const struct census *c,
			    const struct census_question *scope)
{
	struct census_question q = question_of(d, scope);
	struct outcome o = { .want = d->count };

	if (d->kind == DEMAND_ADDRESS) {
		const struct census_entry *e = census_get(c, &d->addr);

		o.have = e && census_is_good(e, scope->ready);
	} else {
		struct census_tally tally = census_count(c, &q);

		o.have = tally.good;
		if (d->kind == DEMAND_EVERY && tally.all > o.want)
			o.want = tally.all;
	}
	o.holds = o.have >= o.want;
	return o;
}

static const char *name_of_kinds(unsigned int kinds)
{
	if (kinds == 1U << VF_KIND_VF)
		return "VFs";
	return kinds == 1U << VF_KIND_PF ? "PFs" : "functions";
}

static void print_address(const struct demand *d, const struct census *c, FILE *out)
{
	const struct census_entry *e = census_get(c, &d->addr);
	char addr[PCI_ADDR_TEXT_MAX];

	fprintf(out, "%s ", pci_addr_format(&d->addr, addr));
	if (e)
		census_print_entry(e, out);
	else
		fprintf(out, "is not there");
}

void demand_print(const struct demand *d, const struct census *c,
		  const struct census_question *scope, FILE *out)
{
	struct census_question q = question_of(d, scope);
	struct outcome o = demand_judge(d, c, scope);

	if (d->kind == DEMAND_ADDRESS) {
		print_address(d, c, out);
		return;
	}
	if (d->kind == DEMAND_EVERY && census_count(c, &q).all == 0) {
		fprintf(out, "no device_spec takes any of the %s", name_of_kinds(q.kinds));
		return;
	}
	fprintf(out, "%s%s %zu of %zu %s", d->kind == DEMAND_ALIAS ? "alias " : "",
		d->name ? d->name : name_of_kinds(q.kinds), o.have, o.want,
		scope->ready ? "ready" : "there");
	if (!o.holds)
		census_print_bad(c, &q, out);
}

const char *demand_kind_name(enum demand_kind kind)
{
	static const char *const names[] = {
		[DEMAND_ADDRESS] = "address", [DEMAND_CLASS] = "class", [DEMAND_ALIAS] = "alias",
		[DEMAND_COUNT] = "count",     [DEMAND_EVERY] = "every",
	};

	return names[kind];
}
