# SPDX-License-Identifier: Apache-2.0
"""What a daemon has to bear in the soak: storms, clients of every kind, and reloads."""

import os
import random
import signal
import subprocess
import threading
import time
from contextlib import closing

from daemon_host import FENCE, differences
from simulated import VFMONCTL, environment
from varlink_client import CallFailed, Connection, Watch, message

PF = "0000:3b:00.0"
STORM_PF = "0000:25:00.0"
STORM_VFS = 127
# How the host is at rest: each storm leaves it like this.
HOST = f"""
driver igb id 8086:10c9 net
driver igbvf id 8086:10ca net
driver mlx5_core id 15b3:1017 id 15b3:1018 net
driver vfio-pci vfio generic
driver test_vfio_pci vfio variant id 8086:10ca
driver fence id 1af4:1041
pf {PF} 8086:10c9 total 7 vf-id 10ca offset 128 stride 2 numa 1
pf {STORM_PF} 15b3:1017 total {STORM_VFS} vf-id 1018
pf {FENCE} 1af4:1041 total 4
vfs {PF} 7
"""
# More than the socket of the daemon holds, so that events are lost and the kernel says so.
OVERFLOW = 50000
CONFIG = "[vfmond]\nhistory_size = 256K\n"
CONFIGS = (CONFIG, CONFIG + "stuck_after = 3s\n", CONFIG + "max_clients = 500\naudit_interval = 0\n")
BROKEN_CONFIG = "[vfmond\nhistory_size = 256K\n"
NOVA = ('[pci]\ndevice_spec = { "vendor_id": "8086", "product_id": "10ca" }\n',
        '[pci]\ndevice_spec = [{ "product_id": "10ca", "managed": "no" }, { "vendor_id": "15b3" }]\n'
        'alias = { "name": "fast", "vendor_id": "15b3", "product_id": "1018" }\n',
        '[pci]\ndevice_spec = { "vendor_id": "nonsense" }\n')


class Storms:
    """Plays changes of the host. After each of them the host is as it was."""

    def __init__(self, host, dice):
        self.host = host
        self.dice = dice
        self.played = 0
        self.vfs = [f["address"] for f in host.model() if f["kind"] == "vf"]

    def play(self):
        storm = self.dice.choice((self._switch, self._switch, self._to_guest, self._stuck,
                                  self._slow_probe, self._noise))
        self.host.play(storm())
        self.played += 1

    def overflow(self):
        self.host.play(f"freeze\nburst {PF} {OVERFLOW}\nvfs {STORM_PF} 3\nunbind {self.vfs[0]}\n"
                       f"thaw\nprobe {self.vfs[0]}\nvfs {STORM_PF} 0")

    def _switch(self):
        number = self.dice.choice((3, 40, STORM_VFS))
        return (f"vfs {STORM_PF} {number}\nvfs {STORM_PF} 0\nvfs {PF} 0\nvfs {PF} 7\n")

    def _to_guest(self):
        vf = self.dice.choice(self.vfs)
        driver = self.dice.choice(("vfio-pci", "test_vfio_pci"))
        return (f"override {vf} {driver}\nunbind {vf}\nprobe {vf}\nopen {vf}\nclose {vf}\n"
                f"override {vf} none\nunbind {vf}\nprobe {vf}\n" * 5)

    def _stuck(self):
        vf = self.dice.choice(self.vfs)
        return f"stuck {vf}\npause 200ms\nrelease {vf}\nprobe {vf}\n"

    def _slow_probe(self):
        vf = self.dice.choice(self.vfs)
        return (f"unbind {vf}\nfail-probe {vf} igbvf\nslow-probe {vf} igbvf\npause 50ms\n"
                f"release {vf}\n")

    def _noise(self):
        vf = self.dice.choice(self.vfs)
        return (f"noise 200\nburst {vf} 200\nduplicate 20\nunbind {vf}\nprobe {vf}\nreorder 4\n"
                f"unbind {vf}\nprobe {vf}\nreorder 0\nduplicate 0\n")


