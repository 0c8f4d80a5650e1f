#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Has the daemon live through storms, clients and reloads, and says whether it stays as small as it
was: memory, descriptors and threads, sampled under load and at rest. At each rest the list and what
every watcher has heard is compared with the simulator's own model. `make soak MINUTES=n` calls it.

Its last line is "N passed, N failed"."""

import argparse
import os
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../functional"))

from daemon_host import DaemonHost, until  # noqa: E402
from load import CONFIG, HOST, Cycle  # noqa: E402
from samples import Sample, descriptors, memory, table, threads, verdict  # noqa: E402
from varlink_client import Connection  # noqa: E402

COUNTERS = ("sequence", "clients_dropped", "changes_merged", "reads")
# So many calls between which the descriptors are counted; the reader has one open while it reads.
LOOKS = 20
SHOWN = 40
# At least so many cycles, however slow the machine is: two for each third.
CYCLES = 6


class Soak:
    """One daemon's life, and its samples."""

    def __init__(self, host, duration):
        self.host = host
        self.duration = duration
        self.start = time.monotonic()
        self.samples = []

    def elapsed(self):
        return time.monotonic() - self.start

    def sample(self):
        """Under load."""
        with Connection(self.host.socket) as connection:
            self.take(connection, False, descriptors(self.host.pid))

    def sample_at_rest(self):
        """When nobody but the one who asks is connected."""
        with Connection(self.host.socket) as connection:
            until(lambda: connection.call("GetStatus")["status"]["clients"] == 1)
            fds = []
            for _ in range(LOOKS):
                fds.append(descriptors(self.host.pid))
                connection.call("GetStatus")
            self.take(connection, True, min(fds))

    def take(self, connection, at_rest, fds):
        status = connection.call("GetStatus")["status"]
        pid = self.host.pid
        self.samples.append(Sample(self.elapsed(), at_rest, memory(pid), fds, threads(pid),
                                   {name: status[name] for name in COUNTERS}))

    def live(self, cycle):
        """Cycles of load and rest until the time is over."""
        seconds = max(1, min(15, self.duration / 10))
        number = 0
        while self.elapsed() < self.duration or number < CYCLES:
            cycle.run(seconds, self.sample)
            if number % 20 == 0:
                cycle.storms.overflow()
                self.host.settle()
            self.sample_at_rest()
            number += 1
        return number


def load_was_there(host, cycle):
    """What of the load did not happen, as lines: a soak without it proves nothing."""
    status = host.status()
    source = host.source()
    facts = {"storms": cycle.storms.played, "reloads": cycle.reloads.count,
             "clients": sum(c.served for c in cycle.clients), "watchers": cycle.watches,
             "killed watchers": cycle.killed.count, "changes": status["sequence"],
             "events": source["events"], "overflows": source["overflows"],
             "dropped clients": status["clients_dropped"],
             "merged changes": status["changes_merged"]}
    print("load: " + ", ".join(f"{number} {name}" for name, number in facts.items()))
    return [f"there were no {name}" for name, number in facts.items() if number == 0]


def report(soak, lines_path):
    lines = table(soak.samples, COUNTERS)
    if lines_path:
        with open(lines_path, "w", encoding="utf-8") as f:
            f.write("\n".join(lines) + "\n")
        print(f"all {len(lines) - 1} samples: {lines_path}")
    step = max(1, len(lines) // SHOWN)
    print("\n".join(lines[:1] + lines[1::step]))


def soak_for(duration, seed, lines_path):
    """Returns what is wrong, as lines."""
    with tempfile.TemporaryDirectory(prefix="vfmon-soak-") as folder:
        nova = os.path.join(folder, "nova.conf")
        open(nova, "w", encoding="utf-8").close()
        host = DaemonHost(HOST, CONFIG, options=("--nova-config", nova, "--log-level", "err"))
        try:
            soak = Soak(host, duration)
            cycle = Cycle(host, nova, seed)
            cycles = soak.live(cycle)
            lived = soak.samples[-1].seconds
            print(f"{cycles} cycles in {lived:.0f} s, seed {seed}")
            report(soak, lines_path)
            return load_was_there(host, cycle) + verdict(soak.samples, lived)
        finally:
            host.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=float, default=20)
    length.add_argument("--seconds", type=float)
    parser.add_argument("--seed", default=f"{time.time_ns()}")
    parser.add_argument("--table", help="a file for all samples")
    args = parser.parse_args()
    wrong = soak_for(args.seconds or args.minutes * 60, args.seed, args.table)
    for line in wrong:
        print(f"not ok: {line}")
    print(f"soak: {'not flat' if wrong else 'flat'}")
    print("0 passed, 1 failed" if wrong else "1 passed, 0 failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
