/* SPDX-License-Identifier: Apache-2.0 */
#include "bare.h"

#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#define TEXT_MAX 4096

static void read_file(struct bare *b, int folder, const char *name)
{
	char text[TEXT_MAX];
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text));

	if (n > 0)
		b->bytes += (size_t)n;
	if (fd >= 0)
		(void)close(fd);
}

static bool read_link(struct bare *b, int folder, const char *name, char text[static TEXT_MAX])
{
	ssize_t n = readlinkat(folder, name, text, TEXT_MAX - 1);

	if (n < 0)
		return false;
	text[n] = '\0';
	b->bytes += (size_t)n;
	return true;
}

static size_t read_folder(struct bare *b, int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
	DIR *entries = fd < 0 ? NULL : fdopendir(fd);
	size_t count = 0;

	while (entries && readdir(entries))
		count++;
	if (entries)
		(void)closedir(entries);
	b->bytes += count;
	return count;
}

/* The interfaces, and what each is part of. */
static void read_interfaces(struct bare *b, int function)
{
	int fd = openat(function, "net", O_RDONLY | O_CLOEXEC | O_DIRECTORY);
	DIR *entries = fd < 0 ? NULL : fdopendir(fd);
	char path[TEXT_MAX], text[TEXT_MAX];

	for (struct dirent *e; entries && (e = readdir(entries));) {
		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "net/%s/master", e->d_name);
		(void)read_link(b, function, path, text);
	}
	if (entries)
		(void)closedir(entries);
}

void bare_init(struct bare *b)
{
	b->bytes = 0;
	b->sysfs = open("/sys", O_PATH | O_CLOEXEC | O_DIRECTORY);
	b->devices = openat(b->sysfs, "bus/pci/devices", O_PATH | O_CLOEXEC | O_DIRECTORY);
	if (b->devices < 0)
		err(1, "/sys/bus/pci/devices");
}

void bare_done(struct bare *b)
{
	(void)close(b->devices);
	(void)close(b->sysfs);
}

static int open_function(struct bare *b, const char *name)
{
	struct stat st;
	int fd = openat(b->devices, name, O_PATH | O_CLOEXEC | O_DIRECTORY);

	if (fd >= 0 && fstat(fd, &st) == 0)
		b->bytes += st.st_ino != 0;
	return fd;
}

static void read_node(struct bare *b, const char *group)
{
	char path[TEXT_MAX];
	struct stat st;

	(void)snprintf(path, sizeof(path), "/dev/vfio/%s", group);
	b->bytes += stat(path, &st) == 0;
}

static void read_changing(struct bare *b, int function)
{
	char text[TEXT_MAX];

	(void)read_link(b, function, "driver", text);
	read_file(b, function, "uevent");
	read_file(b, function, "driver_override");
	/* "." and ".." are counted. */
	if (read_folder(b, function, "vfio-dev") > 2)
		read_file(b, function, "enable");
	if (!read_link(b, function, "physfn", text)) {
		read_file(b, function, "sriov_totalvfs");
		read_file(b, function, "sriov_drivers_autoprobe");
		(void)read_folder(b, function, ".");
	}
	read_interfaces(b, function);
	if (read_link(b, function, "iommu_group", text))
		read_node(b, strrchr(text, '/') + 1);
}

void bare_read_changing(struct bare *b, const char *name)
{
	int function = open_function(b, name);

	if (function < 0)
		return;
	read_changing(b, function);
	(void)close(function);
}

/* Which VF it is, known from the PF's links; asked in the order in which functions are listed. */
static void read_index(struct bare *b, int function, unsigned *index)
{
	char link[32], text[TEXT_MAX];

	if (!read_link(b, function, "physfn", text)) {
		*index = 0;
		return;
	}
	(void)snprintf(link, sizeof(link), "physfn/virtfn%u", (*index)++);
	(void)read_link(b, function, link, text);
}

/* It says which driver is the best for a function. */
static void read_modules_alias(struct bare *b)
{
	struct utsname kernel;
	char path[TEXT_MAX];
	static char block[1 << 16];
	ssize_t n;
	int fd;

	(void)uname(&kernel);
	(void)snprintf(path, sizeof(path), "/lib/modules/%s/modules.alias", kernel.release);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	while ((n = read(fd, block, sizeof(block))) > 0)
		b->bytes += (size_t)n;
	(void)close(fd);
}

size_t bare_scan(struct bare *b)
{
	struct dirent **entries;
	unsigned index = 0;
	int count = scandirat(b->devices, ".", &entries, NULL, alphasort), function;

	if (count < 0)
		err(1, "/sys/bus/pci/devices");
	read_modules_alias(b);
	for (int i = 0; i < count; i++) {
		function = entries[i]->d_name[0] == '.' ? -1 : open_function(b, entries[i]->d_name);
		if (function >= 0) {
			read_changing(b, function);
			read_file(b, function, "numa_node");
			read_index(b, function, &index);
			(void)close(function);
		}
		free(entries[i]);
	}
	free(entries);
	return (size_t)count - 2;
}
