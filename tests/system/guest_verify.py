# SPDX-License-Identifier: Apache-2.0
"""Scenario: after a storm the client's own scan says the same as the daemon."""

import json
import os

import guest_host as host
import guest_vfmond as vfmond
from guest_storm import Storm


def verify_after_a_storm(check, machine):
    host.set_autoprobe(machine.nvme, False)
    with Storm(machine.igb):
        for count in (8, 0, 6, 0, 4):
            host.set_vfs(machine.nvme, count)
    check("the list equals sysfs", vfmond.unequal(60), [])
    result = host.run("vfmonctl", "verify", "--json")
    answer = json.loads(result.stdout or "{}")
    check("vfmonctl verify finds no difference", answer.get("differences"), [])
    check("it ends with 0", result.returncode, 0)
    check("in the daemon's own namespace of networks", vfmond.status().get("network_namespace"),
          os.stat("/proc/self/ns/net").st_ino)
    check("it has compared all that is listed", answer.get("functions"), len(vfmond.devices()))
    host.set_vfs(machine.nvme, 0)
