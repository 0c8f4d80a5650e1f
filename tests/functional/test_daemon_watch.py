# SPDX-License-Identifier: Apache-2.0
"""Subscriptions: snapshot, changes, filters, and going on where one has left."""

import unittest

from daemon_host import CARD, FENCE, PF, VF, DaemonHost, DaemonTestCase, differences
from varlink_client import Connection


class Beginning(DaemonTestCase):
    scenario = CARD + f"vfs {PF} 2\n"

    def first_replies(self, **parameters):
        connection = Connection(self.host.socket)
        self.addCleanup(connection.close)
        connection.send("WatchDevices", parameters, more=True)
        return connection.receive()

    def test_it_begins_with_what_is_there(self):
        reply = self.first_replies()
        self.assertTrue(reply["continues"])
        snapshot = reply["parameters"]
        self.assertEqual(set(snapshot), {"snapshot", "snapshot_complete", "epoch", "sequence"})
        self.assertEqual(snapshot["snapshot"], list(self.host.devices().values()))
        self.assertEqual((snapshot["epoch"], snapshot["sequence"]),
                         (self.host.status()["epoch"], self.host.status()["sequence"]))

    def test_a_filter_that_nothing_passes_begins_with_nothing(self):
        snapshot = self.first_replies(filter={"drivers": ["nobody"]})["parameters"]
        self.assertEqual((snapshot["snapshot"], snapshot["snapshot_complete"]), ([], True))

    def test_one_that_has_missed_nothing_gets_its_place_confirmed(self):
        status = self.host.status()
        place = {"epoch": status["epoch"], "sequence": status["sequence"]}
        self.assertEqual(self.first_replies(**place)["parameters"], place)

    def test_one_that_asks_for_what_can_not_be_known_gets_a_snapshot(self):
        status = self.host.status()
        for place in ({"epoch": "another", "sequence": status["sequence"]},
                      {"epoch": status["epoch"], "sequence": status["sequence"] + 1},
                      {"epoch": status["epoch"], "sequence": 0},
                      {"epoch": status["epoch"]}, {"sequence": status["sequence"]}):
            self.assertTrue(self.first_replies(**place)["parameters"].get("snapshot"), place)


class GoingOn(DaemonTestCase):
    scenario = CARD + f"vfs {PF} 2\n"

    def leave(self, **parameters):
        """A watch that has seen all until now and hears no more."""
        watch = self.watch(**parameters)
        watch.close()
        return watch

    def go_on(self, left, **parameters):
        watch = self.watch(epoch=left.epoch, sequence=left.sequence, **parameters)
        watch.view = left.view
        return watch

    def test_one_that_was_away_gets_each_change_since(self):
        stayed = self.watch()
        left = self.leave()
        for step in (f"unbind {VF[0]}", f"vfs {PF} 0", f"vfs {PF} 3", f"unbind {VF[2]}"):
            self.host.play(step)
            self.host.settle(stayed)
        self.host.fence(stayed)
        again = self.go_on(left)
        again.wait(lambda w: w.sequence == stayed.sequence)
        self.assertFalse(again.has_snapshot)
        self.assertEqual(again.changes, stayed.changes)
        self.assertEqual(differences(again.view, self.host.model()), [])

    def test_the_same_with_a_filter(self):
        only = {"filter": {"states": ["unbound"]}}
        stayed, left = self.watch(**only), self.leave(**only)
        everything = self.watch()
        for step in (f"unbind {VF[0]}", f"unbind {VF[1]}", f"probe {VF[1]}"):
            self.host.play(step)
            self.host.settle(everything)
        again = self.go_on(left, **only)
        stayed.wait_change(lambda c: c["address"] == VF[1] and not c["matches"])
        again.wait(lambda w: w.sequence == stayed.changes[-1]["sequence"])
        self.assertEqual(sorted(stayed.view), [VF[0]])
        self.assertEqual(again.view, stayed.view)
        # Besides, the first change of a function is told in any case: what it was told may be older.
        self.assertEqual([c for c in again.changes if c in stayed.changes], stayed.changes)
        seen = set()
        for change in again.changes:
            if change not in stayed.changes:
                self.assertEqual((change["matches"], change["address"] in seen), (False, False))
            seen.add(change["address"])

    def test_one_that_was_away_for_longer_than_the_history_gets_a_snapshot(self):
        self.host.reload("[vfmond]\nhistory_size = 64K\n")
        left = self.leave()
        stayed = self.watch()
        self.host.forget(stayed, left.sequence + 1)
        again = self.watch(epoch=left.epoch, sequence=left.sequence)
        self.assertTrue(again.has_snapshot)
        self.host.settle(again)


