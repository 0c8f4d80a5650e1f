/* SPDX-License-Identifier: Apache-2.0 */
#include "inject.h"

#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vfmon/names.h"

#define UDEV_GROUP 2
#define TEXT_MAX 4096

static void put_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0 || close(fd) < 0)
		err(1, "inject: %s", path);
}

void inject_enter(void)
{
	char map[64];
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) < 0)
		err(1, "inject: no user namespaces here (sysctl kernel.unprivileged_userns_clone, "
		       "kernel.apparmor_restrict_unprivileged_userns, user.max_user_namespaces)");
	put_text("/proc/self/setgroups", "deny");
	(void)snprintf(map, sizeof(map), "0 %u 1", uid);
	put_text("/proc/self/uid_map", map);
	(void)snprintf(map, sizeof(map), "0 %u 1", gid);
	put_text("/proc/self/gid_map", map);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		err(1, "inject: mount");
}

int inject_open(void)
{
	const struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&any, sizeof(any)) < 0)
		err(1, "inject: socket");
	return fd;
}

static void send_to(int fd, const struct sockaddr_nl *to, const void *bytes, size_t len)
{
	if (sendto(fd, bytes, len, 0, (const struct sockaddr *)to, sizeof(*to)) != (ssize_t)len)
		err(1, "inject: send");
}

static size_t put_nuls(char *to, const char *text)
{
	size_t len = strlen(text);

	if (len >= TEXT_MAX)
		errx(1, "inject: text too long");
	for (size_t i = 0; i < len; i++)
		to[i] = text[i] == '|' ? '\0' : text[i];
	return len;
}

void inject_text(int fd, const char *text)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct {
		struct nlmsghdr header;
		char text[TEXT_MAX];
	} message = { 0 };
	size_t len = put_nuls(message.text, text);

	message.header.nlmsg_len = (uint32_t)NLMSG_LENGTH(len);
	message.header.nlmsg_type = NLMSG_MIN_TYPE;
	message.header.nlmsg_flags = NLM_F_REQUEST;
	send_to(fd, &kernel, &message, message.header.nlmsg_len);
}

void inject_uevent(int fd, const char *action, const char *devpath, const char *keys)
{
	char text[TEXT_MAX];

	(void)snprintf(text, sizeof(text), "%s@%s|ACTION=%s|DEVPATH=%s|%s", action, devpath, action,
		       devpath, keys);
	inject_text(fd, text);
}

void inject_forged(int fd, int receiver_fd, const void *bytes, size_t len)
{
	struct sockaddr_nl to;
	socklen_t size = sizeof(to);

	if (getsockname(receiver_fd, (struct sockaddr *)&to, &size) < 0)
		err(1, "inject: getsockname");
	to.nl_groups = 0;
	send_to(fd, &to, bytes, len);
}

/* MurmurHash2 with seed 0: libudev's socket filter compares the subsystem's. */
static uint32_t murmur(const char *text)
{
	const uint32_t m = 0x5bd1e995;
	size_t len = strlen(text);
	uint32_t hash = (uint32_t)len, k;

	for (; len >= 4; text += 4, len -= 4) {
		memcpy(&k, text, 4);
		k *= m;
		k ^= k >> 24;
		hash = hash * m ^ k * m;
	}
	for (size_t i = len; i > 0; i--)
		hash ^= (uint32_t)(uint8_t)text[i - 1] << 8 * (i - 1);
	if (len > 0)
		hash *= m;
	hash = (hash ^ hash >> 13) * m;
	return hash ^ hash >> 15;
}

void inject_udev(int fd, const char *subsystem, const char *keys)
{
	const struct sockaddr_nl group = { .nl_family = AF_NETLINK, .nl_groups = UDEV_GROUP };
	struct {
		char prefix[8];
		uint32_t magic, header_size, properties_at, properties_len;
		uint32_t subsystem_hash, devtype_hash, tags_high, tags_low;
		char properties[TEXT_MAX];
	} message = { .prefix = "libudev", .magic = htonl(0xfeedcafe) };
	size_t header_size = sizeof(message) - TEXT_MAX, len;
	char text[TEXT_MAX];

	(void)snprintf(text, sizeof(text), "%sSUBSYSTEM=%s|", keys, subsystem);
	len = put_nuls(message.properties, text);
	message.header_size = (uint32_t)header_size;
	message.properties_at = (uint32_t)header_size;
	message.properties_len = (uint32_t)len;
	message.subsystem_hash = htonl(murmur(subsystem));
	send_to(fd, &group, &message, header_size + len);
}

void inject_cover(const char *folder)
{
	if (mount("tmpfs", folder, "tmpfs", 0, "mode=755") < 0)
		err(1, "inject: tmpfs on %s", folder);
}

void inject_udevd(void)
{
	int fd;

	inject_cover("/run");
	if (mkdir("/run/udev", 0755) < 0)
		err(1, "/run/udev");
	fd = open(UDEV_CONTROL, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0 || close(fd) < 0)
		err(1, "%s", UDEV_CONTROL);
}
