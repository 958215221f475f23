"""Tracks as the bits a head reads: characters with odd parity, low bit first, between zeros (ISO/IEC 7811-2).

Bits are packed eight to a byte, the first one that passed the head as the most significant; zeros fill the last
byte.  Text is without sentinels and LRC, as everywhere (:mod:`.tracks`).
"""

from __future__ import annotations

from countertop_drivers.errors import ProtocolError
from countertop_drivers.tracks import END, LONGEST, Code, code_for, codes_of

#: Zeros before and behind the characters, by which a reader finds its pace: what an MSR605 writes by default.
LEADING_ZEROS = (61, 22, 61)
#: More bits than any track holds: 210 a inch on 3.4 inches are 714, and a reader's own zeros come to them.
MOST_BITS = 4096


def encode(text: bytes, track: int, *, leading: int | None = None, trailing: int | None = None) -> bytes:
    """The bits of a track.  ``leading`` and ``trailing``: how many zeros, by default as an MSR605 writes them.

    Raises ProtocolError for a text that the track cannot hold.
    """
    code = code_for(text, track)
    whole = code.start + text + END
    bits = "".join(_character(one, code) for one in whole + code.lrc(whole))
    usual = LEADING_ZEROS[track - 1]
    return pack("0" * (usual if leading is None else leading) + bits + "0" * (usual if trailing is None else trailing))


def decode(raw: bytes, track: int) -> bytes:
    """The text of a track, whichever way the card was pulled through.

    Only zeros may follow the LRC.  Raises ProtocolError saying what is wrong and where; characters are counted from
    1, which is the start sentinel.
    """
    if len(raw) * 8 > MOST_BITS:
        raise ProtocolError(f"Track {track} has {len(raw) * 8} bits, more than fit on a card.")
    signal = unpack(raw).strip("0")
    if not signal:
        raise ProtocolError(f"There is nothing on track {track}.")
    first: ProtocolError | None = None
    # Both ways are tried, and both codes where a track may have either: an LRC can look like a start sentinel.
    for code in codes_of(track):
        start = _character(code.start[0], code)
        for swipe in (signal, signal[::-1]):
            if swipe.startswith(start):
                try:
                    return _read(swipe, track, code)
                except ProtocolError as error:
                    first = first or error
    raise first or ProtocolError(f"Track {track} has no start sentinel.")


def pack(bits: str) -> bytes:
    """Bits as "0" and "1", eight to a byte, the first as the most significant."""
    filled = bits + "0" * (-len(bits) % 8)
    return int(filled or "0", 2).to_bytes(len(filled) // 8, "big")


def unpack(raw: bytes) -> str:
    """Bits as "0" and "1"."""
    return f"{int.from_bytes(raw, 'big'):0{len(raw) * 8}b}" if raw else ""


def mirrored(raw: bytes) -> bytes:
    """The same bytes with the bits of each in the opposite order."""
    return bytes(int(f"{one:08b}"[::-1], 2) for one in raw)


def _read(signal: str, track: int, code: Code) -> bytes:
    text = bytearray()
    while not text.endswith(END):
        if len(text) == LONGEST[track - 1] - 1:
            raise ProtocolError(f"Track {track} has no end sentinel in its first {len(text)} characters.")
        text.append(_value(signal, len(text), track, code, f"character {len(text) + 1}"))
    if _value(signal, len(text), track, code, "its LRC") != code.lrc(bytes(text))[0]:
        raise ProtocolError(f"Track {track}: its LRC is wrong.")
    if len(signal) > (len(text) + 1) * code.bits:
        raise ProtocolError(f"Track {track}: something follows its LRC.")
    return bytes(text[1:-1])


def _value(signal: str, index: int, track: int, code: Code, name: str) -> int:
    bits = signal[index * code.bits : (index + 1) * code.bits]
    if not bits:
        raise ProtocolError(f"Track {track} ends before {name}.")
    # The zeros that were stripped from the end may have been the last character's own.
    bits = bits.ljust(code.bits, "0")
    if bits.count("1") % 2 == 0:
        raise ProtocolError(f"Track {track}: the parity of {name} is wrong.")
    return code.base + int(bits[-2::-1], 2)


def _character(character: int, code: Code) -> str:
    value = character - code.base
    low_first = f"{value:0{code.bits - 1}b}"[::-1]
    return low_first + str(1 - value.bit_count() % 2)
