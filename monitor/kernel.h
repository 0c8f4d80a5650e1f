/* SPDX-License-Identifier: Apache-2.0 */
/* What the running kernel offers. */
#ifndef VFMOND_KERNEL_H
#define VFMOND_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

/* Whether a VFIO device shows in vfio-dev/ (6.1 and later, kernel facts 7). */
bool kernel_has_vfio_dev(void);

/* Whether there is a node for containers of groups; the module that makes it may come later. */
bool kernel_has_group_nodes(const char *dev_root);

/* The namespace of networks that this process is in, as an inode number; 0: not known. */
uint64_t kernel_network_namespace(void);

#endif
