# SPDX-License-Identifier: Apache-2.0
"""The daemon follows what happens to functions."""

import os
import unittest

from daemon_host import CARD, FENCE, PF, VF, DaemonTestCase, until

# They may stand between two states that last.
PASSING = ("probing", "unbinding")


def lasting(watch, address):
    """The states of a function that a subscriber saw, but for those that only pass."""
    states = []
    for state in watch.states(address):
        if state not in PASSING and (not states or states[-1] != state):
            states.append(state)
    return states


class Coming(DaemonTestCase):
    def setUp(self):
        super().setUp()
        self.seen = self.watch()

    def of_kind(self, kind):
        return [c for c in self.seen.changes if c["kind"] == kind]

    def test_vfs_appear_once_in_order_with_their_pf_and_index(self):
        self.host.play(f"vfs {PF} 4")
        self.host.settle(self.seen)
        self.host.fence(self.seen)
        appeared = [c["device"] for c in self.of_kind("appeared") if c["address"] in VF]
        self.assertEqual([d["address"] for d in appeared], list(VF))
        self.assertEqual([d["physical_function"] for d in appeared], [PF] * 4)
        self.assertEqual([d["vf_index"] for d in appeared], [0, 1, 2, 3])
        self.assertEqual([d["kind"] for d in appeared], ["vf"] * 4)
        self.assertEqual({d["nova_device_type"] for d in appeared}, {"type-VF"})

    def test_vfs_go_once_and_the_pf_shows_none_though_nothing_is_sent_of_it(self):
        # After the bind event nobody looks at the PF again without a cause.
        self.host.play(f"unbind {PF}\nprobe {PF}\nvfs {PF} 4")
        self.host.settle(self.seen)
        self.host.play(f"vfs {PF} 0")
        self.host.settle(self.seen)
        self.host.fence(self.seen)
        gone = self.of_kind("disappeared")
        self.assertEqual(sorted(c["address"] for c in gone), list(VF))
        self.assertTrue(all("device" not in c and c["previous"] for c in gone))
        self.assertEqual({c["previous"]["physical_function"] for c in gone}, {PF})
        of_pf = [c for c in self.seen.changes if c["address"] == PF]
        self.assertEqual(of_pf[-1]["device"]["num_vfs"], 0)
        self.assertNotEqual(of_pf[-1]["cause"]["source"], "uevent")

    def test_new_vfs_without_autoprobe_stay_unbound(self):
        self.host.play(f"autoprobe {PF} off\nvfs {PF} 2")
        self.host.settle(self.seen)
        self.assertEqual(self.seen.view[PF]["drivers_autoprobe"], False)
        for address in VF[:2]:
            # The kernel tries the driver and takes it off again.
            self.assertLessEqual(set(self.seen.states(address)), {"unbound", "probing"})
            self.assertEqual(lasting(self.seen, address), ["unbound"])

    def test_a_pf_comes_and_goes_with_its_vfs(self):
        self.host.play("pf 0000:5e:00.0 8086:10c9 total 3 vf-id 10ca\nvfs 0000:5e:00.0 2")
        self.host.settle(self.seen)
        self.host.play("remove 0000:5e:00.0")
        self.host.settle(self.seen)
        self.assertNotIn("0000:5e:00.0", self.host.devices())

    def test_a_function_that_is_neither_pf_nor_vf_is_not_listed(self):
        self.host.play("device 0000:7f:00.0 8086:1234")
        self.host.fence(self.seen)
        self.assertEqual(sorted(self.host.devices()), [PF, FENCE, "0000:c1:00.1"])
        self.assertFalse([c for c in self.seen.changes if c["address"] == "0000:7f:00.0"])

    def test_each_change_goes_on_from_the_one_before(self):
        for step in (f"vfs {PF} 2", f"unbind {VF[0]}", f"probe {VF[0]}", f"vfs {PF} 0",
                     f"vfs {PF} 1"):
            self.host.play(step)
            self.host.settle(self.seen)
        numbers = [c["sequence"] for c in self.seen.changes]
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))))
        last = {}
        for change in self.seen.changes:
            if change["kind"] != "appeared" and change["address"] in last:
                self.assertEqual(change["previous"], last[change["address"]])
            if change["kind"] == "changed":
                known = set(change["device"]) | set(change["previous"])
                differ = {k for k in known
                          if change["device"].get(k) != change["previous"].get(k)}
                self.assertLessEqual(set(change["fields"]), differ)
            last[change["address"]] = change.get("device")


