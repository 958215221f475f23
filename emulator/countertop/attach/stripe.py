"""A reader of magnetic stripes at work: every pass of a card is handed to the virtual reader."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable

from countertop.attach.desk import Desk, Say
from countertop.attach.ports import Drivers, StripeReader
from countertop.attach.slot import AGAIN_EVERY_S, Ended

READ_FOR_S = 0.5
#: How an encrypting reader says that its digits are not all there.
MASKED = "masked"
#: Sentinels of the three tracks (ISO/IEC 7811): start of 1, start of 2 and 3, end.
START = ("%", ";", ";")
END = "?"


class StripeWork:
    """The loop around one device.  ``reopen`` opens it again after it was unplugged."""

    def __init__(
        self,
        desk: Desk,
        drivers: Drivers,
        reopen: Callable[[], StripeReader],
        say: Say,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._desk = desk
        self._drivers = drivers
        self._reopen = reopen
        self._say = say
        self._sleep = sleep
        self._device: StripeReader | None = reopen()

    def run(self) -> None:
        """Work until the server lets go.  Raises Ended."""
        while True:
            self.step()

    def step(self) -> None:
        """Hear what the server says, and wait for a card for a moment."""
        try:
            ask = self._desk.asks.get_nowait()
        except queue.Empty:
            self._read()
            return
        if ask["do"] in ("end", "detached"):
            raise Ended(ask.get("error"))

    def close(self) -> None:
        """Let go of the device."""
        device, self._device = self._device, None
        if device is not None:
            device.close()

    def _read(self) -> None:
        if self._device is None:
            self._open_again()
            return
        try:
            swipe = self._device.read(READ_FOR_S)
        except self._drivers.DeviceGone as error:
            self._say(f"{error} Waiting for it to come back.")
            self.close()
            return
        except OSError as error:
            self._say(f"The device: {error}")
            return
        if swipe is None:
            return
        if swipe.method == MASKED:
            self._say("This reader gives masked tracks only: nobody can pay with them.")
            return
        if swipe.problem:
            self._say(f"The swipe was not clean: {swipe.problem}")
        tracks = [
            None if track is None else start + track.decode("ascii", "replace") + END
            for start, track in zip(START, swipe.tracks, strict=True)
        ]
        read = ", ".join(str(number) for number, track in enumerate(tracks, 1) if track is not None)
        self._say(f"A card was swiped: track {read or 'none'}.")
        self._desk.swiped(tracks)

    def _open_again(self) -> None:
        self._sleep(AGAIN_EVERY_S)
        try:
            self._device = self._reopen()
        except OSError:
            return
        self._say("The device is back.")
