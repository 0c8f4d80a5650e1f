# SPDX-License-Identifier: Apache-2.0
"""What a process takes from the machine, sampled, and whether that is flat."""

import os
from dataclasses import dataclass, field

# What the maximum of the last third may be above that of the second: whole pages of the allocator
# come and go with the order of requests. A leak of 1 KiB a client goes beyond it within a minute of
# this load. In a brief run the daemon is not yet as large as it gets, so that only a large leak is
# found there; what stays open is found at any length.
MARGIN_KIB = 256
BRIEF_MARGIN_KIB = 2048
BRIEF_SECONDS = 120
MARGIN_SHARE = 0.02


@dataclass
class Sample:
    """One moment of the process. A sample at rest: no client but the one that asks."""
    seconds: float
    at_rest: bool
    anon_kib: int
    descriptors: int
    threads: int
    counters: dict = field(default_factory=dict)


def numbers(path):
    """The values of a file of lines such as `Threads: 2`."""
    with open(path, encoding="utf-8", errors="replace") as f:
        parts = [line.split() for line in f]
    return {p[0]: int(p[1]) for p in parts if len(p) > 1 and p[1].isdigit()}


def memory(pid):
    """Anonymous memory in KiB, page by page; RssAnon of status is only about right."""
    return numbers(f"/proc/{pid}/smaps_rollup")["Anonymous:"]


def threads(pid):
    return numbers(f"/proc/{pid}/status")["Threads:"]


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def margin(kib, duration):
    fixed = BRIEF_MARGIN_KIB if duration < BRIEF_SECONDS else MARGIN_KIB
    return int(fixed + kib * MARGIN_SHARE)


def thirds(samples, duration):
    """The samples of the warm-up, of the second and of the last third of the time."""
    parts = ([], [], [])
    for sample in samples:
        parts[min(2, int(3 * sample.seconds / duration))].append(sample)
    return parts


def grown(samples, duration, what):
    """Why the memory of these samples is not flat, as a list of at most one line."""
    _, second, last = thirds(samples, duration)
    if not second or not last:
        return [f"{what}: too few samples to judge by"]
    before = max(s.anon_kib for s in second)
    after = max(s.anon_kib for s in last)
    if after <= before + margin(before, duration):
        return []
    return [f"{what}: memory grew from at most {before} KiB in the second third to {after} KiB in "
            f"the last; {margin(before, duration)} KiB more are allowed"]


def unequal(samples, duration):
    """Why descriptors or threads at rest are not the same, a line for each."""
    _, second, last = thirds(samples, duration)
    lines = []
    for name in ("descriptors", "threads"):
        values = sorted({getattr(s, name) for s in second + last})
        if len(values) > 1:
            lines.append(f"{name} at rest: between {values[0]} and {values[-1]}")
    return lines


def verdict(samples, duration):
    """What is wrong, as lines; none if memory, descriptors and threads are flat."""
    resting = [s for s in samples if s.at_rest]
    loaded = [s for s in samples if not s.at_rest]
    return (grown(resting, duration, "at rest") + grown(loaded, duration, "under load")
            + unequal(resting, duration))


def table(samples, counters):
    """Lines: every sample with these counters."""
    names = ("seconds", "load", "anon KiB", "fds", "threads", *counters)
    rows = [names] + [
        (f"{s.seconds:.0f}", "rest" if s.at_rest else "load", str(s.anon_kib),
         str(s.descriptors), str(s.threads), *(str(s.counters.get(c, "")) for c in counters))
        for s in samples]
    widths = [max(len(row[n]) for row in rows) for n in range(len(names))]
    return ["  ".join(cell.rjust(width) for cell, width in zip(row, widths)) for row in rows]
