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
        first, second, third = (None if raw is None else decode(raw, number) for number, raw in enumerate(self.raw, 1))
        return first, second, third

    def put(self, number: int, raw: bytes | None) -> None:
        """Write one track, or erase it."""
        tracks = list(self.raw)
        tracks[number - 1] = raw
        self.raw = tracks[0], tracks[1], tracks[2]
