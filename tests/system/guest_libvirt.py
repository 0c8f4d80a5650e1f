# SPDX-License-Identifier: Apache-2.0
"""Scenarios: libvirt is asked whether what vfmond said of it is true.

A row is a function in some state. vfmond says what libvirt will do with it, and a domain with the
element that vfmonctl wrote for it is started and ended. What differs is a failure. The rows are
printed as the table of docs/VERDICTS.md."""

import dataclasses
import os
import threading

import guest_domain as domain
import guest_host as host
from guest_host import VARIANT, VENDOR
from guest_conf import configured
from guest_vfmond import device, said
from guest_verdicts import ip, vendor_loaded

# libvirt probes a driver when the domain is gone, and says nothing of it.
PROBE_SECONDS = 1.5
STATES = ("host", "unbound", "vfio-pci", VARIANT, VENDOR)
HEAD = ("function", "IOMMU group", "managed", "verdict", "predicted", "what libvirt did")


@dataclasses.dataclass
class Row:
    """A function as it was, what vfmond said of it, and what libvirt did."""

    text: str
    group: str
    managed: bool
    verdict: str
    said: tuple
    seen: tuple
    why: str

    def expected(self):
        """What was said; what it left open is as it was seen."""
        return tuple(seen if said is None else said for said, seen in zip(self.said, self.seen))

    def cells(self):
        return (self.text, self.group, "yes" if self.managed else "no", self.verdict,
                sentence(*self.said, "any or none"), sentence(*self.seen, "none"))


def sentence(starts, during, after, nothing):
    """In words; nothing is what no driver means."""
    start = {True: "starts", False: "fails", None: "may start"}[starts]
    return start + (f" on {during}" if during else "") + f", then {after or nothing}"


class Table:
    def __init__(self, check):
        self._check = check
        self.rows = []

    def add(self, row, is_known=True):
        """A row whose outcome must be what was said, where that could be known."""
        self.rows.append(row)
        name = f"{row.text}, {row.group}, managed={'yes' if row.managed else 'no'}"
        if row.why:
            print(f"#   {row.why}", flush=True)
        if is_known:
            self._check(f"{name}: {sentence(*row.seen, 'none')}", row.seen, row.expected())
        return row

    def print(self, *head):
        for cells in (*head, *(row.cells() for row in self.rows)):
            print(f"# | {' | '.join(cells)} |", flush=True)


# ---- one row -------------------------------------------------------------------------------------


def as_host_had_it(address):
    """On the driver that the kernel finds for it."""
    if driver(address) == "igbvf":
        return
    host.write("\n", host.path(address, "driver_override"))
    if host.link(host.path(address, "driver")):
        host.unbind(address)
    host.write(address, "/sys/bus/pci/drivers_probe")


def bring(address, state):
    as_host_had_it(address)
    if state != "host":
        host.unbind(address)
    if state not in ("host", "unbound"):
        host.bind(address, state)
    if state == VENDOR:
        host.write("558", host.path(address, "nvidia", "current_vgpu_type"))


def told(address, managed):
    """The device when vfmond has seen all of it."""

    def same():
        one = device(address)
        mine, true = said(one), host.truth(address)
        return one.get("managed") is managed and all(mine[key] == true[key] for key in true) and one

    one = host.until(same)
    assert one, f"vfmond has not seen {address}: {said(device(address))} {host.truth(address)}"
    return one


def element(address):
    """What the guest's XML says of the function, from vfmonctl."""
    made = host.run("vfmonctl", "xml", address)
    assert made.returncode == 0, made.stderr
    return made.stdout


def driver(address):
    return host.link(host.path(address, "driver"))


def verdict(one):
    codes = [each["code"] for each in one["readiness"]["reasons"]]
    return one["readiness"]["state"] + (f": {', '.join(codes)}" if codes else "")


def prediction(one):
    start = one["guest_start"]
    return tuple(start.get(key) for key in ("starts", "driver_during", "driver_after"))


def play(address, name="vfmond-test"):
    """Starts and ends a domain; whether it started, the driver meanwhile and then, and why."""
    with domain.running(element(address), name) as why:
        during = None if why else driver(address)
    threading.Event().wait(PROBE_SECONDS)
    return (not why, during, driver(address)), why


def row(text, address, managed):
    one = told(address, managed)
    seen, why = play(address)
    members = host.group_members(address)
    return Row(text, "shared" if members else "own", managed, verdict(one), prediction(one), seen,
               why)


# ---- the scenarios -------------------------------------------------------------------------------


def first_vf(pf, count=1):
    """The first of new virtual functions, when the host has bound all of them."""
    vfs = host.set_vfs(pf, count)
    host.until(lambda: all(driver(vf) == "igbvf" for vf in vfs))
    return vfs[0]


