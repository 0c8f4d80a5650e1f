# SPDX-License-Identifier: Apache-2.0
"""Scenarios: what is forbidden is tried from inside the sandboxes of the installed units.

Each attempt (probe.c) is made three times: outside any sandbox, where it has to go through, so that
it is known to mean something; in the whole sandbox of the unit; and in one that has nothing but one
option of the unit. So an option that is taken out of the unit is missed even where another one
forbids the same."""

import contextlib
import subprocess
from pathlib import Path

import guest_host as host
from guest_conf import NOVA_CONF
from guest_vfmond import SERVICE

UNITS = Path("/usr/lib/systemd/system")
PROBE = "/usr/lib/vfmond-system-test/probe"
PRIVILEGED = "/usr/lib/vfmond-system-test/probe-privileged"
RUNTIME = Path("/run/systemd/system")
STATE = "/var/lib/vfmond-probe"
SECRET = NOVA_CONF.with_name("vfmond-probe")
IPC_KEY = "7632"

# What an option forbids by itself, tried as root or, with a colon behind the option's name, as
# somebody else. Options after a comma belong to the first one.
KERNEL = ("mount:/mnt", "unshare:10000000", "unshare:20000", "setns:/proc/self/ns/net", "module",
          "kexec", "reboot", "clock", "hostname:vfmond-guest", "log", "swap", "bpf", "perf", "io_uring")
PROGRAM = ("memfd", "personality", "realtime", "ptrace:@pid", "kill:@pid", "shm:" + IPC_KEY, "keyring")
ALONE = {
    "ProtectSystem": ("create:/etc", "create:/usr", "create:/var/lib", "create:/run"),
    "ReadOnlyPaths": ("create:/dev/shm", "create:/tmp", "create:/var/tmp", "write:@override",
                      "write:@unbind"),
    "ProtectHome": ("create:/home", "create:/root"),
    "NoExecPaths,ExecPaths": ("exec:/bin/true", f"file_x:{STATE}"),
    "DevicePolicy": ("open:/dev/vfio/vfio", "open:@group", "open:/dev/vda", "open:/dev/mem"),
    "ProtectKernelTunables": ("write:/proc/sys/kernel/core_pattern", "write:/proc/sysrq-trigger"),
    "ProtectKernelLogs": ("log", "read:/dev/kmsg"),
    "ProtectControlGroups": ("mkdir:/sys/fs/cgroup",),
    "ProtectClock": ("clock",),
    "ProtectHostname": ("hostname:vfmond-guest",),
    "PrivateIPC": ("shm:" + IPC_KEY,),
    "ProtectProc:nobody": ("read:/proc/1/status",),
    "RestrictAddressFamilies": ("socket:2", "socket:10", "socket:17"),
    "IPAddressDeny": ("send:9",),
    "SystemCallArchitectures": ("abi32",),
    "SystemCallFilter,SystemCallErrorNumber": (*KERNEL, *PROGRAM, "mkdir:/var/tmp", "mknod:/var/tmp",
                                               "suid:/var/tmp"),
    "MemoryDenyWriteExecute": ("wx", "x"),
    "LockPersonality": ("personality",),
    "RestrictRealtime": ("realtime",),
    "RestrictNamespaces": ("unshare:10000000", "unshare:20000", "clone:20000",
                           "setns:/proc/self/ns/net"),
    "RestrictSUIDSGID": ("suid:/var/tmp",),
    "CapabilityBoundingSet": ("mount:/mnt", "module", "kexec", "reboot", "hostname:vfmond-guest",
                              "mknod:/var/tmp", "uevent", "rtnetlink:1"),
    "NoNewPrivileges:nobody": ("privileged:" + PRIVILEGED,),
    "UMask": ("umask:/var/tmp",),
    "DynamicUser": ("read:/etc/shadow", f"read:{SECRET}", "write:@override", "open:@group",
                    "read:/proc/1/environ", "read:/proc/@pid/environ", "ptrace:@pid", "kill:@pid",
                    "create:/run/vfmond", "connect:/run/systemd/private", "uevent", "rtnetlink:1"),
    "PrivateUsers": ("mount:/mnt", "module", "hostname:vfmond-guest", "uevent", "rtnetlink:1"),
    # Here it is the host that must not see something: mounts_stay_inside().
    "PrivateMounts": (),
}
# What systemd does without them, too; they say so to whoever reads the unit.
DEFAULTS = {"AmbientCapabilities", "KeyringMode"}
# Lines of the unit that are no part of its sandbox.
PLAIN = ("Type", "Exec", "Sockets", "Restart", "WatchdogSec", "LimitNOFILE", "StateDirectory",
         "Timeout", "RuntimeDirectory")
