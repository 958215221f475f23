"""The line above everything: how many readers there are, what they sell, and how that went in the last minutes."""

from __future__ import annotations

from collections import Counter, deque

from rich.text import Text

BARS = "▁▂▃▄▅▆▇█"
MINUTE_MS = 60_000
MINUTES = 12
ROOM_FOR_BARS = 145
APPROVED, DECLINED = "charge.succeeded", "charge.failed"


class Counts:
    """Something counted by minutes of the bench's clock."""

    def __init__(self) -> None:
        self.total = 0
        self._minutes: deque[list[int]] = deque(maxlen=MINUTES)

    def add(self, at_ms: int, number: int = 1) -> None:
        """So many more, now."""
        minute = at_ms // MINUTE_MS
        self.total += number
        if not self._minutes or self._minutes[-1][0] < minute:
            self._minutes.append([minute, 0])
        self._minutes[-1][1] += number

    def bars(self, now_ms: int) -> str:
        """The last minutes as bars, the present one at the right."""
        by_minute = {each[0]: each[1] for each in self._minutes}
        last = now_ms // MINUTE_MS
        counts = [by_minute.get(minute, 0) for minute in range(last - MINUTES + 1, last + 1)]
        highest = max(counts)
        return "".join(BARS[0] if not count else BARS[(count * (len(BARS) - 1)) // highest] for count in counts)

    def per_minute(self, now_ms: int) -> int:
        """How many in the present minute."""
        last = now_ms // MINUTE_MS
        return next((count for minute, count in reversed(self._minutes) if minute == last), 0)


class Sales:
    """Approvals, declines and readers that went offline, as the live stream tells of them."""

    def __init__(self) -> None:
        self.sold, self.approved, self.declined, self.lost = Counts(), Counts(), Counts(), Counts()

    def begin(self, approved: int, declined: int) -> None:
        """What was sold today, as the server counts it."""
        self.approved.total, self.declined.total = approved, declined

    def heard(self, event: str, at_ms: int) -> None:
        """An event."""
        if event in (APPROVED, DECLINED):
            self.sold.add(at_ms)
            (self.approved if event == APPROVED else self.declined).add(at_ms)


def summary(counts: Counter[str], shown: int, total: int, sales: Sales, now_ms: int, marked: int, width: int) -> Text:
    """The line."""
    text = Text(no_wrap=True, overflow="ellipsis")

    def part(words: str, style: str, bars: str = "") -> None:
        text.append("   ")
        text.append(words, style)
        if width >= ROOM_FOR_BARS and bars:
            text.append(f" {bars}", style)

    offline = counts["offline"]
    readers = "reader" if total == 1 else "readers"
    text.append(f" {shown} of {total} {readers}" if shown != total else f" {total} {readers}", style="bold")
    if marked:
        part(f"✓ {marked} marked", "bold reverse")
    part(f"● {counts['online']} online", "green")
    part(f"○ {offline} offline", "red" if offline else "", sales.lost.bars(now_ms))
    part(f"{sales.sold.per_minute(now_ms)} sales/min", "bold", sales.sold.bars(now_ms))
    part(f"✓ {sales.approved.total} approved", "green", sales.approved.bars(now_ms))
    part(f"✗ {sales.declined.total} declined", "red" if sales.declined.total else "", sales.declined.bars(now_ms))
    return text
