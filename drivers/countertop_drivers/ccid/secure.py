"""PIN entry at the reader (CCID 1.10, 6.1.11): the host never sees the digits.

A structure says where in a command's data the reader puts the PIN, how it codes it, and when entry ends.
Sending one to a real card uses up one of its holder's tries when the PIN is wrong.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from countertop_drivers.errors import ProtocolError

VERIFY, MODIFY, CANCEL = 0x00, 0x01, 0x04
MAX_REACHED, VALIDATION_KEY, ON_TIMEOUT = 1, 2, 4
#: What a card's response is replaced by when the reader ends the entry (PC/SC part 10).
READER_WORDS = {
    b"\x64\x00": "no PIN was entered in time",
    b"\x64\x01": "PIN entry was cancelled",
    b"\x64\x02": "the new PIN was not repeated alike",
    b"\x64\x03": "the PIN has too few or too many digits",
    b"\x6b\x80": "the reader refuses the structure",
}
# VERIFY with a plain-text PIN in an ISO 9564 format 2 block (EMV Book 3, 6.5.12).
EMV_VERIFY = bytes.fromhex("0020008008 20FFFFFFFFFFFFFF")
_VERIFY = struct.Struct("<BBBBBBBBBHB3s")
_MODIFY = struct.Struct("<BBBBBBBBBBBBHB")


@dataclass(frozen=True, slots=True)
class PinEntry:
    """What both structures have in common.  The defaults are the EMV plain-text block.

    ``timeout`` in seconds (0: the reader's own); ``format_string``, ``block_string`` and ``length_format`` as
    bmFormatString, bmPINBlockString and bmPINLengthFormat; ``validation``: MAX_REACHED, VALIDATION_KEY,
    ON_TIMEOUT; ``messages``: 0 none, 1, or FF the reader's own; ``apdu``: the command with room for the PIN.
    """

    timeout: int = 30
    format_string: int = 0x89
    block_string: int = 0x47
    length_format: int = 0x04
    shortest: int = 4
    longest: int = 12
    validation: int = VALIDATION_KEY
    messages: int = 0xFF
    language: int = 0x0409
    prologue: bytes = bytes(3)
    apdu: bytes = EMV_VERIFY


@dataclass(frozen=True, slots=True)
class PinVerify(PinEntry):
    """bPINOperation 00."""

    message: int = 0

    @property
    def encoded(self) -> bytes:
        """abData of the Secure message.  wPINMaxExtraDigit travels with the longest first: it is little endian."""
        return (
            _VERIFY.pack(
                VERIFY,
                self.timeout,
                self.format_string,
                self.block_string,
                self.length_format,
                self.longest,
                self.shortest,
                self.validation,
                self.messages,
                self.language,
                self.message,
                self.prologue,
            )
            + self.apdu
        )

    @classmethod
    def parse(cls, data: bytes) -> PinVerify:
        """Read abData.  Raises ProtocolError when it is no PIN verification."""
        if len(data) < _VERIFY.size + 5 or data[0] != VERIFY:
            raise ProtocolError(f"{data[:16].hex().upper()}… is no PIN verification.")
        _, timeout, form, block, length, longest, shortest, validation, messages, language, message, prologue = (
            _VERIFY.unpack(data[: _VERIFY.size])
        )
        return cls(
            timeout,
            form,
            block,
            length,
            shortest,
            longest,
            validation,
            messages,
            language,
            prologue,
            data[_VERIFY.size :],
            message,
        )


@dataclass(frozen=True, slots=True)
class PinModify(PinEntry):
    """bPINOperation 01: a new PIN, with the old one before it and a repetition where ``confirm`` says so.

    ``old_at``, ``new_at``: bytes from the begin of the data to the two PIN blocks; ``confirm`` bit 0: enter
    the new PIN twice, bit 1: ask for the old one; ``indexes``: the messages shown.
    """

    old_at: int = 0
    new_at: int = 0
    confirm: int = 1
    indexes: tuple[int, int, int] = (0, 1, 2)

    @property
    def encoded(self) -> bytes:
        """abData of the Secure message; bMsgIndex2 and 3 are there only for two and three messages."""
        shown = self.indexes[1 : 1 + {2: 1, 3: 2}.get(self.messages, 0)]
        return (
            _MODIFY.pack(
                MODIFY,
                self.timeout,
                self.format_string,
                self.block_string,
                self.length_format,
                self.old_at,
                self.new_at,
                self.longest,
                self.shortest,
                self.confirm,
                self.validation,
                self.messages,
                self.language,
                self.indexes[0],
            )
            + bytes(shown)
            + self.prologue
            + self.apdu
        )


def with_prologue(structure: bytes, prologue: bytes) -> bytes:
    """The same structure for a reader at TPDU level with T=1: NAD, PCB and LEN of the block to be made."""
    if structure[:1] == bytes((VERIFY,)):
        at = _VERIFY.size - 3
    else:
        at = _MODIFY.size + {2: 1, 3: 2}.get(structure[11], 0)
    return structure[:at] + prologue + structure[at + 3 :]


def insert_pin(entry: PinEntry, pin: str) -> bytes:
    """The command with the PIN in it, as a reader makes it.  Raises ProtocolError when it has no room for it."""
    apdu = bytearray(entry.apdu)
    field = apdu[5:]
    unit = 8 if entry.format_string & 0x80 else 1
    begin = (entry.format_string >> 3 & 0x0F) * unit
    size = (entry.block_string & 0x0F) * 8
    coding = entry.format_string & 0x03
    right = bool(entry.format_string & 0x04)
    width = 4 if coding == 1 else 8
    bits = "".join(f"{ord(digit) if coding == 2 else int(digit):0{width}b}" for digit in pin)
    if len(bits) > size or begin + size > len(field) * 8:
        raise ProtocolError("The PIN does not fit into the command.")
    line = "".join(f"{byte:08b}" for byte in field)
    at = begin + (size - len(bits) if right else 0)
    line = line[:at] + bits + line[at + len(bits) :]
    width = entry.block_string >> 4
    if width:
        at = (entry.length_format & 0x0F) * (8 if entry.length_format & 0x10 else 1)
        line = line[:at] + f"{len(pin):0{width}b}"[-width:] + line[at + width :]
    return bytes(apdu[:5]) + int(line, 2).to_bytes(len(field), "big")
