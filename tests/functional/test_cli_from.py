# SPDX-License-Identifier: Apache-2.0
"""vfmonctl without a daemon: another host's dump, another configuration."""

import copy
import json
import os
import shutil
import tempfile
import unittest

from simulated import Host, vfmonctl

PF = {"address": "0000:25:00.0", "kind": "pf", "vendor_id": "10de", "product_id": "25b6"}
VF = {"address": "0000:25:00.4", "kind": "vf", "vendor_id": "10de", "product_id": "25b6",
      "physical_function": "0000:25:00.0",
      "binding": {"state": "vfio_vendor", "driver": "nvidia"}, "iommu_group": 41,
      "iommu_group_members": [], "vfio_nodes": ["/dev/vfio/41"], "best_driver": "vfio-pci"}
DUMP = {"format": "io.vfmon.dump", "version": 1, "host": {"name": "compute-7"},
        "devices": [PF, VF]}

# The specification's examples: as printed, and with the key in quotes.
FIRST = ('device_spec = { "vendor_id": "10de", "product_id": "25b6", "address": "0000:25:00.4", '
         'managed: "no" }')
SECOND = ('device_spec = { "vendor_id": "10de", "product_id": "25b6", "address": "0000:25:00.4", '
          '"resource_class": "CUSTOM_A16_16A", "managed": "no" }')
SECOND_ALIAS = ('alias = { "device_type": "type-VF", resource_class: "CUSTOM_A16_16A", '
                '"name": "A16_16A" }')


