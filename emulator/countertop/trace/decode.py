"""APDUs and data objects of a trace in words.  Masked digits (``*``) are read as zeros and shown as they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from countertop.emv import tlv
from countertop.emv.describe import describe
from countertop.emv.iad import describe_iad
from countertop.emv.tags import name_of
from countertop.emv.tlv import TlvError

IAD = 0x9F10
STATUS_WORDS = {
    "9000": "done", "6283": "selected file invalidated", "6300": "authentication failed", "6700": "wrong length",
    "6983": "PIN blocked", "6984": "reference data unusable", "6985": "conditions not met", "6A81": "card blocked",
    "6A82": "not found", "6A83": "record not found", "6A86": "wrong parameters", "6A88": "data not found",
    "6D00": "instruction unknown", "6E00": "class unknown", "6F00": "no diagnosis",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One data object: how deep it stands, its tag, name, value in hexadecimal, and what that means."""

    depth: int
    tag: str
    name: str
    value: str
    says: str


def lines(text: str) -> list[Line]:
    """The data objects in hexadecimal text; none when it holds no whole objects."""
    try:
        return list(_lines(text, 0))
    except (TlvError, ValueError):
        return []


def status(response: str) -> tuple[str, str]:
    """The status bytes of a response and their meaning; an empty pair for a card that said nothing."""
    if len(response) < 4 or not response.isascii() or not _is_hex(response[-4:]):
        return "", ""
    word = response[-4:]
    if word.startswith("63C"):
        return word, f"{int(word[3], 16)} tries left"
    if word[:2] in ("61", "6C"):
        return word, f"{int(word[2:], 16)} bytes"
    return word, STATUS_WORDS.get(word, "")


def _lines(text: str, depth: int) -> Iterator[Line]:
    at = 0
    for item in tlv.parse(_plain(text)):
        end = at + 2 * len(item.encoded)
        value = text[end - 2 * len(item.value) : end]
        at = end
        if item.constructed:
            yield Line(depth, tlv.name(item.tag), name_of(item.tag), "", "")
            yield from _lines(value, depth + 1)
        else:
            # A value with hidden digits says nothing more than itself.
            says = "" if "*" in value else _says(item.tag, item.value)
            yield Line(depth, tlv.name(item.tag), name_of(item.tag), value, says)


def _says(tag: int, value: bytes) -> str:
    said = describe_iad(value) if tag == IAD else describe(tag, value)
    return "" if said.upper() == value.hex().upper() else said


def _plain(text: str) -> bytes:
    return bytes.fromhex(text.replace("*", "0"))


def _is_hex(text: str) -> bool:
    return all(letter in "0123456789ABCDEFabcdef" for letter in text)
