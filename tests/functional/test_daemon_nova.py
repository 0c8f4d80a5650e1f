# SPDX-License-Identifier: Apache-2.0
"""Nova's own files: which count, how they are followed, and what is said when they are broken."""

import os
import subprocess
import unittest

from daemon_host import (CARD, PF, VF, Daemon, DaemonHost, DaemonTestCase, FolderTestCase,
                         until)
from simulated import BUILD, DEADLINE
from test_daemon_config import SPEC

MANAGED = SPEC + '{ "product_id": "10ca" }\n'
NOT_MANAGED = SPEC + '{ "product_id": "10ca", "managed": "no" }\n'


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def replace(path, text):
    """As an editor or a deployment tool does it."""
    write(path + ".new", text)
    os.rename(path + ".new", path)


class NovaHost(DaemonHost):
    """A host whose daemon reads the nova.conf and the drop-ins of the test's folder."""

    def __init__(self, config="", **more):
        super().__init__(CARD + f"vfs {PF} 2\n", config, **more)

    def config_files(self):
        return {f["path"]: f for f in self.status()["config_files"]}

    def settings(self):
        return {s["name"]: (s["value"], s["origin"]) for s in self.status()["settings"]}

    def wait_managed(self, expected):
        until(lambda: self.device(VF[0]).get("managed") is expected,
              lambda: f"{self.device(VF[0])['managed']}, {self.config_files()}")


class NovaTestCase(FolderTestCase):
    def setUp(self):
        super().setUp()
        self.nova = self.path("etc/nova.conf")
        self.drop_ins = self.path("etc/nova.conf.d")
        os.makedirs(self.drop_ins)

    def host(self, text=None, config="", options=None):
        if text is not None:
            write(self.nova, text)
        if options is None:
            options = ("--nova-config", self.nova, "--nova-config-dir", self.drop_ins)
        host = NovaHost(config, options=options)
        self.addCleanup(host.close)
        return host

    def error(self, host, path=None):
        return host.config_files().get(path or self.nova, {}).get("error")

    def wait_error(self, host, path=None):
        return until(lambda: self.error(host, path))


class Following(NovaTestCase):
    def test_entries_of_nova_are_in_force_with_their_place(self):
        host = self.host("[DEFAULT]\ndebug = true\n" + NOT_MANAGED)
        device = host.device(VF[0])
        self.assertIs(device["managed"], False)
        self.assertEqual((device["spec"]["file"], device["spec"]["line"]), (self.nova, 4))
        self.assertNotIn("error", host.config_files()[self.nova])
        self.assertGreater(host.config_files()[self.nova]["loaded_usec"], 0)

    def test_a_change_in_place_and_by_rename_is_followed(self):
        host = self.host(MANAGED)
        host.wait_managed(True)
        write(self.nova, NOT_MANAGED)
        host.wait_managed(False)
        replace(self.nova, MANAGED)
        host.wait_managed(True)
        self.assertIn("Nova's configuration was read again", host.log())

    def test_a_change_has_the_configuration_as_its_cause(self):
        host = self.host(MANAGED)
        watch = host.watch()
        self.addCleanup(watch.close)
        replace(self.nova, NOT_MANAGED)
        watch.wait_device(VF[0], lambda d: d["managed"] is False)
        self.assertEqual({c["cause"]["source"] for c in watch.changes}, {"config"})

    def test_a_drop_in_comes_behind_the_file_and_goes_again(self):
        host = self.host("[pci]\n")
        self.assertIsNone(host.device(VF[0]).get("managed"))
        write(os.path.join(self.drop_ins, "20.conf"), MANAGED)
        host.wait_managed(True)
        write(os.path.join(self.drop_ins, "10.conf"), NOT_MANAGED)
        host.wait_managed(False)
        self.assertEqual(list(host.config_files())[1:],
                         [self.nova] + [os.path.join(self.drop_ins, n)
                                        for n in ("10.conf", "20.conf")])
        os.unlink(os.path.join(self.drop_ins, "10.conf"))
        host.wait_managed(True)

    def test_other_names_in_the_folder_are_not_read(self):
        for name in ("x.conf.rpmsave", ".x.conf", "README"):
            write(os.path.join(self.drop_ins, name), "nonsense")
        host = self.host(MANAGED)
        self.assertEqual(len(host.config_files()), 2)
        host.wait_managed(True)

    def test_inotify_is_among_the_sources(self):
        host = self.host(MANAGED)
        replace(self.nova, NOT_MANAGED)
        host.wait_managed(False)
        source = host.source("inotify")
        self.assertGreater(source["events"], 0)
        self.assertEqual(source["overflows"], 0)
        self.assertNotIn("blind", source)

    def test_a_file_named_in_vfmond_conf_is_read_and_another_one_after_a_reload(self):
        other = self.path("other.conf")
        write(other, NOT_MANAGED)
        host = self.host(MANAGED, f"[vfmond]\nnova_config = {self.nova}\n", options=())
        host.wait_managed(True)
        self.assertEqual(host.settings()["nova_config"], (self.nova, "file"))
        host.reload(f"[vfmond]\nnova_config = {other}\n")
        host.wait_managed(False)
        replace(other, MANAGED)
        host.wait_managed(True)

    def test_the_command_line_counts_instead_of_vfmond_conf(self):
        host = self.host(MANAGED, "[vfmond]\nnova_config = /nonexistent\n")
        host.wait_managed(True)
        self.assertEqual(host.settings()["nova_config"], (self.nova, "option"))


