# SPDX-License-Identifier: Apache-2.0
"""Scenarios: events pour in; the daemon loses some of them, or is killed, and comes back to the truth.

Those with rounds make more of them with run.sh --rounds."""

import concurrent.futures
import contextlib
import os
import random
import signal
import threading
from pathlib import Path

import guest_host as host
import guest_vfmond as vfmond
from guest_vfmond import SERVICE, Watch, show

LAST = 2


class Storm:
    """Writes into uevent files as fast as it can, and notes when the kernel was at which number."""

    def __init__(self, *pfs):
        self._pfs = pfs
        self._over = threading.Event()
        self.log = []
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        while not self._over.is_set():
            for pf in self._pfs:
                host.announce(pf)
            self.log.append((vfmond.monotonic_usec(), host.seqnum()))

    def at(self, usec):
        """The newest number that was certainly given before this time."""
        return max((number for when, number in self.log if when <= usec), default=0)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()


def kill_amid(pf, pid, ret):
    """Kills when the third VF is there, which is while the kernel makes the others."""
    third = host.path(pf, "virtfn2")
    while not os.path.lexists(third):
        pass
    os.kill(pid, signal.SIGKILL)
    ret["seqnum"] = host.seqnum()
    ret["vfs"] = len(host.virtual_functions(pf))


def back(old):
    """The process that systemd started instead, when it is READY; else nothing."""
    pid = show(SERVICE, "MainPID")
    return vfmond.is_up() and pid not in ("0", str(old)) and pid


def killed_in_a_storm(check, machine):
    host.set_autoprobe(machine.nvme, False)
    pid = int(show(SERVICE, "MainPID"))
    restarts = int(show(SERVICE, "NRestarts"))
    kill = {}
    with Watch() as watch, Storm(machine.nvme, machine.igb) as storm:
        host.set_vfs(machine.nvme, 4)
        host.set_vfs(machine.nvme, 0)
        killer = threading.Thread(target=kill_amid, args=(machine.nvme, pid, kill))
        killer.start()
        host.set_vfs(machine.nvme, 8)
        killer.join()
        watch.wait(lambda: watch.error)
        host.set_vfs(machine.nvme, 0)
        host.set_vfs(machine.nvme, 5)
        returned = host.until(lambda: back(pid), 120)
        host.set_vfs(machine.nvme, 0)
        host.set_vfs(machine.nvme, LAST)
    ready = int(show(SERVICE, "ActiveEnterTimestampMonotonic") or 0)
    between = storm.at(ready) - kill["seqnum"]
    check("systemd starts it again", bool(returned), True)
    check("once", int(show(SERVICE, "NRestarts")), restarts + 1)
    killed_at = kill["vfs"]
    check(f"it was killed at {killed_at} VFs, not 0 or {LAST}", killed_at not in (0, LAST))
    check(f"50 kernel events or more were between the kill and READY: {between}", between >= 50)
    check("a subscriber was told by the end of its connection", watch.error is not None)
    check("the list equals sysfs", vfmond.unequal(60), [])
    heard = {one["name"] for one in vfmond.status()["sources"] if not one.get("blind")}
    check("it hears the kernel, udev and rtnetlink", {"uevent", "udev", "netlink"} <= heard)
    with Watch() as after:
        check("another start is another epoch", after.epoch != watch.epoch)
        [first, *_] = host.virtual_functions(machine.nvme)
        host.set_vfs(machine.nvme, 0)
        after.wait(lambda: after.kinds("disappeared", first))
        check("it goes on hearing events", after.kinds("disappeared", first), [first])


# ---- killed again and again ----------------------------------------------------------------------

KILLS = 3


class Churn:
    """VFs come and go in a thread of its own, as fast as the kernel makes them."""

    def __init__(self, *pfs):
        self._pfs = pfs
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        while not self._over.is_set():
            for pf in self._pfs:
                host.set_vfs(pf, 4)
                host.set_vfs(pf, 0)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()


def killed_at_random_moments(check, machine):
    seed = int.from_bytes(os.urandom(4), "little")
    chance = random.Random(seed)
    host.set_autoprobe(machine.nvme, False)
    for turn in range(machine.rounds * KILLS):
        pid = int(show(SERVICE, "MainPID"))
        with Churn(machine.nvme), Storm(machine.alone):
            moment = host.seqnum() + chance.randrange(200)
            host.until(lambda m=moment: host.seqnum() >= m, 120)
            os.kill(pid, signal.SIGKILL)
            # Or while it starts again: the moment counts from its end.
            returned = host.until(lambda p=pid: back(p), 180)
        host.set_vfs(machine.nvme, turn % 4)
        check(f"killed at random ({seed}, {turn}): systemd starts it again", bool(returned), True)
        check(f"killed at random ({seed}, {turn}): the list equals sysfs", vfmond.unequal(120), [])
        host.set_vfs(machine.nvme, 0)


# ---- more than the socket holds ------------------------------------------------------------------

ALL = 127
ROUNDS = 2
SMALL = Path("/run/systemd/system/vfmond-kernel.socket.d/small.conf")


@contextlib.contextmanager
def small_buffer():
    """The kernel's socket as small as it can be; only a new socket takes the size."""
    SMALL.parent.mkdir(parents=True, exist_ok=True)
    SMALL.write_text("[Socket]\nReceiveBuffer=8K\n", encoding="ascii")
    host.run("systemctl", "daemon-reload")
    vfmond.stop()
    vfmond.start()
    try:
        yield
    finally:
        SMALL.unlink()
        host.run("systemctl", "daemon-reload")
        vfmond.stop()
        vfmond.start()


def set_all(pfs, count):
    """All of them at once; the kernel makes one function after the other."""
    with concurrent.futures.ThreadPoolExecutor(len(pfs)) as pool:
        list(pool.map(lambda pf: host.set_vfs(pf, count), pfs))


def overflows():
    return vfmond.source("uevent")["overflows"]


def storm_overflows_the_socket(check, machine):
    """Stopped while the first VFs come, so that the overflow does not rest on its speed."""
    pfs = machine.storm
    for pf in pfs:
        host.set_autoprobe(pf, False)
    with small_buffer():
        pid = int(show(SERVICE, "MainPID"))
        for turn in range(machine.rounds * ROUNDS):
            before = overflows()
            os.kill(pid, signal.SIGSTOP)
            host.set_vfs(pfs[0], ALL)
            os.kill(pid, signal.SIGCONT)
            set_all(pfs, ALL)
            counted = host.until(lambda b=before: overflows() - b)
            check(f"storm {turn}: the socket overflowed: {counted} times", counted >= 1, True)
            total = sum(len(host.virtual_functions(pf)) for pf in pfs)
            check(f"storm {turn}: {len(pfs)} functions have all their VFs", total, len(pfs) * ALL)
            check(f"storm {turn}: with them the list equals sysfs", vfmond.unequal(180), [])
            set_all(pfs, 0)
            check(f"storm {turn}: and without", vfmond.unequal(180), [])
        check("it is the same process", int(show(SERVICE, "MainPID")), pid)
