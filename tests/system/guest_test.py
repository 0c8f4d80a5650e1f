#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The tests that run in the guest, on a real kernel: a line for each assertion.

The expected comes from plain reads of sysfs (guest_host.py), the rest from vfmond through
python3-varlink, varlinkctl and systemd (guest_vfmond.py). Arguments: texts with commas between
them, which pick the scenarios with one in their names, and how often those with rounds make
theirs."""

import sys
import time
import traceback

import guest_announce
import guest_functions
import guest_host as host
import guest_interface
import guest_libvirt
import guest_nova
import guest_sandbox
import guest_service
import guest_storm
import guest_verdicts
import guest_verify
import guest_vfmond as vfmond

SCENARIOS = (
    guest_service.rule_starts_it_at_boot,
    guest_interface.varlinkctl_reads_it,
    guest_interface.client_reads_it,
    guest_functions.vfs_without_probe,
    guest_functions.vfs_whose_probe_fails,
    guest_functions.vf_walks_through_the_drivers,
    guest_functions.vf_says_where_its_nodes_are,
    guest_functions.vf_held_open_gets_stuck,
    guest_announce.unannounced_writes_are_seen,
    guest_announce.unannounced_end_of_sriov_is_seen,
    guest_announce.unannounced_depmod_is_seen,
    guest_announce.unannounced_and_lost_writes_are_read_again,
    guest_interface.history_is_what_was_watched,
    guest_interface.watch_resumes_where_it_ended,
    guest_service.journal_has_the_fields,
    guest_service.reload_takes_the_new_configuration,
    guest_service.reload_keeps_the_old_for_a_broken_one,
    guest_service.forged_events_are_rejected,
    guest_service.other_namespaces_are_not_heard,
    guest_sandbox.exposure_is_small,
    guest_sandbox.nothing_gets_out,
    guest_sandbox.each_option_does_its_part,
    guest_sandbox.mounts_stay_inside,
    guest_nova.nova_conf_is_read_without_its_secrets,
    guest_nova.printed_examples_are_judged,
    guest_verdicts.verdict_follows_the_driver,
    guest_verdicts.host_uses_its_vf,
    guest_verdicts.vendor_has_no_type,
    guest_nova.gate_waits_for_the_last_vf,
    # Before a VF goes that a spec takes, and before one takes a PF: Nova might know of both.
    guest_nova.restart_of_nova_is_due,
    guest_nova.state_survives_a_restart,
    guest_verdicts.host_uses_a_namespace,
    guest_libvirt.libvirt_does_what_was_said,
    guest_libvirt.libvirt_and_what_is_special,
    guest_storm.killed_in_a_storm,
    guest_storm.killed_at_random_moments,
    guest_verify.verify_after_a_storm,
    guest_sandbox.no_call_was_refused,
    guest_service.without_the_rule_it_stays_down,
)
# In a machine of their own, with all functions that nvme controllers can have: run.sh --nvmes 4.
STORMS = (guest_storm.storm_overflows_the_socket, guest_sandbox.no_call_was_refused)


class Report:
    """Numbers the assertions and prints each as it is known."""

    def __init__(self):
        self.number = self.failed = 0

    def check(self, text, got, wanted=True):
        """One assertion: got equals wanted. What differs is printed below it."""
        self.number += 1
        if got == wanted:
            print(f"ok {self.number} - {text}", flush=True)
            return
        self.failed += 1
        print(f"not ok {self.number} - {text}")
        print(f"#      got {got!r}\n#   wanted {wanted!r}", flush=True)


def bound(driver, count):
    """The functions with SR-IOV of this driver, which binds one after another."""
    found = host.until(lambda: len(pfs := host.physical_functions(driver)) == count and pfs, 180)
    assert found, f"{driver}: not {count}, but {host.physical_functions(driver)}"
    return found


class Host:
    """The functions with SR-IOV of this guest. The VFs of igb share an IOMMU group with it, those
    of alone have a group each."""

    def __init__(self, rounds, nvmes):
        self.rounds = rounds
        self.storm = bound("nvme", nvmes)
        self.nvme = self.storm[0]
        both = bound("igb", 2)
        self.igb, self.alone = sorted(both, key=lambda pf: not host.group_members(pf))
        self.igb_vf = None
        host.until(lambda: vfmond.is_up() and not vfmond.differences())
        self.nova = guest_nova.NovaCompute()

    def pfs(self):
        return *self.storm, self.igb, self.alone


def play(scenario, report, machine):
    name = scenario.__name__.replace("_", " ")
    print(f"# {name}", flush=True)
    begin = time.monotonic()
    try:
        with host.cleared(*machine.pfs()):
            scenario(report.check, machine)
    except Exception:  # pylint: disable=broad-except # a scenario that breaks off is one failure
        report.check(f"{name}: comes to its end", traceback.format_exc().strip(), "")
    print(f"#   {time.monotonic() - begin:.1f} s", flush=True)


def main():
    wanted, rounds, nvmes = sys.argv[1:]
    report = Report()
    machine = Host(int(rounds), int(nvmes))
    found = {pf: sorted(host.group_members(pf).values()) for pf in machine.pfs()}
    groups = {**dict.fromkeys(machine.pfs(), []), machine.igb: ["pcieport"]}
    report.check("nvmes and two igb have SR-IOV, one in a group with its port", found, groups)
    host.load_vfio()
    for scenario in STORMS if len(machine.storm) > 1 else SCENARIOS:
        if any(text in scenario.__name__ for text in wanted.split(",")):
            play(scenario, report, machine)
    if report.failed:
        print(host.run("journalctl", "-b", "-u", vfmond.SERVICE, "-n", "60").stdout, flush=True)
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
