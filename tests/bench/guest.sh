#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What of the benchmark runs in the guest of tests/system: the scan of the real sysfs, beside
# lspci -Dk too, and real uevents. The VFs have no driver, as theirs would only fail to probe them.
set -eu

modprobe --all nvme igb
udevadm settle
for pf in /sys/bus/pci/devices/*/sriov_totalvfs; do
	pf=${pf%/sriov_totalvfs}
	echo 0 >"$pf/sriov_drivers_autoprobe"
	read -r total <"$pf/sriov_totalvfs"
	echo "$total" >"$pf/sriov_numvfs"
done
udevadm settle
systemctl stop vfmond.service vfmond.socket vfmond-kernel.socket
mkdir -p /tmp/empty/bus/pci/devices /tmp/empty/bus/pci/drivers
export BENCH_DAEMON=/usr/sbin/vfmond
/usr/lib/vfmond-bench/bench_scan /tmp/empty lspci
/usr/lib/vfmond-bench/bench_event
