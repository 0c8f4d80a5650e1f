/* SPDX-License-Identifier: Apache-2.0 */
/* The address of a PCI function: parse, format, compare. */
#ifndef VFMON_PCI_ADDR_H
#define VFMON_PCI_ADDR_H

#include <stddef.h>
#include <stdint.h>

/* Room for the longest text, "ffffffff:ff:1f.7", and its NUL. */
#define PCI_ADDR_TEXT_MAX 17

/* The domain can need more than 16 bits (VMD starts at 0x10000). */
struct pci_addr {
	uint32_t domain;
	uint8_t bus;
	uint8_t slot;
	uint8_t func;
};

/*
 * Reads the kernel's own form, "dddd:bb:dd.f" with four to eight digits of domain, digits in
 * either case; the whole text must be one address. Returns 0 or -EINVAL.
 */
int pci_addr_parse(const char *text, struct pci_addr *ret);

/* The same for text of a given length that need not end in a NUL. */
int pci_addr_parse_n(const char *text, size_t len, struct pci_addr *ret);

/*
 * Reads what a person types: as pci_addr_parse(), or without the domain, which is then 0000.
 * Returns 0 or -EINVAL.
 */
int pci_addr_parse_short(const char *text, struct pci_addr *ret);

/* Writes the kernel's form in lower case into buf and returns buf. */
const char *pci_addr_format(const struct pci_addr *a, char buf[static PCI_ADDR_TEXT_MAX]);

/* Orders by domain, bus, slot, function: below 0, 0 or above 0. */
int pci_addr_compare(const struct pci_addr *a, const struct pci_addr *b);

/*
 * Finds the last component of a path (a devpath, a link's target) that is an address, for example
 * that of the function behind "/devices/pci0000:00/0000:00:03.0/net/eth0". Returns 0 or -ENOENT.
 */
int pci_addr_from_path(const char *path, struct pci_addr *ret);

#endif
