/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "inject.h"

#define DEVICES "/sys/bus/pci/devices"

static bool has(const char *name, const char *attribute)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), DEVICES "/%s/%s", name, attribute);
	return access(path, F_OK) == 0;
}

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_TRUNC);
	bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		(void)close(fd);
	return good ? 0 : -1;
}

/* The driver that it has: naming it as the override changes nothing for the function. */
static bool find_driver(const char *name, char driver[static 64])
{
	char path[PATH_MAX], link[PATH_MAX];
	ssize_t n;

	(void)snprintf(path, sizeof(path), DEVICES "/%s/driver", name);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		return false;
	link[n] = '\0';
	(void)snprintf(driver, 64, "%.63s", strrchr(link, '/') + 1);
	return true;
}

static void add(struct bench_stimulus *s, const char *name)
{
	char link[PATH_MAX], path[PATH_MAX];
	size_t i = s->count;

	(void)snprintf(path, sizeof(path), DEVICES "/%s", name);
	if (!realpath(path, link) || !find_driver(name, s->drivers[i]))
		return;
	(void)snprintf(s->names[i], sizeof(s->names[i]), "%.15s", name);
	(void)snprintf(s->paths[i], sizeof(s->paths[i]), "%.255s", link);
	s->count++;
}

static bool is_wanted(const struct bench_stimulus *s, const char *name)
{
	if (name[0] == '.')
		return false;
	return s->is_simulated ? has(name, "physfn") : has(name, "driver_override");
}

bool bench_stimulus_init(struct bench_stimulus *s)
{
	struct dirent **entries;
	int count = scandir(DEVICES, &entries, NULL, alphasort);

	if (count < 0)
		err(1, DEVICES);
	*s = (struct bench_stimulus){ .netlink = -1, .is_simulated = getenv("VFMOND_SIM_SYSFS") };
	s->names = calloc((size_t)count, sizeof(*s->names));
	s->paths = calloc((size_t)count, sizeof(*s->paths));
	s->drivers = calloc((size_t)count, sizeof(*s->drivers));
	s->is_set = calloc((size_t)count, sizeof(*s->is_set));
	if (!s->names || !s->paths || !s->drivers || !s->is_set)
		errx(1, "no memory");
	for (int i = 0; i < count; i++) {
		if (is_wanted(s, entries[i]->d_name))
			add(s, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	if (s->is_simulated)
		s->netlink = inject_open();
	return s->count > 0 && (s->is_simulated || geteuid() == 0);
}

static void set_override(struct bench_stimulus *s, size_t i, bool set)
{
	char path[PATH_MAX];
	const char *none = s->is_simulated ? "(null)\n" : "\n";

	(void)snprintf(path, sizeof(path), "%s/driver_override", s->paths[i]);
	if (write_text(path, set ? s->drivers[i] : none) < 0)
		err(1, "%s", path);
	s->is_set[i] = set;
}

static void say_changed(struct bench_stimulus *s, size_t i)
{
	char keys[128], path[PATH_MAX];

	if (s->is_simulated) {
		(void)snprintf(keys, sizeof(keys), "SUBSYSTEM=pci|PCI_SLOT_NAME=%s|", s->names[i]);
		inject_uevent(s->netlink, "change", s->paths[i] + strlen("/sys"), keys);
		return;
	}
	(void)snprintf(path, sizeof(path), "%s/uevent", s->paths[i]);
	if (write_text(path, "change") < 0)
		err(1, "%s", path);
}

void bench_stimulus_fire(struct bench_stimulus *s)
{
	size_t i = s->next++ % s->count;

	set_override(s, i, !s->is_set[i]);
	say_changed(s, i);
}

void bench_stimulus_done(struct bench_stimulus *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->is_set[i])
			set_override(s, i, false);
	if (s->netlink >= 0)
		(void)close(s->netlink);
	free(s->names);
	free(s->paths);
	free(s->drivers);
	free(s->is_set);
}
