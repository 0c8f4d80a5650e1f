# SPDX-License-Identifier: Apache-2.0
"""vfmonctl xml, providers, alias, and wait for what is ready: what Nova would do with this host."""

import json
import os
import unittest

from simulated import Host
from test_cli_wait import WaitTestCase

SCENARIO = """
driver igb id 8086:10c9
driver igbvf id 8086:10ca net
driver vfio-pci vfio generic
pf 0000:3b:00.0 8086:10c9 total 7 vf-id 10ca offset 128 stride 2
vfs 0000:3b:00.0 3
"""

NOVA = """
[pci]
device_spec = { "vendor_id": "8086", "product_id": "10ca", "managed": "no", "resource_class": "nic", "traits": "fast" }
alias = { "name": "NIC", "vendor_id": "8086", "product_id": "10ca", "device_type": "type-VF" }
alias = { "name": "MY NIC", "vendor_id": "8086", "product_id": "10ca", "device_type": "type-VF" }
alias = { "name": "GPU", "vendor_id": "10de", "product_id": "25b6" }
"""
BIND = "unbind {0}\noverride {0} vfio-pci\nbind {0} vfio-pci\n"


class OneHost(unittest.TestCase):
    """All tests look at the same host: none changes it."""

    @classmethod
    def setUpClass(cls):
        cls.host = Host(SCENARIO, NOVA)
        cls.addClassCleanup(cls.host.close)

    def out(self, *args):
        result = self.host.ctl(*args)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return result.stdout

    def no(self, *args):
        result = self.host.ctl(*args)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        return result.stderr


class Xml(OneHost):
    TEXT = ('<hostdev mode="subsystem" type="pci" managed="no">\n  <source>\n'
            '    <address domain="0x0000" bus="0x3b" slot="0x10" function="0x0"/>\n'
            '  </source>\n</hostdev>\n')

    def test_nothing_but_the_element_is_printed(self):
        self.assertEqual(self.out("xml", "3b:10.0"), self.TEXT)

    def test_json_has_the_same_text(self):
        self.assertEqual(self.host.json("xml", "3b:10.0")["xml"].strip(), self.TEXT.strip())

    def test_what_nova_does_not_give_to_a_guest_has_none(self):
        self.assertIn('no device_spec takes "0000:3b:00.0"', self.no("xml", "3b:00.0"))
        self.assertIn('there is no function "0000:3b:1f.0"', self.no("xml", "3b:1f.0"))


class Providers(OneHost):
    def test_table(self):
        lines = self.out("providers").splitlines()
        self.assertEqual(lines[0].split(), ["NAME", "CLASS", "TOTAL", "TRAITS"])
        self.assertEqual(lines[1].split()[:3],
                         [f"{os.uname().nodename}_0000:3B:00.0", "CUSTOM_NIC", "3"])
        self.assertIn("CUSTOM_FAST", lines[1].split()[3].split(","))
        self.assertEqual(len(self.out("--no-legend", "providers").splitlines()), 1)

    def test_json_says_also_that_nothing_is_refused(self):
        reply = self.host.json("providers")
        self.assertEqual(set(reply), {"providers", "refused"})
        self.assertIsNone(reply["refused"])
        self.assertEqual(reply["providers"][0]["total"], 3)

    def test_a_host_that_nova_refuses_is_told_first(self):
        host = Host(SCENARIO, '[pci]\ndevice_spec = { "vendor_id": "8086" }\n')
        self.addCleanup(host.close)
        result = host.ctl("providers")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertTrue(result.stdout.startswith("nova-compute would not start: "), result.stdout)
        self.assertIn("0000:3b:", host.json("providers")["refused"])

    def test_nothing_to_report_is_said(self):
        host = Host(SCENARIO, "")
        self.addCleanup(host.close)
        self.assertEqual(host.ctl("providers").stdout,
                         "nova-compute would report no PCI device to Placement.\n")


