"""What must not be seen of a frame: card numbers, tracks, names and PINs.  Lengths stay, digits become ``*``.

What stays of a number is its first six digits and its last four; of a track, the expiry date besides.  A certificate
of the card goes as well: whoever has the public keys of the scheme reads the number in it, or tries numbers until the
hash in it fits (EMV Book 2, 5.4 and 6.4).  A card whose number was made up (:mod:`.test_numbers`) has nothing to hide
but what no recording holds: PINs, and what an issuer sends its card.
"""

from __future__ import annotations

import re

from countertop_drivers.recording.digits import KEPT_FIRST, KEPT_LAST, KEPT_OF_TRACK, Digits, numbers
from countertop_drivers.recording.objects import Place, dol, listed_places, places
from countertop_drivers.recording.test_numbers import is_test_number

#: Tags that hold a card number, alone or in a track (EMV Book 3 annex A; kernels 2 and 3 for 9F6B and 56).
NUMBER, TRACK_1 = 0x5A, 0x56
TRACKS_2 = frozenset((0x57, 0x9F6B))
#: Discretionary data of tracks, the holder's name and account, and what a number can be worked out from.
PERSONAL = frozenset((0x5F20, 0x5F53, 0x93, 0x9F0B, 0x9F1F, 0x9F20, 0x9F2D, 0x9F46))
PIN_DATA = 0x99
#: Rules, amounts, keys and signatures of EMV, whose digits mean nothing or something else.
HARMLESS = frozenset(
    int(tag, 16)
    for tag in (
        "42 4F 82 84 87 8C 8D 8E 8F 90 92 94 9A 9F02 9F03 9F0D 9F0E 9F0F 9F10 9F26 9F2F 9F32 9F37 9F38 9F47 9F48 9F49"
        " 9F4A 9F4B 9F4C 9F69"
    ).split()
)
#: Text, whose bytes are digits only to those who read them packed: label and preferred name.
TEXTS = frozenset((0x50, 0x9F12))
ANSWER_1, COMMAND_TEMPLATE = 0x80, 0x83
#: Lists of what a command's data are, by instruction: GET PROCESSING OPTIONS, GENERATE AC, INTERNAL AUTHENTICATE,
#: COMPUTE CRYPTOGRAPHIC CHECKSUM.
LISTS = {0xA8: (0x9F38,), 0xAE: (0x8C, 0x8D), 0x88: (0x9F49,), 0x2A: (0x9F69,)}
#: VERIFY, CHANGE and UNBLOCK of PINs, and what may carry them: their data are secret altogether.
SECRET = frozenset((0x20, 0x24, 0x2C, 0xC2, 0xC3))
#: Instructions of an issuer, sealed or not: what they carry is between it and its card.
SCRIPTS = frozenset((0x16, 0x18, 0x1E, 0xD6, 0xDA, 0xDB, 0xDC, 0xE2))
_SEALED = 0x0C  # bits of the class byte that mean secure messaging
#: PC/SC commands to the reader itself (class FF): one passes a frame on to a PN532, one loads a key.
_READER, _PASS_ON, _LOAD_KEY = 0xFF, 0x00, 0x82
_DATA_EXCHANGE = b"\xd4\x40"
_HEADER = 4
_PAYMENT_TRACK = re.compile(rb"(?:[A-Z])?([0-9 ]{8,19})([=^D])")
_THIRD_TRACK = re.compile(rb"[0-9]{2}([0-9]{8,19})=")