# ENXIO: of the device that systemd puts in the place of a hidden one.
REFUSED = ("EPERM", "EACCES", "EROFS", "EAFNOSUPPORT", "ENOENT", "ENXIO", "killed")
# About the unit that copies Nova's files.
PROCESSES = "clone pipe2"  # for the probe; this unit makes none
NOVA_CONFIG_MAY = ("read:/etc/shadow", f"read:{SECRET}")
# Not promised of it: it is root, and systemd 257 leaves these mounts themselves writable.
NOT_PROMISED = ("create:/run", "create:/run/vfmond", "create:/dev")


def lines(unit):
    """The sandbox of an installed unit: option and value, in order."""
    text = (UNITS / unit).read_text(encoding="utf-8").partition("[Service]")[2]
    pairs = [line.split("=", 1) for line in text.partition("\n[")[0].splitlines()
             if line and not line.startswith("#")]
    return [(name, value) for name, value in pairs
            if not name.startswith(PLAIN) or name in ("ExecPaths",)]


def unit_text(output, options, attempts, user):
    text = ["[Service]", "Type=oneshot", f"ExecStart={PROBE} {' '.join(attempts)}",
            f"StandardOutput=truncate:{output}"]
    text += [f"StateDirectory={Path(STATE).name}"] if STATE in " ".join(attempts) else []
    text += [f"User={user}"] if user else []
    text += [f"{name}={value}".replace("%S/vfmond", STATE) for name, value in options]
    text += [f"ExecPaths={PROBE}"] if "ExecPaths" in dict(options) else []
    return "\n".join(text) + "\n"


def run_in(*sandboxes):
    """Makes attempts in services, each given as options, attempts and user; what came of them."""
    names = [f"vfmond-probe-{number}.service" for number in range(len(sandboxes))]
    outputs = [Path("/run", name).with_suffix(".out") for name in names]
    for name, output, sandbox in zip(names, outputs, sandboxes):
        output.write_text("", encoding="utf-8")
        Path(RUNTIME, name).write_text(unit_text(output, *sandbox), encoding="utf-8")
    host.run("systemctl", "daemon-reload")
    done = host.run("systemctl", "start", *names, timeout=300)
    found = [results(output.read_text(encoding="utf-8")) for output in outputs]
    for path in (*outputs, *(Path(RUNTIME, name) for name in names)):
        path.unlink()
    assert done.returncode == 0, done.stderr + host.run("systemctl", "status", *names).stdout
    return found


def run_outside(attempts, user=None):
    """The same without a sandbox. What is mounted is gone with the process."""
    prefix = ["setpriv", f"--reuid={user}", "--clear-groups"] if user else ["unshare", "--mount"]
    return results(host.run(*prefix, PROBE, *attempts).stdout)


def results(text):
    return dict(line.rpartition("=")[::2] for line in text.splitlines())


class Targets:
    """What is attempted at, for as long as it is used; @names in attempts become these."""

    def __init__(self, machine):
        self._stack = contextlib.ExitStack()
        host.set_autoprobe(machine.alone, False)
        [vf] = host.set_vfs(machine.alone, 1)
        host.bind(vf, "vfio-pci")
        group = Path("/dev/vfio", host.link(host.path(vf, "iommu_group")))
        host.until(group.exists)
        sleep = self._stack.enter_context(subprocess.Popen(["sleep", "infinity"]))
        self._stack.callback(sleep.kill)
        self._values = {"@override": host.path(vf, "driver_override"), "@group": str(group),
                        "@unbind": "/sys/bus/pci/drivers/nvme/unbind", "@pid": str(sleep.pid)}
        SECRET.parent.mkdir(exist_ok=True)
        SECRET.write_text("secret\n", encoding="ascii")
        SECRET.chmod(0o640)
        host.run("install", "-m", "4755", PROBE, PRIVILEGED)
        # Memory that others could find by its key: made with IPC_CREAT, for its owner only.
        done = host.run("python3", "-c", "import ctypes, sys\n"
                        f"sys.exit(ctypes.CDLL(None).shmget({IPC_KEY}, 64, 0o1600) < 0)")
        assert done.returncode == 0

    def of(self, attempts):
        found = []
        for one in attempts:
            for name, value in self._values.items():
                one = one.replace(name, value)
            found.append(one)
        return found

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stack.close()
        host.run("ipcrm", "-M", IPC_KEY)
        SECRET.unlink()
        Path(PRIVILEGED).unlink()


