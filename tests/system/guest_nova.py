# SPDX-License-Identifier: Apache-2.0
"""Scenarios: Nova's configuration, and what a running nova-compute believes."""

import json
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import guest_conf as conf
import guest_host as host
import guest_vfmond as vfmond
from guest_conf import COPIES, COPY, FIRST_LINE, NOVA_CONF, SECRET
from guest_host import VARIANT
from guest_vfmond import SERVICE, call, device, devices, show, status

IGBVF = '{"vendor_id": "8086", "product_id": "10ca"'


def vfmonctl(*arguments):
    return host.run("vfmonctl", *arguments)


def new_vfs(pf, count, probed=True):
    """Virtual functions, when vfmond has them."""
    host.set_autoprobe(pf, probed)
    vfs = host.set_vfs(pf, count)
    host.until(lambda: set(vfs) <= set(devices()))
    return vfs


def spec_of(vf):
    one = device(vf)
    return one.get("resource_class"), one.get("managed"), (one.get("spec") or {}).get("line")


# ---- the files -----------------------------------------------------------------------------------


def nova_conf_is_read_without_its_secrets(check, machine):
    [vf] = new_vfs(machine.alone, 1)
    conf.write(conf.specs(IGBVF + ', "resource_class": "begin"}'))
    want = ("CUSTOM_BEGIN", True, FIRST_LINE)
    check("a new nova.conf is in force, nobody said reload",
          host.until(lambda: spec_of(vf) == want) and spec_of(vf), want)
    check("systemd waits for the next change", host.until(conf.is_watched), True)
    conf.write(conf.text("# a comment",
                         f'device_spec = {IGBVF}, "resource_class": "second", "managed": "no"}}'))
    want = ("CUSTOM_SECOND", False, FIRST_LINE + 1)
    check("and so is a change", host.until(lambda: spec_of(vf) == want) and spec_of(vf), want)
    check("GetStatus names the original", conf.loaded().get("path"), str(NOVA_CONF))
    check("so does the function", device(vf)["spec"]["file"], str(NOVA_CONF))
    lines = (NOVA_CONF.read_text().count("\n"), COPY.read_text().count("\n"))
    check("the copy has as many lines", lines[0], lines[1])
    check("the password is in no copy", secret_files(), [])
    check("vfmond can not read the original", readable_for_vfmond(NOVA_CONF), False)
    check("but the copy", readable_for_vfmond(COPY), True)
    broken = conf.text('device_spec = {"vendor_id": "8086", managed: "no"}')
    conf.write(broken)
    check("a broken one: reload succeeds", conf.reload() in (0, 1), True)
    place = f"{NOVA_CONF}:{FIRST_LINE}:"
    shown = vfmonctl("check")
    check("vfmonctl check names file and line of the original", place in shown.stdout, True)
    check("and ends with 1", shown.returncode, 1)
    check("the old configuration stays in force", spec_of(vf), want)
    check("the password is in no reply", [one for one in replies(vf) if SECRET in one], [])
    check("nor in the journal", SECRET in host.run("journalctl", "-b", "--no-pager").stdout, False)
    conf.remove()
    check("without the file there is no copy", host.until(lambda: not COPY.exists()), True)
    none = (None, None, None)
    check("and no spec", host.until(lambda: spec_of(vf) == none) and spec_of(vf), none)


def secret_files():
    return [str(one) for one in COPIES.rglob("*") if one.is_file() and SECRET in one.read_text()]


def readable_for_vfmond(path):
    """Asks for the user that the daemon runs as."""
    uid = host.read(f"/proc/{show(SERVICE, 'MainPID')}/status").split("Uid:")[1].split()[0]
    command = ("setpriv", "--reuid", uid, "--regid", uid, "--clear-groups", "cat", str(path))
    return host.run(*command).returncode == 0


def replies(vf):
    """What vfmond says about everything, a text each."""
    texts = [json.dumps(call(method)) for method in (
        "ListDevices", "GetStatus", "CheckConfiguration", "ListResourceProviders", "GetHistory",
        "ListVanishedDevices")]
    texts.append(json.dumps(call("GetDevice", address=vf)))
    texts += [vfmonctl(*verb).stdout for verb in (("check", "--json"), ("dump",), ("status",))]
    texts.append(vfmonctl("check", str(NOVA_CONF)).stdout)
    return texts


def printed_examples_are_judged(check, machine):
    """The entries that a specification of Nova printed, on this guest's ids."""
    [vf] = new_vfs(machine.alone, 1)
    both = f'{IGBVF}, "address": "{vf}"'
    first = (f'device_spec = {both}, managed: "no" }}',
             f'alias = {IGBVF}, "device_type": "type-VF", "name": "MYVF" }}')
    second = (f'device_spec = {both}, "resource_class": "CUSTOM_A16_16A", "managed": "no" }}',
              'alias = { "device_type": "type-VF", resource_class: "CUSTOM_A16_16A", '
              '"name": "A16_16A" }')
    found = findings(conf.text(*first))
    check("the first as printed is refused, with its line",
          ("refused", "value_error", FIRST_LINE) in found, True)
    try:
        conf.write(conf.text(first[0].replace("managed:", '"managed":'), first[1]))
        conf.reload()
        check("corrected: managed no and the class of its ids", spec_of(vf),
              ("CUSTOM_PCI_8086_10CA", False, FIRST_LINE))
        got = [one["address"] for one in call("ResolveAlias", name="MYVF")["devices"]]
        check("its alias can get the VF", got, [vf])
        found = findings(conf.text(*second))
        check("the second's alias as printed is refused",
              ("refused", "value_error", FIRST_LINE + 1) in found, True)
        conf.write(conf.text(second[0]))
        conf.reload()
        check("its device_spec alone: managed no and its class", spec_of(vf),
              ("CUSTOM_A16_16A", False, FIRST_LINE))
    finally:
        conf.remove()