class Own(NovaTestCase):
    def test_entries_of_vfmond_conf_are_ignored_where_nova_has_a_file(self):
        host = self.host("[pci]\n", NOT_MANAGED)
        self.assertIsNone(host.device(VF[0]).get("managed"))

    def test_entries_of_vfmond_conf_may_be_broken_where_they_are_ignored(self):
        host = self.host(MANAGED, "[vfmond]\nmax_clients = 7\n" + SPEC + "{ 'a' }\n")
        host.wait_managed(True)
        self.assertNotIn("error", host.config_file())
        self.assertEqual(host.settings()["max_clients"], ("7", "file"))

    def test_entries_of_vfmond_conf_count_once_nova_has_no_file(self):
        drop_in = os.path.join(self.drop_ins, "a.conf")
        write(drop_in, MANAGED)
        host = self.host(None, NOT_MANAGED, options=("--nova-config", self.path("none"),
                                                     "--nova-config-dir", self.drop_ins))
        # The named file is missing, so Nova would not start.
        self.assertIn("No such file", self.error(host, self.path("none")))
        os.unlink(drop_in)
        host.wait_managed(False)
        self.assertEqual(host.device(VF[0])["spec"]["file"], host.path("vfmond.conf"))


class Broken(NovaTestCase):
    def test_a_broken_file_at_the_start_matches_nothing_and_is_told(self):
        host = self.host(SPEC + "{ 'product_id': '10ca' }\n")
        self.assertIsNone(host.device(VF[0]).get("managed"))
        self.assertEqual(host.device(VF[0])["readiness"]["state"], "untracked")
        error = self.error(host)
        self.assertRegex(error, rf"^{self.nova}:2:17: \S")
        self.assertIn("no device_spec is in force", error)
        self.assertIn(f"{self.nova}:2:17: ", host.log())
        replace(self.nova, MANAGED)
        host.wait_managed(True)
        self.assertIsNone(self.error(host))

    def test_a_broken_change_leaves_the_old_configuration_in_force(self):
        host = self.host(NOT_MANAGED)
        before = host.config_files()[self.nova]["loaded_usec"]
        replace(self.nova, "nonsense\n")
        error = self.wait_error(host)
        self.assertRegex(error, rf"^{self.nova}:1:\d+: \S")
        self.assertIn("the configuration from before stays in force", error)
        self.assertEqual(host.config_files()[self.nova]["loaded_usec"], before)
        self.assertIs(host.device(VF[0])["managed"], False)
        # A VF that comes later is judged by the old one too.
        host.play(f"vfs {PF} 0\nvfs {PF} 4")
        until(lambda: host.devices().get(VF[3], {}).get("managed") is False)
        replace(self.nova, MANAGED)
        host.wait_managed(True)
        self.assertIsNone(self.error(host))

    def test_a_check_tells_of_what_is_on_disk_though_it_is_not_in_force(self):
        host = self.host(NOT_MANAGED)
        replace(self.nova, "[pci]\nalias = 1\n\n}\n")
        self.wait_error(host)
        findings = host.call("CheckConfiguration")["findings"]
        self.assertEqual([(f["level"], f["code"], f["file"], f["line"]) for f in findings],
                         [("refused", "syntax_error", self.nova, 4)])
        replace(self.nova, NOT_MANAGED)
        host.wait_managed(False)
        until(lambda: not self.error(host))
        self.assertNotIn("syntax_error", str(host.call("CheckConfiguration")))

    def test_a_reload_with_a_broken_nova_file_takes_the_settings(self):
        host = self.host(NOT_MANAGED)
        replace(self.nova, "nonsense\n")
        self.wait_error(host)
        host.reload("[vfmond]\nmax_clients = 7\n")
        self.assertEqual(host.settings()["max_clients"], ("7", "file"))
        self.assertIs(host.device(VF[0])["managed"], False)
        self.assertTrue(self.error(host))

    def test_a_file_in_good_order_is_told_that_another_one_is_refused(self):
        drop_in = os.path.join(self.drop_ins, "a.conf")
        host = self.host(MANAGED)
        write(drop_in, SPEC + "7\n")
        self.assertRegex(self.wait_error(host, drop_in), rf"^{drop_in}:2:\d+: ")
        self.assertIn("another file is refused", self.error(host))

    def test_a_file_that_can_not_be_read_is_told(self):
        os.mkdir(self.nova)
        host = self.host()
        self.assertIn("Is a directory", self.error(host))
        self.assertIsNone(host.device(VF[0]).get("managed"))
        os.rmdir(self.nova)
        replace(self.nova, MANAGED)
        host.wait_managed(True)

    def test_a_file_that_goes_leaves_the_old_configuration_in_force(self):
        host = self.host(NOT_MANAGED)
        os.unlink(self.nova)
        self.assertIn("No such file", self.wait_error(host))
        self.assertIs(host.device(VF[0])["managed"], False)

    def test_a_line_that_may_hold_a_secret_is_told_without_its_text(self):
        host = self.host("[database]\nconnection = x\nhunter2\n" + MANAGED)
        error = self.error(host)
        self.assertRegex(error, rf"^{self.nova}:3:")
        self.assertNotIn("hunter2", error + host.log())


