# SPDX-License-Identifier: Apache-2.0
"""vfmonctl verify: the registry beside a scan of the client's own."""

import json
import os
import subprocess
import unittest

from daemon_host import CARD, PF, VF, DaemonTestCase, until
from simulated import DEADLINE, VFMONCTL, environment
from test_daemon_audit import QUIET, let_settle

OFF = "[vfmond]\naudit_interval = 0\n[pci]\n" + (
    'device_spec = {"vendor_id": "8086", "product_id": "10ca", "managed": "no"}\n')
ON = OFF.replace("= 0", "= 1s")


def verify(host, *options, namespaces=("--mount", "--net"), within=()):
    """Where the simulated host's sysfs is /sys."""
    return subprocess.run(
        ["nsenter", "-t", str(host.pid), "--user", *namespaces,
         "--preserve-credentials", *within, VFMONCTL, "--socket", host.socket, "verify", *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=DEADLINE,
        check=False, env=environment())


class Verify(DaemonTestCase):
    # Nothing is pending about a function that never had a driver, so that no timer reads it.
    scenario = CARD + f"vfs {PF} 3\noverride {VF[0]} test_vfio_pci\nunbind {VF[0]}\n" + (
        f"probe {VF[0]}\npf {QUIET} 1234:5678 total 4\n")
    config = ON

    def verify(self, *options, **how):
        return verify(self.host, *options, **how)

    def assert_equal_sides(self):
        result = self.verify()
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
        self.assertIn("equal: 6 functions compared, 0 differences\n", result.stdout)

    def test_what_is_followed_is_equal(self):
        self.host.settle()
        self.assertEqual(self.host.device(VF[0])["binding"]["state"], "vfio_variant")
        self.assert_equal_sides()
        reply = json.loads(self.verify("--json").stdout)
        self.assertEqual(reply, {"equal": True, "functions": 6, "differences": [],
                                 "not_compared": []})

    def test_a_difference_is_told_until_the_audit_has_found_it(self):
        let_settle(self.host, OFF)
        watch = self.watch()
        self.host.settle(watch)
        self.host.play(f"drop 100\nremove {QUIET}\ndrop 0")
        result = self.verify()
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn(f"{QUIET} present: vfmond has true, the host false\n", result.stdout)
        self.assertIn("different: 5 functions compared, 1 difference\n", result.stdout)
        reply = json.loads(self.verify("--json").stdout)
        self.assertFalse(reply["equal"])
        self.assertEqual(reply["differences"], [{"address": QUIET, "field": "present",
                                                 "registry": True, "host": False}])
        self.host.reload(ON)
        watch.wait(lambda w: QUIET not in w.view)
        until(lambda: self.host.status()["audit_findings"] == 1)
        self.assertEqual(self.verify().returncode, 0)

    def test_a_field_is_told_with_both_its_values(self):
        let_settle(self.host, OFF)
        before = self.host.device(QUIET)["generation"]
        self.host.play(f"drop 100\nremove {QUIET}\npf {QUIET} 1234:9abc total 8\ndrop 0")
        reply = json.loads(self.verify("--json").stdout)
        self.assertFalse(reply["equal"])
        self.assertEqual({d["address"] for d in reply["differences"]}, {QUIET})
        told = {d["field"]: (d["registry"], d["host"]) for d in reply["differences"]}
        self.assertEqual(told["product_id"], ("5678", "9abc"))
        self.assertEqual(told["total_vfs"], (4, 8))
        self.assertEqual(told["generation"][0], before)
        self.assertGreater(told["generation"][1], before)

    def test_what_only_time_tells_is_said_not_to_be_compared(self):
        self.host.settle()
        self.host.play(f"stuck {VF[1]}")
        self.host.wait_for_state(VF[1], "unbinding")
        result = self.verify()
        self.assertIn(f"{VF[1]} binding, readiness, guest_start: not compared, "
                      "its driver is on its way", result.stdout)
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_roots_can_be_given(self):
        self.host.settle()
        root = f"/proc/{self.host.pid}/root"
        with open(f"/proc/{self.host.pid}/environ", encoding="utf-8") as f:
            aliases = next(line.split("=")[1] for line in f.read().split("\0")
                           if line.startswith("VFMOND_SIM_MODULES_ALIAS="))
        result = self.verify("--sysfs-root", root + "/sys", "--dev-root", root + "/dev",
                             "--modules-alias", root + aliases, namespaces=("--net",))
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        result = self.host.ctl("verify", "--sysfs-root", self.host.path("nothing"))
        self.assertEqual(result.returncode, 4)
        self.assertIn("nothing/bus/pci/devices can not be read: No such file or directory",
                      result.stderr)

    def test_roots_without_what_is_read_there_are_no_host(self):
        self.host.settle()
        empty = self.host.path("empty")
        os.mkdir(empty)
        for option, value, path in (
                ("--sysfs-root", empty, f"{empty}/bus/pci/devices"),
                ("--proc-root", "/nonexistent", "/nonexistent/self/mountinfo"),
                ("--proc-root", empty, f"{empty}/self/mountinfo"),
                ("--dev-root", "/nonexistent", "/nonexistent"),
                ("--modules-alias", f"{empty}/modules.alias", f"{empty}/modules.alias")):
            with self.subTest((option, value)):
                result = self.verify(option, value)
                self.assertEqual((result.returncode, result.stdout), (4, ""))
                self.assertEqual(result.stderr, f"vfmonctl: {option}: {path} can not be read: "
                                                "No such file or directory\n")

    def test_a_host_without_pci_is_not_the_daemons(self):
        self.host.settle()
        without = ("unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /sys && exec "$@"', "sh")
        result = self.verify(within=without)
        self.assertEqual((result.returncode, result.stdout), (4, ""))
        self.assertEqual(result.stderr, "vfmonctl: --sysfs-root: /sys/bus/pci/devices can not be read: "
                                        "No such file or directory\n")

    def test_another_namespace_of_networks_is_noticed(self):
        self.host.settle()
        own = os.stat(f"/proc/{self.host.pid}/ns/net").st_ino
        self.assertEqual(self.host.status()["network_namespace"], own)
        reply = json.loads(self.verify("--json", namespaces=("--mount",)).stdout)
        self.assertTrue(reply["equal"], reply)
        self.assertIn({"address": VF[1], "field": "network",
                       "reason": "vfmond is in another network namespace"},
                      reply["not_compared"])

    def test_without_a_daemon_it_says_so(self):
        result = self.host.ctl("verify", "--socket", self.host.path("nobody"))
        self.assertEqual(result.returncode, 3)


if __name__ == "__main__":
    unittest.main()
