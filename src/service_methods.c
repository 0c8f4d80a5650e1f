/* SPDX-License-Identifier: Apache-2.0 */
#include "service_methods.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "service_nova.h"
#include "stream.h"
#include "vfmon/names.h"
#include "vfmon/session.h"
#include "vfmon/wire.h"

/* Writes the reply of one method, or gives a stream that will. Returns 0 or -ENOMEM. */
typedef int (*method_fn)(struct service *service, struct wire_request *request,
			 struct json_text *out, struct stream **ret_stream);

static int get_info(struct service *service, struct wire_request *request, struct json_text *out,
		    struct stream **ret_stream)
{
	(void)service;
	(void)request;
	(void)ret_stream;
	wire_reply_begin(out);
	wire_member_text(out, KEY_VENDOR, VFMON_VENDOR);
	wire_member_text(out, KEY_PRODUCT, VFMON_PRODUCT);
	wire_member_text(out, KEY_VERSION, VFMON_VERSION);
	wire_member_text(out, KEY_URL, VFMON_URL);
	json_text_key(out, KEY_INTERFACES);
	json_text_begin_array(out);
	json_text_string(out, IFACE_SERVICE);
	json_text_string(out, IFACE_MONITOR);
	json_text_end_array(out);
	wire_reply_end(out, WIRE_LAST);
	return 0;
}

static int get_interface_description(struct service *service, struct wire_request *request,
				     struct json_text *out, struct stream **ret_stream)
{
	const char *description = wire_interface_description(request->interface);

	(void)service;
	(void)ret_stream;
	if (!description) {
		wire_error(out, ERROR_INTERFACE_NOT_FOUND, KEY_INTERFACE, request->interface);
		return 0;
	}
	wire_reply_begin(out);
	wire_member_text(out, KEY_DESCRIPTION, description);
	wire_reply_end(out, WIRE_LAST);
	return 0;
}

/* Gives the list away to be sent, if it may be. Returns 0 or -ENOMEM. */
static int reply_list(struct stream *list, const struct wire_request *request,
		      struct json_text *out, struct stream **ret_stream)
{
	int fits = request->more ? 1 : stream_fits(list);

	if (fits > 0) {
		*ret_stream = list;
		return 0;
	}
	stream_free(list);
	if (fits == 0)
		wire_error(out, ERROR_EXPECTED_MORE, NULL, NULL);
	return fits;
}

static int list_devices(struct service *service, struct wire_request *request,
			struct json_text *out, struct stream **ret_stream)
{
	struct stream *list;
	int r = stream_devices_new(service, request, WALK_LISTED, &list);

	return r < 0 ? r : reply_list(list, request, out, ret_stream);
}

static int list_vanished_devices(struct service *service, struct wire_request *request,
				 struct json_text *out, struct stream **ret_stream)
{
	struct stream *list;
	int r = stream_devices_new(service, request, WALK_VANISHED, &list);

	return r < 0 ? r : reply_list(list, request, out, ret_stream);
}

static int get_history(struct service *service, struct wire_request *request, struct json_text *out,
		       struct stream **ret_stream)
{
	struct stream *list;
	int r = stream_history_new(service, request, &list);

	if (r == 0)
		return reply_list(list, request, out, ret_stream);
	if (r == -EINVAL)
		wire_error(out, ERROR_INVALID_ADDRESS, KEY_ADDRESS, request->address);
	return r == -EINVAL ? 0 : r;
}

static int get_device(struct service *service, struct wire_request *request, struct json_text *out,
		      struct stream **ret_stream)
{
	struct pci_addr addr;
	const struct vf *vf;

	(void)ret_stream;
	if (pci_addr_parse(request->address, &addr) < 0) {
		wire_error(out, ERROR_INVALID_ADDRESS, KEY_ADDRESS, request->address);
		return 0;
	}
	vf = registry_get(service->registry, &addr);
	if (!vf) {
		wire_error(out, ERROR_NO_SUCH_DEVICE, KEY_ADDRESS, request->address);
		return 0;
	}
	wire_reply_begin(out);
	json_text_key(out, KEY_DEVICE);
	wire_device(out, vf);
	wire_member_text(out, KEY_EPOCH, service->epoch);
	wire_member_uint(out, KEY_SEQUENCE, registry_sequence(service->registry));
	wire_reply_end(out, WIRE_LAST);
	return 0;
}

static int get_status(struct service *service, struct wire_request *request, struct json_text *out,
		      struct stream **ret_stream)
{
	struct status status = { .latency_p50_usec = -1, .latency_p99_usec = -1 };

	(void)request;
	(void)ret_stream;
	service->gather_status(&status, service->arg);
	wire_reply_begin(out);
	json_text_key(out, KEY_STATUS);
	wire_status(out, &status);
	wire_reply_end(out, WIRE_LAST);
	return 0;
}

/* NULL: served elsewhere, or not at all. */
static const method_fn methods[WIRE_METHOD_COUNT] = {
	[WIRE_METHOD_GET_INFO] = get_info,
	[WIRE_METHOD_GET_INTERFACE_DESCRIPTION] = get_interface_description,
	[WIRE_METHOD_LIST_DEVICES] = list_devices,
	[WIRE_METHOD_GET_DEVICE] = get_device,
	[WIRE_METHOD_GET_HISTORY] = get_history,
	[WIRE_METHOD_LIST_VANISHED_DEVICES] = list_vanished_devices,
	[WIRE_METHOD_GET_STATUS] = get_status,
	[WIRE_METHOD_CHECK_CONFIGURATION] = service_nova_check,
	[WIRE_METHOD_DESCRIBE_HOSTDEV] = service_nova_hostdev,
	[WIRE_METHOD_LIST_RESOURCE_PROVIDERS] = service_nova_providers,
	[WIRE_METHOD_RESOLVE_ALIAS] = service_nova_alias,
};

/* UAPI.20 has InterfaceNotFound for a call too; sd-varlink sends MethodNotFound for both. */
static int refuse_interface(const struct wire_request *request, struct json_text *out)
{
	size_t len = (size_t)(strrchr(request->name, '.') - request->name);
	char *interface = strndup(request->name, len);

	if (!interface)
		return -ENOMEM;
	wire_error(out, ERROR_INTERFACE_NOT_FOUND, KEY_INTERFACE, interface);
	free(interface);
	return 0;
}

int service_methods_answer(struct service *service, struct wire_request *request,
			   struct json_text *out, struct stream **ret_stream)
{
	switch (request->verdict) {
	case WIRE_NO_INTERFACE:
		return refuse_interface(request, out);
	case WIRE_NO_METHOD:
		wire_error(out, ERROR_METHOD_NOT_FOUND, KEY_METHOD, request->name);
		return 0;
	case WIRE_NOT_IMPLEMENTED:
		wire_error(out, ERROR_METHOD_NOT_IMPLEMENTED, KEY_METHOD, request->name);
		return 0;
	case WIRE_INVALID_PARAMETER:
		wire_error(out, ERROR_INVALID_PARAMETER, KEY_PARAMETER, request->invalid);
		return 0;
	case WIRE_SERVE:
		break;
	}
	if (!methods[request->method])
		return 0;
	return methods[request->method](service, request, out, ret_stream);
}
