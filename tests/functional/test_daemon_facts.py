# SPDX-License-Identifier: Apache-2.0
"""What the daemon knows of a function beside its driver: who uses it, what its vendor tells."""

import os
import signal
import unittest

from daemon_host import DaemonTestCase, until

DISK = "0000:01:00.0"
CARD = "0000:3b:00.0"
VF = "0000:3b:10.0"
OTHER_VF = "0000:3b:10.2"
GPU_VF = "0000:25:00.4"
OTHER_GPU_VF = "0000:25:00.5"
FENCE = "0000:c1:00.0"

HOST = """
driver igb id 8086:10c9 net
driver igbvf id 8086:10ca net
driver vfio-pci vfio generic
driver nvidia vfio vendor id 10de:25b6
driver nvme id 144d:a80a
driver fence id 1af4:1041
device 0000:01:00.0 144d:a80a class 010802
pf 0000:3b:00.0 8086:10c9 total 7 vf-id 10ca offset 128 stride 2
pf 0000:25:00.0 10de:25b6 total 16 offset 4
pf 0000:c1:00.0 1af4:1041 total 4
vfs 0000:3b:00.0 2
vfs 0000:25:00.0 2
"""
CONFIG = '[pci]\ndevice_spec = {"vendor_id": "144d", "product_id": "a80a"}\n'
NVIDIA = """
[nvidia]
directory = nvidia
attributes = current_vgpu_type
unusable = current_vgpu_type = 0: no vGPU type is set
"""
MOUNT = "36 35 259:{} / {} rw,relatime shared:1 - ext4 /dev/{} rw\n"
FILES = {
    "vendor.d/nvidia.conf": NVIDIA,
    "proc/self/mountinfo": MOUNT.format(9, "/", "sda"),
    "proc/swaps": "Filename Type Size Used Priority\n",
    "proc/sys/kernel/random/boot_id": "0b7b0e3c-8d5b-4d7f-9f5e-7a0a5b0a3c11\n",
}


def reasons(device):
    return [reason["code"] for reason in device["readiness"]["reasons"]]


def message(device, code):
    return next((r["message"] for r in device["readiness"]["reasons"] if r["code"] == code), "")


class FactsTestCase(DaemonTestCase):
    scenario = HOST
    config = CONFIG
    options = {"files": FILES}

    def setUp(self):
        super().setUp()
        self.seen = self.watch()

    def wait(self, address, wanted):
        return self.seen.wait_device(address, wanted)


class Vendors(FactsTestCase):
    def test_a_write_into_the_vendors_directory_is_a_change_though_no_event_is_sent(self):
        self.assertEqual(self.host.device(GPU_VF)["vendor_state"], {"current_vgpu_type": "0"})
        self.host.play(f"write {GPU_VF} nvidia/current_vgpu_type 1145")
        device = self.wait(GPU_VF, lambda d: d["vendor_state"] == {"current_vgpu_type": "1145"})
        self.assertEqual(self.host.device(OTHER_GPU_VF)["vendor_state"],
                         {"current_vgpu_type": "0"})
        change = next(c for c in self.seen.changes if c["sequence"] == device["sequence"])
        self.assertEqual(change["cause"]["source"], "inotify")

    def test_a_directory_that_came_again_is_listened_to_again(self):
        for number in ("1145", "1146"):
            self.host.play(f"unbind {GPU_VF}")
            self.wait(GPU_VF, lambda d: d["vendor_state"] == {})
            self.host.play(f"probe {GPU_VF}")
            self.wait(GPU_VF, lambda d: d["vendor_state"] == {"current_vgpu_type": "0"})
            self.host.play(f"write {GPU_VF} nvidia/current_vgpu_type {number}")
            self.wait(GPU_VF, lambda d, n=number: d["vendor_state"] == {"current_vgpu_type": n})

    def test_a_rules_file_with_a_mistake_is_left_out_and_its_place_is_told(self):
        self.host.write("vendor.d/nvidia.conf", NVIDIA + "colour = green\n")
        os.kill(self.host.pid, signal.SIGHUP)
        self.wait(GPU_VF, lambda d: d["vendor_state"] == {})
        self.assertIn("vendor.d/nvidia.conf:6:1: unknown key 'colour'", self.host.log())
        self.host.write("vendor.d/nvidia.conf", NVIDIA)
        os.kill(self.host.pid, signal.SIGHUP)
        self.wait(GPU_VF, lambda d: d["vendor_state"] == {"current_vgpu_type": "0"})


class Use(FactsTestCase):
    def test_in_use_follows_who_opens_the_device(self):
        self.host.play(f"unbind {VF}\noverride {VF} vfio-pci\nprobe {VF}")
        self.wait(VF, lambda d: d.get("in_use") is False)
        self.host.play(f"open {VF}")
        self.wait(VF, lambda d: d.get("in_use") is True)
        self.host.play(f"close {VF}")
        self.wait(VF, lambda d: d.get("in_use") is False)
        self.assertIsNone(self.host.device(OTHER_VF).get("in_use"))

    def test_a_device_that_is_opened_after_its_group_is_found_a_little_later(self):
        self.host.play(f"unbind {VF}\noverride {VF} vfio-pci\nprobe {VF}")
        group = self.wait(VF, lambda d: d.get("in_use") is False)["iommu_group"]
        # As libvirt and QEMU: the node is opened first, and nothing tells of the rest.
        node = f"/proc/{self.host.pid}/root/dev/vfio/{group}"
        reads = self.host.status()["reads"]
        with open(node, "rb"):
            until(lambda: self.host.status()["reads"] > reads)
            self.host.play(f"write {VF} enable 1")
            self.wait(VF, lambda d: d.get("in_use") is True)

    def test_a_disk_that_is_mounted_or_stacked_on_is_used_by_the_host(self):
        self.host.play(f"disk {DISK} nvme0n1")
        self.assertNotIn("host_uses_device", reasons(self.host.device(DISK)))
        self.host.write("proc/self/mountinfo", MOUNT.format(0, "/data", "nvme0n1"))
        self.host.play(f"stack {DISK} dm-0")
        # Which of the two is read first is not said.
        self.wait(DISK, lambda d: "has its disk nvme0n1 mounted on /data" in
                  message(d, "host_uses_device"))
        self.host.write("proc/self/mountinfo", "")
        self.host.play(f"event change {DISK}\nstack {DISK} none\nstack {DISK} dm-1")
        self.wait(DISK, lambda d: "uses its disk nvme0n1 through dm-1" in
                  message(d, "host_uses_device"))
        self.host.play(f"stack {DISK} none")
        self.wait(DISK, lambda d: "host_uses_device" not in reasons(d))

    def test_a_vdpa_device_makes_its_function_one(self):
        self.host.play(f"vdpa {VF} blue")
        self.wait(VF, lambda d: d["nova_device_type"] == "vdpa")
        self.host.play(f"vdpa {VF} none")
        self.wait(VF, lambda d: d["nova_device_type"] == "type-VF")

    def test_the_source_counts(self):
        source = self.host.source("inotify")
        self.host.play(f"write {GPU_VF} nvidia/current_vgpu_type 7")
        self.wait(GPU_VF, lambda d: d["vendor_state"] == {"current_vgpu_type": "7"})
        self.assertGreater(self.host.source("inotify")["events"], source["events"])
        self.assertIsNone(source.get("blind"))


if __name__ == "__main__":
    unittest.main()
