# SPDX-License-Identifier: Apache-2.0
"""Scenarios: virtual functions come, go, and change their drivers."""

import ctypes
import os
import threading

import guest_host as host
from guest_host import VARIANT
from guest_vfmond import Watch, call, device, rests, unequal

VFIO_TYPE = ord(";") << 8


def cycle(check, watch, pf, count):
    """From no VFs to count to none; what the watch was told of each."""
    begin = len(watch.changes)
    vfs = host.set_vfs(pf, count)
    check(f"{count} VFs: sysfs has them", len(vfs), count)
    watch.wait(lambda: len(since(watch, begin, "appeared", vfs)) >= count)
    came = since(watch, begin, "appeared", vfs)
    check(f"{count} VFs: they appear in order", [one["address"] for one in came], vfs)
    check(
        f"{count} VFs: they appear with PF and index",
        [(one["device"].get("physical_function"), one["device"].get("vf_index")) for one in came],
        [(pf, index) for index in range(count)],
    )
    check(f"{count} VFs: the list equals sysfs", unequal(), [])
    host.set_vfs(pf, 0)
    watch.wait(lambda: len(since(watch, begin, "disappeared", vfs)) >= count)
    went = [one["address"] for one in since(watch, begin, "disappeared", vfs)]
    check(f"{count} VFs: they disappear in order", went, vfs)
    watch.wait(lambda: told_vfs(watch, pf) == 0)
    check(f"{count} VFs: the PF has none, though the kernel sent nothing", told_vfs(watch, pf), 0)
    check(f"{count} VFs: the list without them equals sysfs", unequal(), [])
    return vfs


def since(watch, begin, kind, vfs):
    changes = watch.changes[begin:]
    return [one for one in changes if one["kind"] == kind and one["address"] in vfs]


def told_vfs(watch, pf):
    """What the watch was last told of the number of a PF's VFs."""
    changes = [one for one in watch.of(pf) if "num_vfs" in one["fields"]]
    return changes[-1]["device"].get("num_vfs") if changes else None


def eight_and_four(check, watch, pf):
    vfs = cycle(check, watch, pf, 8)
    cycle(check, watch, pf, 4)
    both = sorted(vfs + vfs[:4])
    check("each VF appeared once", sorted(watch.kinds("appeared", *vfs)), both)
    check("each VF disappeared once", sorted(watch.kinds("disappeared", *vfs)), both)
    check("no change was merged", [one for one in watch.changes if one["merged"] != 1], [])
    generations = [one["generation"] for one in watch.of(vfs[0]) if one["kind"] == "appeared"]
    check("a VF's second life has a greater generation", generations[0] < generations[1])
    sequences = [one["sequence"] for one in watch.changes]
    check("sequences grow by one", sequences, list(range(sequences[0], sequences[-1] + 1)))
    return vfs


def vfs_without_probe(check, machine):
    with Watch() as watch:
        host.set_autoprobe(machine.nvme, False)
        seen = watch.wait(lambda: "drivers_autoprobe" in fields(watch, machine.nvme))
        check("drivers_autoprobe is seen at the next event", seen, True)
        vfs = eight_and_four(check, watch, machine.nvme)
        resting = {state for _, state in rests(watch.of(*vfs))}
        check("without probe no VF is anything but unbound", resting, {"unbound", "gone"})


def fields(watch, address):
    return {field for one in watch.of(address) for field in one["fields"]}


def vfs_whose_probe_fails(check, machine):
    with Watch() as watch:
        vfs = eight_and_four(check, watch, machine.nvme)
        check("a failed probe is never seen as bound", bound(watch.of(*vfs)), set())
        changes = [one for vf in vfs for one in call("GetHistory", address=vf)["changes"]]
        check("nor has the history it as bound", bound(changes), set())
        check("but it has each of them", {one["address"] for one in changes}, set(vfs))
        kernel = host.run("dmesg").stdout
        probed = [vf for vf in vfs if f"nvme {vf}: enabling device" in kernel]
        check("the kernel did try to bind each", probed, vfs)


def bound(changes):
    """The states of these changes that a function does not have whose every probe fails."""
    states = {one["device"]["binding"]["state"] for one in changes if one.get("device")}
    return states - {"unbound", "probing", "unbinding"}


def vf_walks_through_the_drivers(check, machine):
    steps = (
        ("its driver is taken off", host.unbind, (), "unbound"),
        ("vfio-pci", host.bind, ("vfio-pci",), "vfio_generic"),
        ("vfio-pci is taken off", host.unbind, (), "unbound"),
        ("the variant", host.bind, (VARIANT,), "vfio_variant"),
    )
    with Watch() as watch:
        [vf] = host.set_vfs(machine.igb, 1)
        machine.igb_vf = vf
        watch.wait(lambda: watch.state(vf) == "host")
        check("a VF comes up on its host driver", told(watch, vf), ("host", "igbvf"))
        for text, step, arguments, state in steps:
            step(vf, *arguments)
            watch.wait(lambda state=state: watch.state(vf) == state)
            check(f"{text}: {state}", told(watch, vf), (state, (arguments or (None,))[0]))
            check(f"{text}: the list equals sysfs", unequal(), [])
        host.set_vfs(machine.igb, 0)
        watch.wait(lambda: watch.state(vf) == "gone")
        walk(check, watch, vf)


