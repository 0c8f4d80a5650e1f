# SPDX-License-Identifier: Apache-2.0
"""vfmonctl list, show, status and dump on a host that does not change."""

import json
import os
import pty
import subprocess
import unittest

from simulated import TWO_CARDS, VFMONCTL, Host, environment

SCENARIO = TWO_CARDS + """
vfs 0000:3b:00.0 3
vfs 0000:25:00.0 2
unbind 0000:3b:10.2
override 0000:3b:10.2 test_vfio_pci
bind 0000:3b:10.2 test_vfio_pci
unbind 0000:3b:10.4
"""

CONFIG = """
[pci]
device_spec = { "address": "0000:3b:10.0", "managed": "no", "resource_class": "fast nic" }
device_spec = { "vendor_id": "10de", "product_id": "25b6", "live_migratable": "yes" }
"""

TABLE = """\
   ADDRESS       KIND  DRIVER         BINDING       CLASS                 MANAGED  READINESS
○  0000:25:00.0  pf    nvidia         host          CUSTOM_PCI_10DE_25B6  yes      dangerous  2/16 VFs, a guest with it destroys its VFs
○  0000:25:00.4  vf    nvidia         vfio_vendor   CUSTOM_PCI_10DE_25B6  yes      dangerous  libvirt takes it off nvidia
○  0000:25:00.5  vf    nvidia         vfio_vendor   CUSTOM_PCI_10DE_25B6  yes      dangerous  libvirt takes it off nvidia
●  0000:3b:00.0  pf    igb            host          -                     -        untracked  3/7 VFs
○  0000:3b:10.0  vf    igbvf          host          CUSTOM_FAST_NIC       no       blocked    igbvf has it: bind it to a VFIO driver
●  0000:3b:10.2  vf    test_vfio_pci  vfio_variant  -                     -        untracked
●  0000:3b:10.4  vf    -              unbound       -                     -        untracked

7 functions: 1 blocked, 3 dangerous, 3 untracked.  vfmonctl show ADDRESS tells more.
"""


class OneHost(unittest.TestCase):
    """All tests look at the same host: none changes it."""

    @classmethod
    def setUpClass(cls):
        cls.host = Host(SCENARIO, CONFIG)
        cls.addClassCleanup(cls.host.close)

    def out(self, *args, **options):
        result = self.host.ctl(*args, **options)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return result.stdout

    def addresses(self, *args):
        return [a[5:] for a in self.out("--no-legend", "-o", "ADDRESS", *args, "list").split()]


