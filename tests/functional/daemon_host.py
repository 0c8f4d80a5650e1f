# SPDX-License-Identifier: Apache-2.0
"""The daemon on a simulated host, asked by a client of the tests' own."""

import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from simulated import BUILD, Host
from varlink_client import DEADLINE, Connection, Watch

EXAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../examples/scenarios")
VFMOND = os.path.abspath(os.path.join(BUILD, "vfmond"))
SIMULATED = os.path.abspath(os.path.join(BUILD, "vfmond-simulated"))

# One card of each kind of VF; the second is there for fences.
PF = "0000:3b:00.0"
VF = ("0000:3b:10.0", "0000:3b:10.2", "0000:3b:10.4", "0000:3b:10.6")
FENCE = "0000:c1:00.0"
FENCE_VF = "0000:c1:00.1"
CARD = """
driver igb id 8086:10c9 net
driver igbvf id 8086:10ca net
driver vfio-pci vfio generic
driver test_vfio_pci vfio variant id 8086:10ca
driver fence id 1af4:1041
pf 0000:3b:00.0 8086:10c9 total 7 vf-id 10ca offset 128 stride 2 numa 1
pf 0000:c1:00.0 1af4:1041 total 4
"""

# Of a Device what the simulator's model has under the same name.
SAME_NAMES = ("kind", "generation", "vendor_id", "product_id", "subsystem_vendor_id",
              "subsystem_product_id", "class", "physical_function", "vf_index", "total_vfs",
              "num_vfs", "drivers_autoprobe", "numa_node", "iommu_group", "driver_override",
              "vfio_device", "vfio_nodes", "in_use")


def until(wanted, failure=lambda: "waited in vain"):
    """Asks again until wanted() is true, and returns that. What is asked has to be a round trip."""
    end = time.monotonic() + DEADLINE
    while True:
        result = wanted()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(failure())


def anonymous_memory(pid):
    """Bytes of memory of its own that a process has in RAM."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as f:
        line = next(line for line in f if line.startswith("RssAnon:"))
    return int(line.split()[1]) << 10


def said(device):
    """A Device in the model's form."""
    result = {key: device.get(key) for key in SAME_NAMES}
    result.update((key, device["binding"].get(key)) for key in ("state", "driver", "module"))
    result["interface"] = (device.get("network") or {}).get("interface")
    return result


def true(function):
    """What of a function of the model is compared."""
    keys = SAME_NAMES + ("state", "driver", "module", "interface")
    return {key: function.get(key) for key in keys}


def differences(view, model):
    """Lines that say where devices by address and the model disagree."""
    expected = {f["address"]: true(f) for f in model if f["kind"] != "pci"}
    lines = [f"{address}: only in one of them" for address in sorted(set(view) ^ set(expected))]
    for address in sorted(set(view) & set(expected)):
        mine = said(view[address])
        lines += [f"{address}: {key}: the host has {value!r}, the daemon {mine[key]!r}"
                  for key, value in expected[address].items() if mine[key] != value]
    return lines


class Client:
    """What can be asked of a daemon at self.socket."""

    socket = None

    def call(self, method, **parameters):
        """One call on a connection of its own."""
        with Connection(self.socket) as connection:
            return connection.call(method, **parameters)

    def devices(self, **filter_members):
        parameters = {"filter": filter_members} if filter_members else {}
        reply = self.call("ListDevices", **parameters)
        return {device["address"]: device for device in reply["devices"]}

    def device(self, address):
        return self.call("GetDevice", address=address)["device"]

    def status(self):
        return self.call("GetStatus")["status"]

    def source(self, name="uevent"):
        return next(s for s in self.status()["sources"] if s["name"] == name)

    def history(self, **parameters):
        return self.call("GetHistory", **parameters)["changes"]

    def watch(self, **parameters):
        return Watch(self.socket, **parameters)


