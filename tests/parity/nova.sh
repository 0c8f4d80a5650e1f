#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs a program beside a real Nova: nova.sh SUITE [PROGRAM [ARGUMENT...]]
#
# SUITE is trixie (Nova 31.0.0) or sid (a later one, whatever Debian has at that time). The first
# run makes a tree of that suite with python3-nova in it; the tree stays in the cache, in a folder
# named after what makes it. The program runs in it with this folder as /parity, an empty
# and writable /sys of its own, and no network. Without a program: prints the tree's Nova version.
#
# Needs root, for chroot and mounts, which are in a namespace of their own and end with the program.
# shellcheck disable=SC2016 # other programs expand these strings
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${VFMOND_CACHE:-${HOME:?}/.cache/vfmond}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
packages=python3-nova

say() {
	echo "nova: $*" >&2
}

die() {
	say "$*"
	exit 1
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

check_tools() {
	command -v mmdebstrap >/dev/null || die "mmdebstrap is missing: apt-get install mmdebstrap"
	[[ -e $keyring ]] || die "$keyring is missing: apt-get install debian-archive-keyring"
}

# How a tree is made: install FOLDER SITE. Unstable's index is valid for a week only, and an archive
# that stands still is as good for this; its signature counts in any case.
install() {
	mmdebstrap --quiet --mode=root --variant=minbase --format=directory --keyring="$keyring" \
		--dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
		--aptopt='APT::Install-Recommends "false"' \
		--aptopt='Acquire::Check-Valid-Until "false"' --include="$packages" \
		"$suite" "$1" "$2" >&2
	mkdir -p "$1/parity"
}

# In namespaces of its own: whatever ends this script ends these processes and mounts too.
make_tree() {
	local maker

	making=$(mktemp -d "$cache/making-nova.XXXXXX")
	chmod 0755 "$making"
	trap 'rm -rf --one-file-system "$making"' EXIT
	setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --mount-proc \
		"$0" "$suite" --make "$making/tree" 9>&- &
	maker=$!
	trap 'kill -KILL $maker; wait $maker || exit 130' INT TERM HUP
	wait $maker || exit 1
	mv "$making/tree" "$1"
	rm -rf --one-file-system "$making"
	trap - EXIT INT TERM HUP
}

suite=${1:?usage: nova.sh trixie|sid [PROGRAM [ARGUMENT...]]}
shift
[[ $suite == trixie || $suite == sid ]] || die "$suite: neither trixie nor sid"
[[ $(id -u) -eq 0 ]] || die "must be root"
if [[ ${1:-} == --make ]]; then
	site=$(mirror)
	say "$suite: making a tree with $packages from $site, once; this takes some minutes"
	install "$2" "$site"
	exit
fi
tree=$cache/nova-$suite-$({ declare -f install; echo "$packages"; } | sha256sum | cut -c1-16)
if [[ ! -d $tree ]]; then
	check_tools
	mkdir -p "$cache"
	exec 9>"$cache/nova-$suite.lock"
	flock 9
	[[ -d $tree ]] || make_tree "$tree"
	exec 9>&-
fi
[[ $# -gt 0 ]] || exec dpkg-query --admindir="$tree/var/lib/dpkg" -W -f '${Version}\n' python3-nova
exec setpriv --pdeathsig KILL unshare --mount --net --pid --fork --kill-child sh -c '
	mount -t proc proc "$1/proc" && mount -t tmpfs -o mode=0755 tmpfs "$1/sys" &&
	mount --bind "$2" "$1/parity" && root=$1 && shift 2 &&
	exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root PYTHONDONTWRITEBYTECODE=1 \
		chroot "$root" "$@"' sh "$tree" "$here" "$@"
