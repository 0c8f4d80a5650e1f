# SPDX-License-Identifier: Apache-2.0
"""What the client does where files of sysfs do not answer, or have not since the daemon's start."""

import json
import unittest

import test_cli_verify
from daemon_host import CARD, FENCE, PF, VF, DaemonTestCase, until
from test_daemon_silence import CODE, CONFIG, reasons

SILENT = {"address": VF[0], "field": "all", "reason": "it does not answer"}


class Later(DaemonTestCase):
    """A function that is known stops to answer."""

    scenario = CARD + f"vfs {PF} 2\n"
    config = CONFIG

    def setUp(self):
        super().setUp()
        self.seen = self.watch()
        self.host.settle(self.seen)

    def verify(self, *options):
        return test_cli_verify.verify(self.host, *options)

    def test_verify_leaves_it_out_and_says_so(self):
        self.host.play(f"hang {VF[0]} driver_override\nevent change {VF[0]}")
        self.seen.wait_device(VF[0], lambda d: CODE in reasons(d))
        until(lambda: self.host.status()["not_answering"] == [VF[0]])
        result = self.verify()
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
        self.assertIn(f"{VF[0]} all: not compared, it does not answer\n", result.stdout)
        for address in (PF, VF[1]):
            self.assertIn(f"{address} iommu_group_members, readiness, guest_start: not compared, a "
                          "function that they rest on does not answer\n", result.stdout)
        self.assertIn("equal: 3 functions compared, 0 differences, 1 function not compared, fields "
                      "of others not compared, in 2 lines above\n", result.stdout)
        reply = json.loads(self.verify("--json").stdout)
        self.assertEqual((reply["equal"], reply["functions"], reply["differences"]), (True, 3, []))
        self.assertIn(SILENT, reply["not_compared"])
        result = self.host.ctl("list")
        self.assertEqual(result.returncode, 0)
        self.assertIn(f"vfmonctl: 1 function does not answer: {VF[0]}; listed as last seen, or not at "
                      "all\n", result.stderr)
        self.host.play(f"restore {VF[0]} driver_override")
        self.seen.wait_device(VF[0], lambda d: CODE not in reasons(d))
        self.host.settle(self.seen)
        self.assertEqual(self.host.ctl("list").stderr, "")

    def test_one_that_hangs_only_verify_ends_it_with_its_name(self):
        # What never changes is read of a function once, and by each scan of verify's.
        self.host.play(f"hang {VF[0]} numa_node")
        result = self.verify("--timeout=5")
        self.assertEqual((result.returncode, result.stdout), (4, ""))
        self.assertRegex(result.stderr, f"^vfmonctl: reading {VF[0]} has not ended within 5 s: .*"
                                        "--timeout\n$")
        self.assertEqual(self.host.status()["not_answering"], [])


class Always(DaemonTestCase):
    """A function has not answered since before the daemon's start."""

    scenario = CARD + f"vfs {PF} 2\nhang {VF[0]} numa_node\n"
    config = CONFIG

    def setUp(self):
        super().setUp()
        self.assertEqual(self.host.status()["not_answering"], [VF[0]])

    def test_show_says_that_it_does_not_answer(self):
        result = self.host.ctl("show", VF[0])
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn(f"vfmonctl: {VF[0]} is there, but a read of its files in sysfs has not ended",
                      result.stderr)
        self.assertNotIn("knows no function", result.stderr)
        self.assertIn("knows no function", self.host.ctl("show", "0000:3b:1f.7").stderr)

    def test_list_says_that_it_lacks_it(self):
        for options in [], ["--json"]:
            result = self.host.ctl(*options, "list")
            self.assertEqual(result.returncode, 0)
            self.assertNotIn(VF[0], result.stdout)
            self.assertIn(f"1 function does not answer: {VF[0]};", result.stderr)

    def test_verify_says_that_it_was_not_compared(self):
        result = test_cli_verify.verify(self.host)
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
        self.assertIn(f"{VF[0]} all: not compared, it does not answer\n", result.stdout)
        reply = json.loads(test_cli_verify.verify(self.host, "--json").stdout)
        self.assertIn(SILENT, reply["not_compared"])


class Nothing(DaemonTestCase):
    """No function of the host answers."""

    scenario = CARD + f"hang {PF} numa_node\nhang {FENCE} numa_node\n"

    def test_where_none_could_be_compared_verify_knows_nothing(self):
        self.assertEqual(self.host.status()["not_answering"], [PF, FENCE])
        result = test_cli_verify.verify(self.host)
        self.assertEqual((result.returncode, result.stderr), (4, ""), result.stdout)
        self.assertIn("\nunknown: 0 functions compared, 0 differences, 2 functions not compared\n",
                      result.stdout)
        result = test_cli_verify.verify(self.host, "--json")
        self.assertEqual(result.returncode, 4)
        self.assertIsNone(json.loads(result.stdout)["equal"])


if __name__ == "__main__":
    unittest.main()
