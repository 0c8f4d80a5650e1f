/* SPDX-License-Identifier: Apache-2.0 */
/* The methods that are answered at once. */
#ifndef VFMON_SERVICE_METHODS_H
#define VFMON_SERVICE_METHODS_H

#include "vfmon/json_text.h"

struct service;
struct stream;
struct wire_request;

/*
 * Answers a call of any method but WatchDevices, or what is wrong with a call. Of a list
 * *ret_stream is what writes it; not touched for all others. Returns 0 or -ENOMEM.
 */
int service_methods_answer(struct service *service, struct wire_request *request,
			   struct json_text *out, struct stream **ret_stream);

#endif
