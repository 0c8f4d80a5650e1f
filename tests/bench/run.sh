#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# run.sh BUILD: measures the budgets side by side with the least that any program must do, prints a
# table of ratios, and writes it to BUILD/bench.txt. Nothing is asserted: a ratio over its budget is
# marked and that is all. Takes some minutes; nothing else should run meanwhile. BENCH_SIZES: other
# numbers of VFs; BENCH_GUEST=0: without the guest.
set -euo pipefail

build=$(realpath "${1:?usage: run.sh BUILD}")
here=$(cd "$(dirname "$0")" && pwd)
programs=$build/tests/bench
sizes=${BENCH_SIZES:-1024 4096 16384}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/empty/bus/pci/devices" "$work/empty/bus/pci/drivers"

# host VFS: a scenario with so many, in PFs of 256 that are two buses apart.
host() {
	local left=$1 bus=0 vfs

	echo "driver mlx5_core id 15b3:101d id 15b3:101e net"
	echo "driver vfio-pci vfio generic"
	echo "driver mlx5_vfio_pci vfio variant id 15b3:101e"
	while [[ $left -gt 0 ]]; do
		vfs=$((left < 256 ? left : 256))
		printf 'pf 0000:%02x:00.0 15b3:101d total 256 vf-id 101e\n' $bus
		printf 'vfs 0000:%02x:00.0 %d\n' $bus $vfs
		left=$((left - vfs))
		bus=$((bus + 2))
	done
	echo start
}

# simulated VFS PROGRAM [ARGUMENT...]
simulated() {
	local vfs=$1 program=$2

	shift 2
	host "$vfs" >"$work/$vfs.scenario"
	BENCH_DAEMON=$build/vfmond-simulated "$build/vfmond-sim" "$work/$vfs.scenario" -- \
		"$programs/$program" "$@"
}

on_this_host() {
	BENCH_DAEMON=$build/vfmond "$programs/$1"
}

# On the real sysfs of the guest with 127 VFs, whose kernel is slow to answer, as any is.
in_guest() {
	mkdir -p "$work/with/usr/lib/vfmond-bench"
	cp "$programs/bench_scan" "$programs/bench_event" "$work/with/usr/lib/vfmond-bench/"
	"$here/../system/run.sh" --vfs 127 --with "$work/with" --script "$here/guest.sh" |
		sed 's/^/guest: /' | grep "$(printf '\t')"
}

measure() {
	local vfs

	on_this_host bench_event
	for vfs in $sizes; do
		simulated "$vfs" bench_event
		simulated "$vfs" bench_scan "$work/empty"
		simulated "$vfs" bench_list
	done
	simulated 64 bench_fanout
	simulated 16384 bench_long
	[[ ${BENCH_GUEST:-1} == 0 ]] || in_guest
}

table() {
	awk -F '\t' 'BEGIN { printf "%-46s %12s %12s %7s %7s\n", "", "vfmond", "least", "ratio", "budget" }
		NF == 5 { printf "%-46s %12s %12s %7s %7s%s\n", $1, $2, $3, $4, $5,
			($4 + 0 > $5 + 0 ? "  OVER" : "")
			fflush() }'
}

# How each cost grows from the smallest size to the largest, as a factor.
growth() {
	awk -F '\t' -v sizes="$sizes" 'BEGIN { n = split(sizes, size, " "); from = size[1]; to = size[n] }
		match($1, /[0-9]+ functions/) {
			count = substr($1, RSTART, RLENGTH) + 0
			name = $1
			sub(/[0-9]+ functions/, "N functions", name)
			if (count >= from && count < from * 1.1) { first[name] = $2; least[name] = $3 }
			if (count >= to && name in first && first[name] > 0)
				printf "from %d to %d: %-40s vfmond x %.2f, least x %.2f\n", from, to,
					name, $2 / first[name], (least[name] > 0 ? $3 / least[name] : 0)
		}'
}

header() {
	echo "vfmond $(cat "$here/../../VERSION") on Linux $(uname -r), $(nproc) CPUs," \
		"$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1), $(date -u +%F)"
}

header | tee "$build/bench.txt"
measure | tee "$work/lines" | table | tee -a "$build/bench.txt"
growth <"$work/lines" | tee -a "$build/bench.txt"