class Versions(NovaTestCase):
    def test_given_versions_are_shown_with_their_origin(self):
        host = self.host(MANAGED, "[vfmond]\nnova_version = 31.0\nlibvirt_version = 9.0.0\n"
                         "qemu_version = 7.2\n")
        settings = host.settings()
        self.assertEqual(settings["nova_version"], ("31.0", "file"))
        self.assertEqual(settings["libvirt_version"], ("9.0.0", "file"))
        self.assertEqual(settings["qemu_version"], ("7.2", "file"))

    def test_what_is_not_given_is_found_or_assumed(self):
        host = self.host("[libvirt]\nvirt_type = qemu\n[pci]\nreport_in_placement = on\n")
        settings = host.settings()
        self.assertEqual(settings["nova_version"][1], "assumed")
        for name in ("libvirt_version", "qemu_version"):
            value, origin = settings[name]
            if origin == "assumed":
                self.assertEqual(value, "newest")
            else:
                self.assertRegex(f"{value} {origin}", r"^\d+\.\d+\.\d+ found \(/\S+\)$")
        self.assertEqual(settings["virt_type"], ("qemu", "file"))
        self.assertEqual(settings["report_in_placement"], ("true", "file"))
        self.assertEqual(settings["pci_in_placement"], ("false", "default"))


class Copies(DaemonTestCase):
    """A daemon that has a /run of its own, with copies made by the real program."""

    scenario = CARD + f"vfs {PF} 2\n"

    def setUp(self):
        super().setUp()
        self.nova = self.host.path("etc/nova.conf")
        self.inside(["mount", "-t", "tmpfs", "tmpfs", "/run"])
        write(self.host.path("vfmond.conf"), f"[vfmond]\nnova_config = {self.nova}\n")

    def inside(self, command):
        done = subprocess.run(["nsenter", "-t", str(self.host.pid), "--user", "--mount",
                               "--preserve-credentials", *command], capture_output=True,
                              text=True, timeout=DEADLINE, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def copy(self):
        self.inside([os.path.abspath(os.path.join(BUILD, "vfmond-nova-config")), "--config",
                     self.host.path("vfmond.conf")])

    def start(self):
        folder = self.host.path("second")
        os.mkdir(folder)
        daemon = Daemon(folder, "--config", self.host.path("vfmond.conf"), inside=self.host.pid)
        self.addCleanup(daemon.kill)
        self.assertTrue(daemon.is_ready, daemon.log())
        return daemon

    def file(self, daemon):
        return next(f for f in daemon.status()["config_files"] if f["path"] == self.nova)

    def wait_managed(self, daemon, expected):
        until(lambda: daemon.device(VF[0]).get("managed") is expected, daemon.log)

    def test_the_copy_is_read_and_followed_under_the_name_of_the_original(self):
        write(self.nova, "[database]\nconnection = secret\n" + NOT_MANAGED)
        self.copy()
        write(self.nova, "[database]\nconnection = secret\n" + MANAGED)
        daemon = self.start()
        # Only the copy can say so.
        self.wait_managed(daemon, False)
        self.assertEqual(daemon.device(VF[0])["spec"]["file"], self.nova)
        self.assertEqual(daemon.device(VF[0])["spec"]["line"], 4)
        self.copy()
        self.wait_managed(daemon, True)

    def test_a_copy_that_is_made_later_is_noticed(self):
        write(self.nova, "nonsense\n")
        daemon = self.start()
        self.assertIn(f"{self.nova}:1:1: ", self.file(daemon)["error"])
        replace(self.nova, MANAGED)
        self.copy()
        self.wait_managed(daemon, True)

    def test_a_mark_tells_why_the_original_could_not_be_read(self):
        os.makedirs(self.nova)
        self.copy()
        os.rmdir(self.nova)
        write(self.nova, MANAGED)
        daemon = self.start()
        self.assertIn("Is a directory", self.file(daemon)["error"])
        self.copy()
        self.wait_managed(daemon, True)

    def test_a_broken_line_is_told_in_the_place_of_the_original(self):
        write(self.nova, "[database]\nconnection = secret\n[pci]\nalias = {\n  hidden }\n")
        self.copy()
        error = self.file(self.start())["error"]
        self.assertRegex(error, rf"^{self.nova}:5:3: ")


if __name__ == "__main__":
    unittest.main()
