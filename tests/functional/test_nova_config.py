# SPDX-License-Identifier: Apache-2.0
"""vfmond-nova-config: the copies of Nova's files, made below folders of the test's own."""

import os
import subprocess
import unittest

from daemon_host import FolderTestCase
from simulated import BUILD, DEADLINE, environment

PROGRAM = os.path.join(BUILD, "vfmond-nova-config")
NOVA = "[DEFAULT]\ntransport_url = rabbit://nova:secret@host\n[pci]\nalias = {}\n"
COPY = "[DEFAULT]\n#\n[pci]\nalias = {}\n"


class Copies(FolderTestCase):
    def setUp(self):
        super().setUp()
        self.root = self.path("root")
        self.copies = self.path("copies")
        self.config = self.path("vfmond.conf")
        os.mkdir(self.root)

    def write(self, path, text=NOVA):
        path = self.root + path
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())

    def configure(self, text):
        with open(self.config, "w", encoding="utf-8") as f:
            f.write("[vfmond]\n" + text)

    def run_it(self, status=0, **options):
        done = subprocess.run([PROGRAM, "--config", self.config, "--root", self.root, "--output",
                               self.copies], capture_output=True, text=True, timeout=DEADLINE,
                              check=False, env=environment(), **options)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def seen(self):
        """Every copy, by its path; a mark in a copy's place as ->TARGET."""
        result = {}
        for folder, folders, files in os.walk(self.copies):
            for name in files + [f for f in folders if os.path.islink(os.path.join(folder, f))]:
                path = os.path.join(folder, name)
                if os.path.islink(path):
                    text = "->" + os.readlink(path)
                else:
                    with open(path, encoding="utf-8") as f:
                        text = f.read()
                result[path[len(self.copies):]] = text
        return result

    def test_files_of_a_package_of_kolla_and_drop_ins_are_copied_without_secrets(self):
        for path in ("/etc/nova/nova.conf", "/etc/nova/nova-compute.conf",
                     "/etc/nova/nova.conf.d/10-pci.conf", "/etc/nova/nova-compute.conf.d/a.conf",
                     "/etc/kolla/nova-compute/nova.conf", "/usr/share/nova/nova-dist.conf"):
            self.write(path)
        for path in ("/etc/nova/nova.conf.d/README", "/etc/nova/nova.conf.d/.x.conf",
                     "/etc/nova/api-paste.ini", "/etc/kolla/nova-compute/ceph.conf"):
            self.write(path, "secret\n")
        done = self.run_it()
        seen = self.seen()
        self.assertEqual(set(seen.values()), {COPY})
        self.assertEqual(len(seen), 6)
        self.assertEqual(done.stdout, f"{self.copies}: 6 files copied without secrets, "
                         "0 unreadable, 0 removed\n")
        self.assertEqual(done.stderr, "")

    def test_copies_are_readable_by_all_whatever_the_umask_is(self):
        self.write("/etc/nova/nova.conf")
        self.run_it(umask=0o077)
        modes = [os.stat(self.copies + path).st_mode & 0o777
                 for path in ("/etc/nova/nova.conf",)]
        self.assertEqual(modes, [0o644])

    def test_the_first_alternative_that_is_there_counts(self):
        self.write("/etc/nova.conf")
        self.run_it()
        self.assertEqual(list(self.seen()), ["/etc/nova.conf"])
        self.write("/etc/nova/nova.conf")
        self.run_it()
        self.assertEqual(list(self.seen()), ["/etc/nova/nova.conf"])

    def test_what_vfmond_conf_names_is_copied_instead(self):
        self.write("/etc/nova/nova.conf")
        self.write("/opt/a.conf")
        self.write("/opt/d/b.conf")
        self.configure("nova_config = /opt/a.conf\nnova_config = /opt/../opt/a.conf\n"
                       "nova_config_dir = /opt/./d/\n")
        done = self.run_it()
        self.assertEqual(self.seen(), {"/opt/a.conf": COPY, "/opt/d/b.conf": COPY})
        self.assertIn("no copy", done.stderr)

    def test_a_copy_of_what_is_gone_is_removed_with_its_folders(self):
        self.write("/etc/nova/nova.conf")
        self.write("/etc/kolla/nova-compute/nova.conf")
        self.run_it()
        os.unlink(self.root + "/etc/kolla/nova-compute/nova.conf")
        done = self.run_it()
        self.assertEqual(list(self.seen()), ["/etc/nova/nova.conf"])
        self.assertFalse(os.path.exists(self.copies + "/etc/kolla"))
        self.assertIn("1 removed", done.stdout)

    def test_an_empty_folder_has_an_empty_copy(self):
        os.makedirs(self.root + "/etc/nova/nova.conf.d")
        self.run_it()
        self.assertEqual(os.listdir(self.copies + "/etc/nova"), ["nova.conf.d"])

    def test_a_copy_that_is_right_is_not_touched(self):
        self.write("/etc/nova/nova.conf")
        self.run_it()
        copy = self.copies + "/etc/nova/nova.conf"

        def written():
            status = os.stat(copy)  # but for the time of access: it is read
            return status.st_ino, status.st_mtime_ns, status.st_ctime_ns

        before = written()
        self.run_it()
        self.assertEqual(written(), before)
        self.write("/etc/nova/nova.conf", "[pci]\n")
        self.run_it()
        self.assertEqual(self.seen(), {"/etc/nova/nova.conf": "[pci]\n"})

    def test_what_can_not_be_read_is_marked_with_its_reason(self):
        os.makedirs(self.root + "/etc/nova/nova.conf")
        os.makedirs(self.root + "/etc/nova/nova.conf.d")
        os.mkfifo(self.root + "/etc/nova/nova.conf.d/fifo.conf")
        self.write("/etc/nova/nova-compute.conf", b"\n" * ((1 << 20) + 1))
        self.write("/etc/nova/nova-compute.conf.d", "no folder\n")
        os.symlink("loop.conf", self.root + "/etc/nova/nova.conf.d/loop.conf")
        done = self.run_it()
        self.assertEqual(self.seen(), {
            "/etc/nova/nova.conf": "->21 not a regular file",
            "/etc/nova/nova.conf.d/fifo.conf": "->124 not a regular file",
            "/etc/nova/nova.conf.d/loop.conf": "->40 Too many levels of symbolic links",
            "/etc/nova/nova-compute.conf": "->27 larger than 1 MiB",
            "/etc/nova/nova-compute.conf.d": "->20 Not a directory"})
        self.assertIn("5 unreadable", done.stdout)
        os.rmdir(self.root + "/etc/nova/nova.conf")
        self.write("/etc/nova/nova.conf")
        self.run_it()
        self.assertEqual(self.seen()["/etc/nova/nova.conf"], COPY)

    def test_bytes_of_a_broken_file_are_not_copied(self):
        self.write("/etc/nova/nova.conf", b"[pci]\nalias = \xff secret\n")
        self.run_it()
        with open(self.copies + "/etc/nova/nova.conf", "rb") as f:
            self.assertEqual(f.read(), b"#\n\xff\n")

    def test_links_in_the_folder_of_copies_lead_nowhere(self):
        """Nothing outside is written to or removed."""
        outside = self.path("outside")
        os.makedirs(outside + "/nova")
        with open(outside + "/nova/nova.conf", "w", encoding="utf-8") as f:
            f.write("precious")
        os.mkdir(self.copies)
        os.symlink(outside, self.copies + "/etc")
        os.symlink(outside, self.copies + "/other")
        self.write("/etc/nova/nova.conf")
        self.run_it()
        self.assertEqual(self.seen(), {"/etc/nova/nova.conf": COPY})
        os.unlink(self.copies + "/etc/nova/nova.conf")
        os.symlink(outside + "/nova/nova.conf", self.copies + "/etc/nova/nova.conf")
        self.run_it()
        self.assertEqual(self.seen(), {"/etc/nova/nova.conf": COPY})
        with open(outside + "/nova/nova.conf", encoding="utf-8") as f:
            self.assertEqual(f.read(), "precious")

    def test_whatever_stands_in_the_place_of_a_copy_or_its_folder_gives_way(self):
        self.write("/etc/nova/nova.conf")
        os.makedirs(self.copies + "/etc/nova/nova.conf/folder")
        with open(self.copies + "/etc/nova/nova.conf/folder/file", "w", encoding="utf-8"):
            pass
        self.run_it()
        self.assertEqual(self.seen(), {"/etc/nova/nova.conf": COPY})
        os.unlink(self.copies + "/etc/nova/nova.conf")
        os.rmdir(self.copies + "/etc/nova")
        with open(self.copies + "/etc/nova", "w", encoding="utf-8"):
            pass
        self.run_it()
        self.assertEqual(self.seen(), {"/etc/nova/nova.conf": COPY})

    def test_an_output_that_can_not_be_written_is_an_error(self):
        with open(self.copies, "w", encoding="utf-8"):
            pass
        self.assertIn("not complete", self.run_it(status=1).stderr)

    def test_a_link_to_the_file_is_followed(self):
        self.write("/opt/real.conf")
        os.makedirs(self.root + "/etc/nova")
        os.symlink(self.root + "/opt/real.conf", self.root + "/etc/nova/nova.conf")
        self.run_it()
        self.assertEqual(self.seen(), {"/etc/nova/nova.conf": COPY})

    def test_a_broken_vfmond_conf_names_nothing(self):
        self.write("/etc/nova/nova.conf")
        self.configure("nonsense\n")
        self.run_it()
        self.assertEqual(list(self.seen()), ["/etc/nova/nova.conf"])


if __name__ == "__main__":
    unittest.main()
