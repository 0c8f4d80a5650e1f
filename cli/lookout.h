/* SPDX-License-Identifier: Apache-2.0 */
/* Waits for a daemon that is not there yet. */
#ifndef VFMON_CLI_LOOKOUT_H
#define VFMON_CLI_LOOKOUT_H

#include <stdint.h>

/*
 * Returns when something has appeared where the socket is to be (or where its folder is to be), at
 * the latest after usec: that somebody listens on a socket that exists can not be heard.
 */
void lookout_wait(const char *socket_path, uint64_t usec);

#endif
