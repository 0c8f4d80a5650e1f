# SPDX-License-Identifier: Apache-2.0
"""vfmonctl watch and history on a host that changes."""

import json
import os
import re
import signal
import subprocess
import unittest

from simulated import VFMONCTL, HostTestCase, environment

# Time, address, binding, readiness, note, cause, as the columns of a line.
LINE = re.compile(r"^(\d\d:\d\d:\d\d\.\d{3})  (\S+)  (.{25})  (.{18})  (.{28,})  (\S.*)$")


def parts(line):
    match = LINE.match(line)
    if not match:
        raise AssertionError("not a line of a change: " + line)
    return [part.strip() for part in match.groups()]


def skip_snapshot(watch):
    """Reads what a watch shows before its first change."""
    for line in watch.stdout:
        if line.startswith("Watching"):
            return
    raise AssertionError("it ended before its first change")


class WatchTestCase(HostTestCase):
    def watch(self, *args):
        process = self.host.start_watch(*args)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def wait_for(self, process, address, *texts):
        """The parts of the first line about this function in which all texts are."""
        return parts(process.lines.wait(
            lambda line: f"  {address}  " in line and all(t in line for t in texts)))

    def end(self, process):
        """Waits for its end. Returns its status and what it wrote to stderr."""
        process.wait(60)
        process.lines.thread.join(60)
        return process.returncode, process.stderr.read()


