# SPDX-License-Identifier: Apache-2.0
"""What the kernel does not announce is seen all the same."""

import os
import signal
import subprocess

from daemon_host import CARD, FENCE, PF, VF, Daemon, DaemonTestCase, until

RULES = "[one]\ndirectory = one\nattributes = first\n"


class AnnounceTestCase(DaemonTestCase):
    scenario = CARD + f"vfs {PF} 2\n"

    def setUp(self):
        super().setUp()
        self.seen = self.watch()
        self.host.listened(self.seen)

    def heard(self, address, steps):
        """Plays steps, each with what it leads to, until one of the changes is inotify's.

        A read that a timer has asked for may be first, but not each time.
        """
        sources = []
        for step, wanted in steps * 5:
            self.host.play(step)
            self.seen.wait_device(address, wanted)
            change = [c for c in self.seen.changes if c["address"] == address][-1]
            sources.append(change["cause"]["source"])
            if sources[-1] == "inotify":
                return change
        raise AssertionError(sources)

    def overridden(self, address):
        """The override is written, of which no event tells."""
        names = ("vfio-pci", "test_vfio_pci")
        return self.heard(address, [(f"override {address} {name}", lambda d, n=name:
                                     d.get("driver_override") == n) for name in names])

    def switched(self, pf):
        """The same of autoprobe."""
        steps = (("off", False), ("on", True))
        return self.heard(pf, [(f"autoprobe {pf} {word}", lambda d, w=wanted:
                                d["drivers_autoprobe"] is w) for word, wanted in steps])


