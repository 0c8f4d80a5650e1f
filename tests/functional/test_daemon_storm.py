# SPDX-License-Identifier: Apache-2.0
"""Subscribers that are stopped, slow or killed while a hundred thousand changes go by."""

import json
import os
import random
import signal
import subprocess
import unittest

from daemon_host import DaemonTestCase, anonymous_memory, differences, until
from simulated import INSTRUMENTED, VFMONCTL, environment
from varlink_client import View, Watch

PFS = [f"0000:{bus}:00.0" for bus in ("10", "20", "30", "40")]
CHANGES = 100_000
# What a stopped client may cost: what waits for it as bytes, and one piece of it more; for each
# function an entry and, as long as it has changed only once, the image before.
CLIENT_BYTES = (256 << 10) + (64 << 10)
FUNCTION_BYTES = 1536 + 256


class StormTestCase(DaemonTestCase):
    vfs = 0

    def setUp(self):
        self.scenario = "driver one id 8086:10c9\ndriver two id 8086:10ca\n" + "".join(
            f"pf {pf} 8086:10c9 total {self.vfs} vf-id 10ca\nvfs {pf} {self.vfs}\n" for pf in PFS)
        # A sanitizer that keeps what was freed would hide what is kept by mistake.
        before = os.environ.get("ASAN_OPTIONS")
        self.addCleanup(os.environ.pop, "ASAN_OPTIONS", None)
        if before is not None:
            self.addCleanup(os.environ.__setitem__, "ASAN_OPTIONS", before)
        os.environ["ASAN_OPTIONS"] = ":".join(filter(None, (
            before, "quarantine_size_mb=0:thread_local_quarantine_size_kb=0")))
        super().setUp()
        self.managed = "yes"

    def judge_all(self, times):
        """Each time every VF changes, as another configuration says something else of it."""
        for _ in range(times):
            self.managed = "no" if self.managed == "yes" else "yes"
            self.host.reload('[pci]\ndevice_spec = {"vendor_id": "8086", "product_id": "10ca", '
                             f'"managed": "{self.managed}"}}\n')

    def switch_all(self):
        """Every VF goes, and others come in their places, by events."""
        for number in (0, self.vfs):
            for pf in PFS:
                self.host.play(f"vfs {pf} {number}")
            until(lambda n=number: len(self.host.devices(kinds=["vf"])) == n * len(PFS))

    def storm(self, changes):
        end = self.host.status()["sequence"] + changes
        for _ in range(2):
            self.switch_all()
        while self.host.status()["sequence"] < end:
            self.judge_all(5)

    def catch_up(self, watch):
        """Waits until the watch has heard of all that the daemon knows now."""
        newest = self.host.status()["sequence"]
        watch.wait(lambda w: w.sequence >= newest)

    def check_truth(self, view):
        """What a subscriber knows is what the daemon knows, and that is what the host is."""
        self.assertTrue(view == self.host.devices())
        self.assertEqual(differences(view, self.host.model()), [])


class Stopped(StormTestCase):
    """A vfmonctl that is stopped, and what it writes."""

    vfs = 250

    def setUp(self):
        super().setUp()
        with open(self.host.path("lines"), "wb") as lines:
            self.process = subprocess.Popen(
                [VFMONCTL, "--socket", self.host.socket, "watch", "--json"], stdout=lines,
                stdin=subprocess.DEVNULL, env=environment())
        self.addCleanup(self.process.wait)
        self.addCleanup(self.process.kill)
        self.lines = open(self.host.path("lines"), encoding="utf-8")
        self.addCleanup(self.lines.close)
        self.rest = ""
        self.told = View()

    def read(self):
        """Takes what it has written by now. Returns the view."""
        *lines, self.rest = (self.rest + self.lines.read()).split("\n")
        for line in lines:
            self.told.take(json.loads(line))
        return self.told.view

    def test_one_that_is_stopped_costs_little_and_ends_with_the_truth(self):
        quick = self.watch(filter={"kinds": ["pf"]})
        self.storm(20_000)  # so that the history is full, and its memory counted
        until(lambda: self.read() == self.host.devices())
        os.kill(self.process.pid, signal.SIGSTOP)
        os.waitpid(self.process.pid, os.WUNTRACED)
        merged = self.host.status()["changes_merged"]
        before = anonymous_memory(self.host.pid)
        self.storm(CHANGES)
        cost = anonymous_memory(self.host.pid) - before
        quick.wait(lambda w: len(w.changes) >= 8)  # the PFs are told in between all the same
        # Twice, as the allocator has its share.
        limit = 2 * (CLIENT_BYTES + len(PFS) * (self.vfs + 1) * FUNCTION_BYTES) * INSTRUMENTED
        print(f"{CHANGES} changes cost {cost >> 10} KiB of {limit >> 10}", flush=True)
        self.assertLess(cost, limit)
        self.assertGreater(self.host.status()["changes_merged"], merged + CHANGES // 2)
        self.told.changes.clear()
        os.kill(self.process.pid, signal.SIGCONT)
        until(lambda: self.read() == self.host.devices())
        self.check_truth(self.told.view)
        # All together they stand for every change, none of which was told twice.
        self.assertGreater(max(c["merged"] for c in self.told.changes), 50)
        self.assertGreaterEqual(sum(c["merged"] for c in self.told.changes), CHANGES)
        numbers = [c["sequence"] for c in self.told.changes]
        self.assertEqual(numbers, sorted(set(numbers)))


class Killed(StormTestCase):
    """One that goes on from the last reply that it has got, wherever that was."""

    vfs = 60

    def go_on(self, left):
        """A watch that takes up what was left."""
        watch = Watch(self.host.socket, epoch=left.epoch, sequence=left.sequence)
        self.addCleanup(watch.close)
        if not watch.has_snapshot:
            watch.view = left.view
        return watch

    def test_nothing_is_lost_by_going_on_from_a_merged_change(self):
        seed = random.randrange(1 << 32)
        print(f"seed {seed}", flush=True)
        chance = random.Random(seed)
        slow, merged = self.watch(), 0
        for number in range(12):
            self.catch_up(slow)
            slow.changes.clear()
            self.judge_all(5)
            newest = self.host.status()["sequence"]
            # Those that fit into socket and queue come one by one, the others merged.
            replies = chance.randrange(600) if number else 1000
            while slow.sequence < newest and replies > 0:
                slow.step()
                replies -= 1
            merged += sum(c["merged"] > 1 for c in slow.changes)
            slow.close()
            slow = self.go_on(slow)
        self.assertGreater(merged, 0)
        self.catch_up(slow)
        self.check_truth(slow.view)

    def test_nothing_is_lost_when_a_process_is_killed_between_two_merged_changes(self):
        process = self.host.start_watch("--json")
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        process.send_signal(signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
        self.judge_all(30)
        process.send_signal(signal.SIGCONT)
        process.lines.wait(lambda line: json.loads(line).get("change", {}).get("merged", 1) > 1)
        process.kill()
        process.wait()
        process.lines.thread.join()
        left = View()
        for line in process.lines.seen:
            if line.endswith("}"):
                left.take(json.loads(line))
        watch = self.go_on(left)
        self.catch_up(watch)
        self.check_truth(watch.view)


if __name__ == "__main__":
    unittest.main()