def told(watch, vf):
    """State and driver as the newest change has them."""
    binding = watch.of(vf)[-1]["device"]["binding"]
    return binding["state"], binding.get("driver")


def walk(check, watch, vf):
    """Each step once, from the state before it; the driver's coming and going may stand between."""
    moves = [move for move in rests(watch.of(vf)) if move[1] != "gone"]
    states = [state for _, state in moves]
    # A VF may be seen before its driver came, and between its driver and its end.
    states = states[1:] if states[0] == "unbound" else states
    states = states[:-1] if states[-1] == "unbound" else states
    wanted = ["host", "unbound", "vfio_generic", "unbound", "vfio_variant"]
    check("the walk: each state is seen once, in order", states, wanted)
    may_precede = {
        "unbound": {"new", "host", "vfio_generic", "vfio_variant", "unbinding", "probing"},
        "host": {"new", "unbound", "probing"},
        "vfio_generic": {"unbound", "probing"},
        "vfio_variant": {"unbound", "probing"},
    }
    wrong = [move for move in moves if move[0] not in may_precede.get(move[1], ())]
    check("the walk: each change has the state before it", wrong, [])
    last = watch.of(vf)[-1]
    check("the walk: it disappears once", watch.kinds("disappeared", vf), [vf])
    check("the walk: its PF is known to the end", "physical_function" in last["previous"], True)
    check("the walk: driver_override is seen", "driver_override" in fields(watch, vf), True)
    before = [one["previous"]["binding"]["state"] for one in watch.of(vf)[1:]]
    after = [one["device"]["binding"]["state"] for one in watch.of(vf)[:-1]]
    check("the walk: each change begins where the last one ended", before, after)


def vf_says_where_its_nodes_are(check, machine):
    host.set_autoprobe(machine.igb, False)
    vfs = host.set_vfs(machine.igb, 3)
    host.bind(vfs[1], "vfio-pci")
    host.bind(vfs[2], VARIANT)
    check("VFs of one IOMMU group: the list equals sysfs", unequal(), [])
    listed = device(vfs[1])
    members = {one["address"] for one in listed["iommu_group_members"]}
    wanted = set(host.group_members(vfs[1]))
    check("the group has the PF, its port and the other VFs", members, wanted)
    check("these are four", len(members), 4)
    check("vfio_nodes is the group's node", listed["vfio_nodes"], host.vfio_nodes(vfs[1]))
    check("it exists", len(listed["vfio_nodes"]), 1)
    for vf in vfs:
        choice = device(vf)
        check(f"{vf}: the best driver is the variant", choice.get("best_driver"), VARIANT)
        check(f"{vf}: so is the best module", choice.get("best_module"), host.best_module(vf))
    choice = device(machine.igb).get("best_driver")
    check("without a variant of its own it is vfio-pci", choice, "vfio-pci")


# ---- a VF that a process has open ----------------------------------------------------------------


class Holder:
    """Opens a VF through VFIO, as QEMU does."""

    def __init__(self, address):
        self._libc = ctypes.CDLL(None, use_errno=True)
        group = host.link(host.path(address, "iommu_group"))
        self._fds = [os.open("/dev/vfio/vfio", os.O_RDWR), os.open(f"/dev/vfio/{group}", os.O_RDWR)]
        container, node = self._fds
        self._ioctl(node, 104, ctypes.byref(ctypes.c_int(container)))
        self._ioctl(container, 102, ctypes.c_long(1))
        self._fds.append(self._ioctl(node, 106, ctypes.c_char_p(address.encode())))

    def _ioctl(self, fd, command, argument):
        result = self._libc.ioctl(fd, VFIO_TYPE | command, argument)
        if result < 0:
            raise OSError(ctypes.get_errno(), f"VFIO ioctl {command}")
        return result

    def close(self):
        while self._fds:
            os.close(self._fds.pop())


def vf_held_open_gets_stuck(check, machine):
    host.set_autoprobe(machine.nvme, False)
    [vf] = host.set_vfs(machine.nvme, 1)
    host.bind(vf, "vfio-pci")
    with Watch() as watch:
        holder = Holder(vf)
        taker = threading.Thread(target=host.unbind, args=(vf,))
        try:
            host.announce(vf)  # an open sends nothing
            free = device(vf).get("in_use") is False
            check("a VF that a process has open is not said to be free", free, False)
            taker.start()
            watch.wait(lambda: watch.state(vf) == "unbinding")
            check("taking its driver off does not end: unbinding", watch.state(vf), "unbinding")
            watch.wait(lambda: watch.state(vf) == "stuck")
            check("and after a while stuck", watch.state(vf), "stuck")
        finally:
            holder.close()
            if taker.ident:
                taker.join()
        watch.wait(lambda: watch.state(vf) == "unbound")
        check("when it is closed the VF is unbound", watch.state(vf), "unbound")