class Reuse(DaemonTestCase):
    def test_each_life_of_an_address_has_a_greater_generation(self):
        watch = self.watch()
        for n in (1, 0, 1, 0, 1):
            self.host.play(f"vfs {PF} {n}")
            self.host.settle(watch)
        lives = [c["generation"] for c in watch.changes
                 if c["address"] == VF[0] and c["kind"] == "appeared"]
        self.assertEqual(len(lives), 3)
        self.assertEqual(lives, sorted(set(lives)))

    def test_gone_and_back_unheard_is_seen_as_two_lives(self):
        watch = self.watch()
        self.host.play(f"vfs {PF} 1")
        self.host.settle(watch)
        first = watch.view[VF[0]]["generation"]
        self.host.play(f"drop 1000\nvfs {PF} 0\nvfs {PF} 1\ndrop 0\nevent change {VF[0]}")
        watch.wait_device(VF[0], lambda d: d and d["generation"] > first)
        kinds = [(c["kind"], c["generation"] > first) for c in watch.changes
                 if c["address"] == VF[0] and c["kind"] != "changed"]
        self.assertEqual(kinds, [("appeared", False), ("disappeared", False), ("appeared", True)])

    def test_another_card_at_the_same_address_is_told_apart(self):
        watch = self.watch()
        self.host.play(f"remove {PF}\npf {PF} 15b3:101d total 2")
        self.host.settle(watch)
        self.assertEqual(watch.view[PF]["product_id"], "101d")


class Binding(DaemonTestCase):
    scenario = CARD + f"vfs {PF} 2\n"

    def setUp(self):
        super().setUp()
        self.seen = self.watch()

    def step(self, step, state, driver):
        """Plays a step, waits for where it leads, and returns the change that led there."""
        begin = len(self.seen.changes)
        self.host.play(step)
        self.seen.wait_state(VF[0], state)
        change = self.seen.changes[-1]
        self.assertEqual(change["address"], VF[0])
        self.assertEqual(change["device"]["binding"].get("driver"), driver)
        self.assertEqual(change["device"]["generation"], change["previous"]["generation"])
        first = next(c for c in self.seen.changes[begin:] if "binding" in c["fields"])
        return first["previous"]["binding"]

    def test_one_vf_through_host_generic_and_variant_drivers(self):
        a = VF[0]
        self.assertEqual(self.step(f"unbind {a}", "unbound", None)["state"], "host")
        self.host.play(f"override {a} vfio-pci")
        old = self.step(f"bind {a} vfio-pci", "vfio_generic", "vfio-pci")
        self.assertEqual(old["state"], "unbound")
        self.assertEqual(self.seen.view[a]["driver_override"], "vfio-pci")
        old = self.step(f"unbind {a}", "unbound", None)
        self.assertEqual((old["state"], old["driver"]), ("vfio_generic", "vfio-pci"))
        self.host.play(f"override {a} test_vfio_pci")
        self.step(f"probe {a}", "vfio_variant", "test_vfio_pci")
        self.assertIn("vfio_pci: alias", self.seen.view[a]["binding"]["explanation"])
        self.host.play(f"vfs {PF} 0")
        self.seen.wait_device(a, lambda d: d is None)
        # The unbind that a removal begins with may be seen.
        walk = lasting(self.seen, a)[:4]
        self.assertEqual(walk, ["unbound", "vfio_generic", "unbound", "vfio_variant"])

    def test_the_best_driver_is_that_of_modules_alias(self):
        device = self.seen.view[VF[0]]
        self.assertEqual((device["best_driver"], device["best_module"]),
                         ("test_vfio_pci", "test_vfio_pci"))
        self.assertEqual(self.seen.view[FENCE]["best_driver"], "vfio-pci")

    def test_a_probe_that_fails_unheard_is_never_shown(self):
        self.step(f"unbind {VF[0]}", "unbound", None)
        self.host.play(f"fail-probe {VF[0]} igbvf")
        self.host.fence(self.seen)
        self.assertEqual(lasting(self.seen, VF[0]), ["unbound"])

    def test_a_probe_that_fails_is_never_shown_as_bound(self):
        self.step(f"unbind {VF[0]}", "unbound", None)
        self.host.play(f"slow-probe {VF[0]} igbvf\nevent change {VF[0]}")
        self.seen.wait_state(VF[0], "probing")
        self.host.play(f"fail {VF[0]}")
        self.seen.wait_state(VF[0], "unbound")
        self.assertEqual(lasting(self.seen, VF[0]), ["unbound"])
        self.assertEqual(self.seen.changes[-1]["cause"]["source"], "timer")

    def test_a_slow_probe_is_probing_until_it_ends(self):
        self.step(f"unbind {VF[0]}", "unbound", None)
        self.host.play(f"slow-probe {VF[0]} igbvf\nevent change {VF[0]}")
        self.seen.wait_state(VF[0], "probing")
        self.step(f"release {VF[0]}", "host", "igbvf")
        self.assertEqual(self.seen.changes[-1]["cause"]["action"], "bind")

    def test_what_was_lost_is_mended_by_the_next_event(self):
        self.host.play(f"drop 100\nunbind {VF[0]}\ndrop 0\nevent change {VF[0]}")
        self.seen.wait_state(VF[0], "unbound")

    def test_the_others_of_a_group_are_told(self):
        self.host.play("pf 0000:5e:00.0 8086:10c9 total 2 vf-id 10ca vf-group same\n"
                       "vfs 0000:5e:00.0 1")
        self.host.settle(self.seen)
        self.seen.wait_device("0000:5e:00.0", lambda d: d["iommu_group_members"] == [
            {"address": "0000:5e:00.1", "driver": "igbvf", "blocks": True}])
        self.host.play("unbind 0000:5e:00.1")
        self.seen.wait_device("0000:5e:00.0", lambda d: d["iommu_group_members"] == [
            {"address": "0000:5e:00.1", "blocks": False}])


