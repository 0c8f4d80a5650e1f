# SPDX-License-Identifier: Apache-2.0
"""Every allocation of a running daemon fails once, its libraries' included: it lives, what could not
be done is done later, and at the end it knows what the host is."""

import os
import signal
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../functional"))

from daemon_host import CARD, PF, VF, Daemon, DaemonHost, differences, until  # noqa: E402
from faulty import Faults  # noqa: E402
from varlink_client import Connection  # noqa: E402

HOST = CARD + f"vfs {PF} 2\n"
CONFIGS = ("[vfmond]\nhistory_size = 64K\n[pci]\n"
           'device_spec = { "vendor_id": "8086", "product_id": "10ca" }\n',
           "[vfmond]\nhistory_size = 96K\n[pci]\n"
           'device_spec = { "address": "3b:*.*", "managed": "no", "resource_class": "nic" }\n'
           'alias = { "name": "fast", "vendor_id": "8086", "product_id": "10ca" }\n')


class FaultyTestCase(unittest.TestCase):
    config = CONFIGS[0]

    def setUp(self):
        self.faults = Faults()
        self.addCleanup(self.faults.close)
        os.environ.update(self.faults.environment())
        try:
            self.host = DaemonHost(HOST, self.config)
        finally:
            for name in self.faults.environment():
                del os.environ[name]
        self.addCleanup(self.host.close)

    def call(self, method, more=False, **parameters):
        """Returns the reply, or None: it was dropped."""
        try:
            with Connection(self.host.socket) as connection:
                connection.send(method, parameters, more=more)
                return connection.receive()
        except TimeoutError:
            raise
        except OSError:
            return None

    def knows_the_truth(self, model):
        try:
            watch = self.host.watch()
        except AssertionError:
            return False
        try:
            watch.wait(lambda w: not differences(w.view, model))
            return True
        except AssertionError:
            return False
        finally:
            watch.close()

    def settle(self):
        """As a client that comes again when it is dropped."""
        model = self.host.model()
        try:
            until(lambda: self.knows_the_truth(model))
        except (AssertionError, OSError) as error:
            self.fail(f"{error}\n{self.host.log()}")

    def each_fails(self, deed):
        """Runs deed() while one allocation after the other fails."""
        for count in self.faults.each():
            deed()
            self.settle()
        self.assertGreater(count, 50)
        self.host.play(f"unbind {VF[0]}\nprobe {VF[0]}\n")
        self.host.settle()
        self.assertEqual(differences(self.host.devices(), self.host.model()), [])


class Events(FaultyTestCase):
    def test_functions_come_and_go(self):
        self.each_fails(lambda: self.host.play(
            f"vfs {PF} 0\nvfs {PF} 3\nunbind {VF[0]}\nprobe {VF[0]}\nvfs {PF} 0\nvfs {PF} 2\n"))


class Clients(FaultyTestCase):
    config = CONFIGS[1]

    def ask(self):
        for method, more in (("ListDevices", False), ("ListDevices", True), ("WatchDevices", True),
                             ("GetHistory", True), ("GetStatus", False),
                             ("CheckConfiguration", False), ("ListResourceProviders", False)):
            reply = self.call(method, more)
            self.assertNotIn("error", reply or {})
        self.call("ResolveAlias", name="fast")
        self.call("DescribeHostdev", address=VF[0])

    def test_calls(self):
        self.each_fails(self.ask)


class Reloads(FaultyTestCase):
    turn = 0

    def managed(self):
        reply = self.call("GetDevice", address=VF[0])
        return reply and reply["parameters"]["device"]["managed"]

    def reload(self):
        """Nobody asks a second time, and it comes into force all the same."""
        self.turn = 1 - self.turn
        self.host.write_config(CONFIGS[self.turn])
        os.kill(self.host.pid, signal.SIGHUP)
        until(lambda: self.managed() is (self.turn == 0), self.host.log)

    def test_another_configuration(self):
        self.each_fails(self.reload)


class Start(unittest.TestCase):
    def test_it_starts_or_says_why_it_does_not(self):
        faults = Faults()
        self.addCleanup(faults.close)
        for _ in faults.each():
            with tempfile.TemporaryDirectory(prefix="vfmon-test-") as folder:
                self.check(Daemon(folder, **faults.environment()))

    def check(self, daemon):
        try:
            if daemon.is_ready:
                self.assertEqual(daemon.stop(), 0, daemon.log())
            else:
                self.check_end(daemon.process.wait(1), daemon.log())
        except subprocess.TimeoutExpired:
            self.fail("it does not end:\n" + daemon.log())
        finally:
            daemon.kill()

    def check_end(self, status, log):
        """glibc and its modules end a program that looks up a group without memory; only here."""
        if "(getgrnam+" in log:
            return
        self.assertEqual(status, 1, log)
        self.assertIn("memory", log)


if __name__ == "__main__":
    unittest.main()
