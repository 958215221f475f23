"""Which line of a TOML text a key stands in."""

from __future__ import annotations

import pytest

from countertop.cli.fleet_lines import dotted, line_of

TEXT = """\
# [[reader]] in a comment
[fleet]
seed = 1

[[reader]]
label = "a"
fault = [
  { name = "x" },
]

[[ "reader" ]]
label = "label = b"
  [[reader.fault]]
  name = "offline"
  [[reader.fault]]
  at = "12:00"
[configuration.tipping.gbp]
percentages = [1]
[[reader]]
count.of = 3
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("fleet", "seed"), 3),
        (("fleet", "missing"), 2),
        (("reader", 0), 5),
        (("reader", 0, "label"), 6),
        (("reader", 0, "fault", 0, "name"), 7),
        (("reader", 1, "label"), 12),
        (("reader", 1, "fault", 1), 15),
        (("reader", 1, "fault", 1, "at"), 16),
        (("reader", 1, "fault", 0, "at"), 13),
        (("reader", 2, "count"), 20),
        (("configuration", "tipping", "gbp", "percentages"), 18),
        (("configuration", "tipping"), 17),
        (("nowhere",), 1),
        ((), 1),
    ],
)
def test_the_line_of_a_key_or_the_nearest_above(path, line):
    assert line_of(TEXT, path) == line


def test_a_path_as_people_write_it():
    assert dotted(("reader", 2, "fault", 0, "at")) == "reader.fault.at"
