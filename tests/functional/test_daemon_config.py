# SPDX-License-Identifier: Apache-2.0
"""device_spec and the settings of a configuration file, at start and at reload."""

import os
import signal
import unittest

from daemon_host import (CARD, FENCE, PF, VF, DaemonHost, DaemonTestCase,
                         SharedHostTestCase, until)

SPEC = "[pci]\ndevice_spec = "
NOTHING_SAID = {"managed": None, "managed_effective": None, "resource_class": None, "traits": [],
                "spec": None, "readiness": {"state": "untracked", "reasons": []},
                "guest_start": None}


def judged(device):
    """What the configuration says of a function."""
    said = {key: device.get(key) for key in NOTHING_SAID}
    said["readiness"] = dict(said["readiness"],
                             reasons=[r["code"] for r in said["readiness"]["reasons"]])
    return said


class Matching(SharedHostTestCase):
    """Each test has the same daemon read another configuration."""

    scenario = CARD + f"vfs {PF} 3\ndevice 0000:7f:00.0 8086:1234\n"

    def taken(self):
        return sorted(a for a, d in self.host.devices().items() if d.get("spec"))

    def test_no_device_spec_tracks_nothing(self):
        self.host.reload("")
        for device in self.host.devices().values():
            self.assertEqual(judged(device), NOTHING_SAID)

    def test_all_that_an_entry_says_is_shown(self):
        text = ("# a comment\n[vfmond]\n[pci]\n"
                'device_spec = { "vendor_id": "1af4", "product_id": "1041" }\n'
                'device_spec = { "address": "0000:3b:10.0", "managed": "no",\n'
                '                "resource_class": "fast nic", "traits": "HW_NIC_SRIOV,gold",\n'
                '                "rack": "7", "spare": "yes" }\n')
        self.host.reload(text)
        self.assertEqual(judged(self.host.device(VF[0])), {
            "managed": False, "managed_effective": False, "resource_class": "CUSTOM_FAST_NIC",
            "traits": ["CUSTOM_GOLD", "HW_NIC_SRIOV"],
            "readiness": {"state": "blocked", "reasons": ["managed_no_host_driver"]},
            "guest_start": {"starts": False, "driver_after": "igbvf"},
            "spec": {"index": 1, "file": self.host.path("vfmond.conf"), "line": 5,
                     "tags": {"managed": "false", "rack": "7", "resource_class": "fast nic",
                              "spare": "yes", "traits": "HW_NIC_SRIOV,gold"}}})
        self.assertEqual(judged(self.host.device(VF[1])), NOTHING_SAID)

    def test_defaults_are_managed_and_a_class_of_the_ids(self):
        self.host.reload(SPEC + '{ "vendor_id": "8086", "product_id": "10ca" }\n')
        device = self.host.device(VF[2])
        self.assertEqual((device["managed"], device["managed_effective"]), (True, True))
        self.assertEqual(device["resource_class"], "CUSTOM_PCI_8086_10CA")
        self.assertEqual(device["traits"], [])
        self.assertEqual(device["spec"]["tags"], {})

    def test_which_functions_an_entry_takes(self):
        vfs = list(VF[:3])
        for spec, expected in (
                ('{ "vendor_id": "8086", "product_id": "10ca" }', vfs),
                ('{ "product_id": "10ca" }', vfs),
                ('{ "vendor_id": "*", "product_id": "1041" }', [FENCE]),
                ('{ "address": "0000:3b:10.2" }', [VF[1]]),
                ('{ "address": "*:3b:10.*" }', vfs),
                ('{ "address": ":10.4" }', [VF[2]]),
                ('{ "address": "0000:3b:00.0" }', [PF] + vfs),
                ('{ "address": "0000:3b:00.*" }', [PF]),
                ('{ "address": "0000:3b:00.0", "product_id": "10ca" }', vfs),
                ('{ "address": "0000:7f:00.0" }', ["0000:7f:00.0"]),
                ('{ "vendor_id": "dead" }', []),
                ('[{ "address": "0000:3b:10.0" }, { "address": "0000:3b:10.2" }]', vfs[:2])):
            with self.subTest(spec):
                self.host.reload(SPEC + spec + "\n")
                self.assertEqual(self.taken(), expected)

    def test_the_first_entry_that_takes_a_function_decides(self):
        self.host.reload(SPEC + '{ "address": "0000:3b:10.0", "resource_class": "one" }\n'
                         'device_spec = [{ "product_id": "10ca", "resource_class": "two" },\n'
                         '               { "product_id": "10ca", "managed": "no" }]\n')
        specs = [self.host.device(a) for a in VF[:2]]
        self.assertEqual([d["resource_class"] for d in specs], ["CUSTOM_ONE", "CUSTOM_TWO"])
        self.assertEqual([d["spec"]["index"] for d in specs], [0, 1])
        self.assertEqual([d["managed"] for d in specs], [True, True])

    def test_values_of_managed(self):
        for value, expected in (('"no"', False), ('"off"', False), ('"0"', False), ("false", False),
                                ('"False"', False), ('"yes"', True), ("true", True), ('"T"', True)):
            with self.subTest(value):
                self.host.reload(SPEC + f'{{ "product_id": "10ca", "managed": {value} }}\n')
                self.assertEqual(self.host.device(VF[0])["managed"], expected)

    def test_a_class_is_normalised(self):
        for value, expected in (("fast nic", "CUSTOM_FAST_NIC"), ("CUSTOM_X", "CUSTOM_X"),
                                ("pgpu", "PGPU"), ("a-b.c", "CUSTOM_A_B_C")):
            with self.subTest(value):
                self.host.reload(SPEC + f'{{ "product_id": "10ca", "resource_class": "{value}" }}')
                self.assertEqual(self.host.device(VF[0])["resource_class"], expected)

    def test_a_function_for_network_ports_is_managed_whatever_the_tag_says(self):
        self.host.reload(SPEC + '{ "product_id": "10ca", "managed": "no",'
                         ' "physical_network": "physnet1" }\n')
        device = self.host.device(VF[0])
        self.assertEqual((device["managed"], device["managed_effective"]), (False, True))
        self.assertEqual(device["spec"]["tags"]["physical_network"], "physnet1")

    def test_filters_see_what_the_configuration_says(self):
        self.host.reload(SPEC + '{ "address": "0000:3b:10.0", "managed": "no" }\n'
                         'device_spec = { "product_id": "10ca", "resource_class": "x" }\n')
        for members, expected in (({"managed": False}, [VF[0]]),
                                  ({"managed": True}, [VF[1], VF[2]]),
                                  ({"resource_classes": ["CUSTOM_X"]}, [VF[1], VF[2]]),
                                  ({"readiness": ["blocked"], "managed": False}, [VF[0]])):
            self.assertEqual(sorted(self.host.devices(**members)), expected, members)


