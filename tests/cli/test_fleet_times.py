"""Times and durations as people write them in fleet files."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countertop.cli.fleet_times import duration_ms, instant_ms, moment

DAY = 86_400_000
NOON = 12 * 3_600_000


@pytest.mark.parametrize(
    ("text", "expected"), [("90s", 90_000), ("1500ms", 1500), (" 5 m ", 300_000), ("2h", 7_200_000)]
)
def test_durations(text, expected):
    assert duration_ms(text) == expected


@pytest.mark.parametrize("text", ["", "90", "s", "-1s", "0s", "1.5s", "1d", "9" * 30 + "s"])
def test_what_is_no_duration(text):
    with pytest.raises(ValueError, match="is no duration"):
        duration_ms(text)


@pytest.mark.parametrize("text", ["", "noon", "25:00", "12:60", "2026-13-01T00:00:00", "tomorrow 12:00"])
def test_what_is_no_time(text):
    with pytest.raises(ValueError, match="is no time"):
        moment(text)


@pytest.mark.parametrize(
    ("text", "now", "expected"),
    [
        ("12:00", 0, NOON),
        ("12:00", NOON, NOON),
        ("12:00", NOON + 1, NOON + DAY),
        ("12:00:00+02:00", 0, NOON - 2 * 3_600_000),
        ("00:30-01:00", 0, 5_400_000),
        ("1970-01-02T00:00:00Z", 10 * DAY, DAY),
        ("1970-01-02T00:00:00", 0, DAY),
        ("1970-01-01T02:00:00+02:00", 0, 0),
    ],
)
def test_when_that_is(text, now, expected):
    assert instant_ms(moment(text), now) == expected


@given(at=st.times(), now=st.integers(0, 4_000_000_000_000))
def test_a_time_of_day_comes_within_a_day(at, now):
    due = instant_ms(moment(at.replace(microsecond=0).isoformat()), now)
    assert now <= due < now + DAY
    assert datetime.fromtimestamp(due / 1000).second == at.second
