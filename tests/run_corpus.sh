#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# run_corpus.sh REPLAY...: each fuzz target (.../replay_NAME) reads every file of its corpus,
# tests/fuzz/corpus/NAME, one process a file so that one that ends badly is named. A target
# without a corpus, and no target at all, are errors.
set -uo pipefail

corpus=$(dirname "$0")/fuzz/corpus
passed=0
failed=0

fail() {
	failed=$((failed + 1))
	echo "not ok: $*"
}

replay() {
	local output

	if output=$(timeout 60 "$1" "$2" 2>&1 </dev/null); then
		passed=$((passed + 1))
	else
		fail "$(basename "$1") $2"
		echo "$output"
	fi
}

[[ $# -gt 0 ]] || fail "there are no fuzz targets"
for program; do
	name=${program##*/replay_}
	before=$((passed + failed))
	for file in "$corpus/$name"/*; do
		[[ ! -f $file ]] || replay "$program" "$file"
	done
	[[ $((passed + failed)) -gt $before ]] || fail "$name has no corpus"
	echo "$name: $((passed + failed - before)) inputs"
done
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
