# SPDX-License-Identifier: Apache-2.0
"""The daemon is killed at random moments, again and again: each time the next one knows the truth.

VFMON_KILLS says how often (make check-long: 500), VFMON_SEED repeats a run as far as time allows.
"""

import json
import os
import random
import select
import threading
import time
import unittest

from daemon_host import CARD, PF, VF, Daemon, DaemonHost, differences, until

KILLS = int(os.environ.get("VFMON_KILLS", "25"))
# The latest moment, in times of what a start took here and now: well behind READY.
LATEST = 2

STEPS = (f"vfs {PF} 7", f"vfs {PF} 0", f"vfs {PF} 3", f"burst {PF} 20", f"unbind {VF[0]}",
         f"probe {VF[0]}", f"override {VF[0]} vfio-pci", f"override {VF[0]} none", "noise 20")


class Storm(threading.Thread):
    """Plays random steps until it is told to end; what the host refuses is no matter."""

    def __init__(self, host, chance):
        super().__init__()
        self.host = host
        self.chance = chance
        self.over = threading.Event()

    def run(self):
        while not self.over.is_set():
            try:
                self.host.play(self.chance.choice(STEPS))
            except AssertionError as error:
                if "error" not in str(error):
                    raise

    def end(self):
        self.over.set()
        self.join()


class Killed(unittest.TestCase):
    def setUp(self):
        self.host = DaemonHost(CARD, command=["sleep", "infinity"])
        self.addCleanup(self.host.close)
        self.folder = self.host.path("state")
        os.mkdir(self.folder)
        self.seed = int(os.environ.get("VFMON_SEED", random.randrange(1 << 32)))
        self.start_seconds = None
        print(f"VFMON_SEED={self.seed} VFMON_KILLS={KILLS}", flush=True)

    def start(self, **how):
        daemon = Daemon(self.host.dir, inside=self.host.pid, STATE_DIRECTORY=self.folder, **how)
        self.addCleanup(daemon.kill)
        return daemon

    def kill_at(self, seconds):
        """Starts one and kills it so much later. Returns whether it was ready by then."""
        daemon = self.start(wait=False)
        pid = os.pidfd_open(daemon.process.pid)
        try:
            self.assertEqual(select.select([pid], [], [], seconds)[0], [], daemon.log())
        finally:
            os.close(pid)
        daemon.kill()
        return daemon.is_ready

    def check_state_file(self):
        """It is not there yet, or is whole."""
        path = os.path.join(self.folder, "state.json")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                self.assertEqual(json.load(f)["version"], 1)

    def check_next(self):
        """The one after a killed one takes its place, and knows what the host is."""
        begin = time.monotonic()
        daemon = self.start()
        self.start_seconds = time.monotonic() - begin
        self.assertTrue(daemon.is_ready, daemon.log())
        until(lambda: not differences(daemon.devices(), self.host.model()),
              lambda: "\n".join(differences(daemon.devices(), self.host.model())) + daemon.log())
        self.assertNotIn("is not used", daemon.log())
        daemon.kill()

    def test_whenever_it_is_killed_the_next_one_knows_the_truth(self):
        chance = random.Random(self.seed)
        ready = 0
        self.check_next()
        for _ in range(KILLS):
            storm = Storm(self.host, random.Random(chance.random()))
            storm.start()
            try:
                ready += self.kill_at(chance.uniform(0, LATEST * self.start_seconds))
            finally:
                storm.end()
            self.check_state_file()
            self.check_next()
        print(f"{KILLS} kills, {ready} of them after READY", flush=True)


if __name__ == "__main__":
    unittest.main()
