# SPDX-License-Identifier: Apache-2.0
"""A guest in the guest: a small paused domain that libvirt starts with a function of the host."""

import contextlib
import os
import tempfile

import guest_host as host

DOMAIN = """<domain type='qemu'>
  <name>{name}</name>
  <memory unit='MiB'>64</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <controller type='usb' model='none'/>
    <memballoon model='none'/>
{device}
  </devices>
</domain>
"""


def virsh(*arguments):
    return host.run("virsh", "-q", *arguments, timeout=120)


def ready():
    """libvirtd, which its socket starts, has looked at QEMU: later starts take a second."""
    found = virsh("domcapabilities", "--virttype", "qemu", "--machine", "q35")
    return found.returncode == 0 or found.stderr


def has_own_dev(address):
    """The running guest's node of the function's group is another one than the host's."""
    node = f"dev/vfio/{host.link(host.path(address, 'iommu_group'))}"
    [pid] = host.run("pidof", "qemu-system-x86_64").stdout.split()
    return os.stat(f"/proc/{pid}/root/{node}").st_dev != os.stat(f"/{node}").st_dev


def restart_libvirtd():
    return host.run("systemctl", "restart", "libvirtd").returncode == 0


def stop_libvirtd():
    """It would hear all events of the scenarios to come."""
    return host.run("systemctl", "stop", "libvirtd.service").returncode == 0


def start(device, name="vfmond-test"):
    """Starts a domain with this element among its devices; why it did not start, else nothing."""
    with tempfile.NamedTemporaryFile("w", suffix=".xml", encoding="utf-8") as file:
        file.write(DOMAIN.format(name=name, device=device))
        file.flush()
        made = virsh("create", "--paused", file.name)
    return "" if made.returncode == 0 else " ".join(made.stderr.split())


def destroy(name="vfmond-test"):
    return virsh("destroy", name).returncode == 0


@contextlib.contextmanager
def running(device, name="vfmond-test"):
    """A domain that runs meanwhile; gives why it did not start."""
    why = start(device, name)
    try:
        yield why
    finally:
        if not why:
            destroy(name)
