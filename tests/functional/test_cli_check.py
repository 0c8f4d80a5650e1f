# SPDX-License-Identifier: Apache-2.0
"""vfmonctl check: the findings about a nova.conf, as a compiler would print them."""

import os
import shutil
import subprocess
import tempfile
import unittest

from simulated import TWO_CARDS, VFMONCTL, Host, environment

BROKEN = """\
[database]
connection = mysql://nova:HUSH@db
[pci]
# The specification's own example.
device_spec = { "vendor_id": "10de", "product_id": "25b6", "address": "0000:25:00.4", managed: "no" }
[DEFAULT]
transport_url = rabbit://HUSH
"""
SUSPICIOUS = """\
[pci]
device_spec = { "vendor_id": "10de", "product_id": "25b6", "address": "0000:25:00.4", "manged": "no" }
"""
CLEAN = """\
[pci]
device_spec = { "vendor_id": "10de", "product_id": "25b6", "address": "0000:25:00.4", "managed": "no" }
"""
NO_GRAMMAR = """\
[DEFAULT]
transport_url = rabbit://HUSH
HUSH without any sign of equality
[pci]
"""


class Check(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="vfmon-test-")
        self.addCleanup(shutil.rmtree, self.dir)
        os.chmod(self.dir, 0o755)

    def path(self, name):
        return os.path.join(self.dir, name)

    def host(self, text):
        with open(self.path("nova.conf"), "w", encoding="utf-8") as f:
            f.write(text)
        host = Host(TWO_CARDS + "vfs 0000:25:00.0 2\n",
                    options=["--nova-config", self.path("nova.conf")])
        self.addCleanup(host.close)
        return host

    def out(self, host, status, *args):
        result = host.ctl("check", *args)
        self.assertEqual((result.returncode, result.stderr), (status, ""), result.stdout)
        return result.stdout

    def test_the_place_is_one_that_an_editor_jumps_to(self):
        lines = self.out(self.host(BROKEN), 1).splitlines()
        column = BROKEN.splitlines()[4].index("managed") + 1
        self.assertTrue(lines[0].startswith(f"{self.path('nova.conf')}:5:{column}: refused: "), lines)
        self.assertTrue(lines[0].endswith("   [value_error]"), lines)
        self.assertEqual(lines[1], "    " + BROKEN.splitlines()[4])
        self.assertEqual(lines[2], " " * (4 + column - 1) + "^")
        self.assertEqual(lines[-1], "1 refused, 0 wrong, 0 suspicious")

    def test_what_is_only_suspicious_is_a_yes(self):
        out = self.out(self.host(SUSPICIOUS), 0)
        self.assertIn("suspicious: ", out)
        self.assertIn("[unknown_key]\n", out)
        self.assertRegex(out, r"\n  → .*managed")
        self.assertTrue(out.endswith("0 refused, 0 wrong, 1 suspicious\n"), out)

    def test_nothing_is_said_in_a_line(self):
        self.assertEqual(self.out(self.host(CLEAN), 0), "Nothing is wrong with the configuration.\n")

    def test_no_line_that_may_hold_a_secret_is_quoted(self):
        for text in (BROKEN, NO_GRAMMAR):
            host = self.host(text)
            for args in ([], ["--json"]):
                self.assertNotIn("HUSH", self.out(host, 1, *args))

    def test_a_line_of_pci_that_is_no_option_of_nova_is_not_quoted(self):
        for line in ("connection = mysql://nova:hidden@db", "hidden"):
            host = self.host("[pci]\n" + line + "\n")
            result = host.ctl("check")
            self.assertIn("nova.conf:2:", result.stdout)
            self.assertNotIn("hidden", result.stdout + result.stderr)

    def test_who_may_not_read_the_file_gets_no_line_of_it(self):
        host = self.host(BROKEN)
        os.chmod(self.path("nova.conf"), 0)
        program = self.path("vfmonctl")
        shutil.copy(VFMONCTL, program)
        os.chmod(host.dir, 0o755)
        os.chmod(host.socket, 0o666)
        # For root no file is closed: then somebody else has to try.
        user = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        result = subprocess.run([program, "--socket", host.socket, "check"], capture_output=True,
                                text=True, env=environment(), check=False, timeout=60, **user)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn("refused: ", result.stdout)
        self.assertNotIn("device_spec =", result.stdout)

    def test_json_is_the_reply(self):
        host = self.host(SUSPICIOUS)
        findings = host.json("check")["findings"]
        self.assertEqual([(f["level"], f["code"], f["line"]) for f in findings],
                         [("suspicious", "unknown_key", 2)])
        self.assertEqual(host.json("check", "-n1"), host.json("check"))

    def test_colours_and_legend(self):
        host = self.host(BROKEN)
        self.assertIn("\033[1;31mrefused\033[0m", self.out(host, 1, "--color=always"))
        self.assertNotIn("0 wrong", self.out(host, 1, "--no-legend"))

    def test_files_are_judged_on_this_host(self):
        host = self.host(CLEAN)
        with open(self.path("new.conf"), "w", encoding="utf-8") as f:
            f.write(BROKEN)
        self.assertIn(f"{self.path('new.conf')}:5:", self.out(host, 1, self.path("new.conf")))
        self.assertEqual(self.out(host, 0, self.path("nova.conf")),
                         "Nothing is wrong with the configuration.\n")


if __name__ == "__main__":
    unittest.main()
