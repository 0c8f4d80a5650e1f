# SPDX-License-Identifier: Apache-2.0
"""A daemon on a host some of whose files do not answer: a FIFO stands in the place of each, which
the reader opens and reads as any file of sysfs."""

import os
import signal
import subprocess
import unittest

from daemon_host import CARD, FENCE, PF, VF, DaemonTestCase, until
from simulated import BUILD
from varlink_client import DEADLINE

CODE = "physical_function_not_answering"
CONFIG = '[pci]\ndevice_spec = { "product_id": "10ca", "managed": "yes" }\n'


def reasons(device):
    return [r["code"] for r in device["readiness"]["reasons"]]


def message(device):
    return next(r["message"] for r in device["readiness"]["reasons"] if r["code"] == CODE)


class Silence(DaemonTestCase):
    scenario = CARD + f"vfs {PF} 4\n"
    config = CONFIG

    def setUp(self):
        super().setUp()
        self.seen = self.watch()
        self.host.settle(self.seen)

    def hang(self, address):
        self.host.play(f"hang {address} driver_override\nevent change {address}")

    def restore(self, address):
        self.host.play(f"restore {address} driver_override")

    def vfmonctl(self, *args):
        result = subprocess.run([os.path.join(BUILD, "vfmonctl"), "--socket", self.host.socket, *args],
                                capture_output=True, text=True, timeout=DEADLINE, check=False)
        self.assertEqual(result.stderr, "")
        return result.stdout

    def test_a_pf_that_hangs_stops_nothing_else_and_is_read_when_it_answers(self):
        before = self.host.devices()
        self.hang(PF)
        for vf in VF:
            self.seen.wait_device(vf, lambda d: CODE in reasons(d))
        # Everybody is there as they were.
        now = self.host.devices()
        self.assertEqual(sorted(now), sorted(before))
        for address, device in now.items():
            self.assertEqual(device["binding"], before[address]["binding"])
        self.assertEqual(now[PF]["readiness"], before[PF]["readiness"])
        self.assertEqual(now[VF[0]]["readiness"]["state"], "unknown")
        self.assertIsNone(now[VF[0]]["guest_start"].get("starts"))
        self.assertRegex(message(now[VF[0]]), f"^PF {PF} has not answered for [0-9]+ s")
        self.assertEqual(self.host.status()["not_answering"], [PF])
        # Others are followed, this PF's VFs among them.
        self.host.fence(self.seen)
        self.host.play(f"unbind {VF[1]}")
        self.seen.wait_state(VF[1], "unbound")
        self.assertIn(f"does not answer for {PF}", self.vfmonctl("status"))
        self.assertIn("has not answered for", self.vfmonctl("show", VF[0]))
        self.restore(PF)
        for vf in VF:
            self.seen.wait_device(vf, lambda d: CODE not in reasons(d))
        self.assertEqual(self.host.status()["not_answering"], [])
        self.host.settle(self.seen)
        for line in (f"{PF} does not answer", f"{PF} answers again"):
            self.assertEqual(self.host.log().count(line), 1)

    def test_several_that_hang_are_named_and_the_daemon_ends_all_the_same(self):
        for vf in VF[:2]:
            self.hang(vf)
        until(lambda: self.host.status()["not_answering"] == list(VF[:2]))
        for vf in VF[:2]:
            self.seen.wait_device(vf, lambda d: CODE in reasons(d))
            self.assertRegex(message(self.host.device(vf)), f"^VF {vf} has not answered for")
        self.assertIn(f"does not answer for {VF[0]}, {VF[1]}", self.vfmonctl("status"))
        # A rescan has mended what the readers had begun, and has lost nobody.
        resyncs = {c["name"]: c["count"] for c in self.host.status()["resyncs"]}
        self.assertEqual(resyncs["reader"], 2)
        self.assertEqual(len(self.host.devices()), 6)
        self.host.fence(self.seen)
        os.kill(self.host.pid, signal.SIGTERM)
        self.assertEqual(self.host.process.wait(DEADLINE), 0)

    def test_what_happened_meanwhile_is_known_when_it_answers(self):
        self.hang(VF[2])
        self.seen.wait_device(VF[2], lambda d: CODE in reasons(d))
        self.host.play(f"unbind {VF[2]}")
        self.host.fence(self.seen)
        self.assertEqual(self.host.device(VF[2])["binding"]["state"], "host")
        self.restore(VF[2])
        self.seen.wait_state(VF[2], "unbound")
        self.host.settle(self.seen)

    def test_one_that_is_removed_while_it_hangs_is_gone(self):
        self.hang(VF[3])
        self.seen.wait_device(VF[3], lambda d: CODE in reasons(d))
        self.host.play(f"vfs {PF} 0")
        for vf in VF:
            self.seen.wait_device(vf, lambda d: d is None)
        self.assertIn(FENCE, self.host.devices())


if __name__ == "__main__":
    unittest.main()
