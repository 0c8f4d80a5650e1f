#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What takes longer than CI may; `make check-long` calls it. It says first what it will run, goes on
# after a failure, and its last line is "N passed, N failed" (sum.sh). Each part is a target of make
# that can also be called alone, with other figures.
#
# long.sh [--list | PART...]: those parts only, in this order; a part that there is not, is an error.
# Environment: MINUTES of the soak (20), KILLS (500), FUZZ_MINUTES for each target (4), SEEDS (20000).
set -uo pipefail

# shellcheck source=tests/sum.sh
. "$(dirname "$0")/sum.sh"

# Name, how it is counted, and what make is called with.
parts=(
	"soak suite soak MINUTES=${MINUTES:-20}"
	"faults suite check-faults STRIDE=1"
	"kills suite check-kills KILLS=${KILLS:-500}"
	"valgrind suite valgrind"
	"tsan suite tsan"
	"storms suite check-storms"
	"coverage check coverage"
	"converge suite check-converge SEEDS=${SEEDS:-20000}"
	"fuzz check fuzz MINUTES=${FUZZ_MINUTES:-4}"
)

list() {
	local row name how what

	for row in "${parts[@]}"; do
		read -r name how what <<<"$row"
		printf '  %-12s make %s\n' "$name" "$what"
	done
}

# row NAME: its row in parts.
row() {
	printf '%s\n' "${parts[@]}" | grep -m1 "^$1 "
}

run_part() {
	local found name how what

	if ! found=$(row "$1"); then
		echo "there is no part $1"
		add "$1" 0 1
		return
	fi
	read -r name how what <<<"$found"
	# shellcheck disable=SC2086 # a target and its variables
	"$how" "$name" "${run[@]}" $what
}

if [[ ${1:-} == --list ]]; then
	list
	exit
fi
wanted=("$@")
[[ $# -gt 0 ]] || wanted=("${parts[@]%% *}")
echo "what there is:"
list
echo "what runs: ${wanted[*]}"
for part in "${wanted[@]}"; do
	run_part "$part"
done
finish
