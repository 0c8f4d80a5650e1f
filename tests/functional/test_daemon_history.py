# SPDX-License-Identifier: Apache-2.0
"""What the daemon remembers, and what it tells of itself."""

import os
import re
import unittest

from daemon_host import CARD, FENCE, PF, VF, DaemonTestCase, SharedHostTestCase, until


class History(SharedHostTestCase):
    """A host on which some things have happened, seen by a watch from the start."""

    scenario = CARD + f"vfs {PF} 1\n"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.before = cls.host.call("GetHistory")
        watch = cls.host.watch()
        for step in (f"vfs {PF} 0", f"vfs {PF} 2", f"unbind {VF[0]}"):
            cls.host.play(step)
            cls.host.settle(watch)
        cls.host.fence(watch)
        watch.close()
        cls.seen = watch.changes[:]
        cls.last = watch.sequence
        cls.first = cls.seen[0]["sequence"]

    def numbers(self, **parameters):
        return [c["sequence"] for c in self.host.history(**parameters)]

    def test_the_first_scan_is_not_in_it(self):
        self.assertEqual(self.before["changes"], [])

    def test_it_has_what_a_subscriber_has_seen(self):
        self.assertEqual(self.host.history(limit=len(self.seen), after=self.first - 1), self.seen)

    def test_without_after_it_is_the_newest_ascending(self):
        newest = self.numbers(limit=3)
        everything = self.numbers()
        self.assertEqual(newest, everything[-3:])
        self.assertEqual(everything, sorted(everything))
        self.assertEqual(everything[0], self.first)

    def test_after_is_what_follows(self):
        self.assertEqual(self.numbers(after=self.first, limit=2), [self.first + 1, self.first + 2])
        self.assertEqual(self.numbers(after=0, limit=1), [self.first])
        self.assertEqual(self.numbers(after=self.first, limit=0), [])

    def test_an_after_of_the_future_has_nothing(self):
        self.assertEqual(self.numbers(after=self.host.status()["sequence"]), [])
        self.assertEqual(self.numbers(after=(1 << 63) - 1), [])

    def test_of_one_address(self):
        of_vf = [c for c in self.seen if c["address"] == VF[0]]
        self.assertEqual(self.host.history(address=VF[0]), of_vf)
        self.assertEqual(self.host.history(address=VF[0], limit=1), of_vf[-1:])
        self.assertEqual(self.host.history(address=VF[0], after=of_vf[0]["sequence"], limit=1),
                         of_vf[1:2])
        self.assertEqual(self.host.history(address="0000:ff:1f.7"), [])

    def test_it_tells_from_where_on_it_is_whole(self):
        reply = self.host.call("GetHistory", limit=1)
        self.assertEqual(reply["oldest_sequence"], self.first)
        self.assertEqual(reply["epoch"], self.host.status()["epoch"])

    def test_times_do_not_go_back(self):
        times = [c["observed_usec"] for c in self.host.history()]
        self.assertEqual(times, sorted(times))


class Vanished(DaemonTestCase):
    scenario = CARD + f"vfs {PF} 2\n"

    def vanished(self):
        return {d["address"]: d for d in self.host.call("ListVanishedDevices")["devices"]}

    def test_a_function_that_went_is_kept_as_last_seen_until_it_is_back(self):
        self.assertEqual(self.vanished(), {})
        watch = self.watch()
        self.host.play(f"unbind {VF[1]}")
        self.host.settle(watch)
        self.host.play(f"vfs {PF} 0")
        self.host.settle(watch)
        gone = self.vanished()
        self.assertEqual(sorted(gone), list(VF[:2]))
        for address in VF[:2]:
            change = [c for c in watch.changes if c["address"] == address][-1]
            self.assertEqual(gone[address]["generation"], change["previous"]["generation"])
            self.assertEqual(gone[address]["binding"], change["previous"]["binding"])
            self.assertEqual(gone[address]["vanished_usec"], change["observed_usec"])
            self.assertGreater(gone[address]["vanished_boottime_usec"], 0)
            self.assertNotIn("vanished_usec", change["previous"])
        self.host.play(f"vfs {PF} 1")
        self.host.settle(watch)
        self.assertEqual(sorted(self.vanished()), [VF[1]])

    def test_only_the_last_life_of_an_address_is_kept(self):
        watch = self.watch()
        for n in (0, 2, 0):
            self.host.play(f"vfs {PF} {n}")
            self.host.settle(watch)
        last = [c for c in watch.changes if c["address"] == VF[0]][-1]
        self.assertEqual(self.vanished()[VF[0]]["generation"], last["generation"])
        self.assertEqual(len(self.vanished()), 2)


