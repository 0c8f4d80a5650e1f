# SPDX-License-Identifier: Apache-2.0
"""Scenarios: what the kernel does not announce is seen all the same."""

import contextlib
import glob
import os
import shutil
import signal

import guest_host as host
from guest_host import VARIANT
from guest_vfmond import SERVICE, Watch, device, show, source, unequal


def causes(watch, address, field):
    """Who noticed each change of a field that this watch was told of."""
    return [one["cause"]["source"] for one in watch.of(address) if field in one["fields"]]


def heard(watch, address, field, texts):
    """Writes texts into an attribute, in turn and at most five times each, until inotify has told
    of one. A read that a timer has asked for may be first, but not each time."""
    name = {"drivers_autoprobe": "sriov_drivers_autoprobe"}.get(field, field)
    for text in texts * 5:
        before = len(causes(watch, address, field))
        host.write(text, host.path(address, name))
        watch.wait(lambda n=before: len(causes(watch, address, field)) > n)
        if causes(watch, address, field)[-1] == "inotify":
            return True
    return False


def unannounced_writes_are_seen(check, machine):
    [vf] = host.set_vfs(machine.igb, 1)
    check("a VF is there", unequal(), [])
    with Watch() as watch:
        told = heard(watch, vf, "driver_override", ("vfio-pci\n", "\n"))
        check("a written driver_override: inotify tells", told, True)
        check("a written driver_override: the list equals sysfs", unequal(), [])
        host.write("\n", host.path(vf, "driver_override"))
        told = heard(watch, machine.igb, "drivers_autoprobe", ("0", "1"))
        check("a written sriov_drivers_autoprobe: inotify tells", told, True)
        check("a written sriov_drivers_autoprobe: the list equals sysfs", unequal(), [])
        check("of the file that was written, and no other", causes(watch, vf, "numa_node"), [])


def unannounced_end_of_sriov_is_seen(check, machine):
    host.write("0", host.path(machine.nvme, "sriov_drivers_autoprobe"))
    with Watch() as watch:
        vfs = host.set_vfs(machine.nvme, 4)
        watch.wait(lambda: len(watch.kinds("appeared", *vfs)) == 4)
        check("4 VFs: the list equals sysfs", unequal(), [])
        host.write("0", host.path(machine.nvme, "sriov_numvfs"))
        watch.wait(lambda: device(machine.nvme)["num_vfs"] == 0)
        check("the PF has none", device(machine.nvme)["num_vfs"], 0)
        last = causes(watch, machine.nvme, "num_vfs")[-1]
        check("and no event told so", last in ("inotify", "timer"), True)
        before = source("inotify")["events"]
        host.write("0", host.path(machine.nvme, "sriov_numvfs"))
        more = host.until(lambda: source("inotify")["events"] > before)
        check("a written sriov_numvfs is heard", more, True)
    check("without VFs the list equals sysfs", unequal(), [])


@contextlib.contextmanager
def without_variant():
    """The module of the variant is taken from the disk and put back; depmod is the caller's."""
    [module] = glob.glob(f"/lib/modules/{host.RELEASE}/updates/**/{VARIANT}.ko*", recursive=True)
    aside = "/root/" + os.path.basename(module)
    shutil.move(module, aside)
    try:
        yield
    finally:
        shutil.move(aside, module)


def unannounced_depmod_is_seen(check, machine):
    host.set_autoprobe(machine.igb, False)
    [vf] = host.set_vfs(machine.igb, 1)
    host.until(lambda: device(vf).get("best_driver") == VARIANT)
    with Watch() as watch:
        with without_variant():
            check("depmod", host.run("depmod").returncode, 0)
            watch.wait(lambda: device(vf)["best_driver"] != VARIANT)
            check("without the variant vfio-pci is best", device(vf)["best_driver"], "vfio-pci")
        host.run("depmod")
        watch.wait(lambda: device(vf)["best_driver"] == VARIANT)
        check("with it the variant is", device(vf)["best_driver"], VARIANT)
        told = causes(watch, vf, "best_driver")
        check("inotify told of modules.alias both times", told, ["inotify", "inotify"])


def unannounced_and_lost_writes_are_read_again(check, machine):
    host.set_autoprobe(machine.igb, False)
    vfs = host.set_vfs(machine.igb, 2)
    check("2 VFs: the list equals sysfs", unequal(), [])
    pid = int(show(SERVICE, "MainPID"))
    most = host.number(host.read("/proc/sys/fs/inotify/max_queued_events"))
    os.kill(pid, signal.SIGSTOP)
    try:
        files = [os.open(host.path(vf, "driver_override"), os.O_WRONLY) for vf in vfs]
        # In turn, as two alike in a row are one.
        for _ in range(most // 2 + 1):
            for file in files:
                os.write(file, b"\n")
        host.write("vfio-pci", host.path(vfs[1], "driver_override"))
    finally:
        os.kill(pid, signal.SIGCONT)
    for file in files:
        os.close(file)
    check("the queue overflowed", host.until(lambda: source("inotify")["overflows"] > 0), True)
    check("afterwards the list equals sysfs", unequal(), [])
    with Watch() as watch:
        told = heard(watch, vfs[0], "driver_override", ("vfio-pci", "\n"))
        check("and writes are heard again", told, True)
