# SPDX-License-Identifier: Apache-2.0
"""The daemon as a process: start, stop, signals, its socket, and what it takes for an event."""

import os
import re
import signal
import socket
import stat
import subprocess
import threading
import unittest

from daemon_host import (CARD, PF, SIMULATED, VF, VFMOND, Daemon, DaemonHost, DaemonTestCase,
                         FolderTestCase, Notifications, differences, until)
from simulated import environment
from varlink_client import DEADLINE, Connection

UNITS = os.path.join(os.path.dirname(__file__), "../../systemd")
# A kernel's event as a process could send it; its devpath is of a VF that is there.
FORGED = (f"remove@/devices/pci0000:3b/{VF[0]}\0ACTION=remove\0DEVPATH=/devices/pci0000:3b/{VF[0]}"
          "\0SUBSYSTEM=pci\0SEQNUM=99999999\0")
SEND_FORGED = """
import socket, sys
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15)
s.bind((0, 0))
for _ in range(10):
    s.sendto(sys.argv[1].encode().replace(b"|", b"\\0"), (0, 1))
"""


SEND_THROUGH_KERNEL = """
import socket, struct, sys
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15)
s.connect((0, 0))
for text in map(bytes.fromhex, sys.argv[1:]):
    s.send(struct.pack("=IHHII", 16 + len(text), 16, 1, 0, 0) + text)
"""


