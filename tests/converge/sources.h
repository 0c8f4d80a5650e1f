/* SPDX-License-Identifier: Apache-2.0 */
/* The sources of events of a run, wired to its tracker as hearing.c does. */
#ifndef VFMON_TEST_SOURCES_H
#define VFMON_TEST_SOURCES_H

#include "monitored.h"

/* What systemd has kept meanwhile is read and not believed. Ends the program on failure. */
void sources_open(struct monitored *m);
void sources_close(struct monitored *m);

/* Each reads what waits there; all but the first return whether there was anything. */
void sources_read_uevents(struct monitored *m);
bool sources_read_udev(struct monitored *m);
bool sources_read_aliases(struct monitored *m);
bool sources_read_inotify(struct monitored *m);

/* As the operations of these names; arg is the struct monitored. */
bool sources_hear_all(void *arg);
void sources_on_written(const struct pci_addr *addr, enum inotify_written what, void *arg);

#endif
