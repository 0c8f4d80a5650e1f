/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a small hardware database in systemd's binary form, as systemd-hwdb would. */
#ifndef VFMON_TESTS_HWDB_H
#define VFMON_TESTS_HWDB_H

/*
 * Knows vendor 8086 ("Intel Corporation") and its product 10ca ("82576 Virtual Function"). Ends the
 * test program if it can not be written.
 */
void hwdb_write(const char *path);

#endif