class Reload(DaemonTestCase):
    scenario = CARD + f"vfs {PF} 2\n"
    config = SPEC + '{ "product_id": "10ca" }\n'

    def test_changes_have_the_configuration_as_their_cause(self):
        watch = self.watch()
        self.host.reload(SPEC + '{ "address": "0000:3b:10.0", "managed": "no" }\n')
        watch.wait_device(VF[1], lambda d: "spec" not in d)
        of_vf = [c for c in watch.changes if c["address"] in VF]
        self.assertEqual([c["address"] for c in of_vf], list(VF[:2]))
        self.assertEqual([c["cause"] for c in of_vf], [{"source": "config"}] * 2)
        first, second = of_vf
        self.assertIn("managed", first["fields"])
        self.assertEqual((first["previous"]["managed"], first["device"]["managed"]), (True, False))
        self.assertEqual(second["device"]["readiness"]["state"], "untracked")
        self.assertEqual(second["previous"]["readiness"]["state"], "ready")

    def test_what_says_the_same_again_changes_nothing(self):
        watch = self.watch()
        self.host.reload()
        self.host.fence(watch)
        self.assertFalse([c for c in watch.changes if c["cause"]["source"] == "config"])

    def test_a_broken_file_leaves_the_old_configuration_in_force(self):
        watch = self.watch()
        before = self.host.config_file()["loaded_usec"]
        error = self.host.reload_in_vain(SPEC + "{ 'product_id': '10ca' }\n")
        self.assertRegex(error, rf"^{self.host.path('vfmond.conf')}:2:17: not valid JSON: \S")
        self.assertEqual(self.host.config_file()["loaded_usec"], before)
        # The message of the reload says that it was in vain, and what is in force.
        self.assertNotIn("was read again", self.host.log())
        self.assertRegex(self.host.log(), f"{self.host.path('vfmond.conf')} was read, but not all is in "
                                          "force: .*:2:17: .*from before stays in force")
        self.host.fence(watch)
        self.assertFalse([c for c in watch.changes if c["cause"]["source"] == "config"])
        self.assertEqual(self.host.device(VF[0])["readiness"]["state"], "ready")
        # A VF that comes later is judged by the old one too.
        self.host.play(f"vfs {PF} 0\nvfs {PF} 4")
        watch.wait_device(VF[3], lambda d: d and d["managed"])
        self.host.reload(self.config)
        self.assertNotIn("error", self.host.config_file())

    def test_a_file_that_is_gone_leaves_the_old_configuration_in_force(self):
        path = self.host.path("vfmond.conf")
        os.unlink(path)
        os.kill(self.host.pid, signal.SIGHUP)
        error = until(lambda: self.host.config_file().get("error"))
        self.assertIn(path, error)
        self.assertIn("No such file", error)
        self.assertTrue(self.host.device(VF[0])["managed"])

    def test_a_function_that_an_entry_names_comes_and_goes_with_the_entry(self):
        self.host.play("device 0000:7f:00.0 8086:1234")
        watch = self.watch()
        self.host.reload(SPEC + '{ "address": "0000:7f:00.0" }\n')
        device = watch.wait_device("0000:7f:00.0", lambda d: d)
        self.assertEqual((device["kind"], device["nova_device_type"]), ("pci", "type-PCI"))
        self.host.reload("")
        watch.wait_device("0000:7f:00.0", lambda d: d is None)

    def test_settings_take_effect_at_once(self):
        self.host.reload("[vfmond]\nmax_clients = 7\nstuck_after = 1min 30s\n")
        settings = {s["name"]: s for s in self.host.status()["settings"]}
        self.assertEqual(settings["max_clients"],
                         {"name": "max_clients", "value": "7", "origin": "file"})
        self.assertEqual(settings["stuck_after"]["origin"], "file")
        self.assertEqual(settings["audit_interval"]["origin"], "default")
        self.host.reload("")
        settings = {s["name"]: s for s in self.host.status()["settings"]}
        self.assertEqual(settings["max_clients"]["origin"], "default")


