# SPDX-License-Identifier: Apache-2.0
"""Scenarios: clients that this project did not write read vfmond."""

import json
import os
import re
import socket
import subprocess

import varlink

import guest_host as host
from guest_vfmond import INTERFACE, SOCKET, Watch, call, devices, status

SHIPPED = f"/usr/share/varlink/{INTERFACE}.varlink"


def members(text):
    """An interface's definitions without comments and spaces, in no order."""
    text = re.sub(r"#.*", "", text)
    heads = r"\n(?=(?:interface|type|method|error)\s)"
    return sorted(re.sub(r"\s+", "", one) for one in re.split(heads, "\n" + text) if one.strip())


def varlinkctl(*arguments):
    plain = {**os.environ, "SYSTEMD_COLORS": "0", "COLUMNS": "200"}
    return host.run("varlinkctl", *arguments, env=plain)


def varlinkctl_call(method, parameters="{}"):
    return varlinkctl("--json=short", "call", SOCKET, method, parameters)


def varlinkctl_reads_it(check, machine):
    info = varlinkctl("info", "--json=short", SOCKET)
    interfaces = json.loads(info.stdout or "{}").get("interfaces", [])
    wanted = [INTERFACE, "org.varlink.service"]
    check("varlinkctl info: both interfaces", sorted(interfaces), wanted)
    with open(SHIPPED, encoding="utf-8") as file:
        shipped = file.read()
    valid = varlinkctl("validate-idl", SHIPPED).returncode
    check("varlinkctl validate-idl: the shipped interface is valid", valid, 0)
    told = varlinkctl("introspect", SOCKET, INTERFACE)
    check("varlinkctl introspect: the shipped interface", members(told.stdout), members(shipped))
    methods = varlinkctl("list-methods", SOCKET, INTERFACE).stdout.split()
    wanted = [f"{INTERFACE}.{one}" for one in re.findall(r"^method (\w+)", shipped, re.M)]
    check("varlinkctl list-methods: all of them", sorted(methods), sorted(wanted))
    listed = json.loads(varlinkctl_call(f"{INTERFACE}.ListDevices").stdout or "{}")
    addresses = [one["address"] for one in listed.get("devices", [])]
    check("varlinkctl call ListDevices: what sysfs has, in order", addresses, host.watched())
    absent = varlinkctl_call(f"{INTERFACE}.GetDevice", '{"address": "ffff:ff:1f.7"}')
    check("varlinkctl call: an error has its name", f"{INTERFACE}.NoSuchDevice" in absent.stderr)
    wrong = varlinkctl_call(f"{INTERFACE}.GetDevice", f'{{"address": "{machine.igb}", "zz": 1}}')
    check("varlinkctl call: an unknown parameter is refused", "InvalidParameter" in wrong.stderr)
    check("varlinkctl --more: a subscription begins with the list", first_reply(), host.watched())


def first_reply():
    """Addresses of the first reply that a watching varlinkctl prints."""
    command = ("varlinkctl", "--json=short", "--more", "--timeout=infinity", "call", SOCKET)
    with subprocess.Popen(
        command + (f"{INTERFACE}.WatchDevices", "{}"), stdout=subprocess.PIPE, text=True
    ) as process:
        line = process.stdout.readline().lstrip("\x1e")
        process.terminate()
    return [one["address"] for one in json.loads(line or "{}").get("snapshot", [])]


def client_reads_it(check, machine):
    host.set_autoprobe(machine.nvme, False)
    vfs = host.set_vfs(machine.nvme, 3)
    host.until(lambda: set(vfs) <= set(devices()))
    check("python3-varlink: ListDevices", sorted(devices()), host.watched())
    only = call("ListDevices", filter={"physical_functions": [machine.nvme]})["devices"]
    check("a filter by physical function", [one["address"] for one in only], vfs)
    check("GetDevice", call("GetDevice", address=vfs[1])["device"]["vf_index"], 1)
    refused = error("GetDevice", address="no")
    check("an address that is none", refused, f"{INTERFACE}.InvalidAddress")
    check("an empty list in a filter", error("ListDevices", filter={"kinds": []}), INVALID)
    counts = {one["name"]: one["count"] for one in status()["kinds"]}
    check("GetStatus counts them", (counts.get("pf"), counts.get("vf")), (3, 3))
    check("GetStatus has this boot", status()["boot_id"].replace("-", ""), boot_id())
    told = {one["name"] for one in status()["sources"] if not one.get("blind")}
    check("it hears the kernel and udev", {"uevent", "udev"} <= told, True)
    check("a rude client does not disturb it", rude(), "closed")
    listed = json.loads(host.run("vfmonctl", "--json", "list").stdout or "{}").get("devices", [])
    check("vfmonctl list", [one["address"] for one in listed], host.watched())


INVALID = "org.varlink.service.InvalidParameter"


def boot_id():
    return host.read("/proc/sys/kernel/random/boot_id").replace("-", "")


def error(method, **parameters):
    """The name of the error with which a call ends."""
    try:
        call(method, **parameters)
    except varlink.VarlinkError as one:
        return one.error()
    return None


def rude():
    """What becomes of a connection on which something else than Varlink is said."""
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(60)
        link.connect(SOCKET)
        link.sendall(b"GET / HTTP/1.1\0")
        return link.recv(100).decode() or "closed"


def history_is_what_was_watched(check, machine):
    host.set_autoprobe(machine.nvme, False)
    with Watch() as watch:
        start = watch.sequence
        vfs = host.set_vfs(machine.nvme, 4)
        host.set_vfs(machine.nvme, 0)
        watch.wait(lambda: len(watch.kinds("disappeared", *vfs)) == 4)
        last = watch.of(vfs[3])[-1]["sequence"]
        watched = [key(one) for one in watch.changes if one["sequence"] <= last]
    past = [key(one) for one in call("GetHistory", after=start)["changes"]]
    past = [one for one in past if one[0] <= last]
    check("the history is what a subscriber was told", past, watched)
    one = call("GetHistory", address=vfs[0], after=start)["changes"]
    check("the history of one function", {each["address"] for each in one}, {vfs[0]})
    two = call("GetHistory", limit=2)["changes"]
    check("the newest two, ascending", two[-1]["sequence"] - two[0]["sequence"], 1)
    sources = {each["cause"]["source"] for each in one if each["kind"] != "disappeared"}
    check("their cause is an event, or the timer of one",
          sources <= {"uevent", "udev", "timer"}, True)
    check("the kernel's events are heard", "uevent" in
          {each["cause"]["source"] for each in watch.changes}, True)


def key(change):
    return change["sequence"], change["kind"], change["address"], change["generation"]


def watch_resumes_where_it_ended(check, machine):
    host.set_autoprobe(machine.nvme, False)
    with Watch() as watch:
        epoch, sequence = watch.epoch, watch.sequence
    vfs = host.set_vfs(machine.nvme, 2)
    with Watch(epoch=epoch, sequence=sequence) as watch:
        watch.wait(lambda: len(watch.kinds("appeared", *vfs)) == 2)
        check("a resumed watch has no snapshot", watch.snapshot, [])
        check("but what it missed", watch.kinds("appeared", *vfs), vfs)
        numbers = [one["sequence"] for one in watch.changes]
        check("from the next sequence on", numbers[:1], [sequence + 1])
    with Watch(epoch="of another start", sequence=sequence) as watch:
        addresses = [one["address"] for one in watch.snapshot]
        check("a watch of an unknown epoch has a snapshot", addresses, host.watched())
