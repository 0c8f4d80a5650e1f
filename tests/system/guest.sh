#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Boots the guest; called by run.sh only, in mount and process namespaces that end with it. The
# guest's second serial line is our standard output. From run.sh's environment: image (the folder
# that image.sh made), work (this run's), repo, job (a folder to be put into the guest's
# /usr/lib/vfmond-system-test), with (folders for its root, a line each), product, vfs, nvmes,
# timeout.
set -euo pipefail
: "${image:?} ${work:?} ${repo:?} ${job:?} ${with?} ${product:?} ${vfs:?} ${nvmes:?} ${timeout:?}"

tools=$image/tools

die() {
	echo "guest: $*" >&2
	exit 1
}

# Debian 13's tools, with this run's folders in it. Nobody else sees these mounts.
mount_tools() {
	mount --make-rprivate /
	mount --rbind /dev "$tools/dev"
	mount -t proc proc "$tools/proc"
	mount --bind "$repo" "$tools/src"
	mount --bind "$work" "$tools/out"
}

# Objects are kept with the image for the next run.
build_product() {
	local builds=$image/builds key

	key=$(echo "$repo" | sha256sum | cut -c1-16)
	[[ -w $builds ]] || builds=$work/builds
	mkdir -p "$builds/$key"
	mount --bind "$builds/$key" "$tools/build"
	echo "guest: building vfmond with Debian 13's compiler" >&2
	exec 8>"$builds/$key.lock"
	flock 8
	if ! chroot "$tools" make -C /src -j2 BUILD=/build DESTDIR=/out/root/overlay prefix=/usr \
		install >"$work/build.log" 2>&1; then
		tail -n 40 "$work/build.log" >&2
		die "vfmond can not be built or installed"
	fi
	exec 8>&-
}

# What tries to get out of the sandbox. Static: a sandbox may have no libraries for it.
build_probe() {
	mkdir -p "$work/root/overlay/usr/lib/vfmond-system-test"
	chroot "$tools" sh -c 'cc -std=gnu11 -D_GNU_SOURCE -O1 -static \
		-o /out/root/overlay/usr/lib/vfmond-system-test/probe /src/tests/system/probe*.c'
}

# Else such a call only fails, and nobody sees that the list is too short.
kill_on_refused_call() {
	local unit

	for unit in vfmond vfmond-nova-config; do
		mkdir -p "$1/$unit.service.d"
		printf '[Service]\nSystemCallErrorNumber=kill\n' >"$1/$unit.service.d/kill.conf"
	done
}

# This run's files, in front of the initial RAM disk; a script there puts them on the guest's disk.
make_overlay() {
	local overlay=$work/root/overlay dir

	mkdir -p "$overlay/usr/lib/vfmond-system-test"
	cp -R "$job/." "$overlay/usr/lib/vfmond-system-test/"
	kill_on_refused_call "$overlay/etc/systemd/system"
	while IFS= read -r dir; do
		[[ -z $dir ]] || cp -R "$dir/." "$overlay/"
	done <<<"$with"
	chroot "$tools" sh -c 'cd /out/root && find . | cpio --quiet -o -H newc -R 0:0' >"$work/initrd"
	cat "$image/initrd" >>"$work/initrd"
	cp "$image/vmlinuz" "$work/vmlinuz"
	: >"$work/disk.img"
	mount --bind "$image/disk.img" "$tools/out/disk.img"
	truncate -s 8M "$work/namespace.img"
	chroot "$tools" mke2fs -q -t ext4 -O ^has_journal /out/namespace.img
}

# nvme controllers, each below a root port of its own so that it has buses for its functions, and
# with a namespace that can be mounted.
nvme_options() {
	local n

	for ((n = 0; n < nvmes; n++)); do
		printf '%s ' "-device pcie-root-port,id=nvmeport$n,chassis=$((10 + n)),slot=$((10 + n))" \
			"-device nvme-subsys,id=subsys$n,nqn=nqn.vfmon:$n"
		printf '%s' "-device nvme,id=nvme$n,serial=vfmon$n,bus=nvmeport$n,subsys=subsys$n," \
			"sriov_max_vfs=$vfs,sriov_vq_flexible=$((2 * vfs)),sriov_vi_flexible=$vfs," \
			"max_ioqpairs=$((2 * vfs + 2)),msix_qsize=$((vfs + 2)) "
		printf '%s ' "-device nvme-ns,bus=nvme$n,drive=ns$n" \
			"-drive id=ns$n,if=none,format=raw,file=/out/namespace.img,snapshot=on,cache=unsafe"
	done
}

# The first igb is below a port without ACS: the port, the NIC and its functions share an IOMMU
# group. The functions of the second one have a group each.
run_qemu() {
	local accel="-accel tcg,thread=multi -cpu max" options

	# Only when asked: a /dev/kvm may be there and still not run a guest.
	[[ ${VFMOND_KVM:-} != 1 ]] || accel="-accel kvm -cpu host"
	options="-machine q35,kernel-irqchip=split,sata=off,smbus=off $accel -smp 2 -m 2048
		-display none -monitor none -nodefaults -no-reboot -no-user-config
		-serial file:/out/console.log -serial stdio
		-device intel-iommu,intremap=on
		-kernel /out/vmlinuz -initrd /out/initrd
		-drive id=d0,if=none,format=raw,file=/out/disk.img,snapshot=on,cache=unsafe
		-device virtio-blk-pci,drive=d0 -device virtio-rng-pci
		$(nvme_options)
		-device pcie-root-port,id=igbport,chassis=2,slot=2,disable-acs=on
		-netdev user,id=n0,restrict=on -device igb,bus=igbport,netdev=n0
		-device pcie-root-port,id=aloneport,chassis=3,slot=3
		-netdev user,id=n1,restrict=on -device igb,bus=aloneport,netdev=n1"
	# shellcheck disable=SC2086 # words, none of them with a space in it
	TMPDIR=/out exec timeout --kill-after=10 "$timeout" \
		chroot "$tools" qemu-system-x86_64 $options -append "console=ttyS0 root=/dev/vda rw \
			intel_iommu=on mitigations=off no_timer_check panic=-1 \
			quiet systemd.show_status=0" </dev/null
}

mount_tools
[[ $product -eq 0 ]] || build_product
build_probe
make_overlay
echo "guest: booting" >&2
run_qemu
