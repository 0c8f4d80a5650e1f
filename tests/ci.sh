#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# All that CI checks, cheapest first; `make ci` calls it. It goes on after a failure. Its last line
# is "N passed, N failed": the tests as the suites themselves counted them, and one for each check
# that has no cases of its own. A suite that says of no test that it ran has failed.
#
# ci.sh --self-test: what the sum makes of made-up logs.
set -uo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
passed=0
failed=0
bad=()

# add NAME PASSED FAILED
add() {
	passed=$((passed + $2))
	failed=$((failed + $3))
	[[ $3 -eq 0 ]] || bad+=("$1")
}

# check NAME COMMAND...: counts as one, but for a check that says that it could not be made.
check() {
	local name=$1 start=$SECONDS word=passed

	shift
	echo "=== $name"
	"$@" </dev/null 2>&1 | tee "$log"
	if [[ ${PIPESTATUS[0]} -eq 0 ]]; then
		grep -q '^NOT CHECKED' "$log" && word="not checked" || add "$name" 1 0
	else
		add "$name" 0 1
		word=FAILED
	fi
	echo "=== $name: $word, $((SECONDS - start)) s"
}

# suite NAME COMMAND...: counts as what its output says.
suite() {
	local name=$1 start=$SECONDS status good wrong

	shift
	echo "=== $name"
	"$@" </dev/null 2>&1 | tee "$log"
	status=${PIPESTATUS[0]}
	read -r good wrong <<<"$(awk -f "$top/tests/count.awk" "$log")"
	if [[ $wrong -eq 0 ]] && [[ $status -ne 0 || $good -eq 0 ]]; then
		echo "$name ends with status $status and counted $good passed, 0 failed"
		wrong=1
	fi
	add "$name" "$good" "$wrong"
	echo "=== $name: $good tests passed, $wrong not, $((SECONDS - start)) s"
}

finish() {
	[[ $failed -eq 0 ]] || printf 'failed: %s\n' "${bad[@]}"
	echo "$passed passed, $failed failed"
	[[ $passed -gt 0 && $failed -eq 0 ]]
}

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

log=$(mktemp)
trap 'rm -f "$log"' EXIT
cd "$top" || exit 1
if [[ ${1:-} == --self-test ]]; then
	self_test
	exit
fi

make=${MAKE:-make}
build=${BUILD:-build}
# shellcheck disable=SC2206 # make with its options
run=($make --no-print-directory "BUILD=$build" WERROR=-Werror)
parallel=("${run[@]}" "-j$(nproc)" -Otarget)

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
suite functional "${run[@]}" check-functional
suite install "${run[@]}" check-install
check "asan build" "${parallel[@]}" asan-programs
suite asan "${run[@]}" asan
suite system "${run[@]}" check-system
finish
