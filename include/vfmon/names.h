/* SPDX-License-Identifier: Apache-2.0 */
/* Every string that crosses a process border, and the defaults. */
#ifndef VFMON_NAMES_H
#define VFMON_NAMES_H

#include "vfmon/keys.h"

#ifndef VFMON_VERSION
#define VFMON_VERSION "unknown"
#endif

/* Places */
#define VFMON_SOCKET "/run/vfmond/io.vfmon.Monitor"
#define VFMON_CONFIG_FILE "/etc/vfmond/vfmond.conf"
#define VENDOR_FOLDER "vendor.d" /* beside the configuration file */
#ifndef VFMON_VENDOR_DIR
#define VFMON_VENDOR_DIR "/usr/lib/vfmond/vendor.d"
#endif
#define VFMON_NOVA_COPIES "/run/vfmond-nova"
#define VFMON_SYSFS_ROOT "/sys"
#define VFMON_DEV_ROOT "/dev"
#define VFMON_PROC_ROOT "/proc"
#define VFMON_MODULES_DIR "/lib/modules" /* + /<release>/modules.alias */
#define VFMON_GROUP "vfmon"
#define VFMON_VENDOR "vfmon"
#define VFMON_PRODUCT "vfmond"
#define VFMON_URL "https://vfmon.io/"

/* A dump of a host */
#define DUMP_FORMAT "io.vfmon.dump"
#define DUMP_VERSION 1

/* The state file, in the folder that systemd names by STATE_DIRECTORY */
#define STATE_FILE "state.json"

/* Below the proc root */
#define PROC_BOOT_ID "sys/kernel/random/boot_id"
#define PROC_MOUNTINFO "self/mountinfo"
#define PROC_SWAPS "swaps"

/* Environment */
#define ENV_TRACE "VFMOND_TRACE"
#define ENV_STATE_DIRECTORY "STATE_DIRECTORY"

/* File descriptors that systemd passes, by FileDescriptorName= */
#define FD_NAME_VARLINK "varlink"
#define FD_NAME_KERNEL "kernel"

/* sysfs, below the root */
#define SYSFS_PCI_DEVICES "bus/pci/devices"
#define SYSFS_PCI_DRIVERS "bus/pci/drivers"
#define SYSFS_IOMMU_GROUPS "kernel/iommu_groups"
#define SYSFS_MODULE "module"
#define SYSFS_VFIO_HOLDERS "module/vfio_pci_core/holders"
#define SYSFS_CLASS_NET "class/net"
#define SYSFS_DEV_BLOCK "dev/block"
#define SYSFS_VDPA_DEVICES "bus/vdpa/devices"
#define SYSFS_NVME_SUBSYSTEMS "devices/virtual/nvme-subsystem"

/* sysfs, below a function */
#define SYSFS_DRIVER "driver"
#define SYSFS_DRIVER_OVERRIDE "driver_override"
#define SYSFS_DRIVERS_AUTOPROBE "sriov_drivers_autoprobe"
#define SYSFS_ENABLE "enable"
#define SYSFS_IOMMU_GROUP "iommu_group"
#define SYSFS_MODALIAS "modalias"
#define SYSFS_MASTER "master" /* of an interface: the bridge, bond or switch that has it */
#define SYSFS_NET "net"
#define SYSFS_NUMA_NODE "numa_node"
#define SYSFS_NUM_VFS "sriov_numvfs" /* never opened: reading it can block for ever */
#define SYSFS_PHYSFN "physfn"
#define SYSFS_SRIOV_OFFSET "sriov_offset"
#define SYSFS_SRIOV_STRIDE "sriov_stride"
#define SYSFS_TOTAL_VFS "sriov_totalvfs"
#define SYSFS_UEVENT "uevent"
#define SYSFS_VFIO_DEV "vfio-dev"
#define SYSFS_VPD "vpd"
#define SYSFS_VIRTFN "virtfn"

