# SPDX-License-Identifier: Apache-2.0
"""docs/VERDICTS.md against the code."""

import pathlib
import re
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]


class Verdicts(unittest.TestCase):
    def test_each_reason_code_has_a_row(self):
        header = (TOP / "include/vfmon/readiness.h").read_text(encoding="utf-8")
        page = (TOP / "docs/VERDICTS.md").read_text(encoding="utf-8")
        codes = re.findall(r'X\(\w+, "(\w+)"\)', header)
        self.assertGreater(len(codes), 10)
        rows = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
        self.assertEqual(sorted(c for c in rows if "_" in c), sorted(codes))

    def test_each_state_has_a_row(self):
        source = (TOP / "src/vf.c").read_text(encoding="utf-8")
        page = (TOP / "docs/VERDICTS.md").read_text(encoding="utf-8")
        states = re.findall(r'\[VF_READINESS_\w+\] = "(\w+)"', source)
        self.assertEqual(len(states), 6)
        for state in states:
            self.assertIn(f"| `{state}` |", page)


if __name__ == "__main__":
    unittest.main()
