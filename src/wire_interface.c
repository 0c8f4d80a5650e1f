/* SPDX-License-Identifier: Apache-2.0 */
#include "vfmon/wire.h"

#include <string.h>

#include "vfmon/names.h"

static const char service_text[] = "# What every Varlink service offers.\n"
				   "interface " IFACE_SERVICE "\n"
				   "\n"
				   "# Who serves here, and which interfaces.\n"
				   "method " METHOD_GET_INFO "() -> (\n"
				   "\t" KEY_VENDOR ": string,\n"
				   "\t" KEY_PRODUCT ": string,\n"
				   "\t" KEY_VERSION ": string,\n"
				   "\t" KEY_URL ": string,\n"
				   "\t" KEY_INTERFACES ": []string\n"
				   ")\n"
				   "\n"
				   "# The text that describes an interface.\n"
				   "method " METHOD_GET_INTERFACE_DESCRIPTION "(" KEY_INTERFACE
				   ": string) -> (" KEY_DESCRIPTION ": string)\n"
				   "\n"
				   "# The interface is not served here.\n"
				   "error InterfaceNotFound (" KEY_INTERFACE ": string)\n"
				   "\n"
				   "# The interface has no such method.\n"
				   "error MethodNotFound (" KEY_METHOD ": string)\n"
				   "\n"
				   "# The interface has the method, this service does not.\n"
				   "error MethodNotImplemented (" KEY_METHOD ": string)\n"
				   "\n"
				   "# A parameter is missing, unknown, or not as it should be.\n"
				   "error InvalidParameter (" KEY_PARAMETER ": string)\n"
				   "\n"
				   "# The caller may not do this.\n"
				   "error PermissionDenied ()\n"
				   "\n"
				   "# The method is to be called with the flag 'more'.\n"
				   "error ExpectedMore ()\n";

static const char monitor_text[] =
#include "interface_text.h"
	;

const char *wire_interface_description(const char *interface)
{
	if (strcmp(interface, IFACE_SERVICE) == 0)
		return service_text;
	if (strcmp(interface, IFACE_MONITOR) == 0)
		return monitor_text;
	return NULL;
}
