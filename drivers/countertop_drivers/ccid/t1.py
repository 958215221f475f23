"""T=1, the host's side (ISO/IEC 7816-3, 11): numbered blocks, chains, more time, and what to do about errors."""

from __future__ import annotations

from collections.abc import Callable

from countertop_drivers.ccid.t1_blocks import (
    ABORT,
    IFS,
    LONGEST_INF,
    RESPONSE,
    RESYNCH,
    WTX,
    Block,
    information,
    ready,
)
from countertop_drivers.errors import CardMute, ProtocolError

#: Sends one block and receives one: the bytes, and the multiplier of the waiting time that the card has been granted.
#: What came garbled, or did not come, is empty.
Exchange = Callable[[bytes, int], bytes]
TRIES = 3
LONGEST_RESPONSE = 65538
MOST_EXTENSIONS = 1000


class T1:
    """The state of T=1 with one card, from its reset on.

    ``ifsc`` is the largest INF the card takes; ``resynchronise`` False gives up after three errors instead,
    as EMV terminals do.  A CardMute means: power it on again.
    """

    def __init__(self, exchange: Exchange, *, ifsc: int = 32, crc: bool = False, resynchronise: bool = True) -> None:
        self._exchange = exchange
        self._ifsc = max(1, min(ifsc, LONGEST_INF))
        self._crc = crc
        self._resynchronise = resynchronise
        self._next = 0
        self._expected = 0
        self._waiting = 0

    def announce(self, ifsd: int) -> None:
        """S(IFS): say how much this side takes (EMV: at once after the ATR).  Raises CardMute when refused."""
        request = Block(IFS, bytes((ifsd,))).encode(self._crc)
        for _ in range(TRIES):
            answer = self._receive(request)
            if answer is not None and answer.pcb == IFS | RESPONSE and answer.inf == bytes((ifsd,)):
                return
        raise CardMute("The card does not agree to S(IFS).")

    def transmit(self, apdu: bytes) -> bytes:
        """One APDU there and its response back.  Raises CardMute when the card cannot be brought to answer."""
        try:
            return self._attempt(apdu, None)
        except _OutOfStepError:
            if not self._resynchronise:
                raise CardMute("The card does not keep to T=1.", "Power it on again.") from None
        self._resync()
        try:
            return self._attempt(apdu, None)
        except _OutOfStepError:
            raise CardMute("The card does not keep to T=1.", "Power it on again.") from None

    def transmit_prepared(self, length: int, send: Callable[[bytes], bytes]) -> bytes:
        """As :meth:`transmit`, but the first block is made by the reader (PIN entry), not here.

        ``length``: of the APDU that the reader will make; ``send`` is given NAD, PCB and LEN for it.
        """
        prologue = bytes((0, information(self._next, b"").pcb, length))
        first = send(prologue)
        self._next ^= 1
        try:
            return self._attempt(b"", first)
        except _OutOfStepError:
            # The PIN is not here, so that the command cannot be repeated.
            raise CardMute("The card does not keep to T=1.", "Power it on again.") from None

    def _attempt(self, apdu: bytes, came: bytes | None) -> bytes:
        answer = self._send_chain(apdu) if came is None else self._settle(came, None)
        return self._receive_chain(answer)

    def _send_chain(self, apdu: bytes) -> Block:
        pieces = [apdu[at : at + self._ifsc] for at in range(0, len(apdu), self._ifsc)] or [b""]
        place = 0
        while True:
            more = place + 1 < len(pieces)
            # The card may ask for smaller blocks in the middle of a chain.
            if len(pieces[place]) > self._ifsc:
                pieces[place : place + 1] = [pieces[place][: self._ifsc], pieces[place][self._ifsc :]]
                more = True
            block = information(self._next, pieces[place], more)
            answer = self._settle(self._swap(block.encode(self._crc)), block)
            self._next ^= 1
            if not more:
                if answer.is_ready:
                    raise _OutOfStepError
                return answer
            if not answer.is_ready or answer.number != self._next:
                raise _OutOfStepError
            place += 1

    def _receive_chain(self, answer: Block) -> bytes:
        response = b""
        while True:
            if not answer.is_information:
                raise _OutOfStepError
            response += answer.inf
            self._expected ^= 1
            if not answer.more:
                return response
            if len(response) > LONGEST_RESPONSE:
                raise ProtocolError("The card chains more than any response can hold.", "Power it on again.")
            request = ready(self._expected)
            answer = self._settle(self._swap(request.encode(self._crc)), request)

    def _settle(self, came: bytes, sent: Block | None) -> Block:
        """Until an I-block in sequence comes, or an R-block that goes on with a chain: errors, WTX, IFS, ABORT."""
        errors, extensions = 0, 0
        while True:
            block = self._read(came)
            if block is None:
                errors += 1
                if errors > TRIES:
                    raise _OutOfStepError
                came = self._swap(ready(self._expected, 1).encode(self._crc))
            elif block.is_information:
                if block.number == self._expected:
                    return block
                errors += 1
                if errors > TRIES:
                    raise _OutOfStepError
                came = self._swap(ready(self._expected, 2).encode(self._crc))
            elif block.is_ready:
                if sent is not None and sent.is_information and block.number != sent.number:
                    return block
                # It names what was sent last: it wants that again.
                errors += 1
                if errors > TRIES or sent is None:
                    raise _OutOfStepError
                came = self._swap(sent.encode(self._crc))
            else:
                extensions += 1
                if extensions > MOST_EXTENSIONS:
                    raise CardMute("The card asks for more time without an end.", "Power it on again.")
                came = self._swap(self._supervise(block))

    def _supervise(self, block: Block) -> bytes:
        """The answer to an S-block of the card."""
        if block.pcb == WTX:
            self._waiting = block.inf[0]
        elif block.pcb == IFS and 0 < block.inf[0] <= LONGEST_INF:
            self._ifsc = block.inf[0]
        else:
            # ABORT, or a response that nobody asked for.
            if block.pcb == ABORT:
                self._swap(Block(ABORT | RESPONSE).encode(self._crc))
            raise _OutOfStepError
        return Block(block.pcb | RESPONSE, block.inf).encode(self._crc)

    def _resync(self) -> None:
        for _ in range(TRIES):
            answer = self._receive(Block(RESYNCH).encode(self._crc))
            if answer is not None and answer.pcb == RESYNCH | RESPONSE:
                self._next = self._expected = 0
                return
        raise CardMute("The card does not answer S(RESYNCH).", "Power it on again.")

    def _receive(self, data: bytes) -> Block | None:
        return self._read(self._swap(data))

    def _swap(self, data: bytes) -> bytes:
        waiting, self._waiting = self._waiting, 0
        return self._exchange(data, waiting)

    def _read(self, came: bytes) -> Block | None:
        try:
            return Block.parse(came, self._crc)
        except ProtocolError:
            return None


class _OutOfStepError(Exception):
    """Blocks and numbers do not fit any more."""