class Watch(WatchTestCase):
    def test_begins_with_what_is_there(self):
        watch = self.watch()
        rows = [line.split()[1:5] for line in watch.lines.seen[1:3]]
        self.assertEqual(rows, [["0000:25:00.0", "pf", "nvidia", "host"],
                                ["0000:3b:00.0", "pf", "igb", "host"]])
        self.assertIn("Watching 2 PFs, 0 VFs (2 untracked); every change is a line.",
                      watch.lines.seen[-1])

    def test_the_life_of_a_function(self):
        watch = self.watch()
        self.host.play("vfs 0000:3b:00.0 1")
        self.wait_for(watch, "0000:3b:10.0", "appeared")
        self.host.wait_for_state("0000:3b:10.0", "host")
        self.host.play("unbind 0000:3b:10.0")
        self.assertIn("was igbvf", self.wait_for(watch, "0000:3b:10.0", "→ unbound")[4])
        self.host.play("override 0000:3b:10.0 vfio-pci\nbind 0000:3b:10.0 vfio-pci")
        bound = self.wait_for(watch, "0000:3b:10.0", "→ vfio_generic")
        self.assertIn("vfio-pci", bound[4])
        self.assertRegex(bound[5], r"^uevent bind #\d+$")
        self.host.play("vfs 0000:3b:00.0 0")
        self.assertEqual(self.wait_for(watch, "0000:3b:10.0", "gone")[2:4], ["gone", ""])
        self.assertEqual(self.wait_for(watch, "0000:3b:00.0", "VFs 1 → 0")[2:4], ["VFs 1 → 0", ""])

    def test_plain_characters_without_utf8(self):
        with subprocess.Popen([VFMONCTL, "--socket", self.host.socket, "watch", "-n1",
                               "0000:3b:00.0"], stdout=subprocess.PIPE, text=True,
                              env=environment(LC_ALL="C")) as watch:
            skip_snapshot(watch)
            self.host.play("vfs 0000:3b:00.0 1")
            self.assertEqual(parts(watch.stdout.readline())[2], "VFs 0 -> 1")

    def test_ends_after_a_number_of_changes(self):
        watch = self.watch("-n", "2")
        self.host.play("vfs 0000:3b:00.0 3")
        self.assertEqual(self.end(watch), (0, ""))
        self.assertEqual(len([line for line in watch.lines.seen if LINE.match(line)]), 2)

    def test_ends_after_a_time(self):
        result = self.host.ctl("--timeout=0.3", "watch")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("Watching 2 PFs", result.stdout)

    def test_no_legend_shows_changes_only(self):
        process = subprocess.Popen([VFMONCTL, "--socket", self.host.socket, "--no-legend", "-n1",
                                    "watch", "0000:3b:00.0"], stdout=subprocess.PIPE, text=True,
                                   env=environment())
        # Nothing tells from outside when it watches: so make changes until it has seen one.
        n = 0
        while process.poll() is None:
            n = 1 - n
            self.host.play(f"vfs 0000:3b:00.0 {n}")
            self.host.wait_until("0000:3b:00.0", lambda d: d and d["num_vfs"] == n)
        out = process.communicate()[0]
        self.assertRegex(out, LINE.pattern[:-1] + r"\n$")

    def test_says_when_a_function_leaves_the_filter(self):
        self.host.play("vfs 0000:3b:00.0 2")
        self.host.wait_for_state("0000:3b:10.2", "host")
        watch = self.watch("--state=host", "--kind=vf")
        self.host.play("unbind 0000:3b:10.2")
        self.wait_for(watch, "0000:3b:10.2", "leaves the filter")
        self.host.play("bind 0000:3b:10.2 igbvf\nremove 0000:25:00.0")
        self.wait_for(watch, "0000:3b:10.2", "→ host")
        self.assertFalse([line for line in watch.lines.seen if "0000:25:00.0" in line])

    def test_json_is_a_reply_a_line(self):
        watch = self.watch("--json")
        self.host.play("vfs 0000:3b:00.0 1")
        watch.lines.wait(lambda line: '"num_vfs":1' in line)
        replies = [json.loads(line) for line in watch.lines.seen]
        self.assertEqual([d["address"] for d in replies[0]["snapshot"]],
                         ["0000:25:00.0", "0000:3b:00.0"])
        changes = [r["change"] for r in replies if "change" in r]
        self.assertEqual(changes[0]["kind"], "appeared")
        sequences = [c["sequence"] for c in changes]
        self.assertEqual(sequences, list(range(sequences[0], sequences[0] + len(sequences))))

    def test_a_daemon_that_goes_away_is_told(self):
        watch = self.watch()
        os.kill(self.host.pid, signal.SIGKILL)
        status, text = self.end(watch)
        self.assertEqual(status, 3)
        self.assertIn("vfmond has gone away", text)
        self.assertEqual(self.host.ctl("list").returncode, 3)

    def test_ends_when_nobody_reads_it(self):
        with subprocess.Popen([VFMONCTL, "--socket", self.host.socket, "watch"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=environment()) as watch:
            skip_snapshot(watch)
            watch.stdout.close()
            # Nothing changes on the host, so no write would tell it.
            self.assertEqual(watch.wait(60), 0)
            self.assertEqual(watch.stderr.read(), "")


class Merged(WatchTestCase):
    def test_a_slow_reader_gets_merged_changes(self):
        with subprocess.Popen([VFMONCTL, "--socket", self.host.socket, "watch"],
                              stdout=subprocess.PIPE, text=True, env=environment()) as watch:
            skip_snapshot(watch)
            self.host.play("vfs 0000:3b:00.0 1")
            self.host.wait_for_state("0000:3b:10.0", "host")
            self.assertEqual(self.host.json("status")["status"]["changes_merged"], 0)
            watch.send_signal(signal.SIGSTOP)
            rounds = 0
            while self.host.json("status")["status"]["changes_merged"] == 0:
                self.host.play("unbind 0000:3b:10.0\nbind 0000:3b:10.0 igbvf\n" * 25)
                self.host.wait_for_state("0000:3b:10.0", "host")
                rounds += 1
                self.assertLess(rounds, 200)
            watch.send_signal(signal.SIGCONT)
            line = next(line for line in watch.stdout if line.endswith(" changes)\n"))
            self.assertRegex(line, r"0000:3b:10\.0  host .* \(\d+ changes\)\n")
            watch.kill()


class History(WatchTestCase):
    def test_nothing_has_changed(self):
        self.assertEqual(self.host.ctl("history").stdout, "No change was seen.\n")

    def test_has_the_lines_of_watch(self):
        watch = self.watch()
        self.host.play("vfs 0000:3b:00.0 2")
        self.host.wait_for_state("0000:3b:10.2", "host")
        self.host.play("unbind 0000:3b:10.2")
        self.wait_for(watch, "0000:3b:10.2", "→ unbound")
        seen = [line for line in watch.lines.seen if LINE.match(line)]
        lines = self.host.ctl("history").stdout.splitlines()
        self.assertEqual(lines[:len(seen)], seen)
        self.assertRegex(lines[-1], r"^\d+ changes; the oldest that is kept is number \d+\.$")
        of_one = self.host.ctl("--no-legend", "history", "3b:10.2").stdout.splitlines()
        self.assertEqual(of_one, [line for line in seen if "0000:3b:10.2" in line])
        newest = self.host.ctl("--no-legend", "-n1", "history", "3b:10.2").stdout.splitlines()
        self.assertEqual(newest, of_one[-1:])

    def test_since(self):
        self.host.play("vfs 0000:3b:00.0 1")
        self.host.wait_for_state("0000:3b:10.0", "host")
        everything = self.host.ctl("--no-legend", "history", "3b:10.0").stdout
        self.assertNotEqual(everything, "")
        out = self.host.ctl("--no-legend", "history", "--since=yesterday", "3b:10.0").stdout
        self.assertEqual(out, everything)
        out = self.host.ctl("--no-legend", "history", "--since=2100-01-01").stdout
        self.assertEqual(out, "")

    def test_json_is_a_change_a_line(self):
        self.host.play("vfs 0000:3b:00.0 1")
        self.host.wait_until("0000:3b:00.0", lambda d: d["num_vfs"] == 1)
        self.host.wait_for_state("0000:3b:10.0", "host")
        result = self.host.ctl("-J", "history")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        changes = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertIn(("0000:3b:10.0", "appeared"), [(c["address"], c["kind"]) for c in changes])
        self.assertIn("num_vfs", [f for c in changes for f in c["fields"]])

    def test_show_tells_what_was_before(self):
        self.host.play("vfs 0000:3b:00.0 1")
        self.host.wait_for_state("0000:3b:10.0", "host")
        self.host.play("unbind 0000:3b:10.0")
        self.host.wait_for_state("0000:3b:10.0", "unbound")
        self.assertRegex(self.host.ctl("show", "3b:10.0").stdout,
                         r"Binding    unbound, since [0-9:]+ \(\d+ s ago\); before: \w+, igbvf\n")


if __name__ == "__main__":
    unittest.main()
