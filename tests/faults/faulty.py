# SPDX-License-Identifier: Apache-2.0
"""A daemon of which one allocation after the other fails."""

import mmap
import os
import struct
import tempfile

from simulated import BUILD

LIBRARY = os.path.abspath(os.path.join(BUILD, "tests/faults/alloc_fault.so"))
# Every so many-th allocation fails in a run of the tests; 1: each.
STRIDE = int(os.environ.get("FAULTS_STRIDE", "1"))
# Only those of our own code, by a daemon that was linked for that: see check-faults-own.
OWN = "FAULTS_OWN" in os.environ
FORMAT = "=qq"


class Faults:
    """The file by which allocations of the daemon are made to fail. For all daemons of a test."""

    def __init__(self):
        file, self.path = tempfile.mkstemp(prefix="vfmon-test-")
        os.truncate(file, mmap.PAGESIZE)
        self.map = mmap.mmap(file, mmap.PAGESIZE)
        os.close(file)
        self.never()

    def environment(self):
        """What the daemon has to be started with."""
        variables = {"ALLOC_FAULT": self.path}
        if not OWN:
            variables["LD_PRELOAD"] = LIBRARY
        return variables

    def after(self, count):
        """So many allocations from now on succeed, then one fails, then all succeed again."""
        struct.pack_into(FORMAT, self.map, 0, count, 0)

    def never(self):
        """None fails any more. Returns whether one has."""
        failed = struct.unpack_from(FORMAT, self.map)[1]
        struct.pack_into(FORMAT, self.map, 0, -1, 0)
        return bool(failed)

    def each(self, stride=None):
        """Yields after arming the next one, until a round has none that fails any more."""
        step = stride or STRIDE
        count = step - 1
        while True:
            self.after(count)
            yield count
            if not self.never():
                return
            count += step

    def close(self):
        self.map.close()
        os.unlink(self.path)
