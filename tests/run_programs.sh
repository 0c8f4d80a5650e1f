#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# run_programs.sh PROGRAM...: runs each test program, goes on after one that fails, and ends with
# non-zero if any did. No program at all is an error, and so is one that ends well but says of no
# test that it passed. WRAPPER goes in front of each (valgrind).
set -uo pipefail

limit=${TEST_TIMEOUT:-300}

run() {
	# shellcheck disable=SC2086 # WRAPPER is a command and its arguments
	timeout "$limit" ${WRAPPER:-} "$1" 2>&1 </dev/null
}

failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
[[ $# -gt 0 ]] || { echo "run_programs.sh: no test programs: 0 passed, 1 failed" >&2 && exit 1; }
for program; do
	echo "== ${program##*/}"
	run "$program" | tee "$log"
	status=${PIPESTATUS[0]}
	if [[ $status -eq 0 ]] && ! grep -q '^\[  PASSED  \]' "$log"; then
		echo "${program##*/} says of no test that it passed"
		status=1
	fi
	[[ $status -ne 0 ]] || continue
	failed=1
	echo "FAILED: ${program##*/} (status $status)"
	# What cmocka did not count: a crash, a leak, a timeout.
	grep -q '^\[  FAILED  \]' "$log" || echo "0 passed, 1 failed"
done
exit $failed