class Start(unittest.TestCase):
    """A daemon that finds a configuration with a fault runs, and tells."""

    def host(self, config, **options):
        host = DaemonHost(CARD + f"vfs {PF} 1\n", config, **options)
        self.addCleanup(host.close)
        self.assertEqual(len(host.devices()), 3)
        return host

    def test_a_broken_file_tracks_nothing(self):
        for entry, column, reason in (
                ("{ 'address' }", 17, "single quotes"),
                ('{ "address": "0000:3b:10.0", }', 44, r"\S"),
                ('{ "address": "zz" }', 15, r"\S"),
                ('{ "vendor_id": "12345" }', 15, r"\S"),
                ('{ "product_id": "10ca", "managed": "perhaps" }', 15, "perhaps"),
                ('7', 15, r"\S")):
            with self.subTest(entry):
                host = self.host("[pci]\n# fine\n" + f"device_spec = {entry}\n")
                error = host.config_file()["error"]
                self.assertRegex(error, rf"^{host.path('vfmond.conf')}:3:\d+: .*{reason}")
                self.assertGreaterEqual(int(error.split(":")[2]), column)
                self.assertEqual(host.device(VF[0])["readiness"]["state"], "untracked")

    def test_a_file_of_no_form_tracks_nothing(self):
        host = self.host("[pci]\n" + 'device_spec = { "product_id": "10ca" }\nnonsense\n')
        self.assertRegex(host.config_file()["error"], r"vfmond\.conf:3:\d+: \S")
        self.assertEqual(host.device(VF[0])["readiness"]["state"], "untracked")

    def test_bytes_that_are_no_text_track_nothing(self):
        host = self.host("")
        with open(host.path("vfmond.conf"), "wb") as f:
            f.write(b"[pci]\n\xff\xfe\0\n" * 100)
        os.kill(host.pid, signal.SIGHUP)
        self.assertRegex(until(lambda: host.config_file().get("error")), r"vfmond\.conf:\d+:\d+: ")

    def test_an_unknown_key_is_told_and_the_rest_is_in_force(self):
        host = self.host("[vfmond]\nstuck_aftr = 1s\nmax_clients = many\nstuck_after = 2s\n" +
                         SPEC + '{ "product_id": "10ca" }\n')
        error = host.config_file()["error"]
        path = host.path("vfmond.conf")
        self.assertRegex(error, rf"^{path}:2:1: unknown key 'stuck_aftr'")
        self.assertRegex(error, rf"{path}:3:\d+: .*max_clients")
        settings = {s["name"]: s for s in host.status()["settings"]}
        self.assertEqual(settings["stuck_after"], {"name": "stuck_after", "value": "2s",
                                                   "origin": "file"})
        self.assertEqual((settings["max_clients"]["value"], settings["max_clients"]["origin"]),
                         ("1024", "default"))
        self.assertTrue(host.device(VF[0])["managed"])

    def test_what_is_no_file_is_told(self):
        for make, name in ((os.mkdir, "folder"), (os.mkfifo, "fifo"),
                           (lambda path: None, "missing")):
            with self.subTest(name):
                base = self.host("")
                path = base.path(name)
                make(path)
                host = self.host("", options=("--config", path))
                file = host.config_file()
                self.assertEqual(file["path"], path)
                self.assertIn("No such file" if name == "missing" else "not a regular file",
                              file["error"])
                self.assertIn(path, host.log())
                if make is os.mkdir:
                    os.rmdir(path)

    def test_log_has_the_fault_with_its_place(self):
        host = self.host("[vfmond]\nnonsense = 1\n")
        self.assertIn(f"{host.path('vfmond.conf')}:2:1: unknown key 'nonsense'", host.log())

    def test_all_functions_are_shown_if_asked_for(self):
        host = DaemonHost(CARD + "device 0000:7f:00.0 8086:1234\n", options=("--all-functions",))
        self.addCleanup(host.close)
        self.assertEqual(host.device("0000:7f:00.0")["kind"], "pci")


if __name__ == "__main__":
    unittest.main()
