// SPDX-License-Identifier: GPL-2.0-only
/*
 * A stand-in for a vendor's host driver that itself makes its functions VFIO devices: the variant
 * driver with plain ids, so that it has no vfio_pci: alias. It is blacklisted, as with these ids it
 * would be loaded for each virtual function of igb.
 */
#define VFMON_TEST_VENDOR
#include "vfmon_test_vfio_pci.c"
