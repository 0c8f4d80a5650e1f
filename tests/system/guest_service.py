# SPDX-License-Identifier: Apache-2.0
"""Scenarios: the service under systemd."""

import json
import os
import socket
import struct
from pathlib import Path

import guest_host as host
import guest_vfmond as vfmond
from guest_vfmond import SERVICE, SOCKETS, Watch, call, device, devices, rests, show, status

CONFIGURATION = Path("/etc/vfmond/vfmond.conf")
RULE = Path("/etc/udev/rules.d/60-vfmond.rules")
MARKER_RULE = Path("/run/udev/rules.d/99-vfmond-test.rules")
MARKER = "vfmond-test-marker.service"
MARKER_UNIT = Path("/run/systemd/system", MARKER)


# ---- the udev rule -------------------------------------------------------------------------------


def rule_starts_it_at_boot(check, _machine):
    for unit in (SERVICE, *SOCKETS):
        answer = host.run("systemctl", "is-enabled", unit).stdout.strip()
        check(f"{unit} is not enabled", answer in ("disabled", "static", "indirect"), True)
    check("the udev rule alone starts it at boot", host.until(vfmond.is_up), True)
    check("it says what it watches", show(SERVICE, "StatusText") != "", True)
    check("it has no capability", capabilities(), {0})
    check("the list equals sysfs", vfmond.unequal(), [])


def capabilities():
    text = host.read(f"/proc/{show(SERVICE, 'MainPID')}/status")
    lines = [one.split() for one in text.splitlines() if one.startswith(("CapEff", "CapBnd"))]
    return {int(value, 16) for _, value in lines}


def plug_pf(machine):
    """Takes the PF away and back. When this returns, systemd has had all that came of it: a rule of
    our own wants another unit at the same event, and that one was started."""
    MARKER_UNIT.write_text("[Service]\nType=exec\nExecStart=sleep infinity\n", encoding="ascii")
    MARKER_RULE.parent.mkdir(parents=True, exist_ok=True)
    MARKER_RULE.write_text(
        f'ACTION=="add", SUBSYSTEM=="pci", KERNEL=="{machine.igb}", TAG+="systemd", '
        f'ENV{{SYSTEMD_WANTS}}+="{MARKER}"\n',
        encoding="ascii",
    )
    host.run("systemctl", "daemon-reload")
    host.run("systemctl", "stop", MARKER)
    # After storms udevd may still be busy for long.
    host.run("udevadm", "control", "--timeout=280", "--reload", timeout=300)
    host.plug_again(machine.igb)
    return host.until(lambda: show(MARKER, "ActiveState") == "active")


def without_the_rule_it_stays_down(check, machine):
    RULE.symlink_to("/dev/null")
    # After storms udevd may still be busy for long.
    host.run("udevadm", "control", "--timeout=280", "--reload", timeout=300)
    vfmond.stop()
    check("without the rule: systemd hears of a new PF", plug_pf(machine), True)
    for unit in (SERVICE, *SOCKETS):
        check(f"without the rule: {unit} stays down", show(unit, "ActiveState"), "inactive")
    check("without the rule: nothing is about to start it", show(SERVICE, "Job"), "")
    RULE.unlink()
    # After storms udevd may still be busy for long.
    host.run("udevadm", "control", "--timeout=280", "--reload", timeout=300)
    vfmond.stop()
    check("with the rule: systemd hears of a new PF", plug_pf(machine), True)
    check("with the rule: the same event starts it", host.until(vfmond.is_up), True)
    for unit in SOCKETS:
        check(f"with the rule: {unit} is up", show(unit, "ActiveState"), "active")
    check("the list equals sysfs", vfmond.unequal(), [])


# ---- the journal ---------------------------------------------------------------------------------


def entries(*match):
    host.run("journalctl", "--sync")
    # Not -u, which also finds what systemd says about the unit.
    text = host.run("journalctl", "-o", "json", f"_SYSTEMD_UNIT={SERVICE}", *match).stdout
    return [json.loads(line) for line in text.splitlines()]


def foreign_fields(entry):
    """Fields of an entry that are neither ours by their names nor everybody's."""
    ours = ("VF", "PF", "MESSAGE", "MESSAGE_ID", "PRIORITY", "ERRNO", "TID", "INVOCATION_ID")
    return {
        name
        for name in entry
        if name not in ours and not name.startswith(("_", "VFMON_", "CODE_", "SYSLOG_"))
    }


