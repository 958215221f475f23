"""A card with a magnetic stripe that virtual devices read, write and erase."""

from __future__ import annotations

from countertop_drivers.link import NO_TRACKS, Tracks
from countertop_drivers.track_bits import decode, encode


class StripeCard:
    """Three tracks as bits, packed, the first that a head meets as the most significant; None where nothing is.

    ``raw`` may be set to anything, such as a damaged track, or one that was recorded backwards.
    """

    def __init__(self, tracks: Tracks = NO_TRACKS) -> None:
        """A card with these texts, without sentinels.  Raises ProtocolError for what a track cannot hold."""
        self.raw: Tracks = NO_TRACKS
        for number, text in enumerate(tracks, 1):
            if text is not None:
                self.put(number, encode(text, number))

    @property
    def tracks(self) -> Tracks:
        """The texts.  Raises ProtocolError where a track cannot be read."""
        return self.text(1), self.text(2), self.text(3)

    def text(self, number: int) -> bytes | None:
        """One text, None where nothing is.  Raises ProtocolError where it cannot be read."""
        raw = self.raw[number - 1]
        return None if raw is None else decode(raw, number)

    def put(self, number: int, raw: bytes | None) -> None:
        """Write one track, or erase it."""
        tracks = list(self.raw)
        tracks[number - 1] = raw
        self.raw = tracks[0], tracks[1], tracks[2]