class Alias(OneHost):
    def test_what_it_can_get_and_how_to_ask_for_it(self):
        out = self.out("alias", "NIC")
        self.assertEqual([line.split()[1] for line in out.splitlines()[1:4]],
                         ["0000:3b:10.0", "0000:3b:10.2", "0000:3b:10.4"])
        self.assertIn("A flavor that asks for NIC can get 3 functions.\n", out)
        self.assertTrue(out.endswith('→ openstack flavor set FLAVOR --property '
                                     '"pci_passthrough:alias"="NIC:1"\n'), out)

    def test_a_name_with_a_blank_is_one_word_for_the_shell(self):
        self.assertIn("\"pci_passthrough:alias\"='MY NIC:1'", self.out("alias", "MY NIC"))

    def test_one_that_gets_nothing_is_an_answer(self):
        self.assertIn("can get 0 functions", self.out("alias", "GPU"))

    def test_one_that_is_unknown_is_no(self):
        self.assertIn('no alias of this name is in force: "FPGA"', self.no("alias", "FPGA"))

    def test_columns_and_lines(self):
        self.assertEqual(self.out("alias", "NIC", "-o", "address", "-n", "2", "--no-legend"),
                         "0000:3b:10.0\n0000:3b:10.2\n")
        self.assertEqual(self.host.ctl("alias", "NIC", "-o", "x").returncode, 2)

    def test_json_is_the_reply(self):
        reply = self.host.json("alias", "NIC")
        self.assertEqual(len(reply["devices"]), 3)
        self.assertIn("NIC:1", reply["flavor_property"])

    def test_placement_narrows_it(self):
        host = Host(SCENARIO, "", options=["--nova-config", self.placement_config()])
        self.addCleanup(host.close)
        self.assertIn("With Placement: ", host.ctl("alias", "NIC").stdout)

    def placement_config(self):
        path = self.host.path("nova.conf")
        with open(path, "w", encoding="utf-8") as f:
            f.write(NOVA + "report_in_placement = true\n[filter_scheduler]\n"
                    "pci_in_placement = true\n")
        return path


class Ready(WaitTestCase):
    scenario = SCENARIO
    config = NOVA

    def test_it_blocks_until_the_last_vf_is_bound(self):
        waiting = self.start("--ready")
        waiting.shows("waiting: VFs 0 of 3 ready (0000:3b:10.0 blocked: igbvf has it")
        self.host.play(BIND.format("0000:3b:10.0") + BIND.format("0000:3b:10.2"))
        waiting.shows("waiting: VFs 2 of 3 ready (0000:3b:10.4 blocked: igbvf has it: bind it to a "
                      "VFIO driver)")
        self.assertIsNone(waiting.process.poll())
        self.host.play(BIND.format("0000:3b:10.4"))
        self.assertEqual(waiting.end(), (0, ""))

    def test_so_many_of_a_class_or_an_alias(self):
        waiting = self.start("--ready", "--class=CUSTOM_NIC=2", "--alias=NIC=2", columns="400")
        waiting.shows("CUSTOM_NIC 0 of 2 ready")
        waiting.shows("alias NIC 0 of 2 ready (0000:3b:10.0 blocked")
        self.host.play(BIND.format("0000:3b:10.0") + BIND.format("0000:3b:10.4"))
        self.assertEqual(waiting.end(), (0, ""))

    def test_an_alias_counts_what_it_can_get(self):
        self.holds("--alias=NIC=3")
        self.assertIn("alias NIC 3 of 4 there", self.in_vain("--alias=NIC=4"))
        self.assertIn("alias GPU 0 of 1 there", self.in_vain("--alias=GPU=1"))
        self.assertIn("there is no alias FPGA", self.in_vain("--alias=FPGA=1"))

    def test_an_address_has_to_be_ready_too(self):
        self.assertIn("0000:3b:10.0 blocked: igbvf has it", self.in_vain("--ready", "3b:10.0"))
        self.host.play(BIND.format("0000:3b:10.0"))
        self.holds("--ready", "3b:10.0")
        result = self.host.ctl("-J", "wait", "--ready", "3b:10.0")
        self.assertTrue(json.loads(result.stdout)["holds"])


if __name__ == "__main__":
    unittest.main()
