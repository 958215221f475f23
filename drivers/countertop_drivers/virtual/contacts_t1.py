"""The card's side of T=1 (ISO/IEC 7816-3, 11) over any card that answers APDUs."""

from __future__ import annotations

from collections.abc import Callable

from countertop_drivers.ccid.t1_blocks import IFS, RESPONSE, RESYNCH, WTX, Block, information, ready
from countertop_drivers.errors import ProtocolError
from countertop_drivers.link import Card

DEFAULT_IFS = 32
LONGEST_COMMAND = 65544


class T1Card:
    """Answers blocks.

    ``wtx``: how often it asks for more time before each response; ``crc``: two check bytes instead of one;
    ``spoil``: what becomes of each block on its way out, given its number and bytes (empty: nothing arrives).
    """

    def __init__(
        self,
        card: Card,
        *,
        ifsc: int = DEFAULT_IFS,
        crc: bool = False,
        wtx: int = 0,
        spoil: Callable[[int, bytes], bytes] | None = None,
    ) -> None:
        self._card = card
        self._ifsc = ifsc
        self._crc = crc
        self._wtx = wtx
        self._spoil = spoil
        self._sent = 0
        self._forget()

    def block(self, data: bytes) -> bytes:
        """One block in, one block out."""
        answer = self._answer(data).encode(self._crc)
        self._sent += 1
        return answer if self._spoil is None else self._spoil(self._sent - 1, answer)

    def _forget(self) -> None:
        self._ifsd = DEFAULT_IFS
        self._number = 0
        self._expected = 0
        self._command = b""
        self._response: bytes | None = None
        self._asked = 0
        self._last: Block | None = None

    def _answer(self, data: bytes) -> Block:
        try:
            block = Block.parse(data, self._crc)
        except ProtocolError:
            return ready(self._expected, 1)
        if block.is_information:
            return self._information(block)
        if block.is_ready:
            return self._ready(block)
        return self._supervision(block)

    def _information(self, block: Block) -> Block:
        if block.number != self._expected or len(block.inf) > self._ifsc:
            return ready(self._expected, 2)
        self._expected ^= 1
        self._command += block.inf
        if block.more and len(self._command) <= LONGEST_COMMAND:
            return self._keep(ready(self._expected))
        command, self._command = self._command, b""
        self._response = self._card.transmit(command)
        self._asked = 0
        return self._next()

    def _ready(self, block: Block) -> Block:
        if self._response and block.number == self._number:
            return self._next()
        return self._last if self._last is not None else ready(self._expected)

    def _supervision(self, block: Block) -> Block:
        if block.pcb == RESYNCH:
            ifsd = self._ifsd
            self._forget()
            self._ifsd = ifsd
            return Block(RESYNCH | RESPONSE)
        if block.pcb == IFS:
            self._ifsd = block.inf[0]
            return Block(IFS | RESPONSE, block.inf)
        if block.pcb == WTX | RESPONSE and self._response is not None:
            return self._next()
        return ready(self._expected, 2)

    def _next(self) -> Block:
        """The next piece of the response, or a wish for more time."""
        if self._asked < self._wtx:
            self._asked += 1
            return self._keep(Block(WTX, b"\x02"))
        response = self._response or b""
        piece, rest = response[: self._ifsd], response[self._ifsd :]
        block = information(self._number, piece, bool(rest))
        self._number ^= 1
        self._response = rest or None
        return self._keep(block)

    def _keep(self, block: Block) -> Block:
        self._last = block
        return block