def libvirt_does_what_was_said(check, machine):
    check("libvirtd answers when its socket is used", host.until(domain.ready, 120), True)
    places = {vf: driver(vf) for vf in (first_vf(machine.alone), first_vf(machine.igb, 2))}
    check("one VF in a group of its own and one in a shared group", set(places.values()), {"igbvf"})
    table = Table(check)
    with vendor_loaded():
        for managed in (True, False):
            with configured(f'{{"product_id": "10ca", "managed": "{managed and "yes" or "no"}"}}'):
                for vf in places:
                    for state in STATES:
                        bring(vf, state)
                        table.add(row(state, vf, managed))
        for vf in places:
            as_host_had_it(vf)
        host.set_vfs(machine.igb, 0)
        host.set_vfs(machine.alone, 0)
    undecided = {(one.text, one.managed) for one in table.rows if one.said[0] is None}
    check("only a vendor's VF with managed yes is left open", undecided, {(VENDOR, True)})
    table.print(HEAD, ("---",) * len(HEAD))


def libvirt_and_what_is_special(check, machine):
    """More rows of the same table. Here libvirtd remembers what unmanaged guests had."""
    table = Table(check)
    for case in (group_node_is_open, unmanaged_guest_had_it, another_domain_has_it,
                 no_driver_is_probed, netdev_has_an_address, physical_function_with_vfs):
        case(check, machine, table)
    table.print()
    check("libvirtd is stopped", domain.stop_libvirtd(), True)


def group_node_is_open(check, machine, table):
    vf = first_vf(machine.alone)
    with configured('{"product_id": "10ca", "managed": "no"}'):
        bring(vf, "vfio-pci")
        group = os.open(f"/dev/vfio/{host.link(host.path(vf, 'iommu_group'))}", os.O_RDWR)
        try:
            one = table.add(row("vfio-pci, its group node open", vf, False), is_known=False)
        finally:
            os.close(group)
        check("who has only the group's node open is not seen", "busy" in one.why, True)
        check("and the driver stays", one.seen, (False, None, "vfio-pci"))
        host.set_vfs(machine.alone, 0)


def unmanaged_guest_had_it(check, machine, table):
    """libvirtd keeps what it had unmanaged in a list, and takes nothing in it off its driver."""
    vf = first_vf(machine.alone)
    with configured('{"product_id": "10ca", "managed": "yes"}'):
        text = "host, a guest had it with managed=no before"
        one = table.add(row(text, vf, True), is_known=False)
        check("libvirtd leaves what it had unmanaged", one.seen, (True, VARIANT, VARIANT))
        one = table.add(row(text, first_vf(machine.igb), True))
        check("also when the start fails", one.seen, (False, None, VARIANT))
    host.set_vfs(machine.igb, 0)
    host.set_vfs(machine.alone, 0)
    check("a restart of libvirtd makes it forget", domain.restart_libvirtd(), True)


def another_domain_has_it(check, machine, table):
    vf = first_vf(machine.alone)
    with configured('{"product_id": "10ca", "managed": "yes"}'):
        bring(vf, VARIANT)
        told(vf, True)
        with domain.running(element(vf), "vfmond-first") as why:
            check("a first domain has the VF", why, "")
            # Neither the kernel nor libvirt, whose guest has a /dev of its own, says so.
            host.announce(vf)
            used = host.until(lambda: device(vf).get("in_use"))
            check("vfmond sees that it is in use when it looks again", used, True)
            check("the guest has a /dev of its own", domain.has_own_dev(vf), True)
            one = table.add(row("variant, another domain has it", vf, True))
            check("libvirt refuses a second one", "in use by driver QEMU" in one.why, True)
            check("the VF is as ready as before", one.verdict, "ready")
        host.announce(vf)
        used = host.until(lambda: device(vf).get("in_use") is False)
        check("and sees when it is not any more", used, True)
    as_host_had_it(vf)
    host.set_vfs(machine.alone, 0)


def no_driver_is_probed(check, machine, table):
    host.set_autoprobe(machine.alone, False)
    [vf] = host.set_vfs(machine.alone, 1)
    with configured('{"product_id": "10ca", "managed": "yes"}'):
        one = table.add(row("unbound, autoprobe off", vf, True))
        check("without autoprobe nothing is bound afterwards", one.seen, (True, VARIANT, None))
    host.set_vfs(machine.alone, 0)
    host.set_autoprobe(machine.alone, True)


def netdev_has_an_address(check, machine, table):
    vf = first_vf(machine.alone)
    name = host.netdev(vf)
    with configured('{"product_id": "10ca", "managed": "yes"}'):
        ip("address", "add", "192.0.2.1/24", "dev", name)
        ip("link", "set", name, "up")
        host.until(lambda: device(vf)["readiness"]["state"] == "dangerous")
        one = table.add(row("host, netdev with an address", vf, True))
        check("libvirt takes it all the same", one.seen, (True, VARIANT, "igbvf"))
        check("vfmond had warned of it", one.verdict, "dangerous: host_uses_device")
        left = host.run("ip", "-o", "address", "show", "to", "192.0.2.1").stdout
        check("the host has lost its address", left, "")
    host.set_vfs(machine.alone, 0)


def physical_function_with_vfs(check, machine, table):
    first_vf(machine.alone, 2)
    with configured(f'{{"address": "{machine.alone}", "managed": "yes"}}'):
        one = table.add(row("PF with VFs, host", machine.alone, True))
        check("libvirt takes a PF with its VFs", one.seen, (True, "vfio-pci", "igb"))
        check("they are gone", host.virtual_functions(machine.alone), [])
        codes = one.verdict.partition(": ")[2].split(", ")
        check("vfmond had warned of it", "physical_function_has_vfs" in codes, True)
