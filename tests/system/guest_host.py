# SPDX-License-Identifier: Apache-2.0
"""The host itself: what plain reads of sysfs say is true, and the hands that change it.

Nothing here knows vfmond. What is expected of it is written down in truth()."""

import contextlib
import fnmatch
import functools
import glob
import os
import subprocess
import threading
import time

DEVICES = "/sys/bus/pci/devices"
VARIANT = "vfmon_test_vfio_pci"
VENDOR = "vfmon_test_vendor"
RELEASE = os.uname().release


def path(address, *names):
    return os.path.join(DEVICES, address, *names)


def read(*parts):
    """The text of an attribute; None where there is none."""
    try:
        with open(os.path.join(*parts), encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return None


def number(text, base=10):
    return None if text is None else int(text, base)


def link(*parts):
    """The last part of a link's target; None where there is no link."""
    try:
        return os.path.basename(os.readlink(os.path.join(*parts)))
    except OSError:
        return None


def write(text, *parts):
    with open(os.path.join(*parts), "w", encoding="ascii") as file:
        file.write(text)


def run(*command, **options):
    """Runs a command to its end and gives its result, both outputs as text."""
    options = {"timeout": 300, **options}
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def until(predicate, seconds=60):
    """Asks again until the answer is true; the last answer, which may still be false."""
    deadline = time.monotonic() + seconds
    while not (answer := predicate()) and time.monotonic() < deadline:
        threading.Event().wait(0.05)
    return answer


# ---- what is true ------------------------------------------------------------------------------


def virtual_functions(pf):
    """Addresses of the PF's virtual functions, in the order of their numbers."""
    links = glob.glob(path(pf, "virtfn*"))
    return [link(one) for one in sorted(links, key=lambda name: int(name.rpartition("virtfn")[2]))]


def watched():
    """Addresses of the functions that belong in the list: those with SR-IOV and their VFs."""
    return sorted(
        address
        for address in os.listdir(DEVICES)
        if number(read(path(address, "sriov_totalvfs"))) or os.path.islink(path(address, "physfn"))
    )


def physical_functions(driver):
    """Addresses of the functions with SR-IOV that are bound to this driver."""
    return [one for one in watched() if link(path(one, "driver")) == driver]


def group_members(address):
    """The other functions of the IOMMU group, each with its driver."""
    devices = path(address, "iommu_group", "devices")
    return {one: link(path(one, "driver")) for one in os.listdir(devices) if one != address}


@functools.cache
def aliases():
    """Lines of modules.alias that are about VFIO drivers, as pattern and module."""
    with open(f"/lib/modules/{RELEASE}/modules.alias", encoding="ascii") as file:
        lines = [line.split() for line in file if line.startswith("alias vfio_pci:")]
    return [(pattern, module) for _, pattern, module in lines]


def best_module(address):
    key = "vfio_" + read(path(address, "modalias"))
    matches = [one for one in aliases() if fnmatch.fnmatchcase(key, one[0])]
    return min(matches, key=lambda one: one[0].count("*"))[1]


def driver_of_module(module):
    names = [one.removeprefix("pci:") for one in os.listdir(f"/sys/module/{module}/drivers")]
    return names[0]


def binding_state(address):
    """What a function at rest is; a function in transition is not to be asked about."""
    driver = link(path(address, "driver"))
    if driver is None:
        return "unbound"
    if not glob.glob(path(address, "vfio-dev", "vfio*")):
        return "host"
    module = link(path(address, "driver", "module"))
    own = {pattern for pattern, name in aliases() if name == module}
    if "vfio_pci:v*d*sv*sd*bc*sc*i*" in own:
        return "vfio_generic"
    return "vfio_variant" if own else "vfio_vendor"


def netdev(address):
    """Name of the network interface that a function has, when udev has given it the last one."""

    def names():
        run("udevadm", "settle")
        return glob.glob(path(address, "net", "*"))

    [name] = until(names)
    return os.path.basename(name)


def vfio_nodes(address):
    group = link(path(address, "iommu_group"))
    nodes = [f"/dev/vfio/{group}"]
    for one in glob.glob(path(address, "vfio-dev", "vfio*")):
        nodes.append(f"/dev/vfio/devices/{os.path.basename(one)}")
    return sorted(one for one in nodes if os.path.exists(one))


def truth(address):
    """What vfmond has to say about a function that is at rest."""
    pf = link(path(address, "physfn"))
    override = read(path(address, "driver_override"))
    node = number(read(path(address, "numa_node")))
    vfio = [os.path.basename(one) for one in glob.glob(path(address, "vfio-dev", "vfio*"))]
    own = {
        "kind": "vf" if pf else "pf",
        "generation": os.stat(path(address)).st_ino,
        "vendor_id": read(path(address, "vendor"))[2:],
        "product_id": read(path(address, "device"))[2:],
        "subsystem_vendor_id": read(path(address, "subsystem_vendor"))[2:],
        "subsystem_product_id": read(path(address, "subsystem_device"))[2:],
        "class": read(path(address, "class"))[2:],
        "numa_node": None if node == -1 else node,
        "iommu_group": number(link(path(address, "iommu_group"))),
        "iommu_group_members": group_members(address),
        "driver": link(path(address, "driver")),
        "module": link(path(address, "driver", "module")),
        "state": binding_state(address),
        "driver_override": None if override == "(null)" else override,
        "vfio_device": vfio[0] if vfio else None,
        "vfio_nodes": vfio_nodes(address),
        "best_module": best_module(address),
    }
    return {**own, **(truth_vf(address, pf) if pf else truth_pf(address))}


def truth_vf(address, pf):
    return {
        "physical_function": pf,
        "vf_index": virtual_functions(pf).index(address),
        "total_vfs": None,
        "num_vfs": None,
        "drivers_autoprobe": None,
    }


def truth_pf(address):
    return {
        "physical_function": None,
        "vf_index": None,
        "total_vfs": number(read(path(address, "sriov_totalvfs"))),
        "num_vfs": len(virtual_functions(address)),
        "drivers_autoprobe": read(path(address, "sriov_drivers_autoprobe")) == "1",
    }


def seqnum():
    """How many events the kernel has numbered so far."""
    return int(read("/sys/kernel/uevent_seqnum"))


# ---- what can be done to it --------------------------------------------------------------------


def set_vfs(pf, count):
    """Returns when the kernel has done it; what was at that moment made, or was there before."""
    before = virtual_functions(pf)
    write(str(count), path(pf, "sriov_numvfs"))
    return virtual_functions(pf) if count else before


def set_autoprobe(pf, on):
    """The kernel says nothing of it: the event afterwards is ours."""
    write("1" if on else "0", path(pf, "sriov_drivers_autoprobe"))
    announce(pf)


def bind(address, driver):
    write(driver, path(address, "driver_override"))
    write(address, "/sys/bus/pci/drivers_probe")


def unbind(address):
    write(address, path(address, "driver", "unbind"))


def announce(address, action="change"):
    """Makes the kernel send an event about a function to which nothing happened."""
    write(action, path(address, "uevent"))


def load_vfio():
    for module in ("vfio-pci", "vfio_iommu_type1", VARIANT):
        assert run("modprobe", module).returncode == 0, module


def plug_again(address):
    """Takes a function from its bus and lets the kernel find it again."""
    write("1", path(address, "remove"))
    write("1", "/sys/bus/pci/rescan")


@contextlib.contextmanager
def cleared(*pfs):
    """Afterwards these have no VFs and probe new ones, whatever happened meanwhile."""
    try:
        yield
    finally:
        for pf in pfs:
            set_vfs(pf, 0)
            set_autoprobe(pf, True)
