/* SPDX-License-Identifier: Apache-2.0 */
/* Names in nova.conf and vfmond.conf, a part of names.h. */
#ifndef VFMON_CONF_NAMES_H
#define VFMON_CONF_NAMES_H

/* Sections and options */
#define CONF_SECTION_VFMOND "vfmond"
#define CONF_SECTION_PCI "pci"
#define CONF_SECTION_DEFAULT "DEFAULT"
#define CONF_SECTION_DEVICES "devices"
#define CONF_SECTION_FILTER_SCHEDULER "filter_scheduler"
#define CONF_SECTION_LIBVIRT "libvirt"
#define CONF_OLD_ALIAS "pci_alias"
#define CONF_OLD_WHITELIST "pci_passthrough_whitelist"
#define CONF_UPDATE_INTERVAL "update_resources_interval"
#define CONF_PCI_IN_PLACEMENT "pci_in_placement"
#define CONF_VIRT_TYPE "virt_type"
#define CONF_MDEV_TYPES "enabled_mdev_types"
#define CONF_VGPU_TYPES "enabled_vgpu_types"
#define CONF_DEVICE_SPEC "device_spec"
#define CONF_ALIAS "alias"
#define CONF_STUCK_AFTER "stuck_after"
#define CONF_AUDIT_INTERVAL "audit_interval"
#define CONF_HISTORY_SIZE "history_size"
#define CONF_MAX_CLIENTS "max_clients"
#define CONF_MAX_CLIENTS_PER_USER "max_clients_per_user"
#define CONF_NOVA_CONFIG "nova_config"
#define CONF_NOVA_CONFIG_DIR "nova_config_dir"
#define CONF_NOVA_VERSION "nova_version"
#define CONF_LIBVIRT_VERSION "libvirt_version"
#define CONF_QEMU_VERSION "qemu_version"
#define CONF_GUEST_USER "guest_user"
#define CONF_LOG_LEVEL "log_level"

/* Where a setting comes from */
#define ORIGIN_DEFAULT "default"
#define ORIGIN_FILE "file"

/* Keys of an entry of device_spec */
#define SPEC_ADDRESS "address"
#define SPEC_DEVNAME "devname"
#define SPEC_LIVE_MIGRATABLE "live_migratable"
#define SPEC_MANAGED "managed"
#define SPEC_PHYSICAL_NETWORK "physical_network"
#define SPEC_PRODUCT_ID "product_id"
#define SPEC_REMOTE_MANAGED "remote_managed"
#define SPEC_RESOURCE_CLASS "resource_class"
#define SPEC_TRAITS "traits"
#define SPEC_VENDOR_ID "vendor_id"

#endif
