# SPDX-License-Identifier: Apache-2.0
"""What no event told is found by the audit."""

import unittest

from daemon_host import CARD, PF, DaemonTestCase, differences, until

QUIET = "0000:d1:00.0"
OFF = "[vfmond]\naudit_interval = 0\n"
ON = "[vfmond]\naudit_interval = 1s\n"


def let_settle(host, off):
    """Goes on until nothing is pending about QUIET: audits take place, which everything else precedes."""
    reads = host.status()["reads"]
    until(lambda: host.status()["reads"] > reads + 60)
    host.reload(off)


class Audit(DaemonTestCase):
    # Nothing is pending about a function that never had a driver, so that no timer reads it.
    scenario = CARD + f"vfs {PF} 2\npf {QUIET} 1234:5678 total 4\n"
    config = ON

    def test_a_change_whose_events_were_lost_is_found_counted_and_told_as_a_bug(self):
        let_settle(self.host, OFF)
        watch = self.watch()
        self.host.play(f"drop 100\nremove {QUIET}\ndrop 0")
        self.host.fence(watch)
        # Nothing but the audit can know, and it is off.
        self.assertIn(QUIET, self.host.devices())
        self.host.reload(ON)
        watch.wait(lambda w: QUIET not in w.view)
        change = [c for c in watch.changes if c["address"] == QUIET][-1]
        self.assertEqual(change["cause"], {"source": "audit"})
        until(lambda: self.host.status()["audit_findings"] == 1)
        self.assertIn(f"{QUIET} disappeared: physical function, 0 of 4 VFs, unbound: no event told, "
                      "the audit has found it", self.host.log())
        self.assertIn("1 found by audit", self.host.ctl("status").stdout)

    def test_functions_that_came_and_went_without_a_word_are_found(self):
        let_settle(self.host, OFF)
        self.host.reload(OFF)
        watch = self.watch()
        self.host.play(f"drop 1000\nvfs {PF} 0\nvfs {PF} 3\ndrop 0")
        self.host.fence(watch)
        self.host.reload(ON)
        watch.wait(lambda w: not differences(w.view, self.host.model()))
        self.assertGreater(self.host.status()["audit_findings"], 0)

    def test_when_the_last_one_ended_is_told(self):
        first = until(lambda: self.host.status().get("last_audit_usec"))
        self.assertGreater(first, self.host.status()["started_usec"])
        self.assertIn("last audit ended ", self.host.ctl("status").stdout)
        until(lambda: self.host.status()["last_audit_usec"] > first)

    def test_what_events_tell_is_no_finding(self):
        watch = self.watch()
        for number in (0, 4, 0, 7, 0, 2):
            self.host.play(f"vfs {PF} {number}")
        self.host.settle(watch)
        # Two rounds more, of which the second began after all that.
        reads = self.host.status()["reads"]
        until(lambda: self.host.status()["reads"] > reads + 2 * len(self.host.model()))
        self.assertEqual(self.host.status()["audit_findings"], 0)


class Off(DaemonTestCase):
    config = OFF.replace("= 0", "= infinity")

    def test_that_none_has_ended_is_told(self):
        self.assertNotIn("last_audit_usec", self.host.status())
        self.assertIn("no audit has ended yet", self.host.ctl("status").stdout)


if __name__ == "__main__":
    unittest.main()
