# SPDX-License-Identifier: Apache-2.0
# Sums up a log of test programs as "passed failed": cmocka, Python's unittest, and lines of ours
# ("3 passed, 0 failed"). A test that was skipped is neither.
function number(text, re)
{
	return match(text, re) ? substr(text, RSTART, RLENGTH) + 0 : 0
}

function named(name,    part)
{
	if (!match($0, name "=[0-9]+"))
		return 0
	part = substr($0, RSTART, RLENGTH)
	sub(/.*=/, "", part)
	return part + 0
}

/^\[  PASSED  \] .*test\(s\)/ { passed += number($0, "[0-9]+ test") }
/^\[  FAILED  \] .*test\(s\)/ { failed += number($0, "[0-9]+ test") }
/^Ran [0-9]+ tests? in / { ran = $2 }
/^(OK|FAILED)( \(.*\))?$/ {
	bad = named("failures") + named("errors") + named("unexpected successes")
	passed += ran - bad - named("skipped")
	failed += bad
	ran = 0
}
/^(.*: )?[0-9]+ passed, [0-9]+ failed$/ {
	passed += number($0, "[0-9]+ passed")
	failed += number($0, "[0-9]+ failed")
}
END { print passed + 0, failed + 0 }
