# SPDX-License-Identifier: Apache-2.0
"""What the system rarely does: nothing of it ends the daemon, and after it the truth is known."""

import errno
import json
import os
import resource
import signal
import stat
import subprocess
import unittest

from daemon_host import CARD, PF, VF, Daemon, DaemonHost, differences, until
from faults import Faults
from simulated import DEADLINE, vfmonctl
from varlink_client import Connection

# Of everything that is read of a function: what is there of a PF, and of a VF.
READ_FILES = {
    PF: ("uevent", "sriov_totalvfs", "sriov_drivers_autoprobe", "driver_override", "numa_node"),
    VF[0]: ("uevent", "driver_override", "numa_node", "enable"),
}


class FaultsTestCase(unittest.TestCase):
    """A host whose daemon the test starts, with faults that it can turn on."""

    def setUp(self):
        self.host = DaemonHost(CARD + f"vfs {PF} 3\n", command=["sleep", "infinity"])
        self.addCleanup(self.host.close)
        self.faults = Faults(self.host.dir)
        self.folder = self.host.path("state")
        self.file = os.path.join(self.folder, "state.json")
        os.mkdir(self.folder)

    def start(self, **variables):
        daemon = Daemon(self.host.dir, "--config", self.host.path("vfmond.conf"),
                        inside=self.host.pid, **self.faults.variables(), **variables)
        self.addCleanup(daemon.kill)
        self.assertTrue(daemon.is_ready, daemon.log())
        return daemon

    def check_truth(self, daemon):
        """Waits until it knows what the host is, and has it end well."""
        until(lambda: not differences(daemon.devices(), self.host.model()),
              lambda: "\n".join(differences(daemon.devices(), self.host.model())) + daemon.log())
        self.assertEqual(daemon.stop(), 0, daemon.log())

    def watch(self, daemon):
        watch = daemon.watch()
        self.addCleanup(watch.close)
        return watch


class Descriptors(FaultsTestCase):
    """No file descriptor is free."""

    def take_all(self, daemon):
        """Not one more than it has now. Returns what gives them back."""
        pid = daemon.process.pid
        used = {int(name) for name in os.listdir(f"/proc/{pid}/fd")}
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        lowest = next(number for number in range(1 << 20) if number not in used)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (lowest, before[1]))
        return lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE, before)

    def test_who_is_there_is_served_and_who_comes_waits(self):
        daemon = self.start()
        with Connection(daemon.socket) as served:
            served.call("GetStatus")
            give_back = self.take_all(daemon)
            with Connection(daemon.socket) as waits:
                waits.send("GetStatus")
                until(lambda: served.call("GetStatus") and "no client can be accepted" in
                      daemon.log())
                self.assertEqual(len(served.call("ListDevices")["devices"]), 5)
                give_back()
                self.assertEqual(waits.parameters()["status"]["clients"], 2)
        self.assertEqual(daemon.log().count("no client can be accepted"), 1)
        self.check_truth(daemon)

    def test_what_can_not_be_read_is_unknown_and_not_gone(self):
        daemon = self.start()
        watch = self.watch(daemon)
        give_back = self.take_all(daemon)
        self.host.play(f"unbind {VF[0]}")
        watch.wait_state(VF[0], "unknown")
        give_back()
        watch.wait_state(VF[0], "unbound")
        self.assertNotIn("disappeared", [c["kind"] for c in watch.changes])
        self.check_truth(daemon)

    def test_a_rescan_that_can_list_nothing_loses_nothing(self):
        daemon = self.start()
        watch = self.watch(daemon)
        with Connection(daemon.socket) as served:
            served.call("GetStatus")
            give_back = self.take_all(daemon)
            rescans = self.rescans(served)
            self.host.play(f"unbind {VF[1]}")
            watch.wait_state(VF[1], "unknown")
            self.overflow(daemon)
            until(lambda: self.rescans(served) > rescans + 1)
            self.assertEqual(len(served.call("ListDevices")["devices"]), 5)
            give_back()
        watch.wait_state(VF[1], "unbound")
        self.assertNotIn("disappeared", [c["kind"] for c in watch.changes])
        self.check_truth(daemon)

    @staticmethod
    def rescans(connection):
        return sum(c["count"] for c in connection.call("GetStatus")["status"]["resyncs"])

    def overflow(self, daemon):
        """More events than its socket holds."""
        daemon.process.send_signal(signal.SIGSTOP)
        self.host.play("noise 60000")
        daemon.process.send_signal(signal.SIGCONT)