def journal_has_the_fields(check, machine):
    vf = machine.igb_vf
    found = entries(f"VF={vf}")
    check("the journal has entries about the VF that walked", len(found) > 0, True)
    check("they name its PF", {one.get("PF") for one in found}, {machine.igb})
    states = [one.get("VFMON_BINDING") for one in found]
    wanted = {"host", "unbound", "vfio_generic", "vfio_variant"}
    check("they have the binding states", wanted <= set(states), True)
    moves = [(one.get("VFMON_BINDING_PREVIOUS"), one.get("VFMON_BINDING")) for one in found]
    check("and the states before", any(old and new and old != new for old, new in moves), True)
    drivers = {one.get("VFMON_DRIVER") for one in found}
    check("and the drivers", {"igbvf", "vfio-pci", host.VARIANT} <= drivers, True)
    kinds = {one.get("MESSAGE_ID") for one in found}
    check("each has a MESSAGE_ID", None in kinds or any(len(one) != 32 for one in kinds), False)
    shown = [host.run("journalctl", "--dump-catalog", one).stdout for one in kinds if one]
    check("each MESSAGE_ID is in the catalog", all("Subject:" in one for one in shown), True)
    names = {field for one in entries("_TRANSPORT=journal") for field in foreign_fields(one)}
    check("all other fields have our prefix", names, set())


# ---- configuration -------------------------------------------------------------------------------

GOOD = """[vfmond]
history_size = 2M

[pci]
device_spec = {"product_id": "10ca", "resource_class": "vf nic", "managed": "no"}
"""
BROKEN = GOOD.replace('"managed"', "managed")
COLUMN = BROKEN.splitlines()[4].index("managed") + 1


def configure(text):
    """Writes the configuration and reloads; how systemctl ended."""
    CONFIGURATION.parent.mkdir(exist_ok=True)
    CONFIGURATION.write_text(text, encoding="utf-8")
    return host.run("systemctl", "reload", SERVICE).returncode


def spec_of(vf):
    one = device(vf)
    return one.get("resource_class"), one.get("managed"), (one.get("spec") or {}).get("line")


def config_file():
    found = [one for one in status()["config_files"] if one["path"] == str(CONFIGURATION)]
    return found[0] if found else {}


def vanished():
    return [one["address"] for one in call("ListVanishedDevices")["devices"]]


def reload_takes_the_new_configuration(check, machine):
    host.set_autoprobe(machine.igb, False)
    [vf] = host.set_vfs(machine.igb, 1)
    host.until(lambda: vf in devices())
    check("without a configuration no spec takes the VF", spec_of(vf), (None, None, None))
    check("nor is it tracked", device(vf)["readiness"]["state"], "untracked")
    pid = show(SERVICE, "MainPID")
    with Watch() as watch:
        check("systemctl reload succeeds", configure(GOOD), 0)
        watch.wait(lambda: watch.of(vf))
        causes = {one["cause"]["source"] for one in watch.of(vf)}
        check("a subscriber is told why the VF changed", causes, {"config"})
    check("it is the same process", show(SERVICE, "MainPID"), pid)
    check("the spec takes the VF", spec_of(vf), ("CUSTOM_VF_NIC", False, 5))
    check("which is tracked", device(vf)["readiness"]["state"] != "untracked", True)
    check("GetStatus knows no error", config_file().get("error"), None)
    settings = {one["name"]: (one["value"], one["origin"]) for one in status()["settings"]}
    check("GetStatus knows the file", settings["history_size"][1], "file")
    host.set_vfs(machine.igb, 0)
    check("the tracked VF is among the vanished", host.until(lambda: vf in vanished()), True)


def reload_keeps_the_old_for_a_broken_one(check, machine):
    configure(GOOD)
    host.set_autoprobe(machine.igb, False)
    [vf] = host.set_vfs(machine.igb, 1)
    host.until(lambda: vf in devices())
    configure(BROKEN)
    error = host.until(lambda: config_file().get("error")) or ""
    place = f"5:{COLUMN}"
    check("GetStatus has the error", error != "", True)
    check("with line and column", place in error or words(error, 5, COLUMN), True)
    text = show(SERVICE, "StatusText")
    check("STATUS= has the file", str(CONFIGURATION) in text, True)
    check("and line and column", place in text or words(text, 5, COLUMN), True)
    found = [one for one in entries() if str(CONFIGURATION) in str(one.get("MESSAGE"))]
    check("so has the journal", any(place in one["MESSAGE"] for one in found), True)
    check("the old configuration stays", spec_of(vf), ("CUSTOM_VF_NIC", False, 5))
    check("and the service", vfmond.is_up(), True)
    check("a repaired one is taken", configure(GOOD.replace('"no"', '"yes"')), 0)
    check("and in force", host.until(lambda: spec_of(vf) == ("CUSTOM_VF_NIC", True, 5)), True)
    check("without the error", config_file().get("error"), None)
    configure(BROKEN)
    host.run("systemctl", "restart", SERVICE)
    check("with a broken one it starts", host.until(vfmond.is_up), True)
    check("and has the error", host.until(lambda: config_file().get("error")) is not None, True)
    CONFIGURATION.unlink()
    check("without one it runs on", host.run("systemctl", "reload", SERVICE).returncode, 0)
    check("and no spec takes the VF", host.until(lambda: spec_of(vf) == (None, None, None)), True)


