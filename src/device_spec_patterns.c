/* SPDX-License-Identifier: Apache-2.0 */
#include "device_spec_entry.h"
#include "vfmon/conf_names.h"

int spec_patterns_parse(const struct pyjson *object, struct spec_fault *fault,
			struct spec_patterns **ret)
{
	(void)ret;
	return spec_fault_set(fault, NOVA_WRONG_ADDRESS, object->offset,
			      "address: this release does not support the form with regular "
			      "expressions yet (Nova does); use a text such as '0000:0a:*.*'");
}

struct spec_patterns *spec_patterns_free(struct spec_patterns *patterns)
{
	(void)patterns;
	return NULL;
}

bool spec_patterns_take(struct spec_patterns *patterns, const struct pci_addr *addr)
{
	(void)patterns;
	(void)addr;
	return false;
}

bool spec_patterns_are_any(const struct spec_patterns *patterns)
{
	(void)patterns;
	return false;
}

bool spec_patterns_equal(const struct spec_patterns *a, const struct spec_patterns *b)
{
	return a == b;
}

int spec_patterns_name(const struct spec_patterns *patterns, char **ret)
{
	(void)patterns;
	*ret = NULL;
	return 0;
}