class Dump(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="vfmon-test-")
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(content if isinstance(content, str) else json.dumps(content))
        return self.path(name)

    def conf(self, *lines):
        return self.write("nova.conf", "[DEFAULT]\npassword = hidden\n[pci]\n" + "\n".join(lines) +
                          "\n")

    def ask(self, *args, dump=None, **options):
        return vfmonctl("--from", self.write("dump", DUMP if dump is None else dump), *args,
                        **options)

    def answer(self, *args, **options):
        result = self.ask("--json", *args, **options)
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)

    def devices(self, *args, **options):
        return {d["address"]: d for d in self.answer("list", *args, **options)["devices"]}

    def test_a_host_is_judged_by_a_configuration_that_it_does_not_have(self):
        vf = self.devices("--nova-config", self.conf(SECOND))["0000:25:00.4"]
        self.assertEqual(vf["readiness"]["state"], "ready")
        self.assertEqual((vf["managed"], vf["resource_class"]), (False, "CUSTOM_A16_16A"))
        self.assertEqual(vf["spec"]["file"], self.path("nova.conf"))
        self.assertEqual(vf["spec"]["line"], 4)
        vf = self.devices("--nova-config",
                          self.conf(SECOND.replace('"no"', '"yes"')))["0000:25:00.4"]
        self.assertEqual(vf["readiness"]["state"], "dangerous")

    def test_of_a_function_that_is_told_little_nothing_is_called_wrong(self):
        least = {key: VF[key] for key in
                 ("address", "kind", "vendor_id", "product_id", "physical_function")}
        vf = self.devices("--nova-config", self.conf(SECOND),
                          dump=dict(DUMP, devices=[least]))["0000:25:00.4"]
        self.assertEqual(vf["binding"]["state"], "unknown")
        self.assertEqual(vf["readiness"]["state"], "unknown", vf["readiness"])
        self.assertIsNone(vf["guest_start"].get("starts"))

    def test_a_pf_makes_a_pfs_entry_unless_it_can_have_no_vf(self):
        conf = self.conf('device_spec = {"address": "0000:25:00.0"}')
        self.assertIn("managed", self.devices("--nova-config", conf)["0000:25:00.4"])
        dump = dict(DUMP, devices=[dict(PF, total_vfs=0), VF])
        self.assertNotIn("managed", self.devices("--nova-config", conf, dump=dump)["0000:25:00.4"])

    def test_a_vfs_pf_need_not_be_there(self):
        self.assertEqual(len(self.devices(dump=dict(DUMP, devices=[VF]))), 1)

    def test_the_first_example_as_printed_is_refused_with_its_place(self):
        result = self.ask("check", "--nova-config", self.conf(FIRST))
        self.assertEqual(result.returncode, 1, result.stderr)
        column = FIRST.index("managed") + 1
        self.assertIn(f"{self.path('nova.conf')}:4:{column}: refused", result.stdout)
        self.assertIn("without quotes", result.stdout)
        self.assertNotIn("hidden", result.stdout)

    def test_a_refused_configuration_is_said_by_every_verb(self):
        result = self.ask("list", "--nova-config", self.conf(FIRST))
        self.assertEqual(result.returncode, 0)
        self.assertIn("does not start with this configuration", result.stderr)
        self.assertEqual(self.ask("list", "--nova-config", self.conf(SECOND)).stderr, "")

    def test_the_first_example_corrected_has_the_default_class_of_its_ids(self):
        conf = self.conf(FIRST.replace("managed:", '"managed":'))
        vf = self.devices("--nova-config", conf)["0000:25:00.4"]
        self.assertEqual((vf["managed"], vf["resource_class"]), (False, "CUSTOM_PCI_10DE_25B6"))

    def test_the_second_examples_alias_as_printed_is_refused(self):
        result = self.ask("--json", "check", "--nova-config", self.conf(SECOND, SECOND_ALIAS))
        self.assertEqual(result.returncode, 1, result.stderr)
        bad = [f for f in json.loads(result.stdout)["findings"] if f.get("line") == 5]
        self.assertEqual([f["code"] for f in bad], ["value_error"])
        self.assertEqual([f["level"] for f in bad], ["refused"])
        for version, level in (("31.0.0", "wrong"), ("31.3.0", "wrong"), ("31.3.1", "refused")):
            result = self.ask("--json", "check", "--nova-version", version, "--nova-config",
                              self.path("nova.conf"))
            levels = [f["level"] for f in json.loads(result.stdout)["findings"]
                      if f.get("line") == 5]
            self.assertEqual(levels, [level], version)

    def test_check_takes_files_as_arguments(self):
        result = self.ask("check", self.conf(FIRST))
        self.assertEqual(result.returncode, 1, result.stderr)
        result = self.ask("check", self.conf(SECOND))
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_xml_and_providers_and_alias_need_no_daemon(self):
        conf = self.conf(SECOND, 'alias = {"name": "a", "vendor_id": "10de", '
                                 '"product_id": "25b6", "device_type": "type-VF"}')
        result = self.ask("xml", "25:00.4", "--nova-config", conf)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn('managed="no"', result.stdout.replace("'", '"'))
        providers = self.answer("providers", "--nova-config", conf)
        self.assertEqual([(p["name"], p["resource_class"], p["total"])
                          for p in providers["providers"]],
                         [("compute-7_0000:25:00.0", "CUSTOM_A16_16A", 1)])
        alias = self.answer("alias", "a", "--nova-config", conf)
        self.assertEqual([d["address"] for d in alias["devices"]], ["0000:25:00.4"])
        result = self.ask("alias", "b", "--nova-config", conf)
        self.assertEqual(result.returncode, 1)

    def test_a_folder_of_configuration_is_read_in_novas_order(self):
        os.mkdir(self.path("d"))
        self.write("d/20.conf", "[pci]\n" + SECOND.replace("A16_16A", "LATE") + "\n")
        self.write("d/10.conf", "[pci]\n" + SECOND + "\n")
        self.write("d/.hidden.conf", "[pci]\nbroken\n")
        vf = self.devices("--nova-config-dir", self.path("d"))["0000:25:00.4"]
        self.assertEqual(vf["resource_class"], "CUSTOM_A16_16A")

    def test_vdpa_is_kept(self):
        dump = dict(DUMP, devices=[dict(VF, nova_device_type="vdpa")])
        vf = self.devices("--nova-config", self.conf(SECOND), dump=dump)["0000:25:00.4"]
        self.assertEqual(vf["nova_device_type"], "vdpa")

    def test_what_is_no_dump_is_refused_clearly(self):
        text = json.dumps(DUMP)
        broken = copy.deepcopy(DUMP)
        del broken["devices"][1]["physical_function"]
        cases = ((text[:len(text) // 2], "cut"), ("", "cut"), ("[]", "no dump of vfmond"),
                 (dict(DUMP, version=2), "version 2"), (dict(DUMP, version=0), "version"),
                 (dict(DUMP, format="other"), "no dump of vfmond"),
                 ({"format": "io.vfmon.dump", "version": 1}, "no list of devices"),
                 (broken, "devices[1]: physical_function"),
                 (dict(DUMP, devices=[VF, VF]), "0000:25:00.4 stands in it twice"))
        for dump, reason in cases:
            result = self.ask("list", dump=dump)
            self.assertEqual((result.returncode, result.stdout), (4, ""), reason)
            self.assertIn(reason, result.stderr)
        result = vfmonctl("list", "--from", self.path("no such file"))
        self.assertEqual(result.returncode, 4)
        self.assertIn("No such file", result.stderr)

    def test_another_configuration_needs_a_host(self):
        for args in (["list", "--nova-config", "x"], ["list", "--nova-version", "31.0"],
                     ["status", "--from", "x"], ["check", "--from", "x"],
                     ["alias", "a", "--from", "x"], ["list", "--from", "x", "--nova-version", "y"]):
            self.assertEqual(vfmonctl(*args).returncode, 2, args)

    def test_what_is_missing_is_said(self):
        result = vfmonctl("check", "--nova-version", "31.0")
        self.assertIn("--nova-version goes with FILE, or with --from", result.stderr)
        result = self.ask("check")
        self.assertIn("--from needs --nova-config", result.stderr)

    def test_a_verdict_that_rests_on_what_a_dump_has_not_says_so(self):
        function = dict(VF, binding={"state": "unbound"})
        del function["iommu_group"], function["iommu_group_members"]
        result = self.ask("show", "25:00.4", "--nova-config", self.conf("device_spec = {}"),
                          dump=dict(DUMP, devices=[PF, function]))
        self.assertIn("  unknown: something that this depends on is not known\n", result.stdout)

    def test_a_dump_may_be_of_a_host_without_functions(self):
        result = self.ask("list", dump=dict(DUMP, devices=[]))
        self.assertEqual((result.returncode, result.stdout),
                         (0, "There is no function in this dump.\n"))

    def test_a_dump_comes_from_standard_input_too(self):
        result = vfmonctl("--json", "list", "--from", "-", input=json.dumps(DUMP))
        self.assertEqual(len(json.loads(result.stdout)["devices"]), 2, result.stderr)


class Live(unittest.TestCase):
    """What a daemon knows, taken along."""

    SCENARIO = """
driver igb id 8086:10c9
driver igbvf id 8086:10ca net
driver vfio-pci vfio generic
pf 0000:3b:00.0 8086:10c9 total 7 vf-id 10ca offset 128 stride 2 numa 1
vfs 0000:3b:00.0 3
"""
    CONFIG = ('[pci]\ndevice_spec = {"vendor_id": "8086", "product_id": "10ca", "managed": "no", '
              '"traits": "A,B", "physical_network": null}\n')

    def setUp(self):
        self.host = Host(self.SCENARIO, self.CONFIG)
        self.addCleanup(self.host.close)

    def test_a_dump_tells_the_same_as_the_daemon(self):
        live = self.host.json("list")["devices"]
        dump = self.host.ctl("dump")
        self.assertEqual(dump.returncode, 0, dump.stderr)
        path = self.host.path("dump.json")
        with open(path, "w", encoding="utf-8") as f:
            f.write(dump.stdout)
        result = vfmonctl("--json", "list", "--from", path)
        told = json.loads(result.stdout)["devices"]
        self.assertEqual(len(told), 4, result.stderr)
        for mine, theirs in zip(told, live):
            for device in (mine, theirs):
                device.pop("sequence")
                device["binding"].pop("explanation")
            self.assertEqual(mine, theirs)

    def test_check_judges_files_on_the_host_of_now(self):
        path = self.host.path("nova.conf")
        with open(path, "w", encoding="utf-8") as f:
            f.write('[pci]\ndevice_spec = {"address": "0000:99:00.0"}\n')
        result = self.host.ctl("--json", "check", path)
        codes = [finding["code"] for finding in json.loads(result.stdout)["findings"]]
        self.assertEqual(codes, ["spec_matches_nothing"], result.stderr)


if __name__ == "__main__":
    unittest.main()
