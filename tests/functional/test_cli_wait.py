# SPDX-License-Identifier: Apache-2.0
"""vfmonctl wait: the gate in front of nova-compute."""

import json
import os
import pty
import shutil
import subprocess
import tempfile
import threading
import unittest

from daemon_host import Daemon, DaemonHost
from simulated import DEADLINE, TWO_CARDS, VFMONCTL, Host, HostTestCase, environment, vfmonctl

PF = "0000:3b:00.0"
CONFIG = """
[pci]
device_spec = { "vendor_id": "8086", "product_id": "10ca", "resource_class": "nic" }
"""


class Waiting:
    """A vfmonctl wait that has a terminal for its standard error, where it tells how far it is."""

    def __init__(self, socket, *args, columns="200"):
        master, slave = pty.openpty()
        self.screen = os.fdopen(master, "rb", buffering=0)
        self.process = subprocess.Popen(
            [VFMONCTL, "--socket", socket, "wait", *args], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=slave, text=True,
            env=environment(TERM="xterm", COLUMNS=columns))
        os.close(slave)
        self.seen = ""
        self.place = 0
        self.news = threading.Condition()
        self.ended = False
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        while True:
            try:
                more = self.screen.read(65536)
            except OSError:  # the last user of the other side has gone
                more = b""
            with self.news:
                self.seen += more.decode()
                self.ended = not more
                self.news.notify_all()
            if not more:
                return

    def shows(self, text):
        """Waits until it has shown this, behind what was waited for before."""
        with self.news:
            self.news.wait_for(lambda: self.seen.find(text, self.place) >= 0 or self.ended,
                               DEADLINE)
            found = self.seen.find(text, self.place)
            if found < 0:
                raise AssertionError(f"it never showed {text!r}, but {self.seen!r}")
            self.place = found + len(text)

    def end(self):
        """Its exit status and what it wrote to standard output."""
        out = self.process.communicate(timeout=DEADLINE)[0]
        self.thread.join(DEADLINE)
        return self.process.returncode, out

    def close(self):
        self.process.kill()
        self.process.communicate()
        self.thread.join(DEADLINE)
        self.screen.close()


class WaitTestCase(HostTestCase):
    config = CONFIG

    def start(self, *args, socket=None, **options):
        waiting = Waiting(socket or self.host.socket, *args, **options)
        self.addCleanup(waiting.close)
        return waiting

    def holds(self, *args):
        result = self.host.ctl("wait", *args)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""), args)

    def in_vain(self, *args):
        result = self.host.ctl("wait", "--timeout=0.5", *args)
        self.assertEqual((result.returncode, result.stdout), (1, ""), args)
        return result.stderr


class Conditions(WaitTestCase):
    def test_what_holds_already_ends_at_once_and_says_nothing(self):
        self.host.play(f"vfs {PF} 3")
        for args in ([], ["--count=3"], ["3b:10.0"], ["3b:10.0", "--count", "2", "0000:3b:10.4"],
                     ["--class=CUSTOM_NIC=3"], ["--kind=pf", "--count=2"], [PF],
                     ["--kind=pf,vf", "--count=5"]):
            self.holds(*args)

    def test_what_never_comes_is_named(self):
        self.host.play(f"vfs {PF} 2")
        for args, missing in (
                (["--count=3"], "VFs 2 of 3 there"),
                (["--kind=pf", "--count=3"], "PFs 2 of 3 there"),
                (["--kind=pf,vf", "--count=5"], "functions 4 of 5 there"),
                (["3b:10.4"], "0000:3b:10.4 is not there"),
                (["--class=CUSTOM_NIC=3"], "CUSTOM_NIC 2 of 3 there"),
                (["--class=CUSTOM_NIC=2", "--class=CUSTOM_X=1"], "in vain: CUSTOM_X 0 of 1 there"),
                (["--class=CUSTOM_X=1,CUSTOM_Y=2"], "CUSTOM_X 0 of 1 there; CUSTOM_Y 0 of 2 there"),
        ):
            self.assertIn(missing, self.in_vain(*args))

    def test_a_physical_function_is_no_vf(self):
        self.assertIn("VFs 0 of 1 there", self.in_vain())
        self.assertIn("VFs 0 of 1 there", self.in_vain("--count=1"))

    def test_what_no_spec_takes_is_not_waited_for_to_become_ready(self):
        self.host.play("vfs 0000:25:00.0 1")
        self.assertIn("no device_spec takes any of the VFs", self.in_vain("--ready"))

    def test_json_says_how_far_each_demand_is(self):
        self.host.play(f"vfs {PF} 2")
        result = self.host.ctl("--json", "wait", "--timeout=0.5", "--count=3", "3b:10.0")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(json.loads(result.stdout), {"holds": False, "demands": [
            {"kind": "count", "name": None, "have": 2, "want": 3},
            {"kind": "address", "name": "0000:3b:10.0", "have": 1, "want": 1}]})
        self.assertEqual(self.host.json("wait", "--count=1"), {"holds": True, "demands": [
            {"kind": "count", "name": None, "have": 2, "want": 1}]})