/* sysfs, below a group, a driver and a module */
#define SYSFS_GROUP_NAME "name"
#define SYSFS_GROUP_NAME_NOIOMMU "vfio-noiommu"
#define SYSFS_DRIVER_MODULE "module"
#define SYSFS_MODULE_DRIVERS "drivers"
#define SYSFS_MODULE_DRIVER_PREFIX "pci:"
#define SYSFS_VFIO_DEVICE_PREFIX "vfio" /* of the names below vfio-dev/ */
#define SYSFS_VFIO_DEVICE_PREFIX_NOIOMMU "noiommu-vfio"
#define SYSFS_OVERRIDE_UNSET "(null)"

/* udev */
#define UDEV_CONTROL "/run/udev/control" /* there while udevd runs */
#define HWDB_VENDOR "ID_VENDOR_FROM_DATABASE"
#define HWDB_MODEL "ID_MODEL_FROM_DATABASE"

/* Device nodes, below the root of /dev */
#define DEV_VFIO_GROUPS "vfio"
#define DEV_VFIO_CONTAINER "vfio/vfio"
#define DEV_VFIO_DEVICES "vfio/devices"

/* Paths of device nodes as they are told, whatever the root */
#define VFIO_NODE_GROUP "/dev/vfio/"
#define VFIO_NODE_NOIOMMU "/dev/vfio/noiommu-"
#define VFIO_NODE_CDEV "/dev/vfio/devices/"

/* A flavor's property that asks for functions by an alias, NAME:COUNT */
#define NOVA_ALIAS_PROPERTY "pci_passthrough:alias"

/* Nova's device types (PciDeviceType) */
#define NOVA_TYPE_PF "type-PF"
#define NOVA_TYPE_VF "type-VF"
#define NOVA_TYPE_PCI "type-PCI"
#define NOVA_TYPE_VDPA "vdpa"

/* Keys of uevents and of the uevent file */
#define UEVENT_KEY_ACTION "ACTION"
#define UEVENT_KEY_DEVPATH "DEVPATH"
#define UEVENT_KEY_SUBSYSTEM "SUBSYSTEM"
#define UEVENT_KEY_SEQNUM "SEQNUM"
#define UEVENT_KEY_SYNTH_UUID "SYNTH_UUID"
#define UEVENT_KEY_DRIVER "DRIVER"
#define UEVENT_KEY_PCI_CLASS "PCI_CLASS"
#define UEVENT_KEY_PCI_ID "PCI_ID"
#define UEVENT_KEY_PCI_SUBSYS_ID "PCI_SUBSYS_ID"
#define UEVENT_KEY_MODALIAS "MODALIAS"

/* Subsystems of uevents that say something about a function */
#define SUBSYSTEM_PCI "pci"
#define SUBSYSTEM_VFIO_DEV "vfio-dev"
#define SUBSYSTEM_VFIO "vfio"
#define SUBSYSTEM_NET "net"
#define SUBSYSTEM_BLOCK "block"
#define SUBSYSTEM_VDPA "vdpa"
#define SUBSYSTEM_DRIVERS "drivers"
#define SUBSYSTEM_MODULE "module"
#define DEVPATH_VFIO_GROUPS "/devices/virtual/vfio/"
#define DEVPATH_PCI_DRIVERS "/bus/pci/drivers/"
#define NOIOMMU_GROUP_PREFIX "noiommu-" /* of a group's name in devpaths and in /dev */

/* Facts of the kernel about IOMMU groups: what stays in one without taking it */
#define PCI_STUB_DRIVER "pci-stub"
#define PCI_CLASS_BRIDGE 0x0604

/* What libvirt before 10.0 binds every function to, and what is there if nothing better is known */
#define VFIO_PCI_DRIVER "vfio-pci"
#define VFIO_PCI_MODULE "vfio_pci"

/* Commands of remedies */
#define REMEDY_DRIVERCTL "driverctl set-override %s %s"
#define REMEDY_PROBE "echo %s > /sys/bus/pci/drivers_probe"
#define REMEDY_UNBIND "echo %s > /sys/" SYSFS_PCI_DEVICES "/%s/" SYSFS_DRIVER "/unbind && "
#define REMEDY_BIND                                                                                \
	"modprobe %s && echo %s > /sys/" SYSFS_PCI_DEVICES "/%s/" SYSFS_DRIVER_OVERRIDE            \
	" && %s" REMEDY_PROBE