def run(*args, program=VFMOND, **options):
    """Runs a daemon that has to end by itself."""
    return subprocess.run([program, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=DEADLINE, check=False, env=environment(), **options)


class CommandLine(FolderTestCase):
    def test_what_is_wrong_ends_it_with_2(self):
        for args in (("--nonsense",), ("--config",), ("--socket",), ("extra",), ("--socket", ""),
                     ("--log-level", "loud"), ("--all-functions=1",), ("-x",)):
            for program in (VFMOND, SIMULATED):
                result = run(*args, program=program)
                self.assertEqual((result.returncode, result.stdout), (2, ""), args)
                self.assertIn("--help", result.stderr)

    def test_the_installed_daemon_has_no_switch_to_believe_processes(self):
        for args in (("--accept-injected",), ("--simulated",)):
            self.assertEqual(run(*args).returncode, 2)
        self.assertNotIn("inject", run("--help").stdout)

    def test_help_and_version_are_answers(self):
        result = run("--help")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("--socket PATH", result.stdout)
        result = run("--version")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertRegex(result.stdout, r"^vfmond \d+\.\d+\.\d+\n$")

    def test_a_place_where_no_socket_can_be_ends_it_with_1(self):
        with open(self.path("file"), "w", encoding="utf-8") as f:
            f.write("kept")
        for path in (self.path("no/such/folder/sock"), self.path("file"), self.path("x" * 200),
                     self.path("file") + "/sock"):
            result = run("--socket", path)
            self.assertEqual(result.returncode, 1, path)
            self.assertIn(path, result.stderr)
        with open(self.path("file"), encoding="utf-8") as f:
            self.assertEqual(f.read(), "kept")


class Place(FolderTestCase):
    """The socket's file. The host is whatever this machine is, or nothing."""

    def start(self, *options, **how):
        os.makedirs(self.path("sys"), exist_ok=True)
        return super().start("--sysfs-root", self.path("sys"), *options, **how)

    def test_it_is_there_when_the_daemon_is_ready_and_gone_when_it_has_ended(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            daemon = self.start()
            self.assertTrue(daemon.is_ready, daemon.log())
            status = os.stat(daemon.socket)
            self.assertTrue(stat.S_ISSOCK(status.st_mode))
            self.assertEqual(stat.S_IMODE(status.st_mode), 0o660)
            self.assertEqual(daemon.devices(), {})
            self.assertEqual(daemon.stop(number), 0)
            self.assertEqual(sorted(os.listdir(self.folder)), ["daemon.log", "sys"])

    def test_being_asked_again_does_not_cut_the_end_short(self):
        for _ in range(30):
            daemon = self.start()
            self.assertTrue(daemon.is_ready, daemon.log())
            while daemon.process.poll() is None:  # until the very end, where it is hard
                daemon.process.send_signal(signal.SIGTERM)
            self.assertEqual(daemon.process.returncode, 0)
            self.assertEqual(sorted(os.listdir(self.folder)), ["daemon.log", "sys"])

    def test_a_second_daemon_refuses_and_takes_nothing_away(self):
        first = self.start()
        inode = os.stat(first.socket).st_ino
        result = run("--socket", first.socket, "--sysfs-root", self.path("sys"))
        self.assertEqual(result.returncode, 1)
        self.assertIn(f"{first.socket} is taken", result.stderr)
        self.assertEqual(os.stat(first.socket).st_ino, inode)
        self.assertEqual(first.devices(), {})

    def test_the_file_of_a_dead_daemon_is_replaced(self):
        first = self.start()
        epoch = first.status()["epoch"]
        first.kill()
        self.assertTrue(stat.S_ISSOCK(os.stat(first.socket).st_mode))
        second = self.start()
        self.assertTrue(second.is_ready, second.log())
        self.assertNotEqual(second.status()["epoch"], epoch)

    def test_the_file_of_another_that_lives_is_not_removed_at_the_end(self):
        first = self.start()
        os.unlink(first.socket)
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(first.socket)
            self.assertEqual(first.stop(), 0)
            self.assertTrue(os.path.exists(first.socket))

    def test_of_many_that_start_at_once_one_runs(self):
        os.mkdir(self.path("sys"))
        notifications = Notifications(self.folder)
        self.addCleanup(notifications.close)
        env = environment(NOTIFY_SOCKET=notifications.path)
        several = [subprocess.Popen([VFMOND, "--socket", self.path("sock"), "--sysfs-root",
                                     self.path("sys")], stderr=subprocess.PIPE, env=env)
                   for _ in range(5)]
        for process in several:
            self.addCleanup(process.communicate)
            self.addCleanup(process.kill)
        notifications.wait("READY=1")
        until(lambda: sum(p.poll() is None for p in several) == 1)
        self.assertEqual(sorted(p.returncode for p in several if p.returncode is not None), [1] * 4)
        with Connection(self.path("sock")) as connection:
            self.assertEqual(connection.call("ListDevices")["devices"], [])

    def test_without_a_sysfs_it_can_not_run(self):
        result = run("--socket", self.path("sock"), "--sysfs-root", self.path("nothing"))
        self.assertEqual(result.returncode, 1)
        self.assertIn(self.path("nothing"), result.stderr)
        self.assertFalse(os.path.exists(self.path("sock")))


class Service(FolderTestCase):
    """What systemd is told."""

    def write_config(self, text):
        with open(self.path("conf"), "w", encoding="utf-8") as f:
            f.write(text)

    def test_it_is_told_of_start_reload_and_stop(self):
        os.mkdir(self.path("sys"))
        self.write_config("")
        daemon = self.start("--sysfs-root", self.path("sys"), "--config", self.path("conf"),
                            keep=True)
        notifications = daemon.notifications
        notifications.wait("READY=1")
        notifications.wait("STATUS=0 PFs, 0 VFs")
        self.write_config("[pci]\ndevice_spec = nonsense\n")
        daemon.process.send_signal(signal.SIGHUP)
        notifications.wait("RELOADING=1")
        notifications.wait("MONOTONIC_USEC=")
        notifications.wait("READY=1")
        notifications.wait(f"STATUS=0 PFs, 0 VFs; configuration: {self.path('conf')}:2:15: ")
        daemon.process.send_signal(signal.SIGTERM)
        notifications.wait("STOPPING=1")
        self.assertEqual(daemon.process.wait(DEADLINE), 0)

    def test_a_watchdog_is_fed(self):
        os.mkdir(self.path("sys"))
        # The shortest that it keeps; which process is meant is known only in the process.
        command = 'WATCHDOG_PID=$$ WATCHDOG_USEC=100000 exec "$0" "$@"'
        notifications = Notifications(self.folder)
        self.addCleanup(notifications.close)
        process = subprocess.Popen(["sh", "-c", command, VFMOND, "--socket", self.path("sock"),
                                    "--sysfs-root", self.path("sys")],
                                   stderr=subprocess.DEVNULL,
                                   env=environment(NOTIFY_SOCKET=notifications.path))
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        for _ in range(3):
            notifications.wait("WATCHDOG=1")


class Signals(DaemonTestCase):
    scenario = CARD + f"vfs {PF} 2\n"

    def test_usr1_writes_the_state_to_the_log(self):
        watch = self.watch()
        os.kill(self.host.pid, signal.SIGUSR1)
        until(lambda: "client of process" in self.host.log())
        text = self.host.log()
        self.assertIn("2 PFs, 2 VFs", text)
        self.assertIn("source uevent: ", text)
        self.assertRegex(text, rf"client of process {os.getpid()}, user 0: watches")
        watch.close()

    def test_a_stop_closes_the_clients(self):
        watch = self.watch()
        os.kill(self.host.pid, signal.SIGTERM)
        self.assertIsNone(watch.connection.receive())
        self.assertEqual(self.host.process.wait(DEADLINE), 0)
        self.assertFalse(os.path.exists(self.host.socket))

    def test_a_stop_does_not_wait_for_a_file_that_does_not_answer(self):
        self.host.play(f"hang {VF[0]} uevent\nevent change {VF[0]}")
        self.host.status()
        os.kill(self.host.pid, signal.SIGTERM)
        self.assertEqual(self.host.process.wait(DEADLINE), 0)


class Forged(unittest.TestCase):
    """The installed daemon on the simulated host, whose events all come from a process."""

    # All that the installed daemon has: another one has to be thought of here.
    OPTIONS = {"--config", "--nova-config", "--nova-config-dir", "--socket", "--sysfs-root",
               "--dev-root", "--proc-root", "--modules-alias", "--all-functions", "--log-level",
               "--version", "--help"}

    def host(self, program, *options, **variables):
        host = DaemonHost(CARD + f"vfs {PF} 2\n", command=["sleep", "infinity"])
        self.addCleanup(host.close)
        daemon = Daemon(host.dir, *options, inside=host.pid, program=program, **variables)
        self.addCleanup(daemon.kill)
        self.assertTrue(daemon.is_ready, daemon.log())
        return host, daemon

    def test_the_installed_daemon_does_not_believe_a_process_that_speaks_through_the_kernel(self):
        host, daemon = self.host(VFMOND)
        self.assertEqual(differences(daemon.devices(), host.model()), [])
        host.play(f"unbind {VF[0]}\nburst {PF} 100")
        until(lambda: daemon.source()["rejected"] >= 100, lambda: str(daemon.source()))
        self.assertEqual(self.told_by_events(daemon), (0, []))

    def test_no_option_lets_the_installed_daemon_believe_it(self):
        self.assertEqual(set(re.findall(r"--[a-z-]+", run("--help").stdout)), self.OPTIONS)
        host, daemon = self.host(VFMOND, "--sysfs-root", "/sys", "--dev-root", "/dev",
                                 "--proc-root", "/proc", "--modules-alias", "/dev/null",
                                 "--all-functions", "--log-level", "debug", VFMOND_TRACE="uevent")
        host.play(f"unbind {VF[0]}\nburst {PF} 100")
        until(lambda: daemon.source()["rejected"] >= 100, lambda: str(daemon.source()))
        self.assertEqual(self.told_by_events(daemon), (0, []))

    @staticmethod
    def told_by_events(daemon):
        """What it has seen otherwise, by inotify and by looking again, is no matter of events."""
        causes = [change["cause"]["source"] for change in daemon.history()]
        return daemon.source()["events"], [one for one in causes if one in ("uevent", "resync")]

    def test_no_unit_starts_the_daemon_that_believes_it(self):
        units = [os.path.join(UNITS, name) for name in os.listdir(UNITS)]
        texts = [open(path, encoding="utf-8").read() for path in units if os.path.isfile(path)]
        self.assertGreater(len(texts), 5)
        self.assertEqual([text for text in texts if "simulated" in text], [])

    def test_neither_daemon_believes_a_process_that_speaks_for_itself(self):
        for program in (VFMOND, SIMULATED):
            host, daemon = self.host(program)
            subprocess.run(["nsenter", "-t", str(host.pid), "--user", "--net",
                            "--preserve-credentials", "python3", "-c", SEND_FORGED,
                            FORGED.replace("\0", "|")], check=True, timeout=DEADLINE)
            until(lambda d=daemon: d.source()["rejected"] == 10, lambda: str(daemon.source()))
            self.assertEqual(daemon.history(), [])
            self.assertEqual(len(daemon.devices()), 4)


class Malformed(DaemonTestCase):
    """Messages that the kernel passes on and that are no events."""

    scenario = CARD + f"vfs {PF} 2\n"

    def send(self, *messages):
        subprocess.run(["nsenter", "-t", str(self.host.pid), "--user", "--net",
                        "--preserve-credentials", "python3", "-c", SEND_THROUGH_KERNEL,
                        *(m.hex() for m in messages)], check=True, timeout=DEADLINE)

    @staticmethod
    def event(action, address, header=None, subsystem="pci"):
        path = f"/devices/pci0000:3b/{address}"
        return (f"{header or action}@{path}\0ACTION={action}\0DEVPATH={path}\0"
                f"SUBSYSTEM={subsystem}\0").encode()

    def test_what_is_no_event_is_rejected_and_counted(self):
        good = self.event("change", VF[0])
        bad = (b"nonsense", b"\0", b"\xff" * 1500 + b"\0", good[:-1] + b"x" * 200, good[7:],
               good[:20] + b"\0", self.event("remove", VF[0], header="change"),
               good.replace(b"/devices", b"devices"), good.replace(b"ACTION", b"REACTION"))
        self.send(*bad)
        until(lambda: self.host.source()["rejected"] >= len(bad) - 1,
              lambda: str(self.host.source()))
        self.assertEqual(self.host.history(), [])

    def test_what_is_about_nothing_known_is_ignored(self):
        before = self.host.source()
        self.send(self.event("explode", VF[0]), self.event("change", "nonsense"),
                  self.event("change", VF[0], subsystem="sound"))
        until(lambda: self.host.source()["ignored"] == before["ignored"] + 3,
              lambda: str(self.host.source()))
        self.assertEqual(self.host.source()["rejected"], 0)

    def test_what_an_event_says_is_not_believed(self):
        watch = self.watch()
        self.send(self.event("remove", VF[0]), self.event("add", VF[0]),
                  self.event("add", "0000:ff:1f.7"), self.event("bind", "0000:ff:1f.7"))
        self.host.fence(watch)
        self.assertEqual(differences(self.host.devices(), self.host.model()), [])
        self.assertNotIn(None, watch.states(VF[0]))
        self.assertNotIn("0000:ff:1f.7", [c["address"] for c in watch.changes])


class Storm(threading.Thread):
    """Plays the same changes again and again until it is told to end."""

    def __init__(self, host):
        super().__init__()
        self.host = host
        self.over = threading.Event()
        self.error = None

    def run(self):
        try:
            while not self.over.is_set():
                self.host.play(f"vfs {PF} 7\nburst {PF} 50\nunbind {VF[0]}\nprobe {VF[0]}\n"
                               f"vfs {PF} 0\nvfs {PF} 3\nunbind {VF[2]}\nvfs {PF} 0")
        except AssertionError as error:
            self.error = error

    def end(self):
        self.over.set()
        self.join()
        if self.error:
            raise self.error


class Restart(unittest.TestCase):
    def start(self, host):
        daemon = Daemon(host.dir, inside=host.pid)
        self.addCleanup(daemon.kill)
        self.assertTrue(daemon.is_ready, daemon.log())
        return daemon

    def test_one_that_is_killed_in_a_storm_knows_the_truth_after_its_restart(self):
        host = DaemonHost(CARD, command=["sleep", "infinity"])
        self.addCleanup(host.close)
        first = self.start(host)
        storm = Storm(host)
        storm.start()
        try:
            until(lambda: first.source()["events"] > 500)
            epoch = first.status()["epoch"]
            first.kill()
            second = self.start(host)
            until(lambda: second.source()["events"] > 500)
        finally:
            storm.end()
        self.assertNotEqual(second.status()["epoch"], epoch)
        host.play(f"vfs {PF} 4\nunbind {VF[1]}")
        watch = second.watch()
        self.addCleanup(watch.close)
        host.settle(watch)
        self.assertEqual(differences(second.devices(), host.model()), [])

    def test_generations_outlive_a_restart_and_the_epoch_does_not(self):
        host = DaemonHost(CARD + f"vfs {PF} 2\n", command=["sleep", "infinity"])
        self.addCleanup(host.close)
        told = []
        for _ in range(3):
            daemon = self.start(host)
            told.append((daemon.status()["epoch"],
                         [d["generation"] for d in daemon.devices().values()]))
            self.assertEqual(daemon.stop(), 0)
        self.assertEqual(len({epoch for epoch, _ in told}), 3)
        self.assertEqual(told[0][1], told[1][1])
        self.assertEqual(told[0][1], told[2][1])

    def test_a_place_from_before_the_restart_leads_to_a_snapshot(self):
        host = DaemonHost(CARD + f"vfs {PF} 2\n", command=["sleep", "infinity"])
        self.addCleanup(host.close)
        first = self.start(host)
        left = first.watch()
        first.kill()
        self.assertIsNone(left.connection.receive())
        left.close()
        host.play(f"unbind {VF[0]}")
        second = self.start(host)
        again = second.watch(epoch=left.epoch, sequence=left.sequence)
        self.addCleanup(again.close)
        self.assertTrue(again.has_snapshot)
        self.assertEqual(differences(again.view, host.model()), [])


if __name__ == "__main__":
    unittest.main()
