/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has to be equal at the end. The host is what the simulator's model says, put into the words
 * of the interface here, not by a scan with the daemon's own code.
 */
#ifndef VFMON_TEST_TRUTH_H
#define VFMON_TEST_TRUTH_H

#include "monitored.h"
#include "view.h"

/* Each fails the run with what differs first. */

/* The registry against the simulator's model. */
void truth_check_registry(const struct monitored *m);

/*
 * The registry against one that has only just read the host: the verdicts, and all else that the
 * model does not know, must not depend on the way there. Time passes.
 */
void truth_check_fresh(struct monitored *m);

/* What a client has against the registry. */
void truth_check_view(const struct monitored *m, const struct view *v);

#endif
