# SPDX-License-Identifier: Apache-2.0
"""What of a function must survive a restart of the daemon within a boot."""

import json
import os
import unittest

from daemon_host import CARD, PF, VF, Daemon, DaemonHost, differences, until

CONFIG = '[pci]\ndevice_spec = {"vendor_id": "8086", "product_id": "10ca", "managed": "no"}\n'


class State(unittest.TestCase):
    def setUp(self):
        self.host = DaemonHost(CARD + f"vfs {PF} 3\n", CONFIG, command=["sleep", "infinity"])
        self.addCleanup(self.host.close)
        self.folder = self.host.path("state")
        self.file = os.path.join(self.folder, "state.json")
        os.mkdir(self.folder)

    def start(self):
        daemon = Daemon(self.host.dir, "--config", self.host.path("vfmond.conf"),
                        inside=self.host.pid, STATE_DIRECTORY=self.folder)
        self.addCleanup(daemon.kill)
        self.assertTrue(daemon.is_ready, daemon.log())
        return daemon

    def settled(self, daemon):
        """Waits until it knows what the host is."""
        until(lambda: not differences(daemon.devices(), self.host.model()))
        return daemon

    def vanished(self, daemon):
        return {d["address"]: d for d in daemon.call("ListVanishedDevices")["devices"]}

    def read(self):
        with open(self.file, encoding="utf-8") as f:
            return {d["address"]: d for d in json.load(f)["devices"]}

    def write(self, text):
        with open(self.file, "w", encoding="utf-8") as f:
            f.write(text)

    def test_what_vanished_and_when_is_known_after_a_restart(self):
        first = self.start()
        self.host.play(f"vfs {PF} 0")
        self.settled(first)
        before = self.vanished(first)
        self.assertEqual(sorted(before), sorted(VF[:3]))
        self.assertEqual(first.stop(), 0)
        after = self.vanished(self.start())
        for address in VF[:3]:
            for key in ("generation", "vanished_usec", "vanished_boottime_usec", "managed",
                        "resource_class", "spec", "physical_function"):
                self.assertEqual(after[address][key], before[address][key], key)

    def test_when_a_function_appeared_and_changed_is_known_after_a_restart(self):
        first = self.start()
        self.host.play(f"vfs {PF} 0\nvfs {PF} 2")
        self.settled(first)
        before = first.device(VF[0])
        self.assertGreater(before["appeared_usec"], 0)
        self.assertEqual(first.stop(), 0)
        after = self.start().device(VF[0])
        self.assertEqual(after["appeared_usec"], before["appeared_usec"])
        self.assertEqual(after["appeared_boottime_usec"], before["appeared_boottime_usec"])
        self.assertEqual(after.get("attributes_changed_usec"), before.get("attributes_changed_usec"))

    def test_what_happened_while_nobody_watched_is_dated_by_the_restart(self):
        first = self.start()
        self.assertEqual(first.stop(), 0)
        self.host.play(f"vfs {PF} 0\nvfs {PF} 1")
        second = self.start()
        started = second.status()["started_usec"]
        self.assertGreaterEqual(second.device(VF[0])["appeared_usec"], started)
        gone = self.vanished(second)
        self.assertEqual(sorted(gone), sorted(VF[1:3]))
        self.assertGreaterEqual(gone[VF[1]]["vanished_usec"], started)
        self.assertEqual(gone[VF[1]]["managed"], False)

    def test_at_the_first_start_of_a_boot_nobody_knows_when_a_function_appeared(self):
        self.assertNotIn("appeared_usec", self.start().device(VF[0]))

    def test_a_kill_loses_nothing_that_is_older_than_the_last_write(self):
        first = self.start()
        self.host.play(f"vfs {PF} 0")
        self.settled(first)
        until(lambda: VF[0] in self.read() and "vanished_usec" in self.read()[VF[0]])
        first.kill()
        self.assertEqual(sorted(self.vanished(self.start())), sorted(VF[:3]))

    def test_a_file_that_can_not_be_used_is_told_and_replaced(self):
        self.assertEqual(self.start().stop(), 0)
        with open(self.file, encoding="utf-8") as f:
            good = f.read()
        cases = [("", "no JSON"), (good[:len(good) // 2], "no JSON"), ("[]", "no state of vfmond"),
                 (good.replace('"version":1', '"version":2'), "another version"),
                 (good.replace('"kind":"vf"', '"kind":"?"'), "kind is none of"),
                 ("\0" * 64, "no JSON")]
        for text, reason in cases:
            self.write(text)
            daemon = self.start()
            self.assertIn(reason, daemon.log())
            self.assertEqual(differences(daemon.devices(), self.host.model()), [])
            self.assertNotIn("appeared_usec", daemon.device(VF[0]))
            self.assertEqual(daemon.stop(), 0)
            self.assertEqual(sorted(self.read()), sorted(json.loads(good)["devices"][i]["address"]
                                                         for i in range(len(self.read()))))
            os.unlink(os.path.join(self.host.dir, "daemon.log"))

    def test_the_state_of_another_boot_is_passed_over(self):
        first = self.start()
        self.host.play(f"vfs {PF} 0")
        self.settled(first)
        self.assertEqual(first.stop(), 0)
        with open(self.file, encoding="utf-8") as f:
            state = json.load(f)
        state["boot_id"] = "00000000-0000-0000-0000-000000000000"
        self.write(json.dumps(state))
        second = self.start()
        self.assertEqual(self.vanished(second), {})
        self.assertNotIn("appeared_usec", second.device(PF))

    def test_a_folder_that_can_not_be_written_ends_nothing(self):
        os.rmdir(self.folder)
        daemon = self.start()
        self.assertIn("can not be written", daemon.log())
        self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    unittest.main()