class Clients:
    """One thread of short-lived clients, good ones and others."""

    def __init__(self, path, seed):
        self.path = path
        self.dice = random.Random(seed)
        self.served = 0
        self.deeds = (self._ask, self._list, self._pipeline, self._history, self._brief_watch,
                      self._nonsense, self._half, self._leave, self._unknown)

    def run(self, stop):
        while not stop.is_set():
            with Connection(self.path) as connection:
                try:
                    self.dice.choice(self.deeds)(connection)
                except CallFailed:
                    pass
            self.served += 1

    def _ask(self, connection):
        for method in ("GetStatus", "CheckConfiguration", "ListVanishedDevices",
                       "ListResourceProviders"):
            connection.call(method)
        for method in ("GetDevice", "DescribeHostdev"):
            connection.call(method, address=PF)

    def _list(self, connection):
        connection.call("ListDevices", filter={"kinds": ["vf"]})
        connection.send("ListDevices", {}, more=True)
        while connection.receive().get("continues"):
            pass

    def _pipeline(self, connection):
        connection.send_bytes(message("GetStatus") * 20)
        for _ in range(20):
            connection.parameters()

    def _history(self, connection):
        connection.send("GetHistory", {"limit": 1000}, more=True)
        while connection.receive().get("continues"):
            pass

    def _brief_watch(self, connection):
        connection.send("WatchDevices", {"filter": {"states": ["host"]}}, more=True)
        connection.receive()

    def _nonsense(self, connection):
        connection.send_bytes(self.dice.choice((b"nonsense\0", b"{}\0", b"x" * 70000,
                                                b'{"method":"\xff"}\0')))
        connection.receive()

    def _half(self, connection):
        connection.send_bytes(message("ListDevices")[:-9])

    def _leave(self, connection):
        """Answers for somebody who is gone."""
        connection.send_bytes(message("ListDevices") * 30)

    def _unknown(self, connection):
        connection.call("NoSuchMethod")


class Killed:
    """Watchers that end by SIGKILL while they are being told changes."""

    def __init__(self, path):
        self.path = path
        self.count = 0

    def run(self, stop):
        while not stop.is_set():
            process = subprocess.Popen([VFMONCTL, "--socket", self.path, "--json", "watch"],
                                       stdout=subprocess.PIPE, env=environment())
            with process:
                process.stdout.readline()
                stop.wait(0.3)
                process.kill()
            self.count += 1


class Reloads:
    """New configurations, right and broken ones; at rest always the same."""

    def __init__(self, host, nova, dice):
        self.host = host
        self.nova = nova
        self.dice = dice
        self.count = 0
        self.write_nova(NOVA[0])

    def write_nova(self, text):
        with open(self.nova + ".new", "w", encoding="utf-8") as f:
            f.write(text)
        os.rename(self.nova + ".new", self.nova)

    def once(self):
        self.write_nova(self.dice.choice(NOVA))
        if self.dice.random() < 0.3:
            self.host.reload_in_vain(BROKEN_CONFIG)
        self.host.reload(self.dice.choice(CONFIGS))
        self.count += 1

    def burst(self):
        """Without waiting for each."""
        for _ in range(5):
            os.kill(self.host.pid, signal.SIGHUP)

    def rest(self):
        self.write_nova(NOVA[0])
        self.host.reload(CONFIG)


class Cycle:
    """All of it at once for some time, and then rest, with everything compared."""

    def __init__(self, host, nova, seed):
        self.host = host
        self.dice = random.Random(seed)
        self.storms = Storms(host, self.dice)
        self.reloads = Reloads(host, nova, self.dice)
        self.clients = [Clients(host.socket, f"{seed}/{n}") for n in range(2)]
        self.killed = Killed(host.socket)
        self.watches = 0

    def run(self, seconds, sample):
        """Calls sample() now and then under load."""
        stop = threading.Event()
        failed = []
        watches = [Watch(self.host.socket) for _ in range(4)]
        slow = watches[:2]
        threads = [threading.Thread(target=self._guard, args=(deed, stop, failed))
                   for deed in [c.run for c in self.clients] + [self.killed.run]
                   + [self._reader(w) for w in watches if w not in slow]]
        for thread in threads:
            thread.start()
        try:
            self._play(seconds, sample, stop)
        finally:
            stop.set()
            self._wake()
            for thread in threads:
                thread.join()
        if failed:
            raise failed[0]
        self.reloads.rest()
        self._compare(watches)

    @staticmethod
    def _guard(deed, stop, failed):
        try:
            deed(stop)
        except BaseException as error:  # pylint: disable=broad-except
            failed.append(error)
            stop.set()

    @staticmethod
    def _reader(watch):
        def read(stop):
            while not stop.is_set():
                watch.step()
        return read

    def _wake(self):
        """Two changes of which nobody is spared one, for those who wait; the host is as before."""
        with closing(Watch(self.host.socket)) as watch:
            self.host.fence(watch)
            self.host.fence(watch)

    def _play(self, seconds, sample, stop):
        """Storms and reloads, at least one of each."""
        end = time.monotonic() + seconds
        next_sample = 0
        self.reloads.once()
        while True:
            self.storms.play()
            if self.dice.random() < 0.1:
                self.reloads.once()
                self.reloads.burst()
            now = time.monotonic()
            if now >= next_sample:
                sample()
                next_sample = now + seconds / 5
            if now >= end or stop.is_set():
                return

    def _compare(self, watches):
        """Every watcher, whatever its speed, knows what the host is; then they leave."""
        self.host.settle()
        newest = self.host.status()["sequence"]
        for watch in watches:
            watch.wait(lambda w: w.sequence >= newest)
            self.host.settle(watch)
            watch.close()
        self.watches += len(watches)
        wrong = differences(self.host.devices(), self.host.model())
        if wrong:
            raise AssertionError("\n".join(wrong))
