"""APDUs and data objects of a trace in words.  Masked digits (``*``) are read as zeros and shown as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from countertop.emv import tlv
from countertop.emv.describe import describe
from countertop.emv.iad import describe_iad
from countertop.emv.kernel_tags import name_in
from countertop.emv.tlv import TlvError

IAD = 0x9F10
STATUS_WORDS = {
    "9000": "done", "6283": "selected file invalidated", "6300": "authentication failed", "6700": "wrong length",
    "6983": "PIN blocked", "6984": "unusable here, insert the card", "6985": "conditions not met",
    "6986": "see the device", "6A81": "card blocked", "6A82": "not found", "6A83": "record not found",
    "6A86": "wrong parameters", "6A88": "data not found", "6D00": "instruction unknown", "6E00": "class unknown",
    "6F00": "no diagnosis",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One data object: how deep it stands, its tag, name, value in hexadecimal, and what that means."""

    depth: int
    tag: str
    name: str
    value: str
    says: str


def lines(text: str, kernel: str = "") -> list[Line]:
    """The data objects in hexadecimal text; none when it holds no whole objects.

    ``kernel``: the contactless kernel that was at work, by its number; empty in the slot.
    """
    try:
        return list(_lines(text, 0, kernel))
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


def _lines(text: str, depth: int, kernel: str) -> Iterator[Line]:
    at = 0
    for item in tlv.parse(_plain(text)):
        end = at + 2 * len(item.encoded)
        value = text[end - 2 * len(item.value) : end]
        at = end
        if item.constructed:
            yield Line(depth, tlv.name(item.tag), name_in(item.tag, kernel), "", "")
            yield from _lines(value, depth + 1, kernel)
        else:
            # A value with hidden digits says nothing more than itself.
            says = "" if "*" in value else _says(item.tag, item.value, kernel)
            yield Line(depth, tlv.name(item.tag), name_in(item.tag, kernel), value, says)


def _says(tag: int, value: bytes, kernel: str) -> str:
    said = describe_iad(value) if tag == IAD else describe(tag, value, kernel)
    return "" if said.upper() == value.hex().upper() else said


def _plain(text: str) -> bytes:
    return bytes.fromhex(text.replace("*", "0"))


def _is_hex(text: str) -> bool:
    return all(letter in "0123456789ABCDEFabcdef" for letter in text)


def with_kernels(entries: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The entries of a trace, each with the contactless ``kernel`` that was at work (empty in the slot)."""
    kernel = ""
    for entry in entries:
        if (entry["kind"], entry["name"]) == ("decision", "kernel"):
            kernel = str(entry["result"])
        elif (entry["kind"], entry["name"]) == ("step", "reset"):
            kernel = ""
        yield {**entry, "kernel": kernel}
