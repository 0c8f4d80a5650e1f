#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What tools and the house's own rules say about the sources; `make lint` calls it, as clang-tidy
# needs generated headers and compile_commands.json. Each tool counts as one; a tool that is missing
# has failed.
set -uo pipefail

cd "$(dirname "$0")/.." || exit 1
passed=0
failed=0

# The files of the tree with one of these endings, git or not: a tarball has no index.
files() {
	local ending

	for ending; do
		find . \( -path './.git' -o -path './build*' -o -name __pycache__ \) -prune -o \
			-type f -name "*$ending" -print
	done | sed 's|^\./||' | sort
}

# lint NAME COMMAND...: no output and status 0 is good.
lint() {
	local name=$1 output

	shift
	if output=$("$@" 2>&1 </dev/null); then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'not ok: %s\n%s\n' "$name" "$output"
	fi
}

c_files() {
	files .c .h | grep -v '^tests/system/variant/'
}

clang_tidy() {
	# shellcheck disable=SC2046 # no file has a space in its name
	printf '%s\n' $(files .c | grep -v '^tests/system/variant/') |
		xargs -P "$(nproc)" -n 4 clang-tidy --quiet -p . 2>&1 |
		grep -v 'warnings generated\.$\|warning generated\.$' | grep . && return 1
	return 0
}

# It does not know __attribute__((cleanup)) either, hence no leaks.
run_cppcheck() {
	cppcheck --quiet --project=compile_commands.json -itests --error-exitcode=1 --inline-suppr \
		-j "$(nproc)" --enable=warning,portability --suppress=missingIncludeSystem \
		--suppress=unknownMacro --suppress=memleak --suppress=resourceLeak \
		--suppress=normalCheckLevelMaxBranches --suppress=checkersReport
}

shell_scripts() {
	grep -rlE --exclude-dir=.git --exclude-dir='build*' -m1 '^#!/bin/(ba)?sh' . | sort
}

# SC2154 calls every variable from the environment unassigned.
run_shellcheck() {
	shell_scripts | xargs shellcheck --severity=warning --exclude=SC2154
}

# Errors and warnings, but for which sections a page has: a protocol has errors in its section 7.
run_mandoc() {
	! files .1 .5 .7 .8 | xargs -r mandoc -Tlint -Wwarning |
		grep -v 'unexpected section\|conventional order'
}

run_codespell() {
	codespell --skip './.git,./build*,*.img,./src/data,./tests/fuzz/corpus' \
		--ignore-words-list 'crypted,te,ot,fo,nd,tru' .
}

run_pyflakes() {
	files .py | xargs -r pyflakes3
}

# Each source says its licence in the first three lines.
licences() {
	local file good=0

	while IFS= read -r file; do
		head -n 3 "$file" | grep -q 'SPDX-License-Identifier: ' && continue
		echo "$file has no SPDX line"
		good=1
	done < <(files .c .h .py .sh .awk .rules .service .socket .in Makefile | sort -u)
	return $good
}

# What the house style bounds and no tool knows.
sizes() {
	# shellcheck disable=SC2046 # no file has a space in its name
	awk 'FNR == 1 { limit = FILENAME ~ /\.h$/ ? 250 : 400 }
		FNR == limit + 1 { print FILENAME ": over " limit " lines"; bad = 1 }
		/(^|[^A-Za-z])(TO[D]O|FIX[M]E|XX[X]|HAC[K])([^A-Za-z]|$)/ { print FILENAME ":" FNR ": " $0; bad = 1 }
		END { exit bad }' $(c_files)
}

lint cppcheck run_cppcheck
lint shellcheck run_shellcheck
lint mandoc run_mandoc
lint codespell run_codespell
lint pyflakes run_pyflakes
lint licences licences
lint sizes sizes
lint clang-tidy clang_tidy
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
