/* SPDX-License-Identifier: Apache-2.0 */
/* vfmond: command line and exit status; the rest is daemon.c. */
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

	if (r == OPTIONS_RUN)
		status = daemon_run(&options);
	options_done(&options);
	return status;
}
