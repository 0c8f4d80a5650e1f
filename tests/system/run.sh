#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Boots the guest with vfmond installed in it, runs the tests (or another script) there and prints
# what they say: a line an assertion, and at the end "N passed, N failed". Ends with 0 only if the
# guest came to its end and nothing failed. A guest that never answers is a failure.
#
# The guest, its compiler and their mounts live in namespaces that end with this script; it needs no
# privilege where the image is there and the system lets users have namespaces.
set -euo pipefail

usage() {
	cat <<'END'
usage: run.sh [OPTION...]
  --script FILE   run FILE in the guest instead of the tests
  --with DIR      put what is in DIR into the guest's root folder (may stand several times)
  --only TEXT     only the tests with TEXT in their names, or one of several, with commas
  --vfs N         virtual functions that an nvme controller has (8, at most 127)
  --nvmes N       nvme controllers (1); with more, the tests are the storms that need them
  --rounds N      how often the scenarios with rounds make theirs (1)
  --timeout S     seconds after which the guest is given up (1800)
  --logs DIR      keep the guest's console there
  --no-product    boot without vfmond, to try the guest itself
Environment: VFMOND_CACHE (where the image lies), VFMOND_KVM=1 (KVM instead of emulation).
END
}

# Prints what the guest's script says, sums it up, and ends as it did.
report() {
	local line state="did not start" passed=0 failed=0 status=1

	while IFS= read -r line; do
		line=${line%$'\r'}
		case $line in
		vfmond-guest-begin) state="did not end" && continue ;;
		"vfmond-guest-end "*) state=ended status=${line##* } && continue ;;
		"ok "*) passed=$((passed + 1)) ;;
		"not ok "*) failed=$((failed + 1)) ;;
		esac
		[[ $state != "did not end" ]] || printf '%s\n' "$line"
	done
	if [[ $state == ended && -n $script ]]; then
		return "$status"
	fi
	if [[ $state != ended ]]; then
		failed=$((failed + 1))
		echo "not ok $((passed + failed)) - the guest comes to its end: its script $state"
		[[ ! -e $work/console.log ]] || tail -n 40 "$work/console.log" | sed 's/^/# console: /'
	elif [[ $status -ne 0 && $failed -eq 0 ]]; then
		failed=$((failed + 1))
		echo "not ok $((passed + failed)) - the guest's script ends with status 0, not $status"
	fi
	echo "$passed passed, $failed failed"
	[[ $passed -gt 0 && $failed -eq 0 ]]
}

finish() {
	if [[ -n $logs && -e $work/console.log ]]; then
		mkdir -p "$logs"
		cp "$work/console.log" "$logs/"
	fi
	rm -rf --one-file-system "$work"
}

# What the guest runs: run.sh's caller's script, or the tests.
make_job() {
	mkdir "$job"
	if [[ -n $script ]]; then
		cp "$script" "$job/job"
	else
		cp "$here"/guest_*.py "$job/"
		printf '#!/bin/sh\nexec python3 -B guest_test.py %s %s %s\n' "$(printf '%q' "$only")" \
			"$rounds" "$nvmes" >"$job/job"
	fi
	chmod -R a+rX "$job"
	chmod 0755 "$job/job"
}

here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
script='' with='' only='' vfs=8 nvmes=1 rounds=1 timeout=1800 logs='' product=1
while [[ $# -gt 0 ]]; do
	case $1 in
	--help) usage && exit 0 ;;
	--no-product) product=0 && shift && continue ;;
	esac
	[[ $# -ge 2 ]] || { usage >&2 && exit 2; }
	case $1 in
	--script) script=$2 ;;
	--with) with+=$(realpath "$2")$'\n' ;;
	--only) only=$2 ;;
	--vfs) vfs=$2 ;;
	--nvmes) nvmes=$2 ;;
	--rounds) rounds=$2 ;;
	--timeout) timeout=$2 ;;
	--logs) logs=$2 ;;
	*) usage >&2 && exit 2 ;;
	esac
	shift 2
done

image=$("$here/image.sh" | tail -n 1)
exec 7<"$image/lock"
flock --shared 7
work=$(mktemp -d "${TMPDIR:-/tmp}/vfmond-system.XXXXXX")
job=$work/job
trap finish EXIT
make_job
export image work repo job with vfs nvmes timeout product
namespaces=(--mount --pid --fork --kill-child)
[[ $(id -u) -eq 0 ]] || namespaces+=(--map-root-user)
mkfifo "$work/output"
setpriv --pdeathsig KILL unshare "${namespaces[@]}" "$here/guest.sh" >"$work/output" &
guest=$!
trap 'kill -KILL $guest; wait $guest || exit 130' INT TERM HUP
report <"$work/output"
