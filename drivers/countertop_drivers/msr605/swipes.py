"""From what an MSR605 sends to a pass of a card."""

from __future__ import annotations

from collections.abc import Callable

from countertop_drivers.errors import ProtocolError
from countertop_drivers.link import Swipe, Tracks
from countertop_drivers.msr605.commands import Status, status_words
from countertop_drivers.msr605.frames import Block
from countertop_drivers.track_bits import decode
from countertop_drivers.tracks import inner


def iso_swipe(block: Block) -> Swipe:
    """Of a block of texts.  A text that is no track of that number is left out, and told of in ``problem``."""
    tracks, problems = _tracks(block, inner)
    return Swipe(tracks, "iso", " ".join(problems))


def raw_swipe(block: Block) -> Swipe:
    """Of a block of bits: the bits, and the text where they are that."""
    tracks, problems = _tracks(block, decode)
    return Swipe(tracks, "raw", " ".join(problems), block.tracks)


def _tracks(block: Block, text_of: Callable[[bytes, int], bytes]) -> tuple[Tracks, list[str]]:
    problems: list[str] = []

    def text(number: int) -> bytes | None:
        found = block.tracks[number - 1]
        if block.unreadable[number - 1]:
            problems.append(f"Track {number} could not be read.")
        if found is None:
            return None
        try:
            return text_of(found, number)
        except ProtocolError as error:
            problems.append(error.message)
            return None

    tracks = text(1), text(2), text(3)
    if block.status != Status.OK:
        words = status_words(block.status)
        problems.append(f"{words[0].upper()}{words[1:]}.")
    return tracks, problems