class Stuck(DaemonTestCase):
    scenario = CARD + f"vfs {PF} 2\n"
    config = "[vfmond]\nstuck_after = 100ms\n"

    def test_an_unbind_that_does_not_end_is_stuck_until_it_does(self):
        watch = self.watch()
        self.host.play(f"stuck {VF[0]}\nevent change {VF[0]}")
        watch.wait_state(VF[0], "stuck")
        self.assertEqual(watch.view[VF[0]]["binding"]["driver"], "igbvf")
        self.assertEqual(watch.changes[-1]["cause"]["source"], "timer")
        self.assertEqual(self.host.status()["states"][-1], {"name": "stuck", "count": 1})
        self.host.play(f"release {VF[0]}")
        watch.wait_state(VF[0], "unbound")
        states = watch.states(VF[0])
        self.assertEqual(states[-2:], ["stuck", "unbound"])
        self.assertLessEqual(set(states[:-2]), {"unbinding", "host"})

    def test_a_vf_that_a_guest_has_open_is_stuck_until_the_guest_lets_go(self):
        watch = self.watch()
        self.host.play(f"unbind {VF[0]}\noverride {VF[0]} vfio-pci\nbind {VF[0]} vfio-pci\n"
                       f"open {VF[0]}\nunbind {VF[0]}\nevent change {VF[0]}")
        watch.wait_state(VF[0], "stuck")
        self.host.play(f"close {VF[0]}")
        watch.wait_state(VF[0], "unbound")


class BadHost(DaemonTestCase):
    """Files that are missing, wrong or do not answer."""

    scenario = CARD + f"vfs {PF} 2\n"

    def setUp(self):
        super().setUp()
        self.seen = self.watch()
        self.host.listened(self.seen)

    def test_a_function_without_its_files_is_not_there(self):
        self.host.play(f"hide {VF[0]} uevent\nevent change {VF[0]}")
        self.seen.wait_device(VF[0], lambda d: d is None)
        self.host.fence(self.seen)
        self.host.play(f"restore {VF[0]} uevent\nevent change {VF[0]}")
        self.seen.wait_device(VF[0], lambda d: d and d["binding"]["driver"] == "igbvf")

    def test_files_that_a_kernel_may_lack_are_done_without(self):
        for name in ("driver_override", "numa_node"):
            self.host.play(f"hide {VF[1]} {name}")
        self.host.play(f"hide {PF} sriov_drivers_autoprobe\nevent change {PF}\n"
                       f"unbind {VF[1]}")
        self.seen.wait_state(VF[1], "unbound")
        self.assertEqual(self.host.status()["read_errors"], 0)

    def test_a_function_that_can_not_be_read_is_unknown_and_the_others_are_followed(self):
        folder = f"/proc/{self.host.pid}/root/sys/bus/pci/devices/{VF[0]}"
        self.host.play(f"hide {VF[0]} uevent")
        os.mkdir(folder + "/uevent")
        self.host.play(f"event change {VF[0]}")
        self.seen.wait_state(VF[0], "unknown")
        self.host.play(f"unbind {VF[1]}")
        self.seen.wait_state(VF[1], "unbound")
        self.assertGreater(self.host.status()["read_errors"], 0)
        os.rmdir(folder + "/uevent")
        self.host.play(f"restore {VF[0]} uevent\nevent bind {VF[0]}")
        self.seen.wait_state(VF[0], "host")

    def test_a_file_that_does_not_answer_keeps_no_client_waiting(self):
        self.host.play(f"hang {VF[0]} driver_override\nevent change {VF[0]}")
        self.assertEqual(len(self.host.devices()), 4)
        self.assertEqual(self.host.device(VF[0])["binding"]["state"], "host")
        until(lambda: self.host.status()["not_answering"] == [VF[0]])
        self.host.play(f"unbind {VF[0]}\nrestore {VF[0]} driver_override")
        self.seen.wait_state(VF[0], "unbound")
        self.host.fence(self.seen)
        self.assertEqual(self.host.status()["not_answering"], [])

    def test_nonsense_in_files_does_not_end_it(self):
        folder = f"/proc/{self.host.pid}/root/sys/bus/pci/devices/"
        for name, text in (("uevent", b"\0\xff=\n=\n" * 500), ("uevent", b""),
                           ("driver_override", b"\n" * 4096), ("driver_override", b"x" * 4096)):
            with open(f"{folder}{VF[0]}/{name}", "wb") as f:
                f.write(text)
            self.host.play(f"event change {VF[0]}")
            self.host.fence(self.seen)
        self.host.play(f"unbind {VF[1]}")
        self.seen.wait_state(VF[1], "unbound")


if __name__ == "__main__":
    unittest.main()
