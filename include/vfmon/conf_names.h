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
#define CONF_REPORT_IN_PLACEMENT "report_in_placement"
#define CONF_PCI_IN_PLACEMENT "pci_in_placement"
#define CONF_VIRT_TYPE "virt_type"
#define CONF_MDEV_TYPES "enabled_mdev_types"
#define CONF_VGPU_TYPES "enabled_vgpu_types"
#define CONF_OLD_PCI_WHITELIST "passthrough_whitelist"
#define CONF_REPORT_IN_PLACEMENT "report_in_placement"
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

/* Keys of vendor.d's files */
#define VENDOR_KEY_DIRECTORY "directory"
#define VENDOR_KEY_ATTRIBUTES "attributes"
#define VENDOR_KEY_UNUSABLE "unusable"

/* Where a setting comes from */
#define ORIGIN_DEFAULT "default"
#define ORIGIN_FILE "file"
#define ORIGIN_OPTION "option"
#define ORIGIN_FOUND "found" /* + where, in brackets */
#define ORIGIN_ASSUMED "assumed"

/* The value of a version that could not be found */
#define CONF_NEWEST "newest"

/* Keys of an entry of device_spec */
#define SPEC_ADDRESS "address"
#define SPEC_DEVNAME "devname"
#define SPEC_LIVE_MIGRATABLE "live_migratable"
#define SPEC_MANAGED "managed"
#define SPEC_ONE_TIME_USE "one_time_use"
#define SPEC_PHYSICAL_NETWORK "physical_network"
#define SPEC_PRODUCT_ID "product_id"
#define SPEC_REMOTE_MANAGED "remote_managed"
#define SPEC_RESOURCE_CLASS "resource_class"
#define SPEC_TRAITS "traits"
#define SPEC_TRUSTED "trusted"
#define SPEC_VENDOR_ID "vendor_id"

/* Keys of an address with regular expressions */
#define SPEC_ADDRESS_DOMAIN "domain"
#define SPEC_ADDRESS_BUS "bus"
#define SPEC_ADDRESS_SLOT "slot"
#define SPEC_ADDRESS_FUNCTION "function"

/* Keys of an alias that an entry has not */
#define ALIAS_NAME "name"
#define ALIAS_CAPABILITY_TYPE "capability_type"
#define ALIAS_DEVICE_TYPE "device_type"
#define ALIAS_NUMA_POLICY "numa_policy"

/* What Nova calls the device type in a pool, and where an alias asks for it */
#define POOL_DEVICE_TYPE "dev_type"

/* Classes of error of Nova, and Python's that it does not catch */
#define NOVA_INVALID_SPEC "PciConfigInvalidSpec"
#define NOVA_WRONG_ADDRESS "PciDeviceWrongAddressFormat"
#define NOVA_INVALID_DEVNAME "PciDeviceInvalidDeviceName"
#define NOVA_REMOTE_NOT_PRESENT "PciDeviceRemoteManagedNotPresent"
#define NOVA_DEVICE_NOT_FOUND "PciDeviceNotFoundById"
#define NOVA_INVALID_ALIAS "PciInvalidAlias"
#define NOVA_PLACEMENT_ERROR "PlacementPciException"
#define PYTHON_ATTRIBUTE_ERROR "AttributeError"
#define PYTHON_TYPE_ERROR "TypeError"
#define PYTHON_VALUE_ERROR "ValueError"
#define PYTHON_OVERFLOW_ERROR "OverflowError"
#define PYTHON_RECURSION_ERROR "RecursionError"

/* Traits that Nova adds to a provider */
#define TRAIT_MANAGED_DEVICE "COMPUTE_MANAGED_PCI_DEVICE"
#define TRAIT_OWNER_NOVA "OWNER_NOVA"
#define TRAIT_LIVE_MIGRATABLE "HW_PCI_LIVE_MIGRATABLE"
#define TRAIT_ONE_TIME_USE "HW_PCI_ONE_TIME_USE"

/* Releases of Nova that behave in another way than those before, see version.h */
#define NOVA_HAS_MANAGED VERSION(31, 0, 0)
#define NOVA_REFUSES_MIXED_POOLS VERSION(31, 1, 0)
#define NOVA_CHECKS_ALIASES VERSION(31, 3, 1)
#define NOVA_HAS_ONE_TIME_USE VERSION(32, 0, 0)
#define NOVA_OWNS_PROVIDERS VERSION(34, 0, 0)

/* What Nova asks for as soon as an entry has a live_migratable tag */
#define LIBVIRT_LIVE_MIGRATES VERSION(10, 0, 0)
#define QEMU_LIVE_MIGRATES VERSION(8, 2, 2)

#endif
