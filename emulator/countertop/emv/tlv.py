"""BER-TLV data objects (EMV Book 3 annex B, ISO/IEC 8825-1), kept byte for byte.

A parsed object remembers how it was written (a length in a longer form than needed, padding in front of it), so that
what is hashed, recorded or sent on is what came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

CONSTRUCTED = 0x20
MOST_TAG_BYTES = 4
MOST_LENGTH_BYTES = 4
# Deeper than any template of a card; a hostile one must not exhaust the stack.
DEEPEST = 16
# More tags than there are; a sale asks about the same few thousands of times.
MOST_KNOWN = 1024
MOST_KEPT = 64


class TlvError(ValueError):
    """Bytes that are no data objects, or no list of tags and lengths."""


class Tlv(NamedTuple):
    """One data object.  ``encoded``: all of it as it was written, zero bytes in front included."""

    tag: int
    value: bytes
    encoded: bytes

    @property
    def constructed(self) -> bool:
        """Whether the value consists of data objects, as its tag says."""
        return is_constructed(self.tag)

    @property
    def children(self) -> tuple[Tlv, ...]:
        """The objects in a template, none in a primitive one.  Raises TlvError when the template holds others."""
        return parse(self.value) if self.constructed else ()

    def find(self, tag: int) -> bytes | None:
        """The value of the first object with this tag inside, at any depth.  Raises TlvError as :attr:`children`."""
        return find(self.value, tag) if self.constructed else None


def parse(data: bytes) -> tuple[Tlv, ...]:
    """The data objects that these bytes are, one after the other.

    Zero bytes between and behind objects are padding (Book 3 B.1); those behind the last one are dropped.  Raises
    TlvError for anything else.
    """
    found: list[Tlv] = []
    start, whole = 0, len(data)
    # The usual forms are read in place: a sale reads some thousand objects.
    while start < whole:
        at = start
        while data[at] == 0:
            at += 1
            if at == whole:
                return tuple(found)
        tag = data[at]
        if tag & 0x1F == 0x1F:
            tag, at = read_tag(data, at)
        else:
            at += 1
        if at < whole and data[at] < 0x80:
            length = data[at]
            at += 1
        else:
            length, at = _read_length(data, at)
        end = at + length
        if end > whole:
            raise TlvError(f"{name(tag)} says {length} bytes, {whole - at} are there")
        found.append(Tlv(tag, data[at:end], data[start:end]))
        start = end
    return tuple(found)


def flatten(items: Iterable[Tlv], depth: int = DEEPEST) -> Iterator[Tlv]:
    """Every primitive object in and under these, in order.  Raises TlvError for a damaged or bottomless template."""
    for item in items:
        if not item.constructed:
            yield item
        elif depth == 0:
            raise TlvError(f"templates stand more than {DEEPEST} deep")
        else:
            yield from flatten(item.children, depth - 1)


def find(data: bytes, tag: int, depth: int = DEEPEST) -> bytes | None:
    """The value of the first object with this tag, at any depth.  Raises TlvError for bytes that are no objects."""
    for item in parse(data):
        if item.tag == tag:
            return item.value
        if item.constructed:
            if depth == 0:
                raise TlvError(f"templates stand more than {DEEPEST} deep")
            inside = find(item.value, tag, depth - 1)
            if inside is not None:
                return inside
    return None


@lru_cache(MOST_KEPT)
def objects_of(text: str) -> Mapping[int, bytes]:
    """Objects in hexadecimal by their tags, as they travel between reader, platform and issuer.

    Each of them looks at the same ones, so they are kept for a while.  Raises ValueError for what is none.
    """
    return MappingProxyType({item.tag: item.value for item in parse(bytes.fromhex(text))})


def make(tag: int, value: bytes) -> bytes:
    """A data object with the shortest form of its length."""
    return encode_tag(tag) + _encode_length(len(value)) + value


def join(objects: Iterable[tuple[int, bytes]]) -> bytes:
    """Data objects one after the other."""
    return b"".join(make(tag, value) for tag, value in objects)


@lru_cache(MOST_KNOWN)
def encode_tag(tag: int) -> bytes:
    """The bytes of a tag."""
    return tag.to_bytes((tag.bit_length() + 7) // 8 or 1, "big")


def name(tag: int) -> str:
    """A tag as it is written: ``9F26``."""
    return encode_tag(tag).hex().upper()


@lru_cache(MOST_KNOWN)
def is_constructed(tag: int) -> bool:
    """Whether objects with this tag hold other objects: bit 6 of its first byte."""
    return bool(encode_tag(tag)[0] & CONSTRUCTED)


def read_tag(data: bytes, at: int) -> tuple[int, int]:
    """The tag that begins at an offset, and the offset behind it.  Raises TlvError when it is cut off or too long."""
    start = at
    if at >= len(data):
        raise TlvError("a tag is missing")
    at += 1
    if data[start] & 0x1F == 0x1F:
        while True:
            if at >= len(data):
                raise TlvError("a tag is cut off")
            at += 1
            if not data[at - 1] & 0x80:
                break
            if at - start >= MOST_TAG_BYTES:
                raise TlvError(f"a tag is longer than {MOST_TAG_BYTES} bytes")
    return int.from_bytes(data[start:at], "big"), at


def _read_length(data: bytes, at: int) -> tuple[int, int]:
    if at >= len(data):
        raise TlvError("a length is missing")
    first = data[at]
    if first < 0x80:
        return first, at + 1
    count = first & 0x7F
    if count == 0:
        raise TlvError("indefinite lengths are not used here")
    if count > MOST_LENGTH_BYTES or at + 1 + count > len(data):
        raise TlvError("a length is cut off or too long")
    return int.from_bytes(data[at + 1 : at + 1 + count], "big"), at + 1 + count


def _encode_length(length: int) -> bytes:
    if length < 0x80:
        return bytes((length,))
    size = (length.bit_length() + 7) // 8
    return bytes((0x80 | size,)) + length.to_bytes(size, "big")
