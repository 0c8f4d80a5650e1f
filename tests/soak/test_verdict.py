# SPDX-License-Identifier: Apache-2.0
"""What the soak says of made-up samples."""

import os
import threading
import unittest

from samples import Sample, descriptors, margin, memory, threads, verdict

DURATION = 150


def made_up(kib=lambda second: 5000, fds=lambda second: 20, count=lambda second: 2):
    """A sample each second, each fifth at rest; under load 1000 KiB and 30 descriptors more."""
    return [Sample(second, second % 5 == 0, kib(second) + (second % 5 > 0) * 1000,
                   fds(second) + (second % 5 > 0) * 30, count(second))
            for second in range(DURATION)]


class Verdict(unittest.TestCase):
    def check(self, expected, **series):
        lines = verdict(made_up(**series), DURATION)
        self.assertEqual(len(lines), len(expected), lines)
        for line, text in zip(lines, expected):
            self.assertIn(text, line)

    def test_flat_is_flat(self):
        self.check([])

    def test_what_grows_in_the_warm_up_only_is_flat(self):
        self.check([], kib=lambda s: min(s, DURATION // 3) * 1000, fds=lambda s: 20 + (s < 9))

    def test_a_peak_that_comes_again_is_flat(self):
        self.check([], kib=lambda s: 5000 + 2000 * (s % 20 < 2))

    def test_growth_within_the_margin_is_none(self):
        self.check([], kib=lambda s: 5000 + (s >= 100) * margin(5000, DURATION))

    def test_growth_beyond_the_margin_is_one_at_rest_and_under_load(self):
        self.check(["at rest: memory grew", "under load: memory grew"],
                   kib=lambda s: 5000 + s * (margin(15000, DURATION) // 50 + 1))

    def test_a_descriptor_that_is_left_is_one(self):
        self.check(["descriptors at rest: between 20 and 21"], fds=lambda s: 20 + (s > 120))

    def test_a_thread_that_is_left_is_one(self):
        self.check(["threads at rest: between 2 and 3"], count=lambda s: 2 + (s > 120))

    def test_in_a_brief_run_only_a_large_leak_is_one(self):
        for kib, wrong in ((1000, 0), (4000, 2)):
            samples = made_up(lambda s, more=kib: 5000 + (s >= 40) * more)[:60]
            self.assertEqual(len(verdict(samples, 60)), wrong, kib)

    def test_no_samples_are_no_proof(self):
        self.assertEqual(len(verdict([], DURATION)), 2)
        self.assertEqual(len(verdict(made_up()[:80], DURATION)), 2)


class OfAProcess(unittest.TestCase):
    def test_memory_threads_and_descriptors_are_those_of_the_process(self):
        before = memory(os.getpid())
        block = bytearray(os.urandom(8 << 20))
        self.assertGreater(memory(os.getpid()) - before, len(block) // 1024 // 2)
        self.assertEqual(threads(os.getpid()), threading.active_count())
        before = descriptors(os.getpid())
        with open(os.devnull, "rb"):
            self.assertEqual(descriptors(os.getpid()), before + 1)


if __name__ == "__main__":
    unittest.main()
