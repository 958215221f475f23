"""What must not be seen of a frame: card numbers, tracks and PINs.  Lengths and structure stay, digits become ``*``.

Numbers that were made up for tests (:mod:`.test_numbers`) are nobody's secret and stay whole; PINs never do.
"""

from __future__ import annotations

import re

from countertop_drivers.recording.test_numbers import is_test_number

KEPT_FIRST, KEPT_LAST = 6, 4
#: Digits behind the separator of a track that may be seen: the expiry date.
KEPT_OF_TRACK = 4
#: Tags that hold a number or a track, and the one with the holder's name (EMV Book 3 annex A).
NUMBERS = frozenset((0x56, 0x57, 0x5A, 0x9F1F, 0x9F20, 0x9F6B))
NAMES = frozenset((0x5F20, 0x9F0B))
#: VERIFY, PIN CHANGE; a command's data are all secret there.
SECRET = frozenset((0x20, 0x24))
#: Instructions of an issuer, sealed or not: what they carry is between it and its card.
SCRIPTS = frozenset((0xDA, 0xDC, 0xD6, 0xE2))
HEADER = 5
DEEPEST = 8
_RUN = re.compile(r"[0-9]{12,}")
_LENGTHS = range(19, 11, -1)


class Masked(Exception):
    """Never leaves this module: data that are no data objects."""


def command(apdu: bytes) -> str:
    """A command as it may be written down."""
    digits = apdu.hex().upper()
    if len(apdu) > HEADER and (apdu[1] in SECRET or apdu[1] in SCRIPTS or apdu[0] & 0x0C == 0x0C or apdu[0] == 0x84):
        return digits[: 2 * HEADER] + "*" * (len(digits) - 2 * HEADER)
    return digits[: 2 * HEADER] + runs(digits[2 * HEADER :])


def response(data: bytes) -> str:
    """A response, its status bytes included, as it may be written down."""
    body, word = data[:-2], data[-2:]
    try:
        shown = _objects(body, 0)
    except Masked:
        shown = runs(body.hex().upper())
    return shown + word.hex().upper()


def track(text: bytes) -> str:
    """A track of a stripe (ISO/IEC 7813, without sentinels), as hexadecimal that may be written down."""
    written = text.decode("latin-1")
    match = re.match(r"[A-Z]?([0-9 ]{8,19})[=^D]", written)
    if match is None:
        return runs_of_text(written)
    pan = match[1].replace(" ", "")
    if is_test_number(pan):
        return text.hex().upper()
    shown = written[: match.start(1)] + _starred(match[1]) + written[match.end(1) : match.end()]
    rest = written[match.end() :]
    if "^" in rest:
        name, _, rest = rest.partition("^")
        shown += "*" * len(name) + "^"
    shown += rest[:KEPT_OF_TRACK] + "*" * max(0, len(rest) - KEPT_OF_TRACK)
    return _as_hex(shown)


def runs(digits: str) -> str:
    """Hexadecimal of which nobody knows what it is: every run of digits that could be a card number is hidden."""
    return _RUN.sub(lambda found: _hide(found.group()), digits)


def runs_of_text(text: str) -> str:
    """The same of text, which comes back as hexadecimal."""
    return _as_hex(_RUN.sub(lambda found: _hide(found.group()), text))


def _objects(data: bytes, depth: int) -> str:
    """BER-TLV with its secrets hidden.  Raises Masked when it is none."""
    if depth > DEEPEST:
        raise Masked
    shown, at = "", 0
    while at < len(data):
        start = at
        tag, at = _tag(data, at)
        length, at = _length(data, at)
        value = data[at : at + length]
        if len(value) < length:
            raise Masked
        shown += data[start:at].hex().upper()
        at += length
        if data[start] & 0x20:
            shown += _objects(value, depth + 1)
        elif tag in NUMBERS:
            shown += _number(value, tag)
        elif tag in NAMES:
            shown += "*" * (2 * length)
        else:
            shown += runs(value.hex().upper())
    return shown


def _number(value: bytes, tag: int) -> str:
    digits = value.hex().upper()
    if tag == 0x56:
        return track(value)
    pan, separator, rest = digits.partition("D")
    pan = pan.rstrip("F")
    if is_test_number(pan):
        return digits
    if not pan.isdigit():
        return "*" * len(digits)
    if not separator and tag != 0x5A:
        return "*" * len(digits)  # discretionary data alone
    kept = rest[:KEPT_OF_TRACK] + "*" * max(0, len(rest) - KEPT_OF_TRACK)
    return _starred(pan) + digits[len(pan) : len(digits) - len(rest)] + kept if separator else _padded(pan, digits)


def _padded(pan: str, digits: str) -> str:
    return _starred(pan) + digits[len(pan) :]


def _hide(digits: str) -> str:
    at = 0
    while at <= len(digits) - _LENGTHS[-1]:
        for length in _LENGTHS:
            number = digits[at : at + length]
            if len(number) == length and _luhn(number) and not is_test_number(number):
                digits = digits[:at] + _starred(number) + digits[at + length :]
                at += length - 1
                break
        at += 1
    return digits


def _starred(pan: str) -> str:
    hidden = len(pan) - KEPT_FIRST - KEPT_LAST
    return pan[:KEPT_FIRST] + "*" * hidden + pan[-KEPT_LAST:] if hidden > 0 else "*" * len(pan)


def _luhn(number: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0 and int(number) != 0


def _as_hex(text: str) -> str:
    """Text as hexadecimal; a hidden character is two hidden digits."""
    return "".join("**" if sign == "*" else sign.encode("latin-1", "replace").hex().upper() for sign in text)


def _tag(data: bytes, at: int) -> tuple[int, int]:
    tag = data[at]
    at += 1
    if tag & 0x1F == 0x1F:
        for _ in range(3):
            if at >= len(data):
                raise Masked
            tag = tag << 8 | data[at]
            at += 1
            if not tag & 0x80:
                return tag, at
        raise Masked
    return tag, at


def _length(data: bytes, at: int) -> tuple[int, int]:
    if at >= len(data):
        raise Masked
    first = data[at]
    at += 1
    if first < 0x80:
        return first, at
    count = first & 0x7F
    if not 1 <= count <= 3 or at + count > len(data):
        raise Masked
    return int.from_bytes(data[at : at + count], "big"), at + count