def words(text, line, column):
    return f"line {line}" in text and f"column {column}" in text


# ---- events that are not the kernel's ------------------------------------------------------------

KOBJECT_UEVENT = 15


def message(vf):
    devpath = os.path.realpath(host.path(vf)).removeprefix("/sys")
    lines = (f"remove@{devpath}", "ACTION=remove", f"DEVPATH={devpath}", "SUBSYSTEM=pci",
             f"PCI_SLOT_NAME={vf}", "SEQNUM=999999")
    return "".join(line + "\0" for line in lines).encode()


def forge(payload, address):
    """Sends from user space: to the kernel's listeners, or to the kernel, which passes it on."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, KOBJECT_UEVENT) as link:
        link.bind((0, 0))
        link.sendto(payload, address)


def forged_events_are_rejected(check, machine):
    host.set_autoprobe(machine.nvme, False)
    vfs = host.set_vfs(machine.nvme, 2)
    host.until(lambda: set(vfs) <= set(devices()))
    before = vfmond.source("uevent")["rejected"]
    text = message(vfs[0])
    with Watch() as watch:
        forge(text, (0, 1))
        told = host.until(lambda: vfmond.source("uevent")["rejected"] > before)
        check("an event of a process is rejected and counted", told, True)
        header = struct.pack("=IHHII", 16 + len(text), 16, 1, 0, 0)
        forge(header + text, (0, 0))
        told = host.until(lambda: vfmond.source("uevent")["rejected"] > before + 1)
        check("so is one that the kernel passes on for a process", told, True)
        host.announce(vfs[1], "remove")
        host.set_autoprobe(machine.nvme, True)
        watch.wait(lambda: watch.of(machine.nvme))
        check("nothing disappears of an event that is not true", rests(watch.of(*vfs)), [])
    check("the list equals sysfs", vfmond.unequal(), [])


# Sends both ways in its own network namespace, and prints what a listener there receives.
FORGE_ELSEWHERE = """
import socket, struct, sys
text = bytes.fromhex(sys.argv[1])
def link(groups):
    one = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15)
    one.bind((0, groups))
    return one
listener, sender = link(1), link(0)
sender.sendto(text, (0, 1))
sender.sendto(struct.pack("=IHHII", 16 + len(text), 16, 1, 0, 0) + text, (0, 0))
listener.settimeout(60)
print(sum(listener.recv(8192).startswith(text) for _ in range(2)))
"""
NAMESPACES = {
    "of root": ("unshare", "--net"),
    "of a user namespace": ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                            "unshare", "--user", "--map-root-user", "--net"),
}


def other_namespaces_are_not_heard(check, machine):
    host.set_autoprobe(machine.nvme, False)
    vfs = host.set_vfs(machine.nvme, 1)
    host.until(lambda: set(vfs) <= set(devices()))
    text = message(vfs[0])
    with Watch() as watch:
        for owner, prefix in NAMESPACES.items():
            before = vfmond.source("uevent")["rejected"]
            done = host.run(*prefix, "python3", "-c", FORGE_ELSEWHERE, text.hex())
            check(f"in a network namespace {owner} two forged events go round",
                  (done.stdout.strip(), done.stderr), ("2", ""))
            # One that does arrive, behind them: what came earlier is counted by then.
            forge(text, (0, 1))
            told = host.until(lambda b=before: vfmond.source("uevent")["rejected"] > b)
            check(f"none of a network namespace {owner} arrives: only the host's is counted",
                  (told, vfmond.source("uevent")["rejected"] - before), (True, 1))
        check("nothing disappears", watch.kinds("disappeared", *vfs), [])
    check("the list equals sysfs", vfmond.unequal(), [])