class Attributes(AnnounceTestCase):
    def test_a_written_override_is_a_change_by_itself(self):
        self.assertEqual(self.overridden(VF[0])["fields"], ["driver_override"])
        self.assertNotIn("driver_override", self.host.device(VF[1]))
        self.host.play(f"override {VF[0]} none")
        self.seen.wait_device(VF[0], lambda d: "driver_override" not in d)

    def test_a_written_autoprobe_is_a_change_by_itself(self):
        self.assertEqual(self.switched(PF)["fields"], ["drivers_autoprobe"])

    def test_that_sriov_was_switched_off_is_seen_though_no_event_comes(self):
        self.heard(PF, [(f"drop 1000\nvfs {PF} 0\ndrop 0", lambda d: d["num_vfs"] == 0),
                        (f"vfs {PF} 2", lambda d: d["num_vfs"] == 2)])

    def test_a_life_is_listened_to_from_its_begin_to_its_end(self):
        for _ in range(2):
            self.host.play(f"vfs {PF} 0")
            self.seen.wait_device(VF[0], lambda d: d is None)
            self.host.play(f"vfs {PF} 1")
            self.seen.wait_state(VF[0], "host")
            self.overridden(VF[0])

    def test_what_is_written_while_a_function_comes_is_not_missed(self):
        """Between its first read and when it is listened to."""
        for _ in range(10):
            self.host.play(f"vfs {PF} 0\nvfs {PF} 4\n" +
                           "".join(f"override {vf} vfio-pci\n" for vf in VF))
            self.host.settle(self.seen)

    def test_a_function_that_is_not_listed_is_not_listened_to(self):
        self.host.play("device 0000:7f:00.0 8086:1234")
        self.host.fence(self.seen)
        self.host.play(f"override {VF[1]} vfio-pci")
        self.seen.wait_device(VF[1], lambda d: d.get("driver_override") == "vfio-pci")
        before = self.host.source("inotify")["events"]
        self.host.play(f"override 0000:7f:00.0 vfio-pci\noverride {VF[1]} none")
        self.seen.wait_device(VF[1], lambda d: "driver_override" not in d)
        # One for the text and one for its length, of the one that is listed.
        self.assertLessEqual(self.host.source("inotify")["events"], before + 2)

    def test_a_function_that_a_reload_lists_is_listened_to(self):
        address = "0000:7f:00.0"
        self.host.play(f"device {address} 8086:1234")
        self.host.fence(self.seen)
        spec = '[pci]\ndevice_spec = {"address": "' + address + '"}\n'
        self.host.reload(spec)
        self.seen.wait_device(address, lambda d: d)
        self.overridden(address)
        self.host.reload("")
        self.seen.wait_device(address, lambda d: d is None)
        before = self.host.source("inotify")["events"]
        self.host.play(f"override {address} igbvf")
        self.host.fence(self.seen)
        # The fence's PF is told of: its number of VFs was written.
        self.assertLessEqual(self.host.source("inotify")["events"], before + 2)
        # Nobody heard of it, and it was read for the last time before that.
        self.host.reload(spec)
        self.seen.wait_device(address, lambda d: d and d.get("driver_override") == "igbvf")

    def test_lost_events_are_mended_by_a_rescan(self):
        folder = f"/proc/{self.host.pid}/root/sys/bus/pci/devices/"
        with open("/proc/sys/fs/inotify/max_queued_events", encoding="ascii") as file:
            most = int(file.read())
        os.kill(self.host.pid, signal.SIGSTOP)
        try:
            files = [os.open(f"{folder}{vf}/driver_override", os.O_WRONLY) for vf in VF[:2]]
            # In turn, as two alike in a row are one.
            for _ in range(most // 2 + 1):
                for file in files:
                    os.pwrite(file, b"(null)\n", 0)
            self.host.play(f"override {VF[0]} vfio-pci\nautoprobe {PF} off")
        finally:
            os.kill(self.host.pid, signal.SIGCONT)
        for file in files:
            os.close(file)
        self.seen.wait_device(PF, lambda d: d["drivers_autoprobe"] is False)
        self.seen.wait_device(VF[0], lambda d: d.get("driver_override") == "vfio-pci")
        self.assertEqual(self.host.source("inotify")["overflows"], 1)
        resyncs = {c["name"]: c["count"] for c in self.host.status()["resyncs"]}
        self.assertGreater(resyncs["overflow"], 0)
        self.overridden(VF[1])


class Aliases(AnnounceTestCase):
    def test_another_modules_alias_changes_who_is_best(self):
        self.host.play("driver new_vfio_pci vfio variant id 1af4:1041 unloaded")
        self.seen.wait_device(FENCE, lambda d: d["best_driver"] == "new_vfio_pci")
        change = self.seen.wait_change(lambda c: "best_driver" in c["fields"])
        self.assertEqual(change["cause"]["source"], "inotify")

    def test_a_modules_alias_that_comes_later_is_noticed_with_its_folder(self):
        os.mkdir(self.host.path("late"))
        folder = self.host.path("late/modules/6.1")
        daemon = Daemon(self.host.path("late"), "--modules-alias", f"{folder}/modules.alias",
                        "--config", self.host.path("vfmond.conf"), inside=self.host.pid)
        self.addCleanup(daemon.kill)
        self.assertTrue(daemon.is_ready, daemon.log())
        self.assertNotIn("best_driver", daemon.device(FENCE))
        os.makedirs(folder)
        with open(f"{folder}/new", "w", encoding="ascii") as f:
            f.write("alias vfio_pci:v00001AF4d*sv*sd*bc*sc*i* new_vfio_pci\n")
        os.rename(f"{folder}/new", f"{folder}/modules.alias")
        until(lambda: daemon.device(FENCE).get("best_driver") == "new_vfio_pci")


class Watches(AnnounceTestCase):
    """There are fewer watches than functions."""

    options = {"files": {"vendor.d/one.conf": RULES}}
    rules = 0

    def allow(self, number):
        """How many watches there may be for the user that the simulated host runs as."""
        subprocess.run(["nsenter", "-t", str(self.host.pid), "--user", "--preserve-credentials",
                        "sh", "-c", f"echo {number} >/proc/sys/user/max_inotify_watches"],
                       check=True)

    def asked_for_rescan(self):
        """Has other rules read. Returns whether that was counted: no other rescan was due."""
        before = self.host.status()["resyncs"]
        self.rules += 1
        self.host.write("vendor.d/one.conf",
                        RULES + f"[two]\ndirectory = {self.rules}\nattributes = second\n")
        self.host.reload()
        return self.host.status()["resyncs"] != before

    def rescan(self):
        """Has everything read again. That a second rescan is counted says that the first has begun."""
        until(self.asked_for_rescan)
        until(self.asked_for_rescan)

    def test_without_watches_it_says_so_and_asks_again_at_a_rescan(self):
        self.allow(1)
        self.host.play(f"vfs {PF} 0\nvfs {PF} 4")
        self.host.settle(self.seen)
        until(lambda: "max_user_watches" in self.host.source("inotify").get("blind", ""))
        self.host.play(f"override {VF[3]} vfio-pci")
        # Of those that were there before it still hears.
        self.switched(PF)
        self.rescan()
        self.seen.wait_device(VF[3], lambda d: d.get("driver_override") == "vfio-pci")
        self.assertIn("max_user_watches", self.host.source("inotify").get("blind", ""))
        self.switched(PF)
        told = self.host.log().count("inotify does not hear of every function")
        self.assertEqual(told, 1, self.host.log())
        self.allow(10000)
        self.rescan()
        until(lambda: "inotify hears of every function again" in self.host.log())
        self.assertNotIn("blind", self.host.source("inotify"))
        self.overridden(VF[3])
