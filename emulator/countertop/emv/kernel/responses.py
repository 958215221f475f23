"""Reading the two formats in which a card answers: template 77, or bare values in 80 (EMV Book 3 §6.5)."""

from __future__ import annotations

from dataclasses import dataclass

from countertop.emv import tlv
from countertop.emv.apdu import Response
from countertop.emv.tlv import TlvError

SIGNATURE = 0x9F4B


class ResponseError(ValueError):
    """A response that does not say what it has to."""


@dataclass(frozen=True, slots=True)
class Cryptogram:
    """An answer to GENERATE AC.

    ``ac`` is None when it stands inside the signature.  ``covered``: the objects that a signature covers, in order.
    """

    cid: int
    atc: bytes
    ac: bytes | None
    iad: bytes
    covered: bytes
    signed: bool


def single_object(response: Response, tag: int) -> bytes:
    """The one object that a response is for.  Raises ResponseError."""
    if not response.ok:
        raise ResponseError(f"the card answers {response.sw:04X}")
    try:
        items = tlv.parse(response.data)
        if len(items) == 1 and items[0].tag == 0x80:
            return items[0].value
        value = items[0].find(tag) if len(items) == 1 and items[0].tag == 0x77 else None
    except TlvError as error:
        raise ResponseError(str(error)) from None
    if value is None:
        raise ResponseError(f"the answer lacks {tlv.name(tag)}")
    return value


def objects_in(response: Response) -> dict[int, bytes]:
    """The objects of an answer in format 2.  Raises ResponseError."""
    if not response.ok:
        raise ResponseError(f"the card answers {response.sw:04X}")
    try:
        items = tlv.parse(response.data)
        if len(items) != 1 or items[0].tag != 0x77:
            raise ResponseError("it is not in format 2")
        return {item.tag: item.value for item in items[0].children}
    except TlvError as error:
        raise ResponseError(str(error)) from None


def cryptogram(response: Response) -> Cryptogram:
    """Read an answer to GENERATE AC.  Raises ResponseError."""
    if not response.ok:
        raise ResponseError(f"the card answers {response.sw:04X}")
    try:
        items = tlv.parse(response.data)
        if len(items) == 1 and items[0].tag == 0x80:
            return _bare(items[0].value)
        if len(items) != 1 or items[0].tag != 0x77:
            raise ResponseError("it is in neither format")
        inside = items[0].children
        objects = {item.tag: item.value for item in inside}
    except TlvError as error:
        raise ResponseError(str(error)) from None
    if len(objects) != len(inside):
        raise ResponseError("an object comes twice")
    cid, atc, ac = objects.get(0x9F27, b""), objects.get(0x9F36, b""), objects.get(0x9F26)
    if len(cid) != 1 or len(atc) != 2 or (ac is not None and len(ac) != 8):
        raise ResponseError("its CID, ATC or cryptogram is missing or malformed")
    covered = b"".join(item.encoded for item in inside if item.tag != SIGNATURE)
    return Cryptogram(cid[0], atc, ac, objects.get(0x9F10, b"")[:32], covered, SIGNATURE in objects)


def _bare(value: bytes) -> Cryptogram:
    if not 11 <= len(value) <= 43:
        raise ResponseError("its length fits no cryptogram")
    return Cryptogram(value[0], value[1:3], value[3:11], value[11:], b"", signed=False)
