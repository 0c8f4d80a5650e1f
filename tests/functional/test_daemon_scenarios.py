# SPDX-License-Identifier: Apache-2.0
"""After each of the shipped scenarios the daemon knows what the host is."""

import os
import unittest

from daemon_host import EXAMPLES, FENCE, PF, VF, DaemonHost, DaemonTestCase, differences
from varlink_client import Watch


class Shipped(unittest.TestCase):
    """Of each scenario: the list, a subscriber from the start, one that came back, and a filter."""

    def begin(self, name):
        """Returns the host as it is at the step `start`, and the lines behind it."""
        with open(os.path.join(EXAMPLES, name + ".scenario"), encoding="utf-8") as f:
            before, behind = f.read().split("\nstart\n")
        host = DaemonHost(before)
        self.addCleanup(host.close)
        return host, behind

    def subscribe(self, host, **parameters):
        watch = Watch(host.socket, **parameters)
        self.addCleanup(watch.close)
        return watch

    def check(self, name):
        host, steps = self.begin(name)
        first = self.subscribe(host)
        left = self.subscribe(host)
        vfs = self.subscribe(host, filter={"kinds": ["vf"]})
        left.close()
        host.play(steps)
        host.settle(first)
        self.assertEqual(differences(host.devices(), host.model()), [])
        only_vfs = [f for f in host.model() if f["kind"] == "vf"]
        vfs.wait(lambda w: not differences(w.view, only_vfs))
        # One that has heard nothing of all that goes on where it left.
        again = self.subscribe(host, epoch=left.epoch, sequence=left.sequence)
        again.view = left.view
        again.wait(lambda w: not differences(w.view, host.model()))
        return host, first

    def test_burst(self):
        host, _ = self.check("burst")
        self.assertGreater(host.source()["events"], 1000)

    def test_lost(self):
        self.check("lost")

    def test_out_of_order(self):
        self.check("out-of-order")

    def test_overflow(self):
        host, _ = self.check("overflow")
        self.assertGreater(host.source()["overflows"], 0)
        self.assertGreater(host.source()["lost"], 0)
        resyncs = {c["name"]: c["count"] for c in host.status()["resyncs"]}
        self.assertGreater(resyncs["overflow"], 0)

    def test_reuse(self):
        self.check("reuse")

    def test_states(self):
        self.check("states")


class Lost(DaemonTestCase):
    """What came among events that were lost."""

    def test_vfs_are_of_the_rescan_and_none_is_probing(self):
        watch = self.watch()
        # The burst fills the socket, so that the kernel tells nothing of what is behind it.
        self.host.play(f"freeze\nburst {FENCE} 50000\nvfs {PF} 4\nthaw")
        self.host.settle(watch)
        self.assertGreater(self.host.source()["overflows"], 0)
        self.host.fence(watch)
        self.assertEqual([watch.states(address) for address in VF], [["host"]] * len(VF))
        self.assertEqual({c["cause"]["source"] for c in watch.changes if c["address"] in VF},
                         {"resync"})


if __name__ == "__main__":
    unittest.main()
