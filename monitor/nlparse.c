/* SPDX-License-Identifier: Apache-2.0 */
#include "nlparse.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include <netlink/attr.h>
#include <netlink/msg.h>

#include "vfmon/names.h"

#include "use_addresses.h"

/* A text attribute's characters without the NUL; libnl's link object does not know these two. */
static bool get_text(const struct nlmsghdr *nlh, int type, const char **ret, size_t *ret_len)
{
	const struct nlattr *attr = nla_find(nlmsg_attrdata(nlh, sizeof(struct ifinfomsg)),
					     nlmsg_attrlen(nlh, sizeof(struct ifinfomsg)), type);

	if (!attr)
		return false;
	*ret = nla_data(attr);
	*ret_len = strnlen(*ret, (size_t)nla_len(attr));
	return true;
}

static int parse_link(const struct nlmsghdr *nlh, struct uevent_subject *subject)
{
	const char *bus, *name;
	size_t bus_len, name_len;

	if (!nlmsg_valid_hdr(nlh, sizeof(struct ifinfomsg)))
		return -EBADMSG;
	if (get_text(nlh, IFLA_PARENT_DEV_BUS_NAME, &bus, &bus_len) &&
	    get_text(nlh, IFLA_PARENT_DEV_NAME, &name, &name_len) &&
	    bus_len == strlen(SUBSYSTEM_PCI) && memcmp(bus, SUBSYSTEM_PCI, bus_len) == 0 &&
	    pci_addr_parse_n(name, name_len, &subject->addr) == 0)
		subject->target = UEVENT_TARGET_FUNCTION;
	return 0;
}

/* An address of an interface: the local one where there are two, as on a link to one peer. */
static int parse_address(const struct nlmsghdr *nlh, struct uevent_subject *subject)
{
	const struct ifaddrmsg *info = nlmsg_data(nlh);
	const struct nlattr *attr;
	int len;

	if (!nlmsg_valid_hdr(nlh, sizeof(*info)))
		return -EBADMSG;
	attr = nla_find(nlmsg_attrdata(nlh, sizeof(*info)), nlmsg_attrlen(nlh, sizeof(*info)),
			IFA_LOCAL);
	if (!attr)
		attr = nla_find(nlmsg_attrdata(nlh, sizeof(*info)),
				nlmsg_attrlen(nlh, sizeof(*info)), IFA_ADDRESS);
	len = info->ifa_family == AF_INET ? 4 : info->ifa_family == AF_INET6 ? 16 : -1;
	if (attr && nla_len(attr) == len && use_addresses_counts(info->ifa_family, nla_data(attr)))
		subject->target = UEVENT_TARGET_ADDRESSES;
	return 0;
}

int nlparse_message(const struct nlmsghdr *nlh, struct uevent_subject *ret)
{
	struct uevent_subject subject = {
		.target = UEVENT_TARGET_NOTHING,
		.group = -1,
		.hint.cause.source = CAUSE_NETLINK,
	};
	int r = 0;

	if (nlh->nlmsg_type == RTM_NEWLINK || nlh->nlmsg_type == RTM_DELLINK)
		r = parse_link(nlh, &subject);
	else if (nlh->nlmsg_type == RTM_NEWADDR || nlh->nlmsg_type == RTM_DELADDR)
		r = parse_address(nlh, &subject);
	if (r == 0)
		*ret = subject;
	return r;
}
