"""The memory of one transaction, and how the kernel talks to the card."""

from __future__ import annotations

from countertop.emv.apdu import ApduError, Command, Response
from countertop.emv.bits import AIP, TSI, TVR
from countertop.emv.kernel.events import Candidate, Ended, Silence, Steps, Transmit
from countertop.emv.kernel.terminal import Request, Terminal, TerminalApplication
from countertop.emv.rsa import PublicKey

# A whole transaction takes about 20 commands; a card that has the terminal ask for ever is none.
MOST_COMMANDS = 400
MOST_PIECES = 16


class Transaction:
    """What is known so far.

    ``data``: data objects by tag, of card and terminal.  ``oda_data``: what the card's static signatures cover.
    ``pdol_data`` … are what was sent, since combined signatures cover them.
    """

    def __init__(self, terminal: Terminal, request: Request) -> None:
        self.terminal = terminal
        self.request = request
        self.data: dict[int, bytes] = {}
        self.tvr = TVR(0)
        self.tsi = TSI(0)
        self.application = TerminalApplication(b"")
        self.candidates: list[Candidate] = []
        self.afl = b""
        self.oda_data: bytes | None = b""
        self.pdol_data = b""
        self.cdol1_data = b""
        self.icc_key: PublicKey | None = None
        self.sign = False
        """Whether the card is to sign its cryptograms (CDA)."""
        self.pin_refused = False
        self.pin_later = False
        """Whether a PIN for the issuer is asked for once the card is gone, and not while it waits."""
        self.pin_due = False
        self.online = False
        self.issuer_approved = False
        self.script_results = b""
        self._commands = 0
        self.begin()

    def begin(self) -> None:
        """Forget what another application of the card said; know what the terminal says."""
        terminal, request = self.terminal, self.request
        self.data = {
            0x81: min(request.amount, 0xFFFFFFFF).to_bytes(4, "big"),
            0x9A: bytes.fromhex(request.date),
            0x9C: bytes((request.type,)),
            0x5F2A: request.currency,
            0x5F36: bytes((request.exponent,)),
            0x9F02: bytes.fromhex(f"{request.amount:012d}"),
            0x9F03: bytes.fromhex(f"{request.other:012d}"),
            0x9F04: request.other.to_bytes(4, "big"),
            0x9F15: bytes.fromhex(terminal.merchant_category),
            0x9F1A: terminal.country,
            0x9F1C: terminal.identification.encode("ascii", "replace")[:8].ljust(8),
            0x9F1E: terminal.serial.encode("ascii", "replace")[-8:].rjust(8, b"0"),
            0x9F21: bytes.fromhex(request.time),
            0x9F33: terminal.capabilities,
            0x9F35: bytes((terminal.kind,)),
            0x9F37: request.draw(4),
            0x9F39: b"\x05",
            0x9F40: terminal.additional_capabilities,
            0x9F41: request.sequence.to_bytes(4, "big"),
            0x9F4E: terminal.merchant.encode("ascii", "replace")[:40],
        }

    @property
    def aip(self) -> AIP:
        """What the card supports."""
        return AIP(int.from_bytes(self.data[0x82], "big"))

    @property
    def pan(self) -> str:
        """The PAN of the records, or of the track that stands in for them."""
        if 0x5A in self.data:
            return self.data[0x5A].hex().upper().rstrip("F")
        track = self.data.get(0x57) or self.data.get(0x9F6B, b"")
        return track.hex().upper().partition("D")[0]

    def values(self) -> dict[int, bytes]:
        """All data objects, results included."""
        return self.data | {0x95: self.tvr.encoded, 0x9B: self.tsi.encoded}

    def supports(self, byte: int, bit: int) -> bool:
        """A bit of the terminal capabilities, 9F33; bytes count from 1."""
        return bool(self.terminal.capabilities[byte - 1] & bit)

    def exchange(self, command: Command, name: str) -> Steps[Response]:
        """Send a command and fetch all of its response.  Raises Ended when the card is silent or talks nonsense."""
        response = yield from self._send(command, name)
        if response.sw >> 8 == 0x6C:
            again = Command(command.cla, command.ins, command.p1, command.p2, command.data, response.sw & 0xFF or 256)
            response = yield from self._send(again, name)
        data = b""
        for _ in range(MOST_PIECES):
            data += response.data
            if response.sw >> 8 != 0x61:
                return Response(data, response.sw)
            response = yield from self._send(Command(0, 0xC0, 0, 0, le=response.sw & 0xFF or 256), "GET RESPONSE")
        raise Ended("fallback", "card_error", "The card never ends its response.")

    def _send(self, command: Command, name: str) -> Steps[Response]:
        self._commands += 1
        if self._commands > MOST_COMMANDS:
            raise Ended("terminated", "card_error", f"The card made the terminal send {MOST_COMMANDS} commands.")
        answer = yield Transmit(command.encoded, name)
        if answer is Silence.REMOVED:
            raise Ended("removed", "card_removed", f"The card was gone at {name}.")
        if answer is Silence.MUTE:
            raise Ended("fallback", "card_mute", f"The card did not answer {name}.")
        try:
            return Response.parse(answer)
        except ApduError as error:
            raise Ended("fallback", "card_error", f"{name}: {error}.") from None