class Mask:
    """Masks the frames of one link, in their order: what a card said before tells what its later frames hold.

    ``mask_all``: numbers made up for tests are masked too.
    """

    def __init__(self, mask_all: bool = False) -> None:
        self._mask_all = mask_all
        self.powered()

    def powered(self) -> None:
        """A card was powered on; it may be another one."""
        self._tests = False
        self._others: set[str] = set()
        self._lists: dict[int, list[tuple[int, int]]] = {}
        self._instruction = -1

    def command(self, apdu: bytes) -> str:
        """A command as it may be written down: hexadecimal of the same length."""
        digits = Digits(apdu)
        if len(apdu) > _HEADER + 1:
            self._instruction = apdu[1]
            self._hide_command(digits, 0)
        elif len(apdu) > 1:
            self._instruction = apdu[1]
        return self._finished(digits)

    def response(self, data: bytes) -> str:
        """A response, its status bytes included, as it may be written down."""
        digits = Digits(data)
        end = max(0, len(data) - 2)
        found, whole = places(data, 0, end)
        for place in found:
            self._learn(data, place)
        for place in found:
            self._hide_value(digits, place, search=whole)
        if not whole:
            digits.search(0, end, self._known)
        return self._finished(digits)

    def track(self, text: bytes) -> str:
        """A track of a stripe (ISO/IEC 7813, without sentinels) as it may be written down.

        One that is of no payment card, such as a driving licence's, is hidden altogether.
        """
        digits = Digits(text)
        third = _THIRD_TRACK.match(text)
        if third is not None and self._known(third[1].decode("ascii")):
            return str(digits)
        self._hide_track(digits, 0, len(text))
        return str(digits)

    def words(self, text: str) -> str:
        """A sentence, without the card numbers in it."""
        signs = list(text)
        for run in re.finditer(r"[0-9]{12,}", text):
            for first, last in numbers(run.group(), self._known):
                start, end = run.start() + first + KEPT_FIRST, run.start() + last - KEPT_LAST
                signs[start:end] = "*" * (end - start)
        return "".join(signs)

    def _known(self, number: str) -> bool:
        return not self._mask_all and is_test_number(number)

    def _nobodys(self) -> bool:
        """Whether the card is known to be one that was made up."""
        return self._tests and not self._others

    def _finished(self, digits: Digits) -> str:
        """Numbers that were seen before are hidden wherever they turn up, whatever stands around them."""
        for number in self._others:
            for match in re.finditer(f"(?={number})", digits.text):
                digits.hide_number(match.start(), match.start() + len(number))
            for spelt in re.finditer(f"(?={number})".encode(), digits.data):
                digits.hide_ascii_number(spelt.start(), spelt.start() + len(number))
        return str(digits)

    def _hide_command(self, digits: Digits, begin: int) -> None:
        apdu = digits.data[begin:]
        start, end = _data_of(apdu)
        start, end = start + begin, end + begin
        category, instruction = apdu[0], apdu[1]
        if category == _READER:
            self._hide_reader_command(digits, instruction, start, end)
        elif instruction in SECRET or instruction in SCRIPTS or category & _SEALED:
            digits.hide(start, len(digits.data))
        else:
            self._hide_data(digits, instruction, start, end)

    def _hide_reader_command(self, digits: Digits, instruction: int, start: int, end: int) -> None:
        passed_on = digits.data[start : start + 2] == _DATA_EXCHANGE and end - start > 3 + _HEADER + 1
        if instruction == _PASS_ON and passed_on:
            self._hide_command(digits, start + 3)
        elif instruction in (_PASS_ON, _LOAD_KEY) or instruction in SCRIPTS:
            digits.hide(start + 2, len(digits.data))
        else:
            digits.search(start, end, self._known)

    def _hide_data(self, digits: Digits, instruction: int, start: int, end: int) -> None:
        found, whole = places(digits.data, start, end)
        if instruction == 0xA8 and whole and len(found) == 1 and found[0].tag == COMMAND_TEMPLATE:
            start, end = found[0].start, found[0].end
        for tag in LISTS.get(instruction, ()):
            listed = self._lists.get(tag)
            rows = None if listed is None else listed_places(listed, start, end)
            if rows is not None:
                found, whole = rows, True
                break
        else:
            if instruction in LISTS:
                whole = False
        for place in found:
            self._hide_value(digits, place, search=whole)
        if not whole:
            digits.search(start, end, self._known)

    def _learn(self, data: bytes, place: Place) -> None:
        value = data[place.start : place.end]
        listed = dol(value) if any(place.tag in tags for tags in LISTS.values()) else None
        if listed is not None:
            self._lists[place.tag] = listed
        number = _number(value, place.tag)
        if number and self._known(number):
            self._tests = True
        elif number:
            self._others.add(number)

    def _hide_value(self, digits: Digits, place: Place, *, search: bool) -> None:
        tag, start, end = place.tag, place.start, place.end
        if tag == PIN_DATA or (tag in PERSONAL and not self._nobodys()):
            digits.hide(start, end)
        elif tag == TRACK_1:
            self._hide_track(digits, start, end)
        elif tag == NUMBER or tag in TRACKS_2:
            self._hide_packed(digits, place)
        elif tag in HARMLESS or (tag == ANSWER_1 and self._instruction in LISTS):
            return
        elif search and tag not in PERSONAL:
            digits.search(start, end, self._known, packed=tag not in TEXTS)

    def _hide_packed(self, digits: Digits, place: Place) -> None:
        """A number, or one with what a track 2 has behind it, two digits to a byte."""
        number = _number(digits.data[place.start : place.end], place.tag)
        if number is None:
            digits.hide(place.start, place.end)
        elif not self._known(number):
            behind = 2 * place.start + len(number)
            digits.hide_number(2 * place.start, behind)
            if place.tag in TRACKS_2:
                digits.hide_digits(behind + 1 + KEPT_OF_TRACK, 2 * place.end)

    def _hide_track(self, digits: Digits, start: int, end: int) -> None:
        text = digits.data[start:end]
        match = _PAYMENT_TRACK.match(text)
        if match is None:
            digits.hide(start, end)
            return
        number = match[1].replace(b" ", b"").decode("ascii")
        if self._known(number):
            return
        digits.hide_ascii_number(start + match.start(1), start + match.end(1))
        after = match.end()
        if match[2] == b"^":
            name = text.find(b"^", after)
            digits.hide(start + after, start + (len(text) if name < 0 else name))
            after = len(text) if name < 0 else name + 1
        digits.hide(start + after + KEPT_OF_TRACK, end)


def readable(shown: str) -> str:
    """Masked hexadecimal of text as text again, with an asterisk for each character that is hidden."""
    pairs = (shown[at : at + 2] for at in range(0, len(shown), 2))
    return "".join("*" if "*" in pair else chr(int(pair, 16)) for pair in pairs)


def _number(value: bytes, tag: int) -> str | None:
    """The card number in one of the tags that hold one; None when there is none, or something else."""
    if tag == TRACK_1:
        match = _PAYMENT_TRACK.match(value)
        return None if match is None else match[1].replace(b" ", b"").decode("ascii")
    if tag != NUMBER and tag not in TRACKS_2:
        return None
    digits = value.hex().upper()
    number = digits.rstrip("F") if tag == NUMBER else digits.partition("D")[0]
    separated = tag == NUMBER or "D" in digits
    return number if separated and number.isdigit() and len(number) > KEPT_FIRST + KEPT_LAST else None


def _data_of(apdu: bytes) -> tuple[int, int]:
    """Where the data of a command are, its lengths left out; what is there when they do not fit."""
    if apdu[_HEADER] == 0 and len(apdu) > 7:
        end = 7 + int.from_bytes(apdu[5:7], "big")
        return 7, end if end <= len(apdu) <= end + 2 else len(apdu)
    end = 5 + apdu[_HEADER]
    return 5, end if end <= len(apdu) <= end + 1 else len(apdu)
