"""The answer to reset: what a chip says of its protocol, speed and history (ISO/IEC 7816-3 §8; EMV Book 1 §8).

:func:`parse_atr` reads any well-formed one, :func:`check_emv` says whether EMV allows it (card-hardware.md A.1), and
:func:`make_atr` writes one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

DIRECT, INVERSE = 0x3B, 0x3F
# What a reader sees of an inverse TS before it turns the bits over.
INVERSE_ON_THE_WIRE = 0x03
LONGEST = 33
MOST_HISTORICAL = 15
MOST_LEVELS = 8
FI: Mapping[int, int] = MappingProxyType(
    {0: 372, 1: 372, 2: 558, 3: 744, 4: 1116, 5: 1488, 6: 1860, 9: 512, 10: 768, 11: 1024, 12: 1536, 13: 2048}
)
"""Clock rate conversion by the high nibble of TA1."""
DI: Mapping[int, int] = MappingProxyType({1: 1, 2: 2, 3: 4, 4: 8, 5: 16, 6: 32, 7: 64, 8: 12, 9: 20})
"""Baud rate adjustment by the low nibble of TA1."""
_T15 = 15
_LETTERS = ("TA", "TB", "TC", "TD")


class AtrError(ValueError):
    """Bytes that are no ATR, or one that EMV does not allow."""


@dataclass(frozen=True, slots=True)
class Atr:
    """An answer to reset.

    ``interface``: the interface bytes by name (``TA1``, ``TD2``), as they are.  ``encoded``: all of it, as it came.
    """

    encoded: bytes
    interface: Mapping[str, int]
    historical: bytes

    @property
    def inverse(self) -> bool:
        """Whether bits go inverted and reversed over the wire."""
        return self.encoded[0] == INVERSE

    @property
    def protocols(self) -> tuple[int, ...]:
        """The protocols offered, the first one first; T=0 when none is named."""
        named = [value & 0x0F for name, value in self.interface.items() if name.startswith("TD")]
        offered = tuple(dict.fromkeys(protocol for protocol in named if protocol != _T15))
        return offered or (0,)

    @property
    def specific_protocol(self) -> int | None:
        """The protocol that must be used (TA2), None when it may be negotiated."""
        ta2 = self.interface.get("TA2")
        return None if ta2 is None else ta2 & 0x0F


def parse_atr(encoded: bytes) -> Atr:
    """Read an ATR.  Raises AtrError for one that is cut off, too long, or whose check byte is wrong or misplaced."""
    if len(encoded) < 2:
        raise AtrError("an ATR has at least 2 bytes")
    if len(encoded) > LONGEST:
        raise AtrError(f"an ATR has at most {LONGEST} bytes, this has {len(encoded)}")
    if encoded[0] not in (DIRECT, INVERSE):
        hint = " (an inverse one whose bits were not turned over)" if encoded[0] == INVERSE_ON_THE_WIRE else ""
        raise AtrError(f"TS is {encoded[0]:02X}, not 3B or 3F{hint}")
    interface, at = _interface_bytes(encoded)
    count = encoded[1] & 0x0F
    historical, at = encoded[at : at + count], at + count
    checked = _needs_check(interface)
    if len(encoded) != at + checked:
        told = "with" if checked else "without"
        raise AtrError(f"it says {at + checked} bytes {told} a check byte, {len(encoded)} are there")
    if checked and _xor(encoded[1:]) != 0:
        raise AtrError("its check byte TCK is wrong")
    return Atr(encoded, MappingProxyType(interface), historical)


def make_atr(interface: Mapping[str, int], historical: bytes = b"", *, inverse: bool = False) -> bytes:
    """Write an ATR from its TA, TB and TC bytes and the protocol nibbles of its TD bytes.

    ``interface``: ``{"TB1": 0, "TD1": 1, …}``; what each TD announces is filled in, and TCK where it belongs.  Raises
    AtrError for names that are none, a level that no TD leads to, and more history than fits.
    """
    if len(historical) > MOST_HISTORICAL:
        raise AtrError(f"at most {MOST_HISTORICAL} historical bytes fit")
    levels = [_level(interface, number) for number in range(1, MOST_LEVELS + 1)]
    while levels and not levels[-1]:
        levels.pop()
    known = {f"{letter}{number}" for number in range(1, MOST_LEVELS + 1) for letter in _LETTERS}
    for name, value in interface.items():
        if name not in known or not 0 <= value <= 0xFF:
            raise AtrError(f"{name} = {value} is no interface byte")
    announced = [_announce(level) for level in [*levels, {}]]
    body = bytes((announced[0] << 4 | len(historical),))
    final: dict[str, int] = {}
    for number, level in enumerate(levels, 1):
        more = announced[number]
        if more and "TD" not in level:
            raise AtrError(f"no TD{number} leads to the next interface bytes")
        for letter in _LETTERS:
            if letter in level:
                value = level[letter] & 0x0F | more << 4 if letter == "TD" else level[letter]
                final[f"{letter}{number}"] = value
                body += bytes((value,))
    body += historical
    check = bytes((_xor(body),)) if _needs_check(final) else b""
    encoded = bytes((INVERSE if inverse else DIRECT,)) + body + check
    if len(encoded) > LONGEST:
        raise AtrError(f"an ATR has at most {LONGEST} bytes, this has {len(encoded)}")
    return encoded


def check_emv(atr: Atr) -> None:
    """What EMV allows beyond ISO (Book 1 §8.3).  Raises AtrError saying which byte offends.

    That 2 to the CWI is at least N + 1 follows from what TC1 may be.  Bytes of other protocols are left alone.
    """
    interface = atr.interface
    first = interface.get("TD1", 0) & 0x0F
    _demand(first in (0, 1), f"TD1 names T={first}")
    _demand(interface.get("TB1", 0) == 0, "TB1 is not 00")
    _demand(interface.get("TC1", 0) in (0x00, 0xFF), "TC1 is neither 00 nor FF")
    ta2 = interface.get("TA2")
    if ta2 is not None:
        _demand(interface.get("TA1", 0x11) in (0x11, 0x12, 0x13), "TA1 is not 11, 12 or 13 in specific mode")
        _demand(ta2 & 0x0F == first, "TA2 names another protocol than TD1")
        _demand(not ta2 & 0x10, "TA2 says that its parameters are implicit")
    _demand("TB2" not in interface, "TB2 is present")
    tc2 = interface.get("TC2")
    if tc2 is not None:
        _demand(first == 0 and tc2 == 0x0A, "TC2 is present with T=1, or not 0A")
    if first == 1:
        _check_t1(atr)


def _check_t1(atr: Atr) -> None:
    interface = atr.interface
    _demand("TD2" in interface and interface["TD2"] & 0x0F == 1, "T=1 without a TD2 that names it")
    ta3 = interface.get("TA3", 0x20)
    _demand(0x10 <= ta3 <= 0xFE, "TA3 (IFSC) is not between 10 and FE")
    tb3 = interface.get("TB3")
    _demand(tb3 is not None, "T=1 without TB3")
    bwi, cwi = divmod(tb3 or 0, 16)
    _demand(bwi <= 4 and cwi <= 5, "TB3 asks for longer waiting times than allowed")
    _demand(interface.get("TC3", 0) == 0, "TC3 asks for a CRC")


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise AtrError(otherwise)


def _interface_bytes(encoded: bytes) -> tuple[dict[str, int], int]:
    interface: dict[str, int] = {}
    announced, at = encoded[1] >> 4, 2
    for level in range(1, MOST_LEVELS + 1):
        for bit, letter in enumerate(_LETTERS):
            if not announced >> bit & 1:
                continue
            if at >= len(encoded):
                raise AtrError(f"it ends before {letter}{level}")
            interface[f"{letter}{level}"] = encoded[at]
            at += 1
        follows = interface.get(f"TD{level}")
        if follows is None:
            return interface, at
        announced = follows >> 4
    raise AtrError("its interface bytes never end")


def _needs_check(interface: Mapping[str, int]) -> bool:
    return any(value & 0x0F for name, value in interface.items() if name.startswith("TD"))


def _level(interface: Mapping[str, int], number: int) -> dict[str, int]:
    return {letter: interface[f"{letter}{number}"] for letter in _LETTERS if f"{letter}{number}" in interface}


def _announce(level: Mapping[str, int]) -> int:
    return sum(1 << bit for bit, letter in enumerate(_LETTERS) if letter in level)


def _xor(data: bytes) -> int:
    total = 0
    for byte in data:
        total ^= byte
    return total
