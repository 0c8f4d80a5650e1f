# SPDX-License-Identifier: Apache-2.0
"""The manners of vfmonctl: its command line, its exit statuses, and what it says when it can not."""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import unittest

from simulated import VFMONCTL, environment, vfmonctl

LATER = ["metrics", "tree", "why", "holders", "diff", "compare", "record",
         "top", "graph"]


class CommandLine(unittest.TestCase):
    def refused(self, *args):
        result = vfmonctl(*args)
        self.assertEqual((result.returncode, result.stdout), (2, ""), args)
        return result.stderr

    def test_verb_help_is_option_help(self):
        texts = {vfmonctl(word).stdout for word in ("help", "--help", "-h")}
        self.assertEqual(len(texts), 1)
        for verb in ("list", "show", "watch", "history", "status", "check", "xml", "providers",
                     "alias", "wait", "nova", "dump"):
            self.assertIn(f"\n  {verb} ", texts.copy().pop())

    def test_verbs_of_later_releases_are_no_typing_errors(self):
        shown = vfmonctl("help").stdout
        for verb in LATER:
            self.assertIn("not in this release", self.refused(verb))
            self.assertNotIn(f"\n  {verb} ", shown)

    def test_a_verb_is_needed_and_known(self):
        self.assertIn("which verb", self.refused())
        self.assertIn("'lst'", self.refused("lst"))

    def test_wrong_filters_name_what_is_allowed(self):
        self.assertIn("vfio_variant", self.refused("list", "--state=bound"))
        self.assertIn("dangerous", self.refused("list", "--readiness=ready,fine"))
        self.assertIn("pf, vf, pci", self.refused("watch", "--kind=card"))
        self.assertIn("0000:25:00.4", self.refused("list", "--pf=eth0"))
        self.assertIn("neither yes nor no", self.refused("list", "--managed=maybe"))

    def test_wrong_values_are_refused(self):
        for args in (["-n", "0"], ["-n", "-1"], ["-n", "3x"], ["--timeout=0"], ["--timeout=soon"],
                     ["--timeout=nan"], ["--color=pink"], ["-o", "ADDRESS,COLOUR"], ["--state="]):
            self.refused(*args, "list")
        self.assertIn("VF_INDEX", self.refused("list", "-o", "nonsense"))
        self.assertIn("yesterday", self.refused("history", "--since=then"))

    def test_options_of_other_verbs_are_refused(self):
        self.assertIn("show does not take --state", self.refused("show", "25:00.4", "--state=host"))
        self.assertIn("status does not take --output", self.refused("status", "-o", "DRIVER"))
        self.assertIn("list does not take --since", self.refused("list", "--since=today"))

    def test_wrong_arguments_are_refused(self):
        self.assertIn("usage", self.refused("show"))
        self.assertIn("usage", self.refused("show", "25:00.4", "25:00.5"))
        self.assertIn("usage", self.refused("status", "now"))
        self.assertIn("'eth0' is not a PCI address", self.refused("show", "eth0"))
        self.assertIn("'25:00.9'", self.refused("list", "25:00.4", "25:00.9"))


class NoAnswer(unittest.TestCase):
    """What listens, if anything, is no vfmond."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="vfmon-test-")
        self.addCleanup(shutil.rmtree, self.dir)
        self.path = os.path.join(self.dir, "sock")

    def listen(self, answer=None):
        """Accepts connections; answers the first bytes with these, or never."""
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(self.path)
        listener.listen()
        if answer is None:
            return

        def serve():
            try:
                peer = listener.accept()[0]
            except OSError:
                return
            with peer:
                peer.recv(65536)
                peer.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        self.addCleanup(thread.join)

    def failed(self, status, *args, **options):
        result = vfmonctl("--socket", self.path, *args, **options)
        self.assertEqual((result.returncode, result.stdout), (status, ""), result.stderr)
        return result.stderr

    def test_no_socket_is_no_daemon(self):
        for verb in (["list"], ["show", "25:00.4"], ["watch"], ["history"], ["status"], ["dump"]):
            text = self.failed(3, *verb)
            self.assertIn("vfmond is not running", text)
            self.assertIn("systemctl start vfmond", text)

    def test_a_socket_that_nobody_listens_on_is_no_daemon(self):
        with socket.socket(socket.AF_UNIX) as left_over:
            left_over.bind(self.path)
        self.assertIn("vfmond is not running", self.failed(3, "list"))

    def test_no_permission_tells_of_the_group(self):
        self.listen()
        program = os.path.join(self.dir, "vfmonctl")
        shutil.copy(VFMONCTL, program)
        os.chmod(self.dir, 0o755)
        os.chmod(self.path, 0o000)
        # For root no socket is closed: then somebody else has to try.
        user = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        result = subprocess.run([program, "--socket", self.path, "list"], capture_output=True,
                                text=True, env=environment(), check=False, timeout=60, **user)
        self.assertEqual((result.returncode, result.stdout), (4, ""), result.stderr)
        self.assertRegex(result.stderr, "group vfmon|may not connect")

    def test_silence_ends_with_the_timeout(self):
        self.listen()
        for verb in ("list", "watch"):
            self.assertIn("did not answer within 0.2 s", self.failed(4, "--timeout=0.2", verb))

    def test_a_closed_connection_is_told(self):
        self.listen(b"")
        self.assertIn("journalctl -u vfmond", self.failed(3, "status"))

    def test_what_is_no_reply_is_told(self):
        for answer in (b"HTTP/1.1 400 Bad Request\r\n\0", b"[]\0", b"\0", b'{"parameters":{\0',
                       b"{}\0", b'{"parameters":{"status":7}}\0'):
            for verb in ("status", "list", "history"):
                with self.subTest(answer=answer, verb=verb):
                    self.listen(answer)
                    text = vfmonctl("--socket", self.path, verb)
                    os.unlink(self.path)
                    self.assertEqual((text.returncode, text.stdout), (4, ""))
                    self.assertIn("does not answer as vfmond", text.stderr)

    def test_an_older_daemon_is_told(self):
        self.listen(b'{"error":"org.varlink.service.MethodNotFound",'
                    b'"parameters":{"method":"io.vfmon.Monitor.GetStatus"}}\0')
        self.assertIn("does not have \"io.vfmon.Monitor.GetStatus\"", self.failed(4, "status"))

    def test_no_text_of_a_daemon_is_a_command_to_the_terminal(self):
        evil = '{"error":"a.b\\u001b[2J","parameters":{"x\\u009b":"\u009b\\u001b]0;x\\u0007"}}\0'
        self.listen(evil.encode())
        text = self.failed(4, "status")
        self.assertFalse(set(text) & set("\x1b\x07\x9b"), text)

    def test_json_to_a_terminal_is_harmless_too(self):
        reply = '{"parameters":{"status":{"version":"\u009b31m\\u001b[2J\x7f"}}}\0'
        self.listen(reply.encode())
        result = vfmonctl("--socket", self.path, "--json", "status")
        self.assertEqual(result.stdout, '{"status":{"version":"\\u009b31m\\u001b[2J\\u007f"}}\n')


if __name__ == "__main__":
    unittest.main()
