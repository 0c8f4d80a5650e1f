# SPDX-License-Identifier: Apache-2.0
"""Nova's configuration in this guest, as an operator has it: closed to others, passwords in it."""

import contextlib
import os
from pathlib import Path

import guest_host as host
from guest_vfmond import SERVICE, show, status

NOVA_CONF = Path("/etc/nova/nova.conf")
KEPT = Path("/etc/nova-kept/nova.conf")
COPIES = Path("/run/vfmond-nova")
COPY = COPIES / NOVA_CONF.relative_to("/")
SECRET = "open-sesame-4711"
# What stands before the first line of [pci] that a test gives, and how many lines that is.
BEFORE = f"""[DEFAULT]
transport_url = rabbit://nova:{SECRET}@192.0.2.7:5672/
my_ip = 192.0.2.8
[api_database]
connection = mysql://nova:{SECRET}@192.0.2.7/nova_api
[pci]
"""
FIRST_LINE = BEFORE.count("\n") + 1


def text(*lines):
    """A whole nova.conf with these lines in [pci]."""
    return BEFORE + "".join(line + "\n" for line in lines) + f"[keystone]\npassword = {SECRET}\n"


def specs(*entries):
    return text(*(f"device_spec = {one}" for one in entries))


def write(content, path=NOVA_CONF):
    """Replaces the file at once, as deployment tools do; only root may read it."""
    path.parent.mkdir(exist_ok=True)
    new = path.with_suffix(".new")
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640), "w",
              encoding="utf-8") as file:
        file.write(content)
    os.replace(new, path)


def keep(*entries):
    """Writes a file for later, so that it is old by then."""
    write(specs(*entries), KEPT)


def remove():
    NOVA_CONF.unlink(missing_ok=True)
    reload()


def reload():
    """Returns when what is in the file now was looked at, whether it is in force or not."""
    code = host.run("systemctl", "reload", SERVICE).returncode
    host.until(is_loaded)
    return code


def is_loaded():
    """The copy is of the file, and vfmond has read it since, or says what is wrong."""
    if not NOVA_CONF.exists():
        return not COPY.exists() and not loaded()
    if not COPY.exists() or spec_lines(COPY) != spec_lines(NOVA_CONF):
        return False
    one = loaded()
    return one.get("error") or (one.get("loaded_usec") or 0) >= COPY.stat().st_mtime_ns // 1000


def spec_lines(path):
    return [line for line in path.read_text().splitlines() if line.startswith(("device", "alias"))]


def is_watched():
    """systemd does not look while it runs what a change started."""
    return show("vfmond-nova-config.path", "SubState") == "waiting"


def loaded():
    """How vfmond has the file: GetStatus's entry about it."""
    return next((one for one in status()["config_files"] if one["path"] == str(NOVA_CONF)), {})


@contextlib.contextmanager
def configured(*entries, kept=False):
    """Meanwhile these are the device_spec entries in force; or those of the file that keep() made,
    which is not younger for it."""
    if kept:
        NOVA_CONF.parent.mkdir(exist_ok=True)
        NOVA_CONF.symlink_to(KEPT)
    else:
        write(specs(*entries))
    try:
        assert reload() == 0, "the reload failed"
        assert loaded() and not loaded().get("error"), f"not in force: {loaded()}"
        yield
    finally:
        remove()
