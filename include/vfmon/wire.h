/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Varlink interface as bytes: calls in, replies out. The form of everything here is
 * io.vfmon.Monitor.varlink, and org.varlink.service beside it.
 */
#ifndef VFMON_WIRE_H
#define VFMON_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vfmon/json_text.h"
#include "vfmon/registry.h"
#include "vfmon/status.h"
#include "vfmon/vf.h"

struct filter;
struct finding;
struct json_object;

/* The methods of both interfaces: enum name, interface, name. */
#define WIRE_METHODS(X)                                                                            \
	X(GET_INFO, IFACE_SERVICE, METHOD_GET_INFO)                                                \
	X(GET_INTERFACE_DESCRIPTION, IFACE_SERVICE, METHOD_GET_INTERFACE_DESCRIPTION)              \
	X(LIST_DEVICES, IFACE_MONITOR, METHOD_LIST_DEVICES)                                        \
	X(GET_DEVICE, IFACE_MONITOR, METHOD_GET_DEVICE)                                            \
	X(WATCH_DEVICES, IFACE_MONITOR, METHOD_WATCH_DEVICES)                                      \
	X(GET_HISTORY, IFACE_MONITOR, METHOD_GET_HISTORY)                                          \
	X(LIST_VANISHED_DEVICES, IFACE_MONITOR, METHOD_LIST_VANISHED_DEVICES)                      \
	X(GET_STATUS, IFACE_MONITOR, METHOD_GET_STATUS)                                            \
	X(CHECK_CONFIGURATION, IFACE_MONITOR, METHOD_CHECK_CONFIGURATION)                          \
	X(EXPLAIN_READINESS, IFACE_MONITOR, METHOD_EXPLAIN_READINESS)                              \
	X(DESCRIBE_HOSTDEV, IFACE_MONITOR, METHOD_DESCRIBE_HOSTDEV)                                \
	X(LIST_RESOURCE_PROVIDERS, IFACE_MONITOR, METHOD_LIST_RESOURCE_PROVIDERS)                  \
	X(RESOLVE_ALIAS, IFACE_MONITOR, METHOD_RESOLVE_ALIAS)

enum wire_method {
#define WIRE_METHOD_ENUM(name, interface, method) WIRE_METHOD_##name,
	WIRE_METHODS(WIRE_METHOD_ENUM)
#undef WIRE_METHOD_ENUM
		WIRE_METHOD_COUNT
};

/* What is to be answered to a call. */
enum wire_verdict {
	WIRE_SERVE,	       /* the arguments are as the method wants them */
	WIRE_NO_INTERFACE,     /* of the method */
	WIRE_NO_METHOD,	       /* of this name in its interface */
	WIRE_NOT_IMPLEMENTED,  /* described, and comes with a later version */
	WIRE_INVALID_PARAMETER /* see invalid */
};

/*
 * Finds a method by its full name; the interface is what stands before the last dot. Returns
 * WIRE_SERVE and fills *ret, WIRE_NO_INTERFACE or WIRE_NO_METHOD.
 */
enum wire_verdict wire_method_find(const char *name, enum wire_method *ret);

/* A parameter that is a number, or is not there. */
struct wire_count {
	bool given;
	uint64_t value;
};

/* One call. All texts are valid as long as it is; NULL is a parameter that was not given. */
struct wire_request {
	struct json_object *root;
	enum wire_verdict verdict;
	enum wire_method method; /* valid with WIRE_SERVE and WIRE_INVALID_PARAMETER */
	const char *name;	 /* as it was called */
	const char *invalid;	 /* the innermost parameter that is wrong */
	bool oneway;
	bool more;
	const char *address;
	const char *interface;
	const char *host_name;
	const char *alias;
	const char *epoch;
	struct wire_count sequence;
	struct wire_count after;
	struct wire_count limit;
	struct filter *filter;
};

/*
 * Reads one message, which must have a NUL behind its len bytes. Returns 0 and fills *ret, which
 * the caller gives to wire_request_done(); -ENOMEM; or another negative errno if it is no call, so
 * that the connection is to be closed, with the reason in *ret_why (borrowed, static).
 */
int wire_request_parse(const char *message, size_t len, struct wire_request *ret,
		       const char **ret_why);
void wire_request_done(struct wire_request *request);

/* Whether more replies of the same call follow. */
enum wire_continues { WIRE_LAST, WIRE_CONTINUES };

/* One reply: begin, members of its parameters, end (with its NUL). */
void wire_reply_begin(struct json_text *t);
void wire_reply_end(struct json_text *t, enum wire_continues continues);

/* An error's reply; its one parameter is a text, a number, or there is none (key NULL). */
void wire_error(struct json_text *t, const char *error, const char *key, const char *text);
void wire_error_number(struct json_text *t, const char *error, const char *key, uint64_t number);

/* Members of a reply that many have. */
void wire_member_text(struct json_text *t, const char *key, const char *text);
void wire_member_uint(struct json_text *t, const char *key, uint64_t value);

/* A value of type Device. */
void wire_device(struct json_text *t, const struct vf *vf);

/* What of it must survive a restart of the daemon: identity, what Nova would store, times. */
void wire_device_brief(struct json_text *t, const struct vf *vf);

/*
 * The same for lists, which are asked for again and again: an image never changes, so its text is
 * kept with it and only copied the next time.
 */
void wire_device_kept(struct json_text *t, struct vf *vf);

/* A value of type Change; merged 1 is the change itself. */
struct wire_change_options {
	bool matches;
	uint64_t merged;
};
void wire_change(struct json_text *t, const struct change *change,
		 const struct wire_change_options *options);

/* A value of type Status. */
void wire_status(struct json_text *t, const struct status *status);

/* A value of type Finding. */
void wire_finding(struct json_text *t, const struct finding *f);

/* The description of an interface that is served, or NULL. Static. */
const char *wire_interface_description(const char *interface);

#endif
