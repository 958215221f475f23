"""The virtual chip card: bytes in, bytes out, and a state that changes as a value (ISO/IEC 7816-4; EMV Book 3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from countertop.cards.chip import cryptograms, initiation, over_the_air, pins, reading, scripts
from countertop.cards.chip.faults import SLOW_MS, parse_faults
from countertop.cards.chip.image import ChipImage
from countertop.cards.chip.memory import Holder, Memory, Refused, Session
from countertop.cards.chip.spoiling import spoiled
from countertop.cards.chip.state import ChipState
from countertop.emv.apdu import ApduError, Command, Response

NO_INS, NO_CLA, NO_CHANNEL, WRONG_LENGTH, CONDITIONS = 0x6D00, 0x6E00, 0x6881, 0x6700, 0x6985
MORE, WRONG_LE = 0x6100, 0x6C00
GET_RESPONSE = (0x00, 0xC0)

Handler = Callable[[Memory, Command], Response]
_COMMANDS: Mapping[tuple[int, int], Handler] = MappingProxyType(
    {
        (0x00, 0xA4): reading.select,
        (0x00, 0xB2): reading.read_record,
        (0x80, 0xCA): reading.get_data,
        (0x80, 0xA8): initiation.get_processing_options,
        (0x00, 0x88): initiation.internal_authenticate,
        (0x00, 0x84): pins.get_challenge,
        (0x00, 0x20): pins.verify,
        (0x80, 0xAE): cryptograms.generate_ac,
        (0x00, 0x82): cryptograms.external_authenticate,
    }
    | {(cla, ins): scripts.run for cla in scripts.CLASSES for ins in scripts.COMMANDS}
)
# Over the air nothing is verified, and no issuer is heard.
_OVER_THE_AIR: Mapping[tuple[int, int], Handler] = MappingProxyType(
    {
        (0x00, 0xA4): reading.select,
        (0x00, 0xB2): reading.read_record,
        (0x80, 0xCA): reading.get_data,
        (0x80, 0xA8): over_the_air.get_processing_options,
        (0x80, 0xAE): cryptograms.generate_ac,
        (0x80, 0x2A): over_the_air.compute_checksum,
    }
)


class CardUnpowered(OSError):
    """The card has no power."""


class CardMute(OSError):
    """The card does not answer."""


class CardGone(OSError):
    """The card is not there any more."""


class VirtualChip:
    """A chip card; a :class:`countertop.cards.link.CardLink`.

    ``pin``: what VERIFY compares with; a script may change it.  ``random``: so many unpredictable bytes; the same ones
    give the same answers.  ``faults``: names of :data:`countertop.cards.chip.faults.FAULTS`.  ``tpdu``: answer as over
    T=0 without a reader's help: 61xx and GET RESPONSE instead of data after a command that carries data and no Le.
    ``holder``: what a phone knows of whose hand it is in.

    :meth:`transmit` answers any bytes, with two at least.  OSError comes of faults, and of a card without power.
    """

    def __init__(
        self,
        image: ChipImage,
        state: ChipState | None = None,
        *,
        pin: str,
        random: Callable[[int], bytes],
        faults: Sequence[str] = (),
        tpdu: bool = False,
        holder: Holder = "card",
    ) -> None:
        known = parse_faults(faults)
        if state is None:
            state = ChipState(pin_tries=image.profile.pin_tries)
        self._memory = Memory(spoiled(image, known), state, pin, random, known, holder)
        self._commands = _OVER_THE_AIR if image.over_the_air else _COMMANDS
        self._tpdu = tpdu
        self._powered = False
        self._answered = 0
        self._pending: Response | None = None

    @property
    def state(self) -> ChipState:
        """What is to be kept; it is another value after a command that changed it."""
        return self._memory.state

    @property
    def pin(self) -> str:
        """The PIN, as a script may have changed it."""
        return self._memory.pin

    @property
    def image(self) -> ChipImage:
        """What it is."""
        return self._memory.image

    @property
    def present(self) -> bool:
        """False once it has been pulled out (a fault)."""
        limit = self._memory.faults.pulled_after
        return limit is None or self._answered < limit

    @property
    def answer_ms(self) -> int:
        """How long an answer takes, for whoever drives the card to wait in its own time; 0 without the fault."""
        return SLOW_MS if "slow" in self._memory.faults else 0

    def power_on(self) -> bytes:
        """Reset, cold or warm: everything but the state is forgotten.  Returns the ATR, or the ATS."""
        self._forget()
        self._demand_sound("reset")
        self._powered = True
        return self._memory.image.reset_answer

    def power_off(self) -> None:
        """Take the power away."""
        self._forget()
        self._powered = False

    def transmit(self, apdu: bytes) -> bytes:
        """Answer a command."""
        if not self._powered:
            raise CardUnpowered("the card has no power")
        self._demand_sound("command")
        self._answered += 1
        try:
            response = self._answer(Command.parse(bytes(apdu)))
        except ApduError:
            response = Response(b"", WRONG_LENGTH)
        except Refused as refusal:
            response = Response(b"", refusal.sw)
        return response.encoded

    def _answer(self, command: Command) -> Response:
        pending, self._pending = self._pending, None
        if (command.cla, command.ins) == GET_RESPONSE:
            return self._rest(pending, command.le)
        handler = self._commands.get((command.cla, command.ins))
        if handler is None:
            raise Refused(_unknown(command))
        challenge = self._memory.session.challenge
        try:
            response = handler(self._memory, command)
        finally:
            if self._memory.session.challenge is challenge:
                self._memory.session.challenge = None
        return self._cut(command, response)

    def _cut(self, command: Command, response: Response) -> Response:
        """The response in the length that was asked for."""
        length = len(response.data)
        short = command.le is not None and command.le < length
        if short and not command.data:
            return Response(b"", WRONG_LE | length)
        if short or (length and command.data and command.le is None and self._tpdu):
            self._pending = response
            return Response(b"", MORE | length)
        return response

    def _rest(self, pending: Response | None, le: int | None) -> Response:
        if pending is None:
            raise Refused(CONDITIONS)
        length = len(pending.data)
        if le is None or le >= length:
            return pending
        self._pending = Response(pending.data[le:], pending.sw)
        return Response(pending.data[:le], MORE | length - le)

    def _forget(self) -> None:
        self._memory.session = Session()
        self._pending = None

    def _demand_sound(self, to: str) -> None:
        if not self.present:
            raise CardGone("the card was pulled out")
        if "mute" in self._memory.faults:
            raise CardMute(f"the card does not answer this {to}")


def _unknown(command: Command) -> int:
    classes = {cla for cla, _ in _COMMANDS}
    if command.cla in classes:
        return NO_INS
    return NO_CHANNEL if command.cla in (0x01, 0x02, 0x03) else NO_CLA
