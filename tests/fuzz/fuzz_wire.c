/* SPDX-License-Identifier: Apache-2.0 */
/* One message as a call: whatever it is, there is a verdict, and what the verdict needs. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/filter.h"
#include "vfmon/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_SIZE 65536

static void check(const struct wire_request *request)
{
	if (!request->name || (request->oneway && request->more))
		abort();
	if (request->verdict == WIRE_INVALID_PARAMETER && !request->invalid)
		abort();
	if (request->verdict == WIRE_NO_INTERFACE && !strrchr(request->name, '.'))
		abort();
	if (request->after.value > INT64_MAX || request->limit.value > INT64_MAX)
		abort();
	if (filter_matches(request->filter, NULL) != (request->filter == NULL))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wire_request request;
	const char *why = NULL;
	char *message;

	if (size > MAX_SIZE)
		return 0;
	message = malloc(size + 1);
	if (!message)
		return 0;
	memcpy(message, data, size);
	message[size] = '\0';
	if (wire_request_parse(message, size, &request, &why) == 0) {
		check(&request);
		wire_request_done(&request);
	} else if (!why) {
		abort();
	}
	free(message);
	return 0;
}