class Bounded(DaemonTestCase):
    scenario = CARD + f"vfs {PF} 1\n"
    config = "[vfmond]\nhistory_size = 64K\n"

    def test_the_oldest_changes_are_forgotten(self):
        watch = self.watch()
        first = watch.sequence + 1
        self.host.forget(watch, first)
        changes = self.host.history(after=0)
        self.assertEqual(changes[0]["sequence"], self.host.status()["oldest_sequence"])
        numbers = [c["sequence"] for c in changes]
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))))


class Status(DaemonTestCase):
    scenario = CARD + f"vfs {PF} 2\n"
    config = '[pci]\ndevice_spec = { "address": "0000:3b:10.0" }\n'

    def count(self, name):
        return {c["name"]: c["count"] for c in self.host.status()[name]}

    def test_it_counts_functions(self):
        self.assertEqual(self.count("kinds"), {"pf": 2, "vf": 2, "pci": 0})
        states = self.count("states")
        self.assertEqual(states["host"], 4)
        self.assertEqual(sum(states.values()), 4)
        readiness = self.count("readiness")
        self.assertEqual((readiness["ready"], readiness["untracked"]), (1, 3))

    def test_events_are_counted_by_what_they_are(self):
        before = self.host.source()
        reads = self.host.status()["reads"]
        self.host.play(f"noise 100\nburst {PF} 200\nevent change {VF[0]}")
        watch = self.watch()
        self.host.fence(watch)
        after = self.host.source()
        self.assertGreaterEqual(after["events"] - before["events"], 301)
        self.assertGreaterEqual(after["ignored"] - before["ignored"], 100)
        self.assertLess(after["ignored"] - before["ignored"], 200)
        self.assertEqual(after["rejected"], 0)
        self.assertGreater(self.host.status()["reads"], reads)

    def test_many_events_of_one_function_are_few_reads(self):
        watch = self.watch()
        before = self.host.status()["reads"]
        self.host.play(f"freeze\nburst {VF[0]} 100\nthaw")
        self.host.fence(watch)
        self.assertLess(self.host.status()["reads"] - before, 50)

    def test_the_kernels_events_are_heard(self):
        sources = {s["name"]: s for s in self.host.status()["sources"]}
        self.assertLessEqual({"uevent", "udev", "netlink"}, set(sources))
        self.assertNotIn("blind", sources["uevent"])
        self.assertNotIn("blind", sources["netlink"])

    def test_latency_is_known_after_the_first_change(self):
        self.assertNotIn("latency_p50_usec", self.host.status())
        watch = self.watch()
        # A read that a timer has asked for may be before the event's.
        for step in ("unbind", "probe") * 5:
            self.host.play(f"{step} {VF[1]}")
            self.host.settle(watch)
            status = self.host.status()
            if "latency_p50_usec" in status:
                break
        self.assertGreater(status["latency_p50_usec"], 0)
        self.assertGreaterEqual(status["latency_p99_usec"], status["latency_p50_usec"])

    def test_clients_are_counted(self):
        self.assertEqual(self.host.status()["clients"], 1)
        watch = self.watch()
        self.assertEqual(self.host.status()["clients"], 2)
        watch.close()
        until(lambda: self.host.status()["clients"] == 1)

    def test_who_and_since_when(self):
        status = self.host.status()
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as f:
            self.assertEqual(status["boot_id"].replace("-", ""), f.read().strip().replace("-", ""))
        self.assertRegex(status["epoch"], re.compile(r"^\S{8,}$"))
        self.assertGreater(status["started_usec"], 1.6e15)
        self.assertEqual(status["config_files"][0]["path"], self.host.path("vfmond.conf"))
        self.assertTrue(os.path.exists(status["config_files"][0]["path"]))
        self.assertEqual(status["not_answering"], [])
        self.assertIn(FENCE, self.host.devices())


if __name__ == "__main__":
    unittest.main()