class Filters(DaemonTestCase):
    scenario = CARD + f"vfs {PF} 2\n"

    def test_what_leaves_the_filter_is_told_once_as_not_matching(self):
        watch, everything = self.watch(filter={"states": ["host"], "kinds": ["vf"]}), self.watch()
        self.assertEqual(sorted(watch.view), list(VF[:2]))
        self.host.play(f"unbind {VF[0]}\noverride {VF[0]} vfio-pci\nbind {VF[0]} vfio-pci\n"
                       f"vfs {FENCE} 1")
        watch.wait_device("0000:c1:00.1", lambda d: d)
        of_vf = [c for c in watch.changes if c["address"] == VF[0]]
        self.assertEqual([c["matches"] for c in of_vf], [False])
        self.assertEqual(of_vf[0]["previous"]["binding"]["state"], "host")
        self.assertEqual(sorted(watch.view), [VF[1], "0000:c1:00.1"])
        self.assertNotIn(FENCE, [c["address"] for c in watch.changes])
        self.host.settle(everything)

    def test_each_filter_lists_what_it_says(self):
        self.host.play(f"unbind {VF[1]}")
        watch = self.watch()
        watch.wait_state(VF[1], "unbound")
        for members, expected in (
                ({}, [PF, VF[0], VF[1], FENCE]),
                ({"addresses": [VF[0], FENCE]}, [VF[0], FENCE]),
                ({"kinds": ["pf"]}, [PF, FENCE]), ({"kinds": ["vf", "pci"]}, [VF[0], VF[1]]),
                ({"states": ["unbound"]}, [VF[1]]),
                ({"physical_functions": [PF]}, [VF[0], VF[1]]),
                ({"drivers": ["igb", "fence"]}, [PF, FENCE]),
                ({"readiness": ["untracked"], "drivers": ["igbvf"]}, [VF[0]]),
                ({"readiness": ["ready"]}, []), ({"managed": True}, []),
                ({"kinds": None, "states": None}, [PF, VF[0], VF[1], FENCE])):
            self.assertEqual(sorted(self.host.devices(**members)), expected, members)


class Many(unittest.TestCase):
    def test_a_snapshot_of_more_than_256_comes_in_parts(self):
        host = DaemonHost("driver igb id 8086:10c9\npf 0000:3b:00.0 8086:10c9 total 600\n"
                          "vfs 0000:3b:00.0 600\n")
        self.addCleanup(host.close)
        with Connection(host.socket) as connection:
            connection.send("WatchDevices", more=True)
            parts = [connection.parameters() for _ in range(3)]
        self.assertEqual([len(p["snapshot"]) for p in parts], [256, 256, 89])
        self.assertEqual([p.get("snapshot_complete", False) for p in parts], [False, False, True])
        self.assertEqual([set(p) for p in parts[:2]], [{"snapshot"}] * 2)
        addresses = [d["address"] for p in parts for d in p["snapshot"]]
        self.assertEqual(addresses, [f["address"] for f in host.model()])
        self.assertEqual(addresses, list(host.devices()))


if __name__ == "__main__":
    unittest.main()