#define REMEDY_BIND_AGAIN REMEDY_UNBIND "echo %s > /sys/" SYSFS_PCI_DRIVERS "/%s/bind"

/* Interfaces, methods and errors */
#define IFACE_SERVICE "org.varlink.service"
#define IFACE_MONITOR "io.vfmon.Monitor"
#define METHOD_GET_INFO "GetInfo"
#define METHOD_GET_INTERFACE_DESCRIPTION "GetInterfaceDescription"
#define METHOD_LIST_DEVICES "ListDevices"
#define METHOD_GET_DEVICE "GetDevice"
#define METHOD_WATCH_DEVICES "WatchDevices"
#define METHOD_GET_HISTORY "GetHistory"
#define METHOD_LIST_VANISHED_DEVICES "ListVanishedDevices"
#define METHOD_GET_STATUS "GetStatus"
#define METHOD_CHECK_CONFIGURATION "CheckConfiguration"
#define METHOD_EXPLAIN_READINESS "ExplainReadiness"
#define METHOD_DESCRIBE_HOSTDEV "DescribeHostdev"
#define METHOD_LIST_RESOURCE_PROVIDERS "ListResourceProviders"
#define METHOD_RESOLVE_ALIAS "ResolveAlias"
#define ERROR_INTERFACE_NOT_FOUND IFACE_SERVICE ".InterfaceNotFound"
#define ERROR_METHOD_NOT_FOUND IFACE_SERVICE ".MethodNotFound"
#define ERROR_METHOD_NOT_IMPLEMENTED IFACE_SERVICE ".MethodNotImplemented"
#define ERROR_INVALID_PARAMETER IFACE_SERVICE ".InvalidParameter"
#define ERROR_EXPECTED_MORE IFACE_SERVICE ".ExpectedMore"
#define ERROR_NO_SUCH_DEVICE IFACE_MONITOR ".NoSuchDevice"
#define ERROR_INVALID_ADDRESS IFACE_MONITOR ".InvalidAddress"
#define ERROR_NOT_TRACKED IFACE_MONITOR ".NotTracked"
#define ERROR_NO_SUCH_ALIAS IFACE_MONITOR ".NoSuchAlias"
#define ERROR_TOO_MANY_CLIENTS IFACE_MONITOR ".TooManyClients"

/* Members of calls and replies (the fields of Device that can change are in vf.h) */
#define KEY_METHOD "method"
#define KEY_PARAMETERS "parameters"
#define KEY_ONEWAY "oneway"
#define KEY_MORE "more"
#define KEY_UPGRADE "upgrade"
#define KEY_CONTINUES "continues"
#define KEY_ERROR "error"

/* Journal fields beside VF= and PF= */
#define JOURNAL_VF "VF"
#define JOURNAL_PF "PF"
#define JOURNAL_PREFIX "VFMON_"

/* Defaults of the configuration */
#define DEFAULT_STUCK_AFTER_USEC (10 * 1000000ULL)
#define DEFAULT_AUDIT_INTERVAL_USEC (300 * 1000000ULL)
#define DEFAULT_HISTORY_BYTES (4ULL << 20)
#define DEFAULT_MAX_CLIENTS 1024
#define DEFAULT_MAX_CLIENTS_PER_USER 256

/* Limits of the interface */
#define MAX_REQUEST_BYTES (64ULL << 10)
#define MAX_PLAIN_REPLY_BYTES (8ULL << 20)
#define SNAPSHOT_DEVICES 256
#define MAX_CLIENT_INPUT_BYTES (16ULL << 10) /* read at a time */
#define MAX_CLIENT_OUTPUT_BYTES (256ULL << 10)
#define BOOKMARK_AFTER_USEC (30 * 1000000ULL)
#define REQUEST_WITHIN_USEC (60 * 1000000ULL)
#define READ_WITHIN_USEC (60 * 1000000ULL)

#endif
