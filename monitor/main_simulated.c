/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vfmond-simulated: vfmond for a simulated host. One difference: it takes events that a process has
 * sent, which the installed daemon must never do.
 */
#include <errno.h>
#include <stdlib.h>

#include "daemon.h"
#include "options.h"

#define EXIT_USAGE 2

int main(int argc, char **argv)
{
	struct options options;
	int r = options_parse(argc, argv, &options);
	int status = r == -EINVAL ? EXIT_USAGE : r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;

	options.accept_injected = true;
	if (r == OPTIONS_RUN)
		status = daemon_run(&options);
	options_done(&options);
	return status;
}
