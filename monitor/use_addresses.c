/* SPDX-License-Identifier: Apache-2.0 */
#include "use_addresses.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "vfmon/names.h"

#include "sysfs_file.h"

bool use_addresses_counts(int family, const void *address)
{
	const uint8_t *b = address;

	if (family == AF_INET)
		return b[0] != 127 && !(b[0] == 169 && b[1] == 254);
	if (family == AF_INET6)
		return memcmp(b, &in6addr_loopback, sizeof(in6addr_loopback)) != 0 &&
		       !(b[0] == 0xfe && (b[1] & 0xc0) == 0x80);
	return false;
}

/* The address' bytes of a socket address, and how many there are; NULL for other families. */
static const uint8_t *bytes_of(const struct sockaddr *sa, size_t *ret_len)
{
	if (sa->sa_family == AF_INET) {
		*ret_len = sizeof(struct in_addr);
		return (const uint8_t *)&((const struct sockaddr_in *)(const void *)sa)->sin_addr;
	}
	if (sa->sa_family == AF_INET6) {
		*ret_len = sizeof(struct in6_addr);
		return (const uint8_t *)&((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr;
	}
	return NULL;
}

static int prefix_length(const struct sockaddr *mask)
{
	size_t len = 0;
	const uint8_t *b = mask ? bytes_of(mask, &len) : NULL;
	int bits = 0;

	for (size_t i = 0; b && i < len; i++)
		bits += __builtin_popcount(b[i]);
	return bits;
}

/* The function that an interface belongs to, by its link in sysfs. */
static int function_of(int sysfs_fd, const char *interface, struct pci_addr *ret)
{
	char path[sizeof(SYSFS_CLASS_NET) + IF_NAMESIZE + 1], target[SYSFS_TARGET_MAX];
	/* An alias of old, such as eth0:1, is an address of eth0. */
	int n = snprintf(path, sizeof(path), SYSFS_CLASS_NET "/%.*s", (int)strcspn(interface, ":"),
			 interface);
	int r;

	if (n >= (int)sizeof(path))
		return -ENAMETOOLONG;
	r = sysfs_file_target(sysfs_fd, path, target);
	return r < 0 ? r : pci_addr_from_path(target, ret);
}

static int add(int sysfs_fd, const struct ifaddrs *ifa, struct use_table *t)
{
	char text[USE_TEXT_MAX], address[INET6_ADDRSTRLEN];
	struct pci_addr addr;
	const uint8_t *bytes;
	size_t len;

	bytes = ifa->ifa_addr ? bytes_of(ifa->ifa_addr, &len) : NULL;
	if (!bytes || !use_addresses_counts(ifa->ifa_addr->sa_family, bytes) ||
	    function_of(sysfs_fd, ifa->ifa_name, &addr) < 0 ||
	    !inet_ntop(ifa->ifa_addr->sa_family, bytes, address, sizeof(address)))
		return 0;
	(void)snprintf(text, sizeof(text), "has an address on its interface %s (%s/%d)",
		       ifa->ifa_name, address, prefix_length(ifa->ifa_netmask));
	return use_table_add(t, &addr, text);
}

int use_addresses_collect_from(int sysfs_fd, const struct ifaddrs *list, struct use_table *t)
{
	int r = 0;

	for (; list && r == 0; list = list->ifa_next)
		r = add(sysfs_fd, list, t);
	return r;
}

int use_addresses_collect(int sysfs_fd, struct use_table *t)
{
	struct ifaddrs *list;
	int r;

	if (getifaddrs(&list) < 0)
		return -errno;
	r = use_addresses_collect_from(sysfs_fd, list, t);
	freeifaddrs(list);
	return r;
}
