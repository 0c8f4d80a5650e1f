# SPDX-License-Identifier: Apache-2.0
"""Scenario: the daemon is killed while events pour in, and comes back to the truth."""

import os
import signal
import threading

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
