/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nova's [pci] device_spec: which entry takes a function, and what it says of it. Follows
 * nova/pci/devspec.py and nova/pci/whitelist.py of Nova 31.0.0.
 */
#ifndef VFMON_DEVICE_SPEC_H
#define VFMON_DEVICE_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vfmon/pci_addr.h"
#include "vfmon/spec_error.h"
#include "vfmon/version.h"

struct device_specs;

struct spec_tag {
	const char *name;
	const char *value; /* a value that is no string as its JSON text */
};

/*
 * What the entry that takes a function says of it. Shared by all functions with the same ids that
 * the entry takes; counted, never changed; lives longer than the configuration it came from.
 */
struct spec_match {
	unsigned int refs;
	unsigned int index; /* number of the entry, from 0, in Nova's order */
	unsigned int line;  /* first line of the value, from 1 */
	const char *file;
	bool managed;		    /* as the entry says; true where it does not */
	bool managed_effective;	    /* as the guest's XML will say */
	const char *resource_class; /* normalised; the default from the ids where none is given */
	const char *const *traits;  /* normalised, sorted, without those that Nova adds */
	size_t trait_count;
	const struct spec_tag *tags; /* all but vendor_id, product_id, address and devname */
	size_t tag_count;
	bool has_physical_network; /* a true one: kept out of Placement */
	bool remote_managed;	   /* true */
};

/* One more reference; takes NULL. Returns match. */
struct spec_match *spec_match_ref(struct spec_match *match);

/* Gives a reference back, the last one frees; takes NULL. Returns NULL. */
struct spec_match *spec_match_unref(struct spec_match *match);

/* Whether two matches say the same of a function; takes NULL. */
bool spec_match_equal(const struct spec_match *a, const struct spec_match *b);

/* The same, wherever the entries stand. */
bool spec_match_says_same(const struct spec_match *a, const struct spec_match *b);

/*
 * A match of its own with copies of what like says: it comes from a dump, not from an entry here.
 * Returns 0 or -ENOMEM; the caller has the reference.
 */
int spec_match_import(const struct spec_match *like, struct spec_match **ret);

/* One occurrence of the option. */
struct spec_value {
	const char *file;
	unsigned int line;   /* of its first character */
	unsigned int column; /* the same */
	const char *text;    /* continuation lines joined by a newline */
	size_t len;
	/* Column of each line of text, as in struct nova_conf_value; NULL: column, then all 1. */
	const unsigned int *columns;
};

/* Which Nova is followed, and the options that its rules look at. */
struct spec_rules {
	version_t nova; /* 0: the newest */
	bool report_in_placement;
	bool is_parallels; /* [libvirt] virt_type: then no guest has a managed device */
};

/* An empty list. Returns 0 or -ENOMEM. */
int device_specs_new(const struct spec_rules *rules, struct device_specs **ret);

/* Takes NULL. Returns NULL. */
struct device_specs *device_specs_free(struct device_specs *specs);

/*
 * Adds the entries of one value behind those that are there. Returns 0, -ENOMEM, or -EINVAL with
 * *ret_error filled and the list as it was: Nova refuses to start with such a value.
 */
int device_specs_add(struct device_specs *specs, const struct spec_value *value,
		     struct spec_error *ret_error);

size_t device_specs_count(const struct device_specs *specs);

/* What matching needs to know of a function. */
struct spec_subject {
	struct pci_addr addr;
	uint16_t vendor_id;
	uint16_t product_id;
	bool has_parent; /* a VF: parent is its PF */
	struct pci_addr parent;
	const char *card_serial; /* NULL: none, or not known */
};

/* What entries ask of the host besides the function itself. */
struct spec_host {
	/*
	 * May be NULL. Whether a function has exactly this name ("0000:0a:00.0") in sysfs and its sriov_totalvfs
	 * is above 0: then an entry with this address is a PF's (Nova's is_physical_function()).
	 */
	bool (*is_physical_function)(const char *name, void *arg);
	/* May be NULL. The function of the network interface of this name, if there is one. */
	bool (*find_interface)(const char *name, struct pci_addr *ret, void *arg);
	void *arg;
};

/*
 * What the first entry that takes the function says of it, with a reference for the caller; NULL if
 * none does. Without a host (NULL) no entry is a PF's, and none with a devname takes anything. Returns
 * 0 or -ENOMEM.
 */
int device_specs_match(struct device_specs *specs, const struct spec_host *host,
		       const struct spec_subject *subject, struct spec_match **ret);

/* Whether any entry asks the host for interfaces by name, or for a card's serial number. */
bool device_specs_use_devname(const struct device_specs *specs);
bool device_specs_use_card_serial(const struct device_specs *specs);

/*
 * Whether an entry with a true remote_managed would take this function if its card had a serial
 * number: only then is its VPD read.
 */
bool device_specs_want_card_serial(const struct device_specs *specs, const struct spec_host *host,
				   const struct spec_subject *subject);

/* One entry, for the lint. Texts and arrays are borrowed. */
struct spec_info {
	const char *file;
	unsigned int line;	 /* first line of the value */
	unsigned int entry_line; /* of the entry's own first character */
	unsigned int entry_column;
	bool matches_everything; /* nothing that narrows, a true remote_managed included */
	bool is_exact;		 /* its address is one function's */
	const char *address;	 /* that one, as Nova would look for it in sysfs; NULL: not exact */
	const char *devname;	 /* NULL: none */
	bool remote_managed;	 /* true */
	const char *remote_managed_text; /* the tag as it was written; NULL: not given */
	bool remote_managed_is_text;	 /* JSON's own true and false equal no text */
	bool has_resource_class;	 /* a true value */
	bool resource_class_is_text;	 /* a true value that is no text makes Nova log an error */
	bool traits_are_text;
	bool has_structured_tag; /* a tag whose value is an array or object */
	const struct spec_tag *tags;
	size_t tag_count;
	const char *resource_class; /* normalised; NULL: from the ids */
	const char *const *traits;  /* normalised, sorted */
	size_t trait_count;
	bool managed;
	bool managed_is_set;
	const char *physical_network; /* NULL: none or null; what is no text as JSON */
};
void device_specs_get(const struct device_specs *specs, size_t index, struct spec_info *ret);

/* Whether the entry of that number, looked at alone, would take the function. */
bool device_specs_takes(const struct device_specs *specs, size_t index,
			const struct spec_host *host, const struct spec_subject *subject);

/*
 * Whether two entries have the same conditions: vendor_id, product_id, address, devname, and a true
 * remote_managed, which takes only functions with a card's serial number.
 */
bool device_specs_same_conditions(const struct device_specs *specs, size_t a, size_t b);

/*
 * Whether Nova would refuse to start because of this entry on this host: a true remote_managed on a
 * PF's address or on a devname that does not exist. Returns a sentence and *ret_class, or NULL.
 */
const char *device_specs_refused(const struct device_specs *specs, size_t index,
				 const struct spec_host *host, const char **ret_class);

#endif
