/* SPDX-License-Identifier: Apache-2.0 */
/* The methods that say what Nova would do. */
#ifndef VFMON_SERVICE_NOVA_H
#define VFMON_SERVICE_NOVA_H

#include "vfmon/json_text.h"

struct service;
struct stream;
struct wire_request;

/* As the methods in service_methods.c: each writes one reply. Return 0 or -ENOMEM. */
int service_nova_check(struct service *service, struct wire_request *request, struct json_text *out,
		       struct stream **ret_stream);
int service_nova_hostdev(struct service *service, struct wire_request *request,
			 struct json_text *out, struct stream **ret_stream);
int service_nova_providers(struct service *service, struct wire_request *request,
			   struct json_text *out, struct stream **ret_stream);
int service_nova_alias(struct service *service, struct wire_request *request,
		       struct json_text *out, struct stream **ret_stream);

#endif
