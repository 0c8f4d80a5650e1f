# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# How ci.sh and long.sh run things one after the other, go on after a failure, and count: the tests
# as the suites themselves counted them, and one for each check that has no cases of its own. A
# suite that says of no test that it ran has failed. To be sourced; it changes to the top folder.
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
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

log=$(mktemp)
trap 'rm -f "$log"' EXIT
cd "$top" || exit 1

make=${MAKE:-make}
build=${BUILD:-build}
# shellcheck disable=SC2206 # make with its options
run=($make --no-print-directory "BUILD=$build" WERROR=-Werror)
# shellcheck disable=SC2034 # for who sources this
parallel=("${run[@]}" "-j$(nproc)" -Otarget)
