#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# From a fresh clone on Debian 12 or 13 to a running or a tested vfmond. `bootstrap.sh help` says
# what each command does.
set -uo pipefail

top=$(cd "$(dirname "$0")" && pwd)
build=$top/build
scenario=$top/examples/scenarios/tour.scenario

# Debian's names, the same in 12 and 13.
build_packages=(gcc libc6-dev make pkgconf libudev-dev libevent-dev libnl-3-dev
	libjson-c-dev libsystemd-dev libpcre2-dev libsmartcols-dev)
test_packages=("${build_packages[@]}" libcmocka-dev clang libclang-rt-dev
	clang-format clang-tidy cppcheck shellcheck mandoc codespell pyflakes3 python3 findutils
	procps util-linux e2fsprogs mmdebstrap debian-archive-keyring)

help() {
	cat <<'END'
usage: ./bootstrap.sh COMMAND
  run    build vfmond, start it on this machine's own PCI functions and show what changes; where
         there is no SR-IOV function, a simulated host is played. Ctrl-C ends it.
  test   build everything and run all tests, those in a guest with real virtual functions
         included. The guest's image is made once and kept in VFMOND_CACHE (~/.cache/vfmond).
  help   show this

Each command installs what it needs from this machine's Debian packages; no apt source is changed.
END
}

say() {
	echo "bootstrap: $*" >&2
}

die() {
	say "$*"
	exit 1
}

# as_root WHY COMMAND...
as_root() {
	local why=$1

	shift
	if [[ $(id -u) -eq 0 ]]; then
		"$@"
		return
	fi
	command -v sudo >/dev/null || die "there is no sudo to $why; let root run: $*"
	say "sudo, to $why"
	sudo -- true || die "sudo gives no root here; let root run: $*"
	sudo -- "$@"
}

# os NAME: a value of os-release.
os() {
	# shellcheck source=/dev/null
	(. /etc/os-release 2>/dev/null && echo "${!1:-}")
}

check_system() {
	case "$(os ID) $(os VERSION_ID)" in
	"debian 12" | "debian 13") return ;;
	esac
	[[ " $(os ID) $(os ID_LIKE) " == *" debian "* ]] && command -v apt-get >/dev/null ||
		die "this is $(os PRETTY_NAME), not Debian 12 or 13; what is needed is listed in $0"
	say "this is $(os PRETTY_NAME); only Debian 12 and 13 were tried"
}

missing_packages() {
	local package

	for package; do
		[[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
			echo "$package"
	done
}

apt_install() {
	as_root "install packages" env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

apt_knows() {
	apt-get install --simulate -q --no-install-recommends "$@" >/dev/null 2>&1
}

# The lists are fetched only where they are missing or name files that are gone.
install_packages() {
	local missing

	mapfile -t missing < <(missing_packages "$@")
	[[ ${#missing[@]} -gt 0 ]] || return 0
	say "installing Debian packages: ${missing[*]}"
	if apt_knows "${missing[@]}" && apt_install "${missing[@]}"; then
		return
	fi
	say "fetching the lists of packages"
	as_root "fetch the lists of packages" apt-get update -qq </dev/null ||
		die "the lists of packages can not be fetched: is there a network?"
	apt_install "${missing[@]}" ||
		die "the packages can not be installed (is there a network?); apt-get says why above"
}

build_all() {
	say "building in $build"
	make -s -C "$top" -j"$(nproc)" all || die "the build failed"
}

has_sriov() {
	grep -qsE '^[1-9]' /sys/bus/pci/devices/*/sriov_totalvfs
}

# Ends what was started, the last one first, and removes the folder.
clean_up() {
	local i

	trap '' INT TERM HUP
	for ((i = ${#started[@]} - 1; i >= 0; i--)); do
		kill "${started[i]}" 2>/dev/null
		wait "${started[i]}" 2>/dev/null
	done
	[[ -z $work ]] || rm -rf "$work"
}

prepare() {
	started=()
	work=
	trap clean_up EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
}

# The daemon's own log is shown only if it can not run.
wait_for_socket() {
	local n

	for ((n = 0; n < 200; n++)); do
		[[ ! -S $1/socket ]] || return 0
		kill -0 "$2" 2>/dev/null || break
		sleep 0.05
	done
	cat "$1/log" >&2
	die "vfmond did not start"
}

# watch DIR DAEMON...: the live view, until Ctrl-C or the daemon's end. The folder has the socket.
# The daemon does not hear Ctrl-C, so that it ends after those who watch.
watch() {
	local dir=$1 daemon

	shift
	setsid "$@" --socket "$dir/socket" >"$dir/log" 2>&1 </dev/null &
	daemon=$!
	started+=("$daemon")
	wait_for_socket "$dir" "$daemon"
	"$build/vfmonctl" --socket "$dir/socket" watch &
	started+=($!)
	wait $!
}

run_live() {
	say "watching this machine's SR-IOV functions; Ctrl-C ends it"
	"$build/vfmond" --version >/dev/null || die "vfmond can not run"
	watch "$work" "$build/vfmond"
}

# On a terminal one may look on when the tour is over; elsewhere it ends there.
run_simulated() {
	say "no SR-IOV function in this machine: playing ${scenario#"$top"/} instead; Ctrl-C ends it"
	cp "$scenario" "$work/" || die "$scenario is missing"
	[[ -t 1 ]] || echo stop >>"$work/${scenario##*/}"
	"$build/vfmond-sim" --wait-for="$work/socket" "$work/${scenario##*/}" -- \
		"$top/bootstrap.sh" inside "$work" </dev/null &
	started+=($!)
	wait $!
}

run() {
	install_packages "${build_packages[@]}"
	build_all
	prepare
	work=$(mktemp -d "${TMPDIR:-/tmp}/vfmond-run.XXXXXX") || die "no temporary folder"
	if has_sriov; then
		run_live
	else
		run_simulated
	fi
}

# Called by vfmond-sim, in the simulated host; the folder is run_simulated's. At the scenario's end
# comes SIGTERM.
inside() {
	prepare
	trap 'exit 0' TERM
	watch "$1" "$build/vfmond-simulated"
}

make_image() {
	export VFMOND_CACHE=${VFMOND_CACHE:-${HOME:?is not set}/.cache/vfmond}
	mkdir -p "$VFMOND_CACHE" || die "no cache in $VFMOND_CACHE"
	[[ $(id -u) -ne 0 ]] || return 0
	as_root "make the guest's image (chroot, owners of files)" \
		env VFMOND_CACHE="$VFMOND_CACHE" "$top/tests/system/image.sh" >/dev/null ||
		die "the guest's image can not be made"
}

run_tests() {
	install_packages "${test_packages[@]}"
	make_image
	say "running all tests"
	# What `make ci` does, without make's own last word on a failure: the sum is the last line.
	exec "$top/tests/ci.sh" </dev/null
}

case ${1:-help} in
run) check_system && run ;;
test) check_system && run_tests ;;
inside) inside "${2:?}" ;;
help | --help | -h) help ;;
*)
	help >&2
	exit 2
	;;
esac
