/* SPDX-License-Identifier: Apache-2.0 */
#include "listen.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/netlink.h>

#include "log.h"
#include "systemd.h"
#include "vfmon/cleanup.h"
#include "vfmon/names.h"

#define SOCKET_MODE 0660
#define FOLDER_MODE 0755

static void closep(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static void freep(char **p)
{
	free(*p);
}

void listen_init(struct listen_sockets *sockets)
{
	*sockets = (struct listen_sockets){ .varlink = -1, .kernel = -1 };
}

static bool is_kernel_socket(int fd)
{
	int protocol;
	socklen_t len = sizeof(protocol);

	return systemd_is_netlink(fd) &&
	       getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) == 0 &&
	       protocol == NETLINK_KOBJECT_UEVENT;
}

/* Where a socket of this name belongs; NULL if it is not known, not right, or there already. */
static int *place_for(struct listen_sockets *sockets, const char *name, int fd)
{
	int *place = NULL;

	if (strcmp(name, FD_NAME_VARLINK) == 0 && systemd_is_unix_listener(fd))
		place = &sockets->varlink;
	else if (strcmp(name, FD_NAME_KERNEL) == 0 && is_kernel_socket(fd))
		place = &sockets->kernel;
	return place && *place < 0 ? place : NULL;
}

static int make_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	return 0;
}

/* Returns 1 if it was taken, 0 if it was closed. */
static int take_one(struct listen_sockets *sockets, const char *name, int fd)
{
	int *place = place_for(sockets, name, fd);

	if (place && make_nonblocking(fd) == 0) {
		*place = fd;
		return 1;
	}
	log_warning("systemd has passed a socket named '%s' that is of no use, closing it", name);
	(void)close(fd);
	return 0;
}

int listen_take_passed(struct listen_sockets *sockets)
{
	char **names;
	int first, taken = 0;
	int count = systemd_passed_fds(&first, &names);

	for (int i = 0; i < count; i++) {
		taken += take_one(sockets, names[i], first + i);
		free(names[i]);
	}
	if (count > 0)
		free(names);
	return count < 0 ? count : taken;
}

/*
 * Keeps two daemons that start at once from taking the place of one dead one from each other. The
 * lock is on the folder itself, so that no lock file is left behind.
 */
static int lock_folder(const char *path, int *ret)
{
	cleanup_(freep) char *copy = strdup(path);

	if (!copy)
		return -ENOMEM;

	const char *folder = dirname(copy);

	/* Made 0755 whatever the umask is: clients have to pass. */
	if (mkdir(folder, FOLDER_MODE) == 0) {
		if (chmod(folder, FOLDER_MODE) < 0)
			return -errno;
	} else if (errno != EEXIST) {
		return -errno;
	}

	cleanup_(closep) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EADDRINUSE : -errno;
	*ret = fd;
	fd = -1;
	return 0;
}

static int stream_socket(int *ret)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	*ret = fd;
	return 0;
}

/* Of the name under which the socket is not reachable yet. */
#define FIRST_SUFFIX ".new"

/*
 * Removes what a dead daemon has left. Only a refused connection proves that nobody listens; a full
 * queue (EAGAIN) or no permission proves the contrary.
 */
static int remove_stale(const struct sockaddr_un *address)
{
	cleanup_(closep) int fd = -1;
	struct stat st;
	int r;

	if (lstat(address->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	r = stream_socket(&fd);
	if (r < 0)
		return r;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ||
	    errno != ECONNREFUSED)
		return -EADDRINUSE;
	return unlink(address->sun_path) < 0 ? -errno : 0;
}

/* Nobody can connect before listen(), so there is no moment with a wrong mode. */
static int open_to_group(const char *path)
{
	const struct group *group = getgrnam(VFMON_GROUP);

	if (chmod(path, SOCKET_MODE) < 0)
		return -errno;
	if (group && chown(path, (uid_t)-1, group->gr_gid) < 0)
		log_info("the socket can not be given to the group " VFMON_GROUP ": %s",
			 strerror(errno));
	return 0;
}

/*
 * The socket gets its name only when it listens, so that whoever waits for the file can connect.
 * Under its first name nobody looks for it, and the folder's lock keeps other daemons away.
 */
static int bind_and_listen(struct listen_sockets *sockets, const struct sockaddr_un *address,
			   const char *final_path)
{
	cleanup_(freep) char *path = strdup(final_path);
	const char *first_path = address->sun_path;
	cleanup_(closep) int fd = -1;
	struct stat st = { 0 };
	int r;

	if (!path)
		return -ENOMEM;
	r = stream_socket(&fd);
	if (r < 0)
		return r;
	(void)unlink(first_path); /* of a daemon that died right here */
	if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
		return -errno;
	r = open_to_group(first_path);
	if (r == 0 && (lstat(first_path, &st) < 0 || listen(fd, SOMAXCONN) < 0 ||
		       rename(first_path, path) < 0))
		r = -errno;
	if (r < 0) {
		(void)unlink(first_path);
		return r;
	}
	closep(&sockets->varlink);
	sockets->own_path = TAKE_PTR(path);
	sockets->own_dev = st.st_dev;
	sockets->own_ino = st.st_ino;
	sockets->varlink = fd;
	fd = -1;
	return 0;
}

int listen_open(struct listen_sockets *sockets, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	cleanup_(closep) int folder = -1;
	size_t len = strlen(path);
	int r;

	if (len + sizeof(FIRST_SUFFIX) > sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, len + 1);
	r = lock_folder(path, &folder);
	if (r < 0)
		return r;
	r = remove_stale(&address);
	if (r < 0)
		return r;
	memcpy(address.sun_path + len, FIRST_SUFFIX, sizeof(FIRST_SUFFIX));
	return bind_and_listen(sockets, &address, path);
}

static void remove_own(struct listen_sockets *sockets)
{
	struct stat st;

	if (sockets->own_path && lstat(sockets->own_path, &st) == 0 &&
	    st.st_dev == sockets->own_dev && st.st_ino == sockets->own_ino)
		(void)unlink(sockets->own_path);
	free(sockets->own_path);
}

void listen_done(struct listen_sockets *sockets)
{
	remove_own(sockets);
	closep(&sockets->varlink);
	closep(&sockets->kernel);
	listen_init(sockets);
}
