#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# check_help.sh BUILD: the manners of every program's command line, and that each option that it
# shows is in its manual page.
set -uo pipefail

build=${1:?usage: check_help.sh BUILD}
top=$(cd "$(dirname "$0")/.." && pwd)
out=$(mktemp)
err=$(mktemp)
trap 'rm -f "$out" "$err"' EXIT
passed=0
failed=0

# ok WHAT CONDITION...: the condition is a command.
ok() {
	local what=$1

	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "not ok: $what"
		head -n 3 "$err" | sed 's/^/    stderr: /'
	fi
}

# run COMMAND...: fills out and err, and sets status.
run() {
	timeout 10 "$@" >"$out" 2>"$err" </dev/null
	status=$?
}

answers() {
	[[ $status -eq 0 && -s $out && ! -s $err ]]
}

refuses() {
	[[ $status -eq 2 && ! -s $out && -s $err ]]
}

has() {
	grep -qF -- "$1" "$2"
}

is_same() {
	[[ $1 == "$2" ]]
}

# As a reader sees it, without overstrikes and hyphenation.
check_manual() {
	local name=$1 page text option

	page=$(ls "$top/docs/man/$name".[1-8] 2>/dev/null)
	ok "$name has a manual page" test -n "$page"
	[[ -n $page ]] || return
	text=$(mandoc -Tascii "$page" | sed 's/.\x08//g')
	for option in $(grep -oE -- '--[a-z][a-z-]+' "$out" | sort -u); do
		ok "$name.${page##*.} speaks of $option" has "$option" - <<<"$text"
	done
}

check_program() {
	local name=$1 program=$build/$1 long

	run "$program" --no-such-option
	ok "$name --no-such-option: status 2, on stderr (status $status)" refuses
	run "$program" --version
	ok "$name --version says $(cat "$top/VERSION")" has "$(cat "$top/VERSION")" "$out"
	ok "$name --version: status 0, nothing on stderr (status $status)" answers
	run "$program" -h
	ok "$name -h: on stdout, status 0 (status $status)" answers
	long=$(cat "$out")
	run "$program" --help
	ok "$name --help: on stdout, status 0 (status $status)" answers
	ok "$name -h says what --help says" is_same "$long" "$(cat "$out")"
}

for name in vfmond vfmonctl vfmond-sim vfmond-nova-config; do
	check_program "$name"
	check_manual "$name"
done
check_program vfmond-simulated
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
