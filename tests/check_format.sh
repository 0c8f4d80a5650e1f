#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# check_format.sh FILE...: whether `make format` would change anything. Versions of clang-format
# differ in small things (where an attribute's line breaks), so only Debian 12's is asked; with
# another one it says so and ends with 77: not checked.
set -uo pipefail

reference=14
version=$(clang-format --version | sed -nE 's/.*version ([0-9]+)\..*/\1/p')
[[ $# -gt 0 ]] || { echo "check_format.sh: no files" >&2 && exit 1; }
if [[ $version != "$reference" ]]; then
	echo "NOT CHECKED: the form of the sources is clang-format $reference's, and this is ${version:-not there}"
	exit 77
fi
clang-format --dry-run --Werror "$@"
