/* SPDX-License-Identifier: Apache-2.0 */
#include "nlparse.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <string.h>

#include <netlink/attr.h>
#include <netlink/msg.h>

#include "vfmon/names.h"

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

int nlparse_link(const struct nlmsghdr *nlh, struct uevent_subject *ret)
{
	struct uevent_subject subject = {
		.target = UEVENT_TARGET_NOTHING,
		.group = -1,
		.hint.cause.source = CAUSE_NETLINK,
	};
	const char *bus, *name;
	size_t bus_len, name_len;
	bool is_link = nlh->nlmsg_type == RTM_NEWLINK || nlh->nlmsg_type == RTM_DELLINK;

	if (is_link && !nlmsg_valid_hdr(nlh, sizeof(struct ifinfomsg)))
		return -EBADMSG;
	if (is_link && get_text(nlh, IFLA_PARENT_DEV_BUS_NAME, &bus, &bus_len) &&
	    get_text(nlh, IFLA_PARENT_DEV_NAME, &name, &name_len) &&
	    bus_len == strlen(SUBSYSTEM_PCI) && memcmp(bus, SUBSYSTEM_PCI, bus_len) == 0 &&
	    pci_addr_parse_n(name, name_len, &subject.addr) == 0)
		subject.target = UEVENT_TARGET_FUNCTION;
	*ret = subject;
	return 0;
}
