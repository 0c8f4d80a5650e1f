#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# system_calls.sh BUILD: which system calls vfmond and vfmond-nova-config make in the functional
# tests, how often, and whether their units let them. Fails if a unit does not let one. What a unit
# lets and no test has made is listed, too: docs/SANDBOX.md says what each is for.
#
# strace makes the programs slow; a test that fails for that is of no interest here. This is about
# this machine's libraries; about the guest's, see guest_sandbox.no_call_was_refused.
set -euo pipefail

build=$(realpath "${1:?usage: system_calls.sh BUILD}")
cd "$(dirname "$0")/.."
for tool in strace systemd-analyze; do
	command -v "$tool" >/dev/null || { echo "$tool is missing" >&2 && exit 1; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Calls of a daemon that makes its own socket, which it does not under systemd.
own_socket="chmod flock listen mkdir"

# In the place of a program: the same under strace. -D keeps its process the child of whoever starts
# it; the file is of that process.
wrap() {
	printf '#!/bin/sh\nexec strace -D -f -qq -s 0 -e signal=none -o %q.$$ %q "$@"\n' \
		"$work/$1" "$build/$2" >"$work/bin/$2"
	chmod +x "$work/bin/$2"
}

# Lines "COUNT NAME" of the traces of a program. A call that a signal ends can have no name.
calls() {
	cat "$work/$1".[0-9]* | sed -n 's/^[0-9]* *\([a-z_][a-z0-9_]*\)(.*/\1/p' |
		grep -v '^syscall_0x' | sort | uniq -c | sort -rn
}

# The names that a unit lets, groups taken apart; @default is in each list.
allowed() {
	local name

	for name in @default $(sed -n 's/^SystemCallFilter=//p' "systemd/$1.service.in"); do
		if [[ $name == @* ]]; then
			systemd-analyze syscall-filter "$name" | sed -n 's/^ *\([a-z_][a-z0-9_]*\)$/\1/p'
		else
			echo "$name"
		fi
	done | sort -u
}

# compare PROGRAM [NAME...]: names are calls that the unit need not let.
compare() {
	local program=$1 missing

	shift
	calls "$program" >"$work/seen"
	allowed "$program" >"$work/allowed"
	echo "== $program: $(wc -l <"$work/seen") system calls"
	cat "$work/seen"
	missing=$(awk '{ print $2 }' "$work/seen" | sort | comm -23 - "$work/allowed" |
		grep -vxF "$(printf '%s\n' "$@" execve)" || true)
	printf 'let and not seen, but for groups: '
	sed -n 's/^SystemCallFilter=//p' "systemd/$program.service.in" | tr ' ' '\n' | grep -v @ |
		sort | comm -23 - <(awk '{ print $2 }' "$work/seen" | sort) | paste -sd ' '
	[[ -z $missing ]] || { echo "NOT LET: ${missing//$'\n'/ }" && return 1; }
}

mkdir "$work/bin"
ln -s "$build"/vfmond-sim "$build"/vfmonctl "$work/bin/"
wrap vfmond vfmond
wrap vfmond vfmond-simulated
wrap vfmond-nova-config vfmond-nova-config
VFMON_BUILD=$work/bin python3 -B -m unittest discover -s tests/functional \
	>"$work/log" 2>&1 || true
tail -n 3 "$work/log"
status=0
# shellcheck disable=SC2086 # words
compare vfmond $own_socket || status=1
compare vfmond-nova-config || status=1
exit $status
