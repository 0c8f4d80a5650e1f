#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares vfmond's decisions with the real Nova's.

parity.py check JUDGE   asks our own code (JUDGE) about all cases and compares with the answers
                        that are kept in data/; needs no Nova
parity.py ask           makes cases and answers again with the real Nova (see nova.sh), as root

A line of data/TOPIC.cases is a case, one of data/TOPIC.VERSION an answer; a later version's file
has only the answers that differ from the first version's. The file curiosities lists the cases in
which we differ from Nova on purpose.
"""

import json
import pathlib
import subprocess
import sys
from xml.etree import ElementTree

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE / "data"
SUITES = {"31.0.0": "trixie", "34.0.0": "sid"}
FIRST = "31.0.0"
SHOWN = 20


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()]


def cases():
    """All cases, with the functions of their hosts."""
    hosts = json.loads((HERE / "hosts.json").read_text(encoding="ascii"))
    for path in sorted(DATA.glob("*.cases")):
        for case in lines(path):
            functions = {"functions": hosts[case["host"]]} if "host" in case else {}
            yield {"kind": path.stem, **case, **functions}


def run(command, asked):
    """The answers of a program, by id."""
    text = "".join(json.dumps(case) + "\n" for case in asked).encode("ascii")
    done = subprocess.run(command, input=text, stdout=subprocess.PIPE, check=True)
    # Half a pair and NUL stand in our texts as in no others.
    text = done.stdout.replace(b"\xc0\x80", b"\\u0000").decode("utf-8", "surrogatepass")
    answers = [json.loads(line) for line in text.split("\n") if line]
    if [a["id"] for a in answers] != [c["id"] for c in asked]:
        sys.exit(f"parity: {command[0]} did not answer each case once, in order")
    return {answer["id"]: answer for answer in answers}


def kept(version):
    """The answers of a version that are kept."""
    answers = {}
    for known in dict.fromkeys([FIRST, version]):
        for path in sorted(DATA.glob(f"*.{known}")):
            answers.update((answer["id"], answer) for answer in lines(path))
    return answers


def curiosities():
    """Cases that are known to differ, with the version ("all": each) and the reason."""
    found = {}
    for line in (HERE / "curiosities").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, version, reason = line.split(None, 2)
            found[name] = (version, reason)
    return found


def fold(answer):
    """Only what decides: of a file that is refused as a whole, that it is; XML without its form."""
    if answer["id"].startswith("config") and "error" in answer:
        return {"error": "refused"}
    if "xml" in answer:
        return {"xml": [ElementTree.canonicalize(t, strip_text=True) for t in answer["xml"]]}
    return {key: value for key, value in answer.items() if key != "id"}


def is_same(theirs, ours):
    """What an alias gets with Placement is nothing to ask of a Nova that refuses to start."""
    if "refused" in theirs:
        theirs = {key: value for key, value in theirs.items() if key != "refused"}
        ours = {key: value for key, value in ours.items() if key != "placed"}
    return fold(theirs) == fold(ours)


def compare(version, asked, ours, strange):
    """Prints what differs; returns the number of passed and failed cases."""
    theirs, failed, known = kept(version), 0, 0
    for case in asked:
        name = case["id"]
        equal = is_same(theirs[name], ours[name])
        expected = strange.get(name, ("",))[0] in ("all", version)
        known += expected and not equal
        if equal != expected:
            continue
        failed += 1
        if failed <= SHOWN:
            shown = {k: v for k, v in case.items() if k not in ("functions", "kind")}
            what = "listed in curiosities, but equal" if equal else "differs"
            print(f"{name}: {what}\n  case  {json.dumps(shown)}\n  nova  {json.dumps(theirs[name])}"
                  f"\n  ours  {json.dumps(ours[name])}")
    print(f"Nova {version}, {known} curiosities: {len(asked) - failed} passed, {failed} failed")
    return failed


def standard_names(case, version):
    """Of src/data; a name marked with + is none of the first version's."""
    path = HERE.parents[1] / "src" / "data" / f"standard-{case['names']}.txt"
    names = [line.split() for line in path.read_text(encoding="ascii").splitlines()]
    return sorted(n[0] for n in names if n and n[0] != "#" and (len(n) == 1 or version != FIRST))


def ours_of(judge, version, asked):
    answers = run([judge, version], [case for case in asked if case["kind"] != "standard"])
    for case in asked:
        if case["kind"] == "standard":
            answers[case["id"]] = {"id": case["id"], "names": standard_names(case, version)}
    return answers


def check(judge):
    asked, strange = list(cases()), curiosities()
    failed = 0
    for name in sorted(set(strange) - {case["id"] for case in asked}):
        print(f"{name}: listed in curiosities, but there is no such case")
        failed += 1
    for version in SUITES:
        failed += compare(version, asked, ours_of(judge, version, asked), strange)
    return 1 if failed else 0


def version_of(suite):
    """Debian's version has more around it: 2:31.0.0-6+deb13u3."""
    done = subprocess.run([HERE / "nova.sh", suite], stdout=subprocess.PIPE, check=True, text=True)
    return done.stdout.split(":")[-1].split("-")[0].split("+")[0]


def write_answers(version, answers):
    base = {} if version == FIRST else kept(FIRST)
    for path in sorted(DATA.glob("*.cases")):
        with open(DATA / f"{path.stem}.{version}", "w", encoding="ascii") as out:
            for case in lines(path):
                answer = answers[case["id"]]
                if base.get(case["id"]) != answer:
                    out.write(json.dumps(answer) + "\n")


def ask():
    DATA.mkdir(exist_ok=True)
    subprocess.run([sys.executable, "-B", HERE / "generate.py", DATA], check=True)
    asked = list(cases())
    for version, suite in SUITES.items():
        found = version_of(suite)
        if found != version:
            sys.exit(f"parity: {suite} has Nova {found}, not {version}: its answers stay")
        command = [HERE / "nova.sh", suite, "python3", "-W", "ignore", "/parity/ask.py"]
        write_answers(version, run(command, asked))
    return 0


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "check":
        return check(arguments[1])
    if arguments == ["ask"]:
        return ask()
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
