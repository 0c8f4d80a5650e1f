/* SPDX-License-Identifier: Apache-2.0 */
#include "sysfs_text.h"

#include <errno.h>
#include <string.h>

#include "vfmon/names.h"

static bool begins(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Up to digits hexadecimal digits; moves *p behind them. */
static int take_hex(const char **p, unsigned int digits, uint32_t *ret)
{
	uint32_t value = 0;
	unsigned int n;

	for (n = 0; n < digits; n++) {
		char c = (*p)[n];

		if (c >= '0' && c <= '9')
			value = value << 4 | (uint32_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			value = value << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
		else
			break;
	}
	if (n == 0)
		return -EINVAL;
	*p += n;
	*ret = value;
	return 0;
}

/* "VVVV:DDDD" */
static bool parse_ids(const char *p, uint16_t *ret_vendor, uint16_t *ret_product)
{
	uint32_t vendor, product;

	if (take_hex(&p, 4, &vendor) < 0 || *p++ != ':' || take_hex(&p, 4, &product) < 0 || *p)
		return false;
	*ret_vendor = (uint16_t)vendor;
	*ret_product = (uint16_t)product;
	return true;
}

/* Hexadecimal without leading zeros: a network class has five digits. */
static bool parse_class(const char *p, uint32_t *ret)
{
	uint32_t value;

	if (take_hex(&p, 6, &value) < 0 || *p)
		return false;
	*ret = value;
	return true;
}

static void take_line(const char *line, struct sysfs_uevent *u)
{
	const char *value = strchr(line, '=');

	if (!value || value[1] == '\0')
		return;
	value++;
	if (begins(line, UEVENT_KEY_DRIVER "="))
		u->driver = value;
	else if (begins(line, UEVENT_KEY_MODALIAS "="))
		u->modalias = value;
	else if (begins(line, UEVENT_KEY_PCI_CLASS "="))
		u->has_class = parse_class(value, &u->class_code);
	else if (begins(line, UEVENT_KEY_PCI_ID "="))
		u->has_ids = parse_ids(value, &u->vendor_id, &u->product_id);
	else if (begins(line, UEVENT_KEY_PCI_SUBSYS_ID "="))
		u->has_subsystem = parse_ids(value, &u->subsystem_vendor_id,
					     &u->subsystem_product_id);
}

void sysfs_text_uevent(char *text, struct sysfs_uevent *ret)
{
	*ret = (struct sysfs_uevent){ 0 };
	while (*text) {
		char *end = strchrnul(text, '\n');
		bool last = *end == '\0';

		*end = '\0';
		take_line(text, ret);
		text = last ? end : end + 1;
	}
}

/* Digits up to the end of the text or a newline that ends it. */
static int parse_digits(const char *p, int64_t limit, int64_t *ret)
{
	int64_t value = 0;

	if (*p < '0' || *p > '9')
		return -EINVAL;
	for (; *p >= '0' && *p <= '9'; p++) {
		value = value * 10 + (*p - '0');
		if (value > limit)
			return -EINVAL;
	}
	if (*p == '\n')
		p++;
	if (*p)
		return -EINVAL;
	*ret = value;
	return 0;
}

int sysfs_text_number(const char *text, int32_t *ret)
{
	bool negative = *text == '-';
	int64_t value;

	if (parse_digits(text + negative, INT32_MAX, &value) < 0)
		return -EINVAL;
	*ret = (int32_t)(negative ? -value : value);
	return 0;
}

int sysfs_text_virtfn(const char *name, int32_t *ret)
{
	int64_t value;

	if (!begins(name, SYSFS_VIRTFN) || strchr(name, '\n') ||
	    parse_digits(name + strlen(SYSFS_VIRTFN), UINT16_MAX, &value) < 0)
		return -EINVAL;
	*ret = (int32_t)value;
	return 0;
}

bool sysfs_text_is_vfio_device(const char *name)
{
	return begins(name, SYSFS_VFIO_DEVICE_PREFIX) ||
	       begins(name, SYSFS_VFIO_DEVICE_PREFIX_NOIOMMU);
}

const char *sysfs_text_override(char *text)
{
	*strchrnul(text, '\n') = '\0';
	return *text && strcmp(text, SYSFS_OVERRIDE_UNSET) != 0 ? text : NULL;
}

char *sysfs_text_put_number(char *to, uint32_t n)
{
	char digits[SYSFS_DIGITS_MAX];
	size_t len = 0;

	do
		digits[len++] = (char)('0' + n % 10);
	while (n /= 10);
	while (len > 0)
		*to++ = digits[--len];
	*to = '\0';
	return to;
}

static int32_t routing_id(const struct pci_addr *a)
{
	return a->bus << 8 | a->slot << 3 | a->func;
}

int32_t sysfs_text_vf_index(const struct pci_addr *pf, const struct pci_addr *vf,
			    const struct sysfs_routing *routing)
{
	int32_t distance = routing_id(vf) - routing_id(pf);

	if (pf->domain != vf->domain || routing->offset <= 0 || distance < routing->offset)
		return -1;
	distance -= routing->offset;
	/* A PF that can have one VF only may say a stride of 0 (PCIe 9.3.3.10). */
	if (routing->stride <= 0)
		return distance == 0 ? 0 : -1;
	return distance % routing->stride == 0 ? distance / routing->stride : -1;
}
