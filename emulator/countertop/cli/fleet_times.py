"""Durations and moments as people write them in a fleet file: ``90s``, ``12:00``, ``2026-11-23T12:00:00Z``."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta

UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000}
DURATION = re.compile(r"([0-9]{1,9})\s*(ms|s|m|h)")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def duration_ms(text: str) -> int:
    """``90s``, ``1500ms``, ``5m`` or ``2h`` in milliseconds.  Raises ValueError for anything else, and for nothing."""
    found = DURATION.fullmatch(text.strip())
    milliseconds = int(found[1]) * UNITS[found[2]] if found else 0
    if milliseconds <= 0:
        raise ValueError(f'{text!r} is no duration: write one such as "90s", "1500ms", "5m" or "2h"')
    return milliseconds


def moment(text: str) -> datetime | time:
    """A time of day (``12:00``) or a date with a time, both UTC unless they say otherwise.

    Raises ValueError for anything else.
    """
    for read in (time.fromisoformat, datetime.fromisoformat):
        try:
            found = read(text.strip())
        except ValueError:
            continue
        return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    raise ValueError(f'{text!r} is no time: write a time of day such as "12:00", or "2026-11-23T12:00:00Z"')


def instant_ms(at: datetime | time, now_ms: int) -> int:
    """The Unix milliseconds of a moment; of a time of day the next one from now on."""
    if isinstance(at, datetime):
        return (at - EPOCH) // timedelta(milliseconds=1)
    now = EPOCH + timedelta(milliseconds=now_ms)
    local = now.astimezone(at.tzinfo)
    today = datetime.combine(local.date(), at)
    return ((today if today >= now else today + timedelta(days=1)) - EPOCH) // timedelta(milliseconds=1)
