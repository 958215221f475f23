"""The line above the fleet: how many readers there are, what they sell, and how that went in the last minutes."""

from __future__ import annotations

from collections import Counter, deque

from rich.text import Text

BARS = "▁▂▃▄▅▆▇█"
MINUTE_MS = 60_000
MINUTES = 20
APPROVED, DECLINED = "charge.succeeded", "charge.failed"


class Sales:
    """Approvals and declines by minute of the bench's clock, as the live stream tells of them."""

    def __init__(self) -> None:
        self.approved = self.declined = 0
        self._minutes: deque[tuple[int, int]] = deque(maxlen=MINUTES)

    def heard(self, event: str, at_ms: int) -> None:
        """An event."""
        if event not in (APPROVED, DECLINED):
            return
        minute = at_ms // MINUTE_MS
        if not self._minutes or self._minutes[-1][0] < minute:
            self._minutes.append((minute, 0))
        self._minutes[-1] = (self._minutes[-1][0], self._minutes[-1][1] + 1)
        self.approved += event == APPROVED
        self.declined += event == DECLINED

    def sparkline(self, now_ms: int) -> str:
        """The last minutes as bars, the present one at the right."""
        by_minute = dict(self._minutes)
        last = now_ms // MINUTE_MS
        counts = [by_minute.get(minute, 0) for minute in range(last - MINUTES + 1, last + 1)]
        highest = max(counts)
        return "".join(BARS[0] if not count else BARS[(count * (len(BARS) - 1)) // highest] for count in counts)


def summary(counts: Counter[str], shown: int, total: int, sales: Sales, now_ms: int, marked: int) -> Text:
    """The line."""
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f" {shown} of {total} readers" if shown != total else f" {total} readers", style="bold")
    text.append(f"   ● {counts['online']} online", style="green")
    text.append(f"   ○ {counts['offline']} offline", style="red" if counts["offline"] else "")
    text.append(f"   ✓ {sales.approved} approved   ✗ {sales.declined} declined   {sales.sparkline(now_ms)}")
    if marked:
        text.append(f"   {marked} marked", style="bold")
    return text