class List(OneHost):
    maxDiff = None

    def test_table(self):
        self.assertEqual(self.out("list"), TABLE)

    def test_plain_characters_without_utf8(self):
        plain = self.out("list", env=environment(LC_ALL="C"))
        self.assertEqual(plain, TABLE.replace("●", "*").replace("○", "o"))

    def test_no_legend(self):
        """Newer versions of libsmartcols make columns narrower that have no heading."""
        lines = self.out("--no-legend", "list").splitlines()
        self.assertEqual([line.split() for line in lines],
                         [line.split() for line in TABLE.splitlines()[1:8]])

    def test_json_is_what_the_host_is(self):
        reply = self.host.json("list")
        self.assertEqual(set(reply), {"devices", "epoch", "sequence"})
        model = {d["address"]: d for d in self.host.model()}
        devices = {d["address"]: d for d in reply["devices"]}
        self.assertEqual(set(devices), {a for a, d in model.items() if d["kind"] != "pci"})
        for address, device in devices.items():
            expected = model[address]
            self.assertEqual(device["binding"]["state"], expected["state"], address)
            self.assertEqual(device["binding"].get("driver"), expected.get("driver"), address)
            for key in ("kind", "vendor_id", "product_id", "physical_function", "vf_index",
                        "num_vfs", "iommu_group", "driver_override", "vfio_device"):
                self.assertEqual(device.get(key), expected.get(key), (address, key))

    def test_lines(self):
        self.assertEqual(self.addresses("-n2"), ["25:00.0", "25:00.4"])
        self.assertEqual(len(self.host.json("-n2", "list")["devices"]), 2)
        self.assertIn("These are the first 2.", self.out("-n2", "list"))

    def test_filters(self):
        for args, expected in (
                (["--kind=pf"], ["25:00.0", "3b:00.0"]),
                (["--state=vfio_vendor,unbound"], ["25:00.4", "25:00.5", "3b:10.4"]),
                (["--state=unbound", "--state", "host", "--kind=vf"], ["3b:10.0", "3b:10.4"]),
                (["--pf=3b:00.0", "--readiness=untracked"], ["3b:10.2", "3b:10.4"]),
                (["--class=CUSTOM_FAST_NIC"], ["3b:10.0"]),
                (["--managed=no"], ["3b:10.0"]),
                (["--managed=yes", "--kind=vf"], ["25:00.4", "25:00.5"]),
                (["--driver=igbvf,nvidia", "--kind=vf"], ["25:00.4", "25:00.5", "3b:10.0"])):
            self.assertEqual(self.addresses(*args), expected, args)

    def test_addresses_as_arguments(self):
        out = self.out("--no-legend", "-o", "address", "list", "3b:10.0", "0000:25:00.4")
        self.assertEqual(out, "0000:25:00.4\n0000:3b:10.0\n")

    def test_no_match_is_not_an_error(self):
        self.assertEqual(self.out("list", "--driver=nobody"), "No function matches.\n")
        self.assertEqual(self.host.json("list", "--driver=nobody")["devices"], [])

    def test_columns(self):
        self.assertEqual(self.out("list", "-o", "address,pf,vf_index,module", "3b:10.2"),
                         "ADDRESS       PF            VF_INDEX  MODULE\n"
                         "0000:3b:10.2  0000:3b:00.0         1  test_vfio_pci\n\n"
                         "1 function: 1 untracked.  vfmonctl show ADDRESS tells more.\n")
        out = self.out("list", "-o", "+ID,NODES,BEST_DRIVER,OVERRIDE", "3b:10.2")
        self.assertRegex(out, r"8086:10ca +/dev/vfio/\d+,/dev/vfio/devices/vfio\d+ "
                              r"+test_vfio_pci +test_vfio_pci\n")

    def test_each_column_of_the_message_is_one(self):
        names = self.host.ctl("list", "-o", "?").stderr.split("there are: ")[1].split("\n")[0]
        header = self.out("list", "-o", names.replace(" ", "")).splitlines()[0].split()
        self.assertEqual(header, [n for n in names.split(", ") if n not in ("MARK", "NOTE")])

    def test_colours_only_where_wanted(self):
        self.assertNotIn("\033", self.out("list"))
        self.assertIn("\033[1;31mdangerous", self.out("--color=always", "list"))

    def test_a_reader_that_has_enough_ends_it_quietly(self):
        command = f'"{VFMONCTL}" --socket "{self.host.socket}"'
        for verb in ("list", "watch"):
            result = subprocess.run(f"{command} {verb} | head -n 1", shell=True, check=False,
                                    capture_output=True, text=True, env=environment(), timeout=60)
            self.assertEqual((result.stdout, result.stderr), (TABLE.splitlines(True)[0], ""))

    def test_a_full_disk_is_no_success(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            result = subprocess.run([VFMONCTL, "--socket", self.host.socket, "list"], stdout=full,
                                    stderr=subprocess.PIPE, text=True, check=False,
                                    env=environment())
        self.assertEqual(result.returncode, 4)
        self.assertIn("No space left", result.stderr)


class Terminal(OneHost):
    def shown(self, *args, **env):
        """What a person sees on a terminal 100 columns wide."""
        master, slave = pty.openpty()
        with open(master, "rb") as screen:
            with subprocess.Popen([VFMONCTL, "--socket", self.host.socket, *args], stdout=slave,
                                  env=environment(COLUMNS="100", TERM="xterm", **env)) as process:
                os.close(slave)
                text = b""
                while True:
                    try:
                        more = os.read(screen.fileno(), 65536)
                    except OSError:  # the last user of the other side has gone
                        break
                    if not more:
                        break
                    text += more
            self.assertEqual(process.returncode, 0)
        return text.decode().replace("\r\n", "\n")

    def test_colours(self):
        self.assertIn("\033[1;31m○\033[0m", self.shown("list", PAGER=""))
        self.assertNotIn("\033", self.shown("list", PAGER="", NO_COLOR="1"))
        self.assertNotIn("\033", self.shown("--color=never", "list", PAGER=""))
        self.assertIn("\033[1;31mdangerous\033[0m", self.shown("show", "25:00.4", PAGER=""))

    def test_long_output_goes_to_the_pager(self):
        pager = "sed s/^/paged:/"
        for verb in (["list"], ["show", "25:00.4"], ["status"], ["history"]):
            lines = self.shown(*verb, PAGER=pager).splitlines()
            self.assertTrue(lines and all(line.startswith("paged:") for line in lines), verb)
        self.assertNotIn("paged:", self.shown("--no-pager", "list", PAGER=pager))
        self.assertIn("0000:25:00.4", self.shown("list", PAGER="/nonexistent"))
        self.assertNotIn("paged:", self.shown("--json", "list", PAGER=pager))

    def test_a_table_that_is_too_wide_is_whole_all_the_same(self):
        names = "ADDRESS,DRIVER,BINDING,CLASS,READINESS,PF,OVERRIDE,MODULE,NOTE"
        whole = self.out("-o", names, "list")
        self.assertGreater(max(map(len, whole.splitlines())), 100)
        self.assertEqual(self.shown("--color=never", "-o", names, "list", PAGER=""), whole)


class Show(OneHost):
    def test_a_function_with_a_variant_driver(self):
        out = self.out("show", "3b:10.2")
        for part in ("● 0000:3b:10.2", "virtual function 1 of 0000:3b:00.0",
                     "untracked: no device_spec takes it", "Binding    vfio_variant, test_vfio_pci",
                     "test_vfio_pci has a vfio_pci: alias of its own",
                     "driver_override is test_vfio_pci",
                     "the best driver in modules.alias is test_vfio_pci", "only this function",
                     "8086:10ca"):
            self.assertIn(part, out)

    def test_a_function_that_nova_is_told_of(self):
        out = self.out("show", "0000:3b:10.0")
        line = CONFIG[:CONFIG.index("0000:3b:10.0")].count("\n") + 1
        self.assertIn("Nova       CUSTOM_FAST_NIC, managed=no", out)
        self.assertIn(f"{self.host.path('vfmond.conf')}:{line} (device_spec 0, counted from 0)", out)

    def test_what_nova_would_store_is_shown(self):
        out = self.out("show", "0000:3b:10.0")
        self.assertIn("             stored as type-VF, parent 0000:3b:00.0\n", out)
        self.assertIn("             extra_info: managed false, no live_migratable; the rest comes "
                      "from libvirt and Placement\n", out)
        out = self.out("show", "25:00.4")
        self.assertIn("extra_info: no managed, live_migratable true;", out)
        self.assertNotIn("stored as", self.out("show", "3b:10.2"))

    def test_the_reasons_come_first_and_then_what_to_do(self):
        lines = self.out("show", "0000:3b:10.0").splitlines()
        self.assertTrue(lines[2].startswith("  blocked: "), lines)
        self.assertTrue(lines[3].startswith("  → "), lines)
        self.assertIn("test_vfio_pci", lines[3])

    def test_what_a_guest_start_does_is_shown(self):
        self.assertIn("Guest      start fails", self.out("show", "0000:3b:10.0"))
        self.assertIn("Guest      start can not be foretold; while it runs: vfio-pci; afterwards: "
                      "what the kernel's probe then leaves, perhaps none",
                      self.out("show", "25:00.4"))
        self.assertNotIn("Guest", self.out("show", "3b:10.2"))

    def test_a_pf(self):
        out = self.out("show", "25:00.0")
        self.assertIn("physical function\n", out)
        self.assertIn("VFs        2 of 16; new ones are probed by host drivers", out)

    def test_json_is_the_reply(self):
        reply = self.host.json("show", "25:00.4")
        self.assertEqual(set(reply), {"device", "epoch", "sequence"})
        listed = self.host.json("list", "25:00.4")["devices"]
        self.assertEqual([reply["device"]], listed)

    def test_an_unknown_function_is_no(self):
        near = self.host.ctl("show", "3b:1f.7")
        self.assertEqual((near.returncode, near.stdout), (1, ""))
        self.assertIn("vfmond knows no function 0000:3b:1f.7\nOn the same bus are: 0000:3b:00.0 "
                      "0000:3b:10.0 0000:3b:10.2 0000:3b:10.4\n", near.stderr)
        far = self.host.ctl("show", "0001:3b:10.0")
        self.assertEqual(far.returncode, 1)
        self.assertIn("vfmonctl list", far.stderr)


class Status(OneHost):
    def test_for_people(self):
        out = self.out("status")
        version = self.host.json("status")["status"]["version"]
        self.assertRegex(out.splitlines()[0], rf"^[●○] vfmond {version}, watching since .*\(.*\); ")
        self.assertIn("2 PFs, 5 VFs: 3 untracked, 1 blocked, 3 dangerous", out)
        self.assertIn(f"Config     {self.host.path('vfmond.conf')}, read ", out)

    def test_json_is_the_reply(self):
        status = self.host.json("status")["status"]
        self.assertIn({"name": "vf", "count": 5}, status["kinds"])
        self.assertIn("sources", status)

    def test_a_broken_configuration_is_told(self):
        host = Host("", "[pci]\ndevice_spec = { 'address' }\n")
        self.addCleanup(host.close)
        self.assertRegex(host.ctl("status").stdout, r"vfmond.conf, read .*\n {13}\S*vfmond.conf:2:\d+: \S")

    def test_check_tells_what_is_wrong_with_vfmonds_own_file(self):
        host = Host(TWO_CARDS, "[vfmond\naudit_interval = 0\n")
        self.addCleanup(host.close)
        for options in [], ["--json"]:
            result = host.ctl(*options, "check")
            self.assertEqual(result.returncode, 1, result)
            self.assertNotIn("Nothing is wrong", result.stdout)
            self.assertIn(f"{host.path('vfmond.conf')}:1:8: ", result.stderr)

    def test_that_all_is_untracked_for_a_broken_configuration_is_told(self):
        host = Host(TWO_CARDS, "[pci]\ndevice_spec = { 'address' }\n")
        self.addCleanup(host.close)
        warning = f"vfmonctl: {host.path('vfmond.conf')} is refused"
        for verb in ["list"], ["show", "3b:00.0"], ["--json", "list"], ["--json", "show", "3b:00.0"]:
            result = host.ctl(*verb)
            self.assertEqual(result.returncode, 0)
            self.assertIn("untracked", result.stdout)
            self.assertTrue(result.stderr.startswith(warning), (verb, result.stderr))
            self.assertEqual(result.stderr.count("\n"), 1)


class Dump(OneHost):
    def test_format(self):
        result = self.host.ctl("dump")
        dump = json.loads(result.stdout)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(list(dump), ["format", "version", "host", "devices", "status", "history"])
        self.assertEqual((dump["format"], dump["version"]), ("io.vfmon.dump", 1))
        self.assertEqual(set(dump["host"]), {"name", "kernel", "boot_id", "time"})
        self.assertEqual(dump["host"]["name"], os.uname().nodename)
        self.assertEqual(dump["host"]["boot_id"], dump["status"]["boot_id"])
        self.assertRegex(dump["host"]["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertEqual(dump["devices"], self.host.json("list")["devices"])
        self.assertEqual(dump["history"], [])


class Nothing(unittest.TestCase):
    def test_a_host_without_functions(self):
        host = Host("")
        self.addCleanup(host.close)
        self.assertEqual(host.ctl("list").stdout,
                         "vfmond sees no SR-IOV capable function on this host.\n")
        self.assertEqual(host.ctl("history").stdout, "No change was seen.\n")
        self.assertEqual(host.json("list")["devices"], [])


class Many(unittest.TestCase):
    def test_a_list_of_several_replies(self):
        """A reply carries at most 256 functions."""
        host = Host("driver igb id 8086:10c9\npf 0000:3b:00.0 8086:10c9 total 600\n"
                    "vfs 0000:3b:00.0 600\n")
        self.addCleanup(host.close)
        devices = host.json("list")["devices"]
        self.assertEqual([d["address"] for d in devices], [d["address"] for d in host.model()])
        rows = host.ctl("--no-legend", "-o", "ADDRESS", "list").stdout.split()
        self.assertEqual(rows, [d["address"] for d in devices])
        watch = host.start_watch("-n1")
        watch.lines.wait(lambda line: line.startswith("Watching 1 PF, 600 VFs (601 untracked);"))
        self.assertEqual(len(watch.lines.seen), 1, "a table of 601 lines would only scroll by")
        watch.kill()
        watch.communicate()


if __name__ == "__main__":
    unittest.main()
