#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# All that CI checks, cheapest first; `make ci` calls it. It goes on after a failure. Its last line
# is "N passed, N failed": sum.sh says what is counted.
#
# ci.sh --self-test: what the sum makes of made-up logs.
set -uo pipefail

# shellcheck source=tests/sum.sh
. "$(dirname "$0")/sum.sh"

# expect COUNTS STATUS LOG: a suite that prints LOG and ends with STATUS is counted as COUNTS.
expect() {
	passed=0
	failed=0
	suite made-up sh -c "printf '$3'; exit $2" >/dev/null
	if [[ "$passed $failed" == "$1" ]]; then
		good=$((good + 1))
	else
		wrong=$((wrong + 1))
		echo "not ok: expected $1, not $passed $failed, of: $3"
	fi
}

self_test() {
	local good=0 wrong=0

	expect "3 0" 0 '[  PASSED  ] 3 test(s).\n'
	expect "2 1" 1 '[  PASSED  ] 2 test(s).\n[  FAILED  ] 1 test(s), listed below:\n[  FAILED  ] test_x\n'
	expect "2 1" 1 '[  PASSED  ] 2 test(s).\n[  FAILED  ] group: 1 test(s), listed below:\n'
	expect "5 0" 0 '[  PASSED  ] 3 test(s).\n[  PASSED  ] 2 test(s).\n'
	expect "7 0" 0 'Ran 7 tests in 0.1s\n\nOK\n'
	expect "5 0" 0 'Ran 7 tests in 0.1s\n\nOK (skipped=2)\n'
	expect "4 3" 1 'Ran 7 tests in 0.1s\n\nFAILED (failures=1, errors=2)\n'
	expect "0 1" 1 'Ran 1 test in 0.1s\n\nFAILED (errors=1)\n'
	expect "4 1" 1 'ok 1 - x\n4 passed, 1 failed\n'
	expect "4 0" 0 'all: 4 passed, 0 failed\n'
	expect "3 1" 139 '[  PASSED  ] 3 test(s).\n'
	expect "0 1" 0 'no tests ran\n'
	expect "0 1" 0 'Ran 0 tests in 0.0s\n\nOK\n'
	echo "sum self-test: $good passed, $wrong failed"
	[[ $wrong -eq 0 ]]
}

if [[ ${1:-} == --self-test ]]; then
	self_test
	exit
fi

suite "sum self-test" tests/ci.sh --self-test
suite "layers self-test" tests/check_layers.py --self-test
check layers "${run[@]}" check-layers
check format "${run[@]}" check-format
suite lint "${run[@]}" lint
check build "${parallel[@]}" test-programs
check headers "${run[@]}" check-headers
suite help "${run[@]}" check-help
suite unit "${run[@]}" check-unit
suite component "${run[@]}" check-component
suite corpus "${run[@]}" check-corpus
suite converge "${run[@]}" check-converge
suite functional "${run[@]}" check-functional
suite faults "${run[@]}" check-faults
suite soak "${run[@]}" check-soak
suite install "${run[@]}" check-install
check "asan build" "${parallel[@]}" asan-programs
suite asan "${run[@]}" asan
suite system "${run[@]}" check-system
finish
