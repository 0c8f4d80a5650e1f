#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# valgrind.sh BUILD TEST...: those functional tests with the daemon under memcheck. An access to
# what is not its own, or a leak at its end, makes its exit status 99, which the tests do not take.
set -euo pipefail

build=$(cd "$1" && pwd)
shift
mkdir -p "$build/valgrind"
ln -sf ../vfmond-sim ../vfmonctl "$build/valgrind/"
cat >"$build/valgrind/vfmond-simulated" <<END
#!/bin/sh
exec valgrind -q --leak-check=full --error-exitcode=99 "$build/vfmond-simulated" "\$@"
END
chmod +x "$build/valgrind/vfmond-simulated"
cd "$(dirname "$0")/functional"
VFMON_BUILD=$build/valgrind exec python3 -B -m unittest -v "$@"