class DaemonHost(Host, Client):
    """A simulated host with a daemon that has scanned it when the constructor returns."""

    def __init__(self, scenario=CARD, config="", **options):
        self.is_daemon = "command" not in options
        super().__init__(scenario, config, **options)

    def close(self):
        """A daemon that still runs has to end well: a sanitizer speaks at the end."""
        runs = self.is_daemon and self.process.poll() is None
        self.process.terminate()
        status = self.process.wait(DEADLINE)
        log = self.log()
        super().close()
        if runs and status != 0:
            raise AssertionError(f"it ended with {status}:\n{log}")

    def settle(self, watch=None):
        """Waits until the daemon knows what the host is. Returns the watch that has seen it."""
        mine = watch or self.watch()
        model = self.model()
        try:
            mine.wait(lambda w: not differences(w.view, model))
        except TimeoutError:
            raise AssertionError("\n".join(differences(mine.view, model)) + "\n" +
                                 self.log()) from None
        finally:
            if not watch:
                mine.close()
        return mine

    def fence(self, watch):
        """Waits until the watch has heard of all that was played before. The host needs FENCE."""
        before = self.device(FENCE)
        number = 1 - before["num_vfs"]
        self.play(f"vfs {FENCE} {number}")
        # Of the PF's number inotify may tell first; of the VF only an event does, behind all others.
        watch.wait(lambda w: (FENCE_VF in w.view) == bool(number) and
                   w.view[FENCE]["num_vfs"] == number and
                   w.view[FENCE]["sequence"] > before["sequence"])

    def listened(self, watch):
        """Waits until the directory of each function is listened to, and all are read once more."""
        # They are gone through by address, and the one of the fence comes last.
        self.play(f"autoprobe {FENCE} off")
        watch.wait_device(FENCE, lambda d: d["drivers_autoprobe"] is False)

    def forget(self, watch, sequence):
        """Makes so many changes that this one is not in the history any more."""
        while self.status()["oldest_sequence"] <= sequence:
            if self.status()["sequence"] > sequence + 1000:
                raise AssertionError("the history has no end")
            self.play(f"unbind {VF[0]}\nprobe {VF[0]}\n" * 10)
            self.settle(watch)

    def write_config(self, text):
        with open(self.path("vfmond.conf"), "w", encoding="utf-8") as f:
            f.write(text)

    def config_file(self):
        """What GetStatus says of the one configuration file."""
        return self.status()["config_files"][0]

    def reload(self, text=None):
        """Has a configuration read that is right. None leaves the file as it is."""
        before = self.config_file().get("loaded_usec", 0)
        if text is not None:
            self.write_config(text)
        os.kill(self.pid, signal.SIGHUP)
        until(lambda: self.config_file().get("loaded_usec", 0) > before,
              lambda: f"not read: {self.config_file()}")

    def reload_in_vain(self, text):
        """Has a configuration read that is broken. Returns the error."""
        self.write_config(text)
        os.kill(self.pid, signal.SIGHUP)
        return until(lambda: self.config_file().get("error"))


class Notifications:
    """What a daemon that the test itself starts says to systemd. Who keeps it has to read it."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "ready")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(DEADLINE)
        self.lines = []

    def wait(self, wanted):
        """Waits for the next line that begins so, and forgets it and those before it."""
        while not any(line.startswith(wanted) for line in self.lines):
            self.lines += self.socket.recv(65536).decode().splitlines()
        while not self.lines.pop(0).startswith(wanted):
            pass

    def has(self, wanted):
        """Whether a line was sent by now."""
        while select.select([self.socket], [], [], 0)[0]:
            self.lines += self.socket.recv(65536).decode().splitlines()
        return wanted in self.lines

    def wait_ready_or_end(self, process):
        """Returns whether it became ready."""
        pid = os.pidfd_open(process.pid)
        try:
            while "READY=1" not in self.lines:
                ready = select.select([self.socket, pid], [], [], DEADLINE)[0]
                if self.socket not in ready:
                    return False
                self.lines += self.socket.recv(65536).decode().splitlines()
        finally:
            os.close(pid)
        return True

    def close(self):
        if os.path.exists(self.path):
            self.socket.close()
            os.unlink(self.path)


class Daemon(Client):
    """A daemon that the test starts: in the namespaces of a process, or in its own."""

    def __init__(self, folder, *options, inside=None, program=SIMULATED, keep=False, wait=True,
                 **variables):
        """Inside the namespaces of that process; keep: its notifications are read until kill().

        wait: until it is ready or has ended; else its notifications are kept too.
        """
        # What is left are variables of its environment.
        self.socket = os.path.join(folder, "sock")
        self.log_path = os.path.join(folder, "daemon.log")
        self.notifications = Notifications(folder)
        command = [program, "--socket", self.socket, *options]
        if inside:
            command = ["nsenter", "-t", str(inside), "--user", "--mount", "--net",
                       "--preserve-credentials", *command]
        env = dict(os.environ, NOTIFY_SOCKET=self.notifications.path,
                   SYSTEMD_DEVICE_VERIFY_SYSFS="0", **variables)
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=subprocess.STDOUT)
        self.is_ready = None
        try:
            if wait:
                self.is_ready = self.notifications.wait_ready_or_end(self.process)
        finally:
            if wait and not keep:
                self.notifications.close()

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            return f.read()

    def kill(self):
        self.process.kill()
        self.process.wait()
        if self.is_ready is None:
            self.is_ready = self.notifications.has("READY=1")
        self.notifications.close()

    def stop(self, number=signal.SIGTERM):
        """Returns its exit status."""
        self.process.send_signal(number)
        return self.process.wait(DEADLINE)


class DaemonTestCase(unittest.TestCase):
    """A test with a host of its own, made of the class's scenario and configuration."""

    scenario = CARD
    config = ""
    options = {}

    def setUp(self):
        self.host = DaemonHost(self.scenario, self.config, **self.options)
        self.addCleanup(self.host.close)

    def watch(self, **parameters):
        watch = self.host.watch(**parameters)
        self.addCleanup(watch.close)
        return watch


class SharedHostTestCase(unittest.TestCase):
    """All tests of the class ask the same daemon."""

    scenario = CARD
    config = ""
    options = {}

    @classmethod
    def setUpClass(cls):
        cls.host = DaemonHost(cls.scenario, cls.config, **cls.options)
        cls.addClassCleanup(cls.host.close)


class FolderTestCase(unittest.TestCase):
    """A test with a folder of its own, for daemons that it starts itself."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="vfmon-test-")
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self, *options, **how):
        daemon = Daemon(self.folder, *options, **how)
        self.addCleanup(daemon.kill)
        return daemon
