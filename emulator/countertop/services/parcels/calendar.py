"""Working days and the daily cut-off of the print shop and its carriers: Monday to Friday, 16:00 UTC (assumed)."""

from __future__ import annotations

DAY_S = 86_400
CUT_OFF_S = 16 * 3_600
# The first of January 1970 was a Thursday.
_THURSDAY, _SATURDAY, _WEEK = 3, 5, 7


def is_working_day(at: int) -> bool:
    """Whether a day (Unix seconds, UTC) is one from Monday to Friday."""
    return (at // DAY_S + _THURSDAY) % _WEEK < _SATURDAY


def next_cut_off(at: int) -> int:
    """When the batch closes that takes what is handed in now: today at 16:00, or on the next working day."""
    closes = at - at % DAY_S + CUT_OFF_S
    if closes <= at:
        closes += DAY_S
    while not is_working_day(closes):
        closes += DAY_S
    return closes


def after_working_days(at: int, days: int) -> int:
    """The same time of day, so many working days later."""
    while days > 0:
        at += DAY_S
        days -= is_working_day(at)
    while not is_working_day(at):
        at += DAY_S
    return at
