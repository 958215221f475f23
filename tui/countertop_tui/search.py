"""Searching as one types: every word has to be found, as it stands or by some of its letters in their order."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise


class Search:
    """What was typed.  ``wpe`` finds ``wisepos_e``, ``gb off`` what has both."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        words = text.lower().split()
        self._plain = tuple(words)
        self._loose = tuple(_in_order(word) for word in words)

    def __bool__(self) -> bool:
        return bool(self._plain)

    def finds(self, text: str, names: str = "") -> bool:
        """Whether all is found in a text of small letters, or as it stands in ``names``: ids and serials have every
        letter somewhere."""
        return all(
            word in text or word in names or loose.search(text) is not None
            for word, loose in zip(self._plain, self._loose, strict=True)
        )

    def literal(self, text: str) -> bool:
        """Whether every word stands in the text as it was typed."""
        return all(word in text for word in self._plain)

    def narrows(self, other: Search) -> bool:
        """Whether nothing is found that the other does not find, so that only what it found need be looked at."""
        return bool(other._plain) and self.text.startswith(other.text)


@cache
def _in_order(word: str) -> re.Pattern[str]:
    # Letters of one word in their order, without leaving that word; each gap takes what is not the next letter, so
    # that nothing is tried twice.
    if len(word) < 2:
        return re.compile(re.escape(word))
    steps = (f"[^ {re.escape(after)}]*{re.escape(after)}" for _, after in pairwise(word))
    return re.compile(re.escape(word[0]) + "".join(steps))