def findings(text):
    """Level, code and line of what vfmonctl finds in a nova.conf."""
    with tempfile.NamedTemporaryFile("w", suffix=".conf", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        told = json.loads(vfmonctl("check", "--json", file.name).stdout or "{}")
    return [(one["level"], one["code"], one.get("line")) for one in told.get("findings", [])]


# ---- the gate ------------------------------------------------------------------------------------


def gate_waits_for_the_last_vf(check, machine):
    vfs = new_vfs(machine.alone, 3, probed=False)
    with conf.configured(IGBVF + ', "managed": "no"}'):
        late = vfmonctl("wait", "--ready", "--count", "3", "--timeout", "1")
        check("the gate's time is over: exit status 1", late.returncode, 1)
        check("and it says what is missing", vfs[0] in late.stdout + late.stderr, True)
        gate = ("vfmonctl", "wait", "--ready", "--count", "3", "--timeout", "120")
        with subprocess.Popen(gate, stdout=subprocess.PIPE, text=True) as process:
            for vf in vfs[:2]:
                host.bind(vf, VARIANT)
                host.until(lambda vf=vf: device(vf)["readiness"]["state"] == "ready")
            states = [device(vf)["readiness"]["state"] for vf in vfs]
            check("two are ready and one is not", states, ["ready", "ready", "blocked"])
            check("the gate blocks", process.poll(), None)
            host.bind(vfs[2], VARIANT)
            check("until the last one is bound: exit status 0", ended(process), 0)
        vfmond.stop()
        with subprocess.Popen(gate, stdout=subprocess.PIPE, text=True) as process:
            threading.Event().wait(0.5)
            check("without vfmond it blocks", process.poll(), None)
            vfmond.start()
            check("until vfmond is there", ended(process), 0)


def ended(process, seconds=60):
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        return "still there"


# ---- what the running Nova believes --------------------------------------------------------------

COMPUTE = Path("/usr/local/bin/nova-compute")
# So long after its start nova-compute may still read the devices (vfmonctl's rule).
READ_SECONDS = 120


class NovaCompute:
    """A process of this name, as Python programs have them."""

    def __init__(self):
        COMPUTE.write_text("#!/usr/bin/python3\nimport signal\nsignal.pause()\n", encoding="ascii")
        COMPUTE.chmod(0o755)
        self._process = None
        conf.keep(IGBVF + ', "managed": "no"}')
        # What udev gives a function at boot is no news for it.
        host.run("udevadm", "settle")
        self.start()

    def start(self):
        self.started = time.time()
        self._process = subprocess.Popen([COMPUTE])  # pylint: disable=consider-using-with

    def stop(self):
        self._process.kill()
        self._process.wait()

    def has_read(self):
        """Waits until it has certainly read the devices."""
        threading.Event().wait(max(0, self.started + READ_SECONDS + 1 - time.time()))


def restart_of_nova_is_due(check, machine):
    with conf.configured(kept=True):
        machine.nova.has_read()
        before = vfmonctl("nova")
        check("nova-compute knows all: exit status 0", before.returncode, 0)
        check("and is up to date", "up to date" in before.stdout and before.stdout, before.stdout)
        [vf] = new_vfs(machine.alone, 1)
        host.netdev(vf)
        vfmond.unequal()
        after = vfmonctl("nova")
        check("a VF is new: exit status 1", after.returncode, 1)
        due = "restart due" in after.stdout and vf in after.stdout
        check("a restart is due, for this VF", due and after.stdout, after.stdout)
        machine.nova.stop()
        machine.nova.start()
        again = vfmonctl("nova")
        check("cleared after the restart: exit status 0", (again.returncode, again.stdout),
              (0, again.stdout))
        check("it is up to date again", "up to date" in again.stdout and again.stdout, again.stdout)


def state_survives_a_restart(check, machine):
    with conf.configured(IGBVF + ', "managed": "no"}'):
        vfs = new_vfs(machine.alone, 2)
        host.set_vfs(machine.alone, 0)
        host.until(lambda: set(vfs) <= set(vanished()))
        [vf] = new_vfs(machine.alone, 1)
        host.until(lambda: device(vf)["readiness"]["state"] == "blocked")
        old, gone, epoch = device(vf), vanished(), status()["epoch"]
        host.run("systemctl", "restart", SERVICE)
        host.until(lambda: vfmond.is_up() and vf in devices())
        check("another start", status()["epoch"] != epoch, True)
        new = device(vf)
        for key in ("appeared_usec", "attributes_changed_usec", "generation"):
            check(f"a restart of vfmond keeps {key}", (key, new.get(key)), (key, old.get(key)))
        check("appeared_usec is known", old.get("appeared_usec") is not None, True)
        check("and the vanished", vanished(), gone)
        check("the other VF is among them", vfs[1] in gone, True)


def vanished():
    return sorted(one["address"] for one in call("ListVanishedDevices")["devices"])
