# SPDX-License-Identifier: Apache-2.0
"""vfmond as its clients and systemd see it, through python3-varlink and systemctl."""

import contextlib
import threading
import time

import varlink

import guest_host as host

INTERFACE = "io.vfmon.Monitor"
SOCKET = "/run/vfmond/io.vfmon.Monitor"
ADDRESS = f"unix:{SOCKET}"
SERVICE = "vfmond.service"
SOCKETS = ("vfmond.socket", "vfmond-kernel.socket")
TRANSITIONS = ("probing", "unbinding")


@contextlib.contextmanager
def connection():
    with varlink.Client(ADDRESS) as client, client.open(INTERFACE) as link:
        yield link


def call(method, **parameters):
    """One call on a connection of its own."""
    with connection() as link:
        return getattr(link, method)(**parameters)


def devices():
    return {one["address"]: one for one in call("ListDevices")["devices"]}


def device(address):
    return call("GetDevice", address=address)["device"]


def status():
    return call("GetStatus")["status"]


def source(name):
    return next(one for one in status()["sources"] if one["name"] == name)


# ---- what it says beside what is true ------------------------------------------------------------


def said(one):
    """A Device in the form of host.truth()."""
    result = {key: one.get(key) for key in SAID}
    result["state"] = one["binding"]["state"]
    result["driver"] = one["binding"].get("driver")
    result["module"] = one["binding"].get("module")
    members = one.get("iommu_group_members") or []
    result["iommu_group_members"] = {each["address"]: each.get("driver") for each in members}
    result["vfio_nodes"] = sorted(one.get("vfio_nodes") or [])
    return result


SAID = (
    "kind", "generation", "vendor_id", "product_id", "subsystem_vendor_id", "subsystem_product_id",
    "class", "numa_node", "iommu_group", "driver_override", "vfio_device", "best_module",
    "physical_function", "vf_index", "total_vfs", "num_vfs", "drivers_autoprobe",
)


def differences():
    """Where the list and sysfs disagree now: a line each."""
    told = devices()
    true = {address: host.truth(address) for address in host.watched()}
    lines = [f"{one}: not in the list" for one in true if one not in told]
    lines += [f"{one}: not in sysfs" for one in told if one not in true]
    for address in sorted(set(told) & set(true)):
        mine = said(told[address])
        lines += [
            f"{address}: {key}: sysfs {wanted!r}, list {mine[key]!r}"
            for key, wanted in true[address].items()
            if mine[key] != wanted
        ]
    return lines


def unequal(seconds=30):
    """What still differs when it had time to settle; nothing is what it should be."""
    last = []

    def same():
        last[:] = differences()
        return not last

    host.until(same, seconds)
    return last


# ---- a subscriber --------------------------------------------------------------------------------


class Watch:
    """Reads WatchDevices in a thread of its own, and keeps what came."""

    def __init__(self, **parameters):
        self.snapshot, self.changes, self.error = [], [], None
        self.epoch = self.sequence = None
        self._news = threading.Condition()
        self._client = varlink.Client(ADDRESS)
        self._link = self._client.open(INTERFACE)
        threading.Thread(target=self._read, args=(parameters,), daemon=True).start()
        assert self.wait(lambda: self.epoch), f"no snapshot: {self.error}"

    def _read(self, parameters):
        try:
            for reply in self._link.WatchDevices(_more=True, **parameters):
                with self._news:
                    self._take(reply)
                    self._news.notify_all()
        except Exception as error:  # pylint: disable=broad-except # any end is told to the waiter
            with self._news:
                self.error = error
                self._news.notify_all()

    def _take(self, reply):
        self.snapshot += reply.get("snapshot") or []
        if reply.get("change"):
            self.changes.append(reply["change"])
        if reply.get("epoch"):
            self.epoch, self.sequence = reply["epoch"], reply["sequence"]

    def wait(self, predicate, seconds=60):
        """Until the predicate holds or the watch ends; what it says then."""
        with self._news:
            self._news.wait_for(lambda: predicate() or self.error, seconds)
            return predicate()

    def of(self, *addresses):
        """The changes of these functions so far."""
        return [one for one in list(self.changes) if one["address"] in addresses]

    def kinds(self, kind, *addresses):
        return [one["address"] for one in self.of(*addresses) if one["kind"] == kind]

    def state(self, address):
        """The newest binding state of a function that this watch was told of."""
        for one in reversed(self.of(address)):
            return one["device"]["binding"]["state"] if one.get("device") else "gone"
        return None

    def close(self):
        self._link.close()
        self._client.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def rests(changes):
    """The states in which a function came to rest, each with the one it was told to come from."""
    result = []
    for one in changes:
        now = one["device"]["binding"]["state"] if one.get("device") else "gone"
        before = one["previous"]["binding"]["state"] if one.get("previous") else "new"
        if now != before and now not in TRANSITIONS:
            result.append((before, now))
    return result


# ---- the service ---------------------------------------------------------------------------------


def show(unit, name):
    return host.run("systemctl", "show", "--value", "-p", name, unit).stdout.strip()


def is_up():
    return show(SERVICE, "ActiveState") == "active"


def start():
    host.run("systemctl", "start", SERVICE)
    return is_up()


def stop():
    """All three: the kernel's socket would start the service again."""
    host.run("systemctl", "stop", *SOCKETS, SERVICE)


def monotonic_usec():
    return int(time.clock_gettime(time.CLOCK_MONOTONIC) * 1_000_000)
