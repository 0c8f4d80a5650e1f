# SPDX-License-Identifier: Apache-2.0
"""Scenarios: verdicts come and go with what is on the host."""

import contextlib

import guest_host as host
from guest_conf import configured
from guest_host import VARIANT, VENDOR
from guest_nova import IGBVF, new_vfs
from guest_vfmond import Watch, device

MOUNT = "/mnt"


def verdict(address):
    """State and codes."""
    readiness = device(address)["readiness"]
    return (readiness["state"], *(one["code"] for one in readiness["reasons"]))


def becomes(address, *wanted):
    """The verdict when it is what it should be, or what it is after a while."""
    host.until(lambda: verdict(address) == wanted, 30)
    return verdict(address)


def verdict_follows_the_driver(check, machine):
    one, other = new_vfs(machine.alone, 2)
    host.until(lambda: all(device(vf)["binding"]["state"] == "host" for vf in (one, other)))
    host.unbind(one)
    host.bind(one, VARIANT)
    with configured(f'{{"address": "{one}"}}', IGBVF + ', "managed": "no"}'):
        ready, rebinds = ("ready",), ("degraded", "managed_yes_rebinds")
        check("managed unset, on the variant: ready", becomes(one, *ready), ready)
        with Watch() as watch:
            host.unbind(one)
            host.bind(one, "vfio-pci")
            check("on vfio-pci: libvirt would move it", becomes(one, *rebinds), rebinds)
            told = [each for each in watch.of(one) if "readiness" in each["fields"]]
            check("a subscriber is told", told[-1]["device"]["readiness"]["state"], "degraded")
        mend(check, one, ready)
        blocked = ("blocked", "managed_no_host_driver")
        check("managed no, on igbvf: blocked", becomes(other, *blocked), blocked)
        host.unbind(other)
        unbound = ("blocked", "managed_no_unbound")
        check("unbound: blocked", becomes(other, *unbound), unbound)
        host.bind(other, "vfio-pci")
        generic = ("degraded", "generic_driver_variant_available")
        check("on vfio-pci, though there is a variant", becomes(other, *generic), generic)
        mend(check, other, ready)
        host.unbind(other)
        host.write("\n", host.path(other, "driver_override"))
        host.write(other, "/sys/bus/pci/drivers_probe")
        becomes(other, *blocked)
        mend(check, other, ready)


def mend(check, vf, wanted):
    """What vfmond says would help does."""
    reason = device(vf)["readiness"]["reasons"][0]
    done = host.run("sh", "-c", reason.get("remedy") or "exit 9")
    check(f"{reason['code']}: the remedy can be run", (done.returncode, done.stderr), (0, ""))
    check("and mends it", becomes(vf, *wanted), wanted)


def host_uses_its_vf(check, machine):
    [vf] = new_vfs(machine.alone, 1)
    name = host.netdev(vf)
    ready, used = ("ready",), ("dangerous", "host_uses_device")
    with configured(IGBVF + "}"):
        check("a VF on its host driver", becomes(vf, *ready), ready)
        ip("address", "add", "192.0.2.1/24", "dev", name)
        check("its netdev has an address", becomes(vf, *used), used)
        ip("address", "del", "192.0.2.1/24", "dev", name)
        check("it has not any more", becomes(vf, *ready), ready)
        # A port with a VLAN would need the PF's help.
        ip("link", "add", "vfmonbr", "type", "bridge", "vlan_default_pvid", "0")
        try:
            ip("link", "set", name, "master", "vfmonbr")
            check("it is a bridge's port", becomes(vf, *used), used)
            ip("link", "set", name, "nomaster")
            check("it is not any more", becomes(vf, *ready), ready)
        finally:
            ip("link", "del", "vfmonbr")


def ip(*arguments):
    done = host.run("ip", *arguments)
    assert done.returncode == 0, done.stderr


def host_uses_a_namespace(check, machine):
    ready, used = ("ready",), ("dangerous", "host_uses_device")
    with configured(f'{{"address": "{machine.nvme}"}}'):
        check("an nvme controller that nobody uses", becomes(machine.nvme, *ready), ready)
        assert host.run("mount", "/dev/nvme0n1", MOUNT).returncode == 0
        try:
            check("its namespace is mounted", becomes(machine.nvme, *used), used)
        finally:
            host.run("umount", MOUNT)
        check("it is not any more", becomes(machine.nvme, *ready), ready)


@contextlib.contextmanager
def vendor_loaded():
    """With its plain ids it would take functions of other scenarios."""
    assert host.run("modprobe", VENDOR).returncode == 0
    try:
        yield
    finally:
        host.run("modprobe", "-r", VENDOR)


def vendor_has_no_type(check, machine):
    [vf] = new_vfs(machine.alone, 1, probed=False)
    ready, unset = ("ready",), ("blocked", "vgpu_type_unset")
    with configured(IGBVF + ', "managed": "no"}'), vendor_loaded():
        host.bind(vf, VENDOR)
        check("a vendor's VF without a type", becomes(vf, *unset), unset)
        check("its state is vfio_vendor", device(vf)["binding"]["state"], "vfio_vendor")
        # Of this the kernel says nothing.
        host.write("558", host.path(vf, "nvidia", "current_vgpu_type"))
        check("a type is set", becomes(vf, *ready), ready)
        check("it is told", device(vf)["vendor_state"].get("current_vgpu_type"), "558")
        host.write("0", host.path(vf, "nvidia", "current_vgpu_type"))
        check("it is taken away", becomes(vf, *unset), unset)
        host.set_vfs(machine.alone, 0)
