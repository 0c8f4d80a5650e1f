#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes what run.sh boots: two Debian 13 trees, the kernel, its initial RAM disk and the guest's
# disk. They lie in a folder of the cache that is named after the recipe: everything beside this
# script but the tests themselves. The last line of the output is that folder.
#
# Needs root, for the owners of the files and for chroot; nothing outside the cache is changed.
# shellcheck disable=SC2016 # other programs expand these strings
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${VFMOND_CACHE:-${HOME:?}/.cache/vfmond}
suite=trixie
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

say() {
	echo "image: $*" >&2
}

die() {
	say "$*"
	exit 1
}

recipe() {
	cd "$here"
	find image.sh packages variant guest initramfs -type f -print0 | sort -z |
		xargs -0 sha256sum | sha256sum | cut -c1-16
}

check_tools() {
	local tool

	for tool in mmdebstrap mke2fs flock setpriv unshare; do
		command -v "$tool" >/dev/null ||
			die "$tool is missing: apt-get install mmdebstrap e2fsprogs util-linux"
	done
	[[ -e $keyring ]] || die "$keyring is missing: apt-get install debian-archive-keyring"
	[[ $(id -u) -eq 0 ]] || die "must be root to make the image; run.sh alone need not be"
}

# The archive that this machine's apt uses; VFMOND_MIRROR counts instead. Where apt has fetched
# nothing yet it does not know the labels: then the folder's name tells it from others.
mirror() {
	local sites

	sites=$(apt-get indextargets --format '$(LABEL)|$(SITE)' 2>/dev/null | sort -u |
		sed -n -e 's/^Debian|//p' -e 's,^|\(.*/debian/*\)$,\1,p')
	sites=${VFMOND_MIRROR:-$sites}
	[[ -n $sites ]] || die "apt knows no Debian archive: set VFMOND_MIRROR to one's address"
	echo "${sites%%$'\n'*}"
}

packages() {
	sed '/^#/d' "$here/packages/$1" | paste -sd,
}

# tree NAME [OPTION...]
tree() {
	local name=$1

	shift
	say "$name: installing $(packages "$name" | tr , '\n' | wc -l) packages and what they need"
	mmdebstrap --quiet --mode=root --variant=minbase --format=directory --keyring="$keyring" \
		--dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--include="$(packages "$name")" "$@" "$suite" "$build/$name" "$site" >&2
	say "$name: done"
}

# The kernel's package makes the initial RAM disk when it is installed, with our configuration.
tools_tree() {
	tree tools --setup-hook='mkdir -p "$1/etc/initramfs-tools"' \
		--setup-hook="cp -R '$here/initramfs/.' \"\$1/etc/initramfs-tools\""
	mkdir "$build/tools/"{src,build,out}
}

in_tools() {
	unshare --mount --pid --fork sh -c 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"' \
		"$build/tools" "$@"
}

build_variant() {
	local modules=$build/guest/usr/lib/modules/$release

	say "variant driver: building for $release"
	cp -R "$here/variant" "$build/tools/root/variant"
	in_tools make -s -C /root/variant KERNEL="$release" modules >&2
	install -D -m 0644 -t "$modules/updates" "$build"/tools/root/variant/*.ko
	chroot "$build/guest" depmod "$release"
	grep -q '^alias vfio_pci:v00001B36d00000010.* vfmon_test_vfio_pci$' "$modules/modules.alias" ||
		die "the variant driver has no alias of its own"
	grep -q '^alias pci:v00008086d000010CA.* vfmon_test_vendor$' "$modules/modules.alias" ||
		die "the vendor's stand-in has no alias of its own"
}

# Units that only cost time: nobody logs in, and nothing is kept. libvirtd starts when its socket is
# used, so only in a run that does.
quiet_guest() {
	local unit

	for unit in getty.target serial-getty@.service systemd-timesyncd.service \
		systemd-logind.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
		e2scrub_all.timer e2scrub_reap.service fstrim.timer systemd-pcrphase.service \
		systemd-update-utmp.service systemd-random-seed.service libvirt-guests.service; do
		ln -sf /dev/null "$build/guest/etc/systemd/system/$unit"
	done
	rm "$build/guest/etc/systemd/system/multi-user.target.wants/libvirtd.service"
}

guest_tree() {
	local root=$build/guest

	mkdir -p "$root/usr/lib/modules"
	cp -R "$build/tools/usr/lib/modules/$release" "$root/usr/lib/modules/"
	rm -f "$root/usr/lib/modules/$release/"{build,source}
	build_variant
	cp -R "$here/guest/." "$root/"
	ln -sf /etc/systemd/system/vfmond-system-test.service \
		"$root/etc/systemd/system/multi-user.target.wants/"
	quiet_guest
	systemd_state "$root"
}

# A start that is neither the first nor one after an update, so that it rebuilds nothing.
systemd_state() {
	echo vfmond-guest >"$1/etc/hostname"
	: >"$1/etc/fstab"
	echo 76666d6f6e6400000000000000000001 >"$1/etc/machine-id"
	chroot "$1" systemd-hwdb update
	touch "$1/etc/.updated" "$1/var/.updated"
}

make_disk() {
	say "disk: writing"
	truncate -s 4G "$build/disk.img"
	mke2fs -q -t ext4 -O ^has_journal -E lazy_itable_init=1,root_owner=0:0 \
		-d "$build/guest" "$build/disk.img"
	rm -rf --one-file-system "$build/guest"
}

# In namespaces of its own: whatever ends this script ends these processes and mounts too.
make_trees() {
	say "two Debian 13 trees from $site, once; this takes some minutes"
	tools_tree &
	tree guest
	wait $! || die "the tools tree failed"
	release=$(basename "$build"/tools/usr/lib/modules/*)
	guest_tree
	make_disk
	cp -L "$build/tools/boot/vmlinuz-$release" "$build/vmlinuz"
	cp -L "$build/tools/boot/initrd.img-$release" "$build/initrd"
	chmod 0644 "$build"/{vmlinuz,initrd,disk.img}
	touch "$build/lock"
	mkdir "$build/builds"
}

make_image() {
	local maker

	build=$(mktemp -d "$cache/building.XXXXXX")
	chmod 0755 "$build"
	trap 'rm -rf --one-file-system "$build"' EXIT
	setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --mount-proc \
		"$0" --trees "$build" 9>&- &
	maker=$!
	trap 'kill -KILL $maker; wait $maker || exit 130' INT TERM HUP
	wait $maker || exit 1
	mv "$build" "$cache/system-$1"
}

# A run holds a shared lock on its image, so another checkout's is not taken from under it.
remove_old() {
	local old

	for old in "$cache"/system-*; do
		[[ $old != "$cache/system-$1" ]] || continue
		flock --nonblock --exclusive "$old/lock" rm -rf --one-file-system "$old" || continue
		say "removed $old"
	done
}

if [[ ${1:-} == --trees ]]; then
	build=$2
	site=$(mirror)
	make_trees
	exit
fi
key=$(recipe)
if [[ ! -d $cache/system-$key ]]; then
	check_tools
	mkdir -p "$cache"
	exec 9>"$cache/lock"
	flock 9
	rm -rf --one-file-system "$cache"/building.*
	[[ -d $cache/system-$key ]] || make_image "$key"
	remove_old "$key"
fi
echo "$cache/system-$key"
