/* SPDX-License-Identifier: Apache-2.0 */
#include "versions.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "vfmon/cleanup.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define LIBVIRT_NAME "libvirt.so.0"

/* Compiled into every QEMU: what --version prints first. */
#define QEMU_TEXT "QEMU emulator version "
#define CHUNK (256u << 10)
#define OVERLAP (sizeof(QEMU_TEXT) + VERSION_TEXT_MAX)

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static void free_text(char **text)
{
	free(*text);
}

/* "libvirt.so.0.11003.0" is 11.3.0: the first number is major * 1000 + minor. */
static version_t version_of_library(const char *link)
{
	const char *name = strrchr(link, '/');
	unsigned int number, micro;
	char rest;

	name = name ? name + 1 : link;
	if (sscanf(name, LIBVIRT_NAME ".%9u.%5u%c", &number, &micro, &rest) != 2 ||
	    number / 1000 > 65535 || micro > 65535)
		return 0;
	return VERSION(number / 1000, number % 1000, micro);
}

static void take_library(const char *root, const char *path, struct version_found *ret)
{
	char target[PATH_MAX];
	ssize_t len = readlink(path, target, sizeof(target) - 1);
	version_t version;

	if (len < 0)
		return;
	target[len] = '\0';
	version = version_of_library(target);
	if (version <= ret->version)
		return;
	ret->version = version;
	(void)snprintf(ret->where, sizeof(ret->where), "%s", path + strlen(root));
}

/* The library in each folder below this one of which the name begins so. */
static int take_libraries_below(const char *root, const char *folder, const char *prefix,
				struct version_found *ret)
{
	char path[PATH_MAX];
	struct dirent **names;
	int count;

	(void)snprintf(path, sizeof(path), "%s%s", root, folder);
	/* Not glob(): that of glibc 2.36 frees twice what it could not get all of. */
	count = scandir(path, &names, NULL, alphasort);
	if (count < 0)
		return errno == ENOMEM ? -ENOMEM : 0;
	for (int i = 0; i < count; i++) {
		if (names[i]->d_name[0] != '.' &&
		    strncmp(names[i]->d_name, prefix, strlen(prefix)) == 0) {
			(void)snprintf(path, sizeof(path), "%s%s/%s/" LIBVIRT_NAME, root, folder,
				       names[i]->d_name);
			take_library(root, path, ret);
		}
		free(names[i]);
	}
	free(names);
	return 0;
}

int versions_libvirt(const char *root, struct version_found *ret)
{
	static const struct {
		const char *folder, *prefix;
	} places[] = {
		{ "/usr/lib", "" }, { "/usr", "lib64" },     { "/usr", "lib" },
		{ "/lib", "" },	    { "/usr/local", "lib" },
	};
	struct version_found found = { 0 };
	int r = 0;

	for (size_t i = 0; i < COUNT(places) && r == 0; i++)
		r = take_libraries_below(root, places[i].folder, places[i].prefix, &found);
	if (r == 0)
		*ret = found;
	return r;
}

/* "7.2.22 (Debian ...)": up to what is no digit and no dot. */
static version_t version_at(const char *text)
{
	char number[VERSION_TEXT_MAX];
	version_t version = 0;

	(void)snprintf(number, sizeof(number), "%.*s", (int)strspn(text, "0123456789."), text);
	return version_parse(number, &version) == 0 ? version : 0;
}

/* Up to end; a version that could go on behind it is not taken. */
static version_t version_in(const char *bytes, const char *end, size_t needed)
{
	const char *s = bytes;
	version_t version = 0;

	while (version == 0 &&
	       (s = memmem(s, (size_t)(end - s), QEMU_TEXT, sizeof(QEMU_TEXT) - 1))) {
		s += sizeof(QEMU_TEXT) - 1;
		if ((size_t)(end - s) < needed)
			return 0;
		version = version_at(s);
	}
	return version;
}

/* In pieces that overlap, as the text may lie across a border. A NUL follows the piece. */
static int search_program(int fd, version_t *ret)
{
	cleanup_(free_text) char *piece = malloc(CHUNK + OVERLAP + 1);
	size_t kept = 0, len = 0;
	version_t version = 0;
	ssize_t n = 1;

	if (!piece)
		return -ENOMEM;
	while (version == 0 && n > 0) {
		n = read(fd, piece + kept, CHUNK);
		len = kept + (size_t)(n > 0 ? n : 0);
		piece[len] = '\0';
		version = version_in(piece, piece + len, n > 0 ? VERSION_TEXT_MAX : 0);
		kept = len < OVERLAP ? len : OVERLAP;
		memmove(piece, piece + len - kept, kept);
	}
	*ret = version;
	return 0;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Returns 1 if that is the program, 0 if not, -ENOMEM. */
static int take_program(const char *root, const char *path, struct stat *seen,
			struct version_found *ret)
{
	cleanup_(close_fd) int fd = -1;
	char full[PATH_MAX];
	struct stat st;
	int r;

	(void)snprintf(full, sizeof(full), "%s%s", root, path);
	fd = open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	if (is_same_file(&st, seen))
		return 1;
	r = search_program(fd, &ret->version);
	if (r < 0)
		return r;
	(void)snprintf(ret->where, sizeof(ret->where), "%s", ret->version ? path : "");
	*seen = st;
	return ret->version != 0;
}

int versions_qemu(const char *root, struct stat *seen, struct version_found *ret)
{
	char debian[64] = "/usr/bin/qemu-kvm";
	/* RHEL's has no name of a machine. */
	const char *const paths[] = { debian, "/usr/libexec/qemu-kvm" };
	struct utsname host;
	int r = 0;

	if (uname(&host) == 0)
		(void)snprintf(debian, sizeof(debian), "/usr/bin/qemu-system-%.32s", host.machine);
	for (size_t i = 0; i < COUNT(paths) && r == 0; i++)
		r = take_program(root, paths[i], seen, ret);
	if (r != 0)
		return r < 0 ? r : 0;
	*ret = (struct version_found){ 0 };
	*seen = (struct stat){ 0 };
	return 0;
}

bool versions_has_driverctl(const char *root)
{
	static const char *const paths[] = { "/usr/sbin/driverctl", "/sbin/driverctl",
					     "/usr/bin/driverctl" };
	char full[PATH_MAX];

	for (size_t i = 0; i < COUNT(paths); i++) {
		(void)snprintf(full, sizeof(full), "%s%s", root, paths[i]);
		if (access(full, X_OK) == 0)
			return true;
	}
	return false;
}