def everything():
    """All that is tried as root, once; what needs the state directory is tried in another place."""
    rows = [tried for option, tried in ALONE.items() if ":" not in option]
    found = [one.replace(STATE, "/var/tmp") for row in rows for one in row]
    return list(dict.fromkeys([*found, "create:/dev"]))


def refused(found, attempts):
    """Those of the attempts that were not refused, with what came of them."""
    return {one: found.get(one) for one in attempts if found.get(one) not in REFUSED}


def nothing_gets_out(check, machine):
    with Targets(machine) as targets:
        everyone = targets.of(everything())
        outside = run_outside(everyone)
        for one in everyone:
            check(f"outside a sandbox {one} goes through", outside.get(one), "done")
        mine = [*everyone, "read:/proc/1/status", f"file_x:{STATE}", f"suid:{STATE}",
                f"umask:{STATE}", f"create:{STATE}"]
        config = [one for one in everyone if one not in NOVA_CONFIG_MAY + NOT_PROMISED]
        copying = lines("vfmond-nova-config.service") + [("SystemCallFilter", PROCESSES)]
        inside, copied = run_in((lines("vfmond.service"), mine, None),
                                (copying, config + list(NOVA_CONFIG_MAY), None))
        check("vfmond's sandbox: its state directory can be written to",
              inside.pop(f"create:{STATE}"), "done")
        for one in mine[:-1]:
            check(f"vfmond's sandbox refuses {one}", refused(inside, [one]), {})
        for one in config:
            check(f"vfmond-nova-config's sandbox refuses {one}", refused(copied, [one]), {})
        check("but it reads what is closed to others",
              [copied.get(one) for one in NOVA_CONFIG_MAY], ["done", "done"])


def mounts_stay_inside(check, _machine):
    """A service as root that mounts something: the host must not see it."""
    name = "vfmond-probe.service"

    def mounted(*options):
        text = ["[Service]", "Type=oneshot", "RemainAfterExit=yes",
                "ExecStart=mount -t tmpfs none /mnt", *options]
        Path(RUNTIME, name).write_text("\n".join(text) + "\n", encoding="utf-8")
        host.run("systemctl", "daemon-reload")
        assert host.run("systemctl", "start", name).returncode == 0
        seen = host.run("mountpoint", "-q", "/mnt").returncode == 0
        host.run("systemctl", "stop", name)
        host.run("umount", "/mnt")
        Path(RUNTIME, name).unlink()
        return seen

    for unit in ("vfmond.service", "vfmond-nova-config.service"):
        only = [f"{name}={value}" for name, value in lines(unit) if name == "PrivateMounts"]
        check("a service without a sandbox mounts for all", mounted(), True)
        check(f"PrivateMounts of {unit} alone keeps mounts inside", mounted(*only), False)


def each_option_does_its_part(check, machine):
    unit = lines("vfmond.service")
    covered = {name for key in ALONE for name in key.partition(":")[0].split(",")}
    check("each option of the sandbox has attempts of its own, and no other is in the list",
          {name for name, _ in unit} - DEFAULTS, covered)
    with Targets(machine) as targets:
        rows = {key: targets.of(attempts) for key, attempts in ALONE.items() if attempts}
        sandboxes = []
        for key, attempts in rows.items():
            names, _, user = key.partition(":")
            only = [(name, value) for name, value in unit if name in names.split(",")]
            sandboxes.append((only, attempts, user or None))
            if user:
                outside = run_outside(attempts, user)
                check(f"without {names} {attempts} goes through", set(outside.values()), {"done"})
        for key, attempts, found in zip(rows, rows.values(), run_in(*sandboxes)):
            check(f"{key} alone refuses {', '.join(attempts)}", refused(found, attempts), {})


def no_call_was_refused(check, _machine):
    """In this guest a system call that the list has not ends the daemon, see guest.sh; and the kernel
    says so. With the installed unit it would only fail, which nobody might notice."""
    answer = host.run("systemctl", "show", "--value", "-p", "SystemCallErrorNumber", SERVICE)
    check("a call outside the list would be noticed", answer.stdout.strip(), "2147483646")
    log = host.run("journalctl", "-b", "_TRANSPORT=audit", "+", "_TRANSPORT=kernel", "--grep",
                   'type=1326.*exe="/usr/(sbin/vfmond|libexec/vfmond/vfmond-nova-config)"').stdout
    check("vfmond has made no call outside its list", log.strip().replace("-- No entries --", ""), "")


def exposure_is_small(check, _machine):
    """As systemd itself counts it, in tenths."""
    for unit in (SERVICE, "vfmond-nova-config.service"):
        done = host.run("systemd-analyze", "security", "--no-pager", "--threshold=12", unit)
        check(f"{unit} is exposed at most 12 tenths", done.returncode, 0)