class Pieces(FaultsTestCase):
    """Files and sockets that give or take one byte at a time."""

    def test_everything_arrives_all_the_same(self):
        self.host.write_config('[pci]\ndevice_spec = {"vendor_id": "8086"}\n')
        self.faults.set(most_bytes=1)
        first = self.start(STATE_DIRECTORY=self.folder)
        watch = self.watch(first)
        self.host.play(f"vfs {PF} 0\nvfs {PF} 2\noverride {VF[0]} vfio-pci\nunbind {VF[0]}\n"
                       f"probe {VF[0]}")
        self.host.settle(watch)
        appeared = first.device(VF[0])["appeared_usec"]
        self.check_truth(first)
        second = self.start(STATE_DIRECTORY=self.folder)
        self.assertEqual(second.device(VF[0])["appeared_usec"], appeared)
        self.assertIn("spec", second.device(VF[0]))
        self.check_truth(second)


class Vanishing(FaultsTestCase):
    """Files that are opened and then not there any more, as when a function goes just now."""

    def vanish(self, daemon, watch, path, times):
        """Reads of it fail so many times from now on; tells of an event, and waits for that."""
        self.faults.set(read_path=path, read_error=errno.ENODEV, read_error_left=times)
        address = path.split("/")[-2]
        self.host.play(f"event change {address}")
        self.host.fence(watch)
        reads = daemon.status()["reads"]
        self.faults.set()
        self.host.play(f"event change {address}")
        until(lambda: daemon.status()["reads"] > reads)

    def test_one_read_that_fails_is_no_change(self):
        daemon = self.start()
        self.host.call = daemon.call
        self.host.device = daemon.device
        watch = self.watch(daemon)
        self.vanish(daemon, watch, f"/{VF[0]}/uevent", 1)
        self.assertEqual([c for c in watch.changes if c["address"] == VF[0]], [])
        self.check_truth(daemon)

    def test_each_file_may_go_for_long_and_come_back(self):
        daemon = self.start()
        self.host.call = daemon.call
        self.host.device = daemon.device
        watch = self.watch(daemon)
        for address, names in READ_FILES.items():
            for name in names:
                self.vanish(daemon, watch, f"/{address}/{name}", 1000)
                self.host.settle(watch)
        self.assertEqual(daemon.source()["overflows"], 0)
        self.check_truth(daemon)

    def test_an_error_of_the_device_makes_it_unknown_until_it_ends(self):
        daemon = self.start()
        watch = self.watch(daemon)
        self.faults.set(read_path=f"/{VF[0]}/uevent", read_error=errno.EIO, read_error_left=2)
        self.host.play(f"event change {VF[0]}")
        watch.wait_state(VF[0], "unknown")
        watch.wait_state(VF[0], "host")
        self.assertEqual(self.faults.left(), 0)
        self.assertNotIn("disappeared", [c["kind"] for c in watch.changes])
        self.check_truth(daemon)


