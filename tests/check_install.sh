#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# check_install.sh BUILD: installs into an empty folder and looks whether everything is where a
# distribution has it, and whether uninstall takes all of it away.
set -uo pipefail

build=$(realpath "${1:?usage: check_install.sh BUILD}")
cd "$(dirname "$0")/.." || exit 1
dest=$(mktemp -d)
trap 'rm -rf "$dest"' EXIT
passed=0
failed=0

# What each file is for and who reads it there; the manual pages are added below.
expected() {
	sort <<'END'
755 usr/bin/vfmond-sim
755 usr/bin/vfmonctl
755 usr/libexec/vfmond/vfmond-simulated
755 usr/libexec/vfmond/vfmond-nova-config
755 usr/sbin/vfmond
644 usr/lib/systemd/catalog/vfmond.catalog
644 usr/lib/systemd/system/vfmond-kernel.socket
644 usr/lib/systemd/system/vfmond-nova-config.path
644 usr/lib/systemd/system/vfmond-nova-config.service
644 usr/lib/systemd/system/vfmond-nova-config@.path
644 usr/lib/systemd/system/vfmond-wait-ready.service
644 usr/lib/systemd/system/vfmond.service
644 usr/lib/systemd/system/vfmond.socket
644 usr/lib/sysusers.d/vfmond.conf
644 usr/lib/udev/rules.d/60-vfmond.rules
644 usr/lib/vfmond/vendor.d/nvidia.conf
644 usr/share/man/man1/vfmonctl.1
644 usr/share/man/man1/vfmond-sim.1
644 usr/share/man/man8/vfmond.8
644 usr/share/man/man8/vfmond-nova-config.8
644 usr/share/varlink/io.vfmon.Monitor.varlink
644 usr/share/doc/vfmond/README.md
644 usr/share/doc/vfmond/CHANGELOG.md
644 usr/share/doc/vfmond/scenarios/tour.scenario
644 usr/share/doc/vfmond/nova-compute.service.d/vfmond.conf
END
}

ok() {
	local what=$1

	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "not ok: $what"
	fi
}

install_to() {
	"${MAKE:-make}" --no-print-directory BUILD="$build" DESTDIR="$dest" "$@" prefix=/usr >/dev/null
}

is_there() {
	[[ $(stat -c %a "$dest/$2" 2>/dev/null) == "$1" ]]
}

nothing_left() {
	[[ -z $(find "$dest" -type f) ]]
}

# A name between @ signs would be a folder that nobody filled in.
filled_in() {
	! grep -rnE '@[a-z]+dir@' "$dest/usr/lib"
}

# What the units start has to be there.
commands_exist() {
	local command

	while IFS= read -r command; do
		[[ $command != /usr/* || -x $dest$command ]] || { echo "$command" && return 1; }
	done < <(sed -nE 's/^Exec[A-Za-z]+=[-!+:@]*([^ ]+).*/\1/p' "$dest"/usr/lib/systemd/system/*.service)
}

unexpected() {
	(cd "$dest" && find . -type f -printf '%P\n' | sort) |
		grep -vxFf <(expected | cut -d' ' -f2) | grep -v '^usr/share/\(man\|doc\|bash-completion\)/'
}

# What a unit leaves open as systemd-analyze counts it, in tenths; newer ones count more options.
exposed_at_most() {
	systemd-analyze security --no-pager --offline=true --root="$dest" --threshold="$2" "$1" >/dev/null 2>&1
}

none_unexpected() {
	! unexpected
}

ok "make install" install_to install
while read -r mode file; do
	ok "$file is there with mode $mode" is_there "$mode" "$file"
done < <(expected)
ok "nothing else is installed outside of the documents" none_unexpected
ok "every @…dir@ is filled in" filled_in
ok "the units start what is installed" commands_exist
if command -v systemd-analyze >/dev/null; then
	limit=14
	[[ $(systemd-analyze --version | sed -nE '1s/^systemd ([0-9]+).*/\1/p') -lt 257 ]] || limit=12
	for unit in vfmond vfmond-nova-config; do
		ok "$unit.service is exposed at most $limit tenths" exposed_at_most "$unit.service" "$limit"
	done
else
	echo "NOT CHECKED: how exposed the units are: there is no systemd-analyze"
fi
ok "make uninstall" install_to uninstall
ok "uninstall leaves nothing" nothing_left
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
