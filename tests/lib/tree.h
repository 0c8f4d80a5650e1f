/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small host made of files: a fake sysfs and /dev in a temporary folder, in the words of the
 * domain. Each call leaves what the kernel would leave; whatever fails ends the test program.
 */
#ifndef VFMON_TESTS_TREE_H
#define VFMON_TESTS_TREE_H

struct tree;

/* An empty host with a PCI bus. The caller frees. */
struct tree *tree_new(void);

/* Removes the folder. Takes NULL. */
void tree_free(struct tree *t);

/* Its folders and its modules.alias, which is there after tree_set_aliases(). Borrowed. */
const char *tree_sysfs(const struct tree *t);
const char *tree_dev(const struct tree *t);
const char *tree_modules_alias(const struct tree *t);
const char *tree_proc(const struct tree *t);

/* A plain function, of vendor 0x8086, product 0x10c9, class 0x020000, NUMA node 1. */
void tree_add_function(struct tree *t, const char *addr);

/* The same with the SR-IOV capability. */
void tree_add_pf(struct tree *t, const char *addr, int total_vfs);

/* Makes it have count VFs, product 0x10ca: at routing id + 128, each two further. */
void tree_set_vfs(struct tree *t, const char *pf, int count);

/* The address of a PF's VF; borrowed until the next call. */
const char *tree_vf(const char *pf, int index);

/* The whole function goes. */
void tree_remove(struct tree *t, const char *addr);

/* A driver, with its module (NULL: built in). */
void tree_add_driver(struct tree *t, const char *driver, const char *module);

/* Link and DRIVER=, both, or only one of them as in the middle of a probe or an unbind. */
void tree_bind(struct tree *t, const char *addr, const char *driver);
void tree_unbind(struct tree *t, const char *addr);
void tree_remove_link(struct tree *t, const char *addr);

void tree_set_override(struct tree *t, const char *addr, const char *text);
void tree_set_group(struct tree *t, const char *addr, int group);
void tree_add_vfio_device(struct tree *t, const char *addr, const char *name);
void tree_add_interface(struct tree *t, const char *addr, const char *name);

/* A node of /dev, for example "vfio/12". */
void tree_add_node(struct tree *t, const char *path);
void tree_set_aliases(struct tree *t, const char *text);

/* A block device, number "259:3", at a path below sysfs such as "devices/pci/<addr>/nvme/nvme0/n1". */
void tree_add_disk(struct tree *t, const char *number, const char *path);

/* A link in sysfs; target is a path below sysfs too. */
void tree_link(struct tree *t, const char *path, const char *target);

/* A file below the tree's proc root. */
void tree_write_proc(struct tree *t, const char *path, const char *text);

/* Any file below the tree's sysfs, with the folders above it; NULL removes it. */
void tree_write(struct tree *t, const char *path, const char *text);

/* A file of a function whose reader blocks for ever. */
void tree_make_blocking(struct tree *t, const char *addr, const char *name);

#endif