class Clock(FaultsTestCase):
    """Somebody sets the time of day."""

    years = 10 * 365 * 86400 * 1000000

    def test_a_jump_is_no_event_and_delays_none(self):
        self.host.write_config("[vfmond]\nstuck_after = 1s\n")
        daemon = self.start(STATE_DIRECTORY=self.folder)
        watch = self.watch(daemon)
        before = daemon.status()
        times = []
        for jump in (self.years, -self.years, 0):
            self.faults.set(realtime_usec=jump)
            self.host.play(f"stuck {VF[0]}")
            watch.wait_state(VF[0], "stuck")  # by a timer
            self.host.play(f"release {VF[0]}\nprobe {VF[0]}")
            times.append(watch.wait_state(VF[0], "host") and watch.changes[-1]["observed_usec"])
        self.assertGreater(times[0] - times[2], self.years // 2)
        self.assertGreater(times[2] - times[1], self.years // 2)
        numbers = [c["sequence"] for c in watch.changes]
        self.assertEqual(numbers, list(range(before["sequence"] + 1,
                                             before["sequence"] + 1 + len(numbers))))
        self.assertEqual({c["address"] for c in watch.changes}, {VF[0]})
        self.assertEqual(daemon.status()["resyncs"], before["resyncs"])
        self.check_truth(daemon)


class NoUdev(FaultsTestCase):
    """The kernel's own events are enough."""

    def check(self, reason):
        daemon = self.start()
        self.assertEqual(daemon.source("udev")["blind"], reason)
        watch = self.watch(daemon)
        self.host.play(f"unbind {VF[0]}\nvfs {PF} 0\nvfs {PF} 2")
        self.host.settle(watch)
        self.check_truth(daemon)

    def test_without_udevd(self):
        subprocess.run(["nsenter", "-t", str(self.host.pid), "--user", "--mount",
                        "--preserve-credentials", "mount", "-t", "tmpfs", "none", "/run"],
                       check=True, timeout=DEADLINE)
        self.check("udevd is not running")

    def test_without_libudev(self):
        self.faults.set(no_udev=2)
        self.check("libudev can not be used")


class StateFile(FaultsTestCase):
    """The state file can not be written, or is not what the daemon has written."""

    def start(self, **variables):
        return super().start(STATE_DIRECTORY=self.folder, **variables)

    def inside(self, *command):
        """As root of the host."""
        subprocess.run(["nsenter", "-t", str(self.host.pid), "--user", "--mount",
                        "--preserve-credentials", *command], check=True, timeout=DEADLINE)

    def vanished_on_disk(self, path):
        """Whether the file, which has to be whole, knows that the VFs went."""
        with open(path, encoding="utf-8") as f:
            return any("vanished_usec" in d for d in json.load(f)["devices"])

    def check_full(self, daemon, path, make_room, reason):
        """VFs go, which can not be written, until there is room; then it is by itself."""
        watch = self.watch(daemon)
        self.host.play(f"vfs {PF} 0")
        until(lambda: f"can not be written: {reason}" in daemon.log() and daemon.status(),
              daemon.log)
        self.assertFalse(self.vanished_on_disk(path))
        self.assertRegex(daemon.status()["state_file_error"],
                         f"state.json can not be written: {reason}$")
        self.assertIn(f"can not be written: {reason}; what vanishes is not known after a restart",
                      vfmonctl("--socket", daemon.socket, "status").stdout)
        self.host.settle(watch)
        make_room()
        until(lambda: daemon.status() and self.vanished_on_disk(path))
        self.assertNotIn("state_file_error", daemon.status())
        self.assertEqual(daemon.log().count("can not be written"), 1)
        self.check_truth(daemon)

    def test_a_full_disk_is_told_once_and_tried_again(self):
        self.inside("mount", "-t", "tmpfs", "-o", "size=256k,mode=755", "none", self.folder)
        daemon = self.start()
        folder = f"/proc/{daemon.process.pid}/root{self.folder}"
        filler = os.path.join(folder, "filler")
        with self.assertRaises(OSError), open(filler, "wb", buffering=0) as f:
            while True:
                f.write(bytes(4096))
        self.check_full(daemon, os.path.join(folder, "state.json"), lambda: os.unlink(filler),
                        "No space left on device")

    def test_a_limit_on_files_is_no_end(self):
        daemon = self.start()
        pid = daemon.process.pid
        before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1000, before[1]))
        self.check_full(daemon, self.file,
                        lambda: resource.prlimit(pid, resource.RLIMIT_FSIZE, before),
                        "File too large")

    def in_its_place(self, path, what):
        """Puts something else there."""
        if os.path.lexists(path):
            os.unlink(path)
        if what == "FIFO":
            os.mkfifo(path)
        elif what == "link":
            os.symlink(self.host.path("elsewhere"), path)
        elif what == "folder":
            os.mkdir(path)
        else:
            os.mknod(path, stat.S_IFSOCK | 0o600)

    def test_what_stands_in_its_place_is_not_read_and_not_followed(self):
        self.host.write("elsewhere", "kept")
        for what, reason in (("FIFO", "no regular file"), ("socket", "No such device or address"),
                             ("link", "a link"), ("folder", "no regular file")):
            with self.subTest(what):
                self.in_its_place(self.file, what)
                daemon = self.start()
                self.assertRegex(daemon.log(), f"state.json is not used: .*{reason}")
                self.check_truth(daemon)
                if what == "folder":
                    self.assertIn("can not be written", daemon.log())
                else:
                    self.assertTrue(stat.S_ISREG(os.lstat(self.file).st_mode))
                os.unlink(daemon.log_path)
        with open(self.host.path("elsewhere"), encoding="utf-8") as f:
            self.assertEqual(f.read(), "kept")

    def test_what_stands_where_it_is_written_first_is_no_hindrance(self):
        self.host.write("elsewhere", "kept")
        for what in ("FIFO", "socket", "link", "folder"):
            with self.subTest(what):
                self.in_its_place(self.file + ".new", what)
                daemon = self.start()
                self.check_truth(daemon)
                self.assertEqual(what == "folder", "can not be written" in daemon.log())
                os.unlink(daemon.log_path)
        with open(self.host.path("elsewhere"), encoding="utf-8") as f:
            self.assertEqual(f.read(), "kept")

    def test_what_can_not_be_removed_from_there_is_not_written_to(self):
        self.host.write("elsewhere", "kept")
        os.link(self.host.path("elsewhere"), self.file + ".new")
        self.faults.set(unlink_error=errno.EPERM)
        daemon = self.start()
        until(lambda: "can not be written: File exists" in daemon.log(), daemon.log)
        self.faults.set()
        until(lambda: os.path.exists(self.file))
        self.check_truth(daemon)
        with open(self.host.path("elsewhere"), encoding="utf-8") as f:
            self.assertEqual(f.read(), "kept")

    @unittest.skipUnless(os.geteuid() == 0, "only root can give a file away")
    def test_another_users_is_passed_over(self):
        self.check_truth(self.start())
        os.chmod(self.file, 0o644)
        os.chown(self.file, 65534, 65534)
        daemon = self.start()
        self.assertRegex(daemon.log(), "state.json is not used: it is another user's")
        self.check_truth(daemon)
        self.assertEqual(os.stat(self.file).st_uid, 0)


if __name__ == "__main__":
    unittest.main()
