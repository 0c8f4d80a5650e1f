# SPDX-License-Identifier: Apache-2.0
"""What the system rarely does, done to a daemon on demand; see tests/shim/faults.c."""

import mmap
import os
import struct

from simulated import BUILD

LIBRARY = os.path.abspath(os.path.join(BUILD, "tests/faults.so"))
# As struct faults.
MEMBERS = ("most_bytes", "realtime_usec", "read_error", "read_error_left", "no_udev",
           "unlink_error")
LAYOUT = struct.Struct(f"={len(MEMBERS)}q256s")


class Faults:
    """Of the daemon that is started with variables(); what is set counts from then on."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "faults")
        with open(self.path, "wb") as f:
            f.write(bytes(LAYOUT.size))
        with open(self.path, "r+b") as f:
            self.memory = mmap.mmap(f.fileno(), LAYOUT.size)

    def variables(self):
        return {"LD_PRELOAD": LIBRARY, "VFMON_FAULTS": self.path}

    def set(self, read_path="", **members):
        """Everything else goes right. The count of failures comes last, as it lets them begin."""
        values = [members.get(name, 0) for name in MEMBERS]
        LAYOUT.pack_into(self.memory, 0, *[0] * len(MEMBERS), read_path.encode())
        for number, value in enumerate(values):
            struct.pack_into("=q", self.memory, number * 8, value)

    def left(self):
        """How many reads are still to fail."""
        return struct.unpack_from("=q", self.memory, MEMBERS.index("read_error_left") * 8)[0]