class Following(WaitTestCase):
    def test_it_ends_with_the_change_that_was_missing(self):
        waiting = self.start("--count=3")
        waiting.shows("waiting: VFs 0 of 3 there")
        self.host.play(f"vfs {PF} 2")
        waiting.shows("waiting: VFs 2 of 3 there")
        self.assertIsNone(waiting.process.poll())
        self.host.play("vfs 0000:25:00.0 1")
        self.assertEqual(waiting.end(), (0, ""))
        self.assertTrue(waiting.seen.endswith("\r\x1b[K"), waiting.seen)

    def test_what_goes_again_does_not_count(self):
        self.host.play(f"vfs {PF} 2")
        waiting = self.start("--class=CUSTOM_NIC=3", "25:00.4")
        waiting.shows("CUSTOM_NIC 2 of 3 there; 0000:25:00.4 is not there")
        self.host.play(f"vfs {PF} 0")
        waiting.shows("CUSTOM_NIC 0 of 3 there")
        self.host.play("vfs 0000:25:00.0 1")
        waiting.shows("waiting: CUSTOM_NIC 0 of 3 there\r")
        self.host.play(f"vfs {PF} 3")
        self.assertEqual(waiting.end(), (0, ""))

    def test_the_line_is_cut_to_the_terminal(self):
        waiting = self.start("--class=CUSTOM_A_CLASS_WITH_A_LONG_NAME=3", columns="40")
        waiting.shows("waiting: CUSTOM_A_CLASS_WITH_A_LONG_NA…")
        self.assertNotIn("of 3", waiting.seen)

    def test_a_restart_of_the_daemon_is_survived(self):
        host = DaemonHost(TWO_CARDS + f"vfs {PF} 1\n", command=["sleep", "infinity"])
        self.addCleanup(host.close)
        first = Daemon(host.dir, inside=host.pid)
        self.addCleanup(first.kill)
        waiting = self.start("--count=2", socket=host.socket)
        waiting.shows("VFs 1 of 2 there")
        first.kill()
        waiting.shows("vfmond is not running")
        host.play(f"vfs {PF} 0\nvfs 0000:25:00.0 1")
        second = Daemon(host.dir, inside=host.pid)
        self.addCleanup(second.kill)
        waiting.shows("waiting: VFs 1 of 2 there")
        host.play(f"vfs {PF} 1")
        self.assertEqual(waiting.end(), (0, ""))


class NoDaemon(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="vfmon-test-")
        self.addCleanup(shutil.rmtree, self.dir)

    def test_a_daemon_that_is_not_there_yet_is_waited_for(self):
        waiting = Waiting(os.path.join(self.dir, "run/sock"), "--count=1")
        self.addCleanup(waiting.close)
        waiting.shows("waiting: vfmond is not running")
        host = Host(TWO_CARDS + f"vfs {PF} 1\n")
        self.addCleanup(host.close)
        os.symlink(host.dir, os.path.join(self.dir, "run"))
        self.assertEqual(waiting.end(), (0, ""))

    def test_a_daemon_that_never_comes_is_a_no(self):
        result = vfmonctl("--socket", os.path.join(self.dir, "sock"), "wait", "--timeout=0.2")
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn("vfmond is not running", result.stderr)

    def test_what_is_no_vfmond_ends_it(self):
        path = os.path.join(self.dir, "sock")
        with open(path, "w", encoding="utf-8"):
            pass
        result = vfmonctl("--socket", path + "x" * 200, "wait", "--timeout=0.2")
        self.assertEqual((result.returncode, result.stdout), (4, ""), result.stderr)

    def test_nonsense_is_wrong_usage(self):
        for args in (["--count=0"], ["--count=-1"], ["--count=x"], ["--count=1x"], ["--count="],
                     ["--class=CUSTOM_A"], ["--class=CUSTOM_A=0"], ["--class==1"],
                     ["--class=CUSTOM_A=1,CUSTOM_B"], ["--alias=A"], ["--alias=A=none"],
                     ["--kind=nic"], ["--state=host"], ["eth0"], ["--count=99999999999"]):
            result = vfmonctl("--socket", os.path.join(self.dir, "sock"), "wait", *args)
            self.assertEqual((result.returncode, result.stdout), (2, ""), args)

    def test_a_demand_is_no_filter(self):
        result = vfmonctl("list", "--class=CUSTOM_A=1")
        self.assertEqual(result.returncode, 2)
        self.assertIn("list does not take --class with a COUNT", result.stderr)


if __name__ == "__main__":
    unittest.main()
