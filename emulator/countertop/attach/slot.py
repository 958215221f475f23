"""A card slot at work: looks whether a card comes or goes, and has it answer what the reader's kernel asks."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable

from countertop.attach.desk import Ask, Desk, Say
from countertop.attach.ports import Drivers, Slot

#: How often the slot is looked at while nothing is asked.
LOOK_EVERY_S = 0.1
AGAIN_EVERY_S = 1.0


class Ended(Exception):
    """The server let go; ``error`` says why, None when it was asked to."""

    def __init__(self, error: Exception | None) -> None:
        super().__init__(str(error))
        self.error = error


class SlotWork:
    """The loop around one device.  ``reopen`` opens it again after it was unplugged."""

    def __init__(
        self,
        desk: Desk,
        drivers: Drivers,
        reopen: Callable[[], Slot],
        say: Say,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._desk = desk
        self._drivers = drivers
        self._reopen = reopen
        self._say = say
        self._clock = clock
        self._slot: Slot | None = reopen()
        self._here = False
        self._fresh = False
        self._again_at = 0.0

    def run(self) -> None:
        """Work until the server lets go.  Raises Ended."""
        while True:
            self.step()

    def step(self) -> None:
        """Answer one question, or look at the slot once."""
        try:
            ask = self._desk.asks.get(timeout=LOOK_EVERY_S)
        except queue.Empty:
            self._look()
            return
        self._do(ask)

    def close(self) -> None:
        """Let go of the device."""
        slot, self._slot = self._slot, None
        if slot is not None:
            slot.close()

    # --- what comes and goes --------------------------------------------------------------------------------------

    def _look(self) -> None:
        slot = self._slot
        if slot is None:
            self._open_again()
            return
        try:
            here = slot.present
        except self._drivers.DeviceGone as error:
            self._lost(error)
            return
        except OSError as error:
            self._say(f"The device: {error}")
            return
        if here != self._here:
            self._here = self._fresh = here
            self._say("A card is there." if here else "The card is gone.")
            if not here:
                self._desk.card_gone()
        if self._fresh and self._desk.wants_card:
            self._fresh = False
            self._desk.card_came()

    def _lost(self, error: OSError) -> None:
        self._say(f"{error} Waiting for it to come back.")
        self.close()
        if self._here:
            self._here = self._fresh = False
            self._desk.card_gone()

    def _open_again(self) -> None:
        if self._clock() < self._again_at:
            return
        self._again_at = self._clock() + AGAIN_EVERY_S
        try:
            self._slot = self._reopen()
        except OSError:
            return
        self._say("The device is back.")

    # --- what is asked --------------------------------------------------------------------------------------------

    def _do(self, ask: Ask) -> None:
        match ask["do"]:
            case "end":
                raise Ended(ask["error"])
            case "detached":
                raise Ended(None)
            case "power_off":
                self._power_off()
            case "power_on":
                self._answer(ask, "power on", lambda slot: slot.power_on())
            case "transmit":
                apdu = bytes.fromhex(ask["apdu"])
                self._answer(ask, ask["name"], lambda slot: slot.transmit(apdu))

    def _answer(self, ask: Ask, name: str, work: Callable[[Slot], bytes]) -> None:
        slot, number, began = self._slot, ask["number"], self._clock()
        if slot is None:
            self._desk.silence(number, "removed")
            return
        try:
            response = work(slot)
        except self._drivers.DeviceGone as error:
            self._desk.silence(number, "removed")
            self._lost(error)
            return
        except OSError as error:
            self._say(f"{name}: {error}")
            self._desk.silence(number, "removed" if isinstance(error, self._drivers.CardAbsent) else "mute")
            return
        took = f"{(self._clock() - began) * 1000:.0f} ms"
        last = response[-2:].hex().upper() if ask["do"] == "transmit" else response.hex().upper()
        self._say(f"  {name:40} {last}  {took}")
        self._desk.answer(number, response)

    def _power_off(self) -> None:
        try:
            if self._slot is not None:
                self._slot.power_off()
        except self._drivers.DeviceGone as error:
            self._lost(error)
        except OSError as error:
            self._say(f"power off: {error}")
