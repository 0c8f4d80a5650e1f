# SPDX-License-Identifier: Apache-2.0
"""vfmonctl nova: what the nova-compute that runs does not know yet."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

from simulated import TWO_CARDS, VFMONCTL, Host, HostTestCase, environment, vfmonctl

CONFIG = """
[pci]
device_spec = { "vendor_id": "8086", "product_id": "10ca" }
"""
PF = "0000:3b:00.0"
LONG_AGO = "2001-01-01"

# A nova-compute in a process table of its own, and the client that is given behind it.
IN_A_BOX = """
import os, signal, subprocess, sys
nova = subprocess.Popen(["nova-compute", "-c", "import time; time.sleep(3600)"],
                        executable=sys.executable)
status = subprocess.run(sys.argv[1:], check=False).returncode
nova.kill()
nova.wait()
sys.exit(status)
"""


class Nova(HostTestCase):
    config = CONFIG

    def asked(self, status, *args):
        """What it says when nova-compute would have been started at some time."""
        result = self.host.ctl("nova", *args)
        self.assertEqual((result.returncode, result.stderr), (status, ""), result.stdout)
        return result.stdout

    def json(self, status, *args):
        result = self.host.ctl("--json", "nova", *args)
        self.assertEqual(result.returncode, status, result.stderr)
        return json.loads(result.stdout)

    def play(self, scenario, number):
        """Plays, and waits until the daemon knows of so many VFs."""
        self.host.play(scenario)
        self.host.wait_until(PF, lambda d: d and d["num_vfs"] == number)

    def test_what_was_there_before_is_no_news(self):
        self.assertIn("● up to date: nova-compute, if it was started 2001-01-01 00:00:00\n",
                      self.asked(0, f"--since={LONG_AGO}"))

    def test_what_came_after_its_start_was_not_seen(self):
        self.play(f"vfs {PF} 2", 2)
        out = self.asked(1, f"--since={LONG_AGO}")
        self.assertIn("○ restart due: ", out)
        self.assertRegex(out, r"\n  0000:3b:10\.0 +not seen: here since \d\d:\d\d:\d\d\n")
        self.assertRegex(out, r"\n  0000:3b:10\.2 +not seen: ")
        self.assertIn("→ systemctl restart nova-compute.service", out)

    def test_what_no_spec_takes_is_not_novas(self):
        self.host.play("vfs 0000:25:00.0 1")
        self.host.wait_for_state("0000:25:00.4", "vfio_vendor")
        self.assertIn("up to date", self.asked(0, f"--since={LONG_AGO}"))

    def test_what_came_and_went_was_never_offered(self):
        self.play(f"vfs {PF} 1", 1)
        self.play(f"vfs {PF} 0", 0)
        self.assertIn("up to date", self.asked(0, f"--since={LONG_AGO}"))

    def test_a_restart_clears_it(self):
        self.play(f"vfs {PF} 1", 1)
        self.json(1, f"--since={LONG_AGO}")
        self.assertEqual(self.json(0, "--since=0s")["functions"], [])

    def test_what_came_while_it_started_is_uncertain(self):
        self.play(f"vfs {PF} 1", 1)
        told = self.json(1, "--since=1min")
        self.assertIsNone(told["restart_due"])
        self.assertEqual([(f["address"], f["what"], f["uncertain"]) for f in told["functions"]],
                         [("0000:3b:10.0", "not_seen", True)])
        out = self.asked(1, "--since=1min")
        self.assertIn("restart may be due", out)
        self.assertIn("uncertain whether Nova had looked before that", out)

    def test_lines_and_legend(self):
        self.play(f"vfs {PF} 5", 5)
        out = self.asked(1, f"--since={LONG_AGO}", "-n2")
        self.assertEqual(out.count("not seen"), 2)
        self.assertIn("  and 3 more\n", out)
        self.assertEqual(len(self.asked(1, f"--since={LONG_AGO}", "--no-legend").splitlines()), 6)

    def test_json_has_the_settings_that_decide(self):
        told = self.json(0, f"--since={LONG_AGO}")
        self.assertIs(told["restart_due"], False)
        self.assertEqual((told["found_by"], told["pid"]), ("option", None))
        self.assertEqual(told["started_usec"], 978307200 * 1000000)
        self.assertLessEqual({"report_in_placement", "pci_in_placement", "virt_type"}, set(told))


class Refused(unittest.TestCase):
    def test_no_restart_is_advised_that_would_fail(self):
        folder = tempfile.mkdtemp(prefix="vfmon-test-")
        self.addCleanup(shutil.rmtree, folder)
        path = os.path.join(folder, "nova.conf")
        with open(path, "w", encoding="utf-8") as f:
            f.write('[pci]\ndevice_spec = { managed: "no" }\n')
        host = Host(TWO_CARDS, options=["--nova-config", path])
        self.addCleanup(host.close)
        result = host.ctl("nova", f"--since={LONG_AGO}")
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn("do not restart it yet", result.stdout)
        self.assertIn("→ vfmonctl check\n", result.stdout)
        self.assertNotIn("systemctl restart", result.stdout)


class Gone(unittest.TestCase):
    def test_what_went_after_its_start_is_still_offered(self):
        host = Host(TWO_CARDS + f"vfs {PF} 2\n", CONFIG)
        self.addCleanup(host.close)
        host.play(f"vfs {PF} 0")
        host.wait_until(PF, lambda d: d and d["num_vfs"] == 0)
        result = host.ctl("nova", f"--since={LONG_AGO}")
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertRegex(result.stdout, r"\n  0000:3b:10\.0 +still offered: gone since \d\d:\d\d")
        self.assertIn("vfmond itself was started", result.stdout)


class Process(HostTestCase):
    config = CONFIG

    def test_it_is_found_by_its_process(self):
        self.host.play(f"vfs {PF} 1")
        self.host.wait_until("0000:3b:10.0", lambda d: d is not None)
        result = subprocess.run(
            ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc",
             sys.executable, "-c", IN_A_BOX, os.path.abspath(VFMONCTL), "--socket",
             self.host.socket, "nova"], capture_output=True, text=True, check=False, timeout=60,
            env=environment())
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
        self.assertRegex(result.stdout, r"^● up to date: nova-compute \(process \d+\), started ")

    def test_none_is_no_answer(self):
        result = subprocess.run(
            ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc",
             os.path.abspath(VFMONCTL), "--socket", self.host.socket, "nova"],
            capture_output=True, text=True, check=False, timeout=60, env=environment())
        self.assertEqual((result.returncode, result.stdout), (4, ""))
        self.assertIn("no nova-compute runs on this host", result.stderr)

    def test_a_unit_that_does_not_run_is_no_answer(self):
        result = self.host.ctl("nova", "--unit=vfmon-test-no-such.service")
        self.assertEqual((result.returncode, result.stdout), (4, ""))
        self.assertIn("vfmon-test-no-such.service is not active", result.stderr)

    def test_a_start_in_the_future_is_no_answer(self):
        result = self.host.ctl("nova", "--since=2199-01-01")
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertIn("future", result.stderr)

    def test_unit_and_since_exclude_each_other(self):
        result = vfmonctl("nova", "--unit=x.service", "--since=today")
        self.assertEqual((result.returncode, result.stdout), (2, ""))


if __name__ == "__main__":
    unittest.main()
