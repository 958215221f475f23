"""A terminal by hand, for tests: one command after the other, and what the issuer would answer."""

from __future__ import annotations

from random import Random
from typing import Any

from countertop.cards.chip import ApplicationImage, ChipImage, VirtualChip, find_profile, image_of
from countertop.emv import tlv
from countertop.emv.apdu import Command, Response
from countertop.emv.cryptogram import AcData
from countertop.emv.dol import build, parse_dol

YEAR = 2026
AAC, TC, ARQC, CDA = 0x00, 0x40, 0x80, 0x10
PSE = b"1PAY.SYS.DDF01"
# What a terminal says; amounts in minor units.
TERMINAL = {
    0x9F02: bytes.fromhex("000000001250"),
    0x9F03: bytes(6),
    0x9F1A: bytes.fromhex("0840"),
    0x95: bytes.fromhex("0000008000"),
    0x5F2A: bytes.fromhex("0840"),
    0x9A: bytes.fromhex("261123"),
    0x9C: b"\x00",
    0x9F37: bytes.fromhex("52BF4585"),
    0x9F35: b"\x22",
    0x9F34: bytes.fromhex("1F0302"),
    0x8A: b"00",
}


def make(profile: Any = "visa", **options: Any) -> VirtualChip:
    """A card with power."""
    image = profile if isinstance(profile, ChipImage) else image_of(profile, YEAR)
    options.setdefault("pin", image.profile.card.pin)
    options.setdefault("random", Random(7).randbytes)
    chip = VirtualChip(image, options.pop("state", None), **options)
    if chip.present:
        chip.power_on()
    return chip


def changed(name: str, **overrides: Any) -> ChipImage:
    """The card of this name, its first application made otherwise."""
    from dataclasses import replace

    profile = find_profile(name)
    first = replace(profile.applications[0], **overrides)
    return image_of(replace(profile, applications=(first, *profile.applications[1:])), YEAR)


class Hands:
    """Sends commands to a card and remembers what it needs for the next ones."""

    def __init__(self, chip: VirtualChip) -> None:
        self.chip = chip
        self.values = dict(TERMINAL)
        self.application: ApplicationImage = chip.image.applications[0]
        self.arqc = b""
        self.atc = b""
        self.ac_data: AcData | None = None

    def send(self, *fields: int, data: bytes = b"", le: int | None = None) -> Response:
        """One command."""
        return Response.parse(self.chip.transmit(Command(*fields, data=data, le=le).encoded))

    def select(self, name: bytes | None = None, *, following: bool = False) -> Response:
        """SELECT of a name, or of the first application."""
        if name is None:
            name = self.application.profile.aid
        return self.send(0x00, 0xA4, 0x04, 2 if following else 0, data=name, le=256)

    def gpo(self) -> Response:
        """GET PROCESSING OPTIONS with all that the card asks for."""
        return self.send(0x80, 0xA8, 0, 0, data=tlv.make(0x83, build(self.application.pdol, self.values)), le=256)

    def begin(self) -> None:
        """SELECT and GET PROCESSING OPTIONS."""
        assert self.select().ok
        assert self.gpo().ok

    def read(self, sfi: int, number: int) -> Response:
        """READ RECORD."""
        return self.send(0x00, 0xB2, number, sfi << 3 | 4, le=256)

    def get(self, tag: int) -> int:
        """GET DATA of a counter."""
        response = self.send(0x80, 0xCA, tag >> 8, tag & 0xFF, le=256)
        assert response.ok
        value = tlv.find(response.data, tag)
        assert value is not None
        return int.from_bytes(value, "big")

    def verify(self, pin: str) -> int:
        """VERIFY in clear; the status."""
        block = bytes.fromhex(f"2{len(pin):X}{pin}".ljust(16, "F"))
        return self.send(0x00, 0x20, 0, 0x80, data=block).sw

    def generate(self, kind: int, *, second: bool = False) -> Response:
        """GENERATE AC; keeps what the issuer needs of a first one."""
        dol = self.application.cdol2 if second else self.application.cdol1
        response = self.send(0x80, 0xAE, kind, 0, data=build(dol, self.values), le=256)
        if response.ok and not second:
            answer = said(response)
            self.arqc, self.atc = answer[0x9F26], answer[0x9F36]
            self.ac_data = AcData(
                *(self.values[tag] for tag in (0x9F02, 0x9F03, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37)),
                self.application.profile.aip.encoded,
                answer[0x9F36],
                answer[0x9F10],
            )
        return response

    def issuer_answer(self, *, approved: bool = True) -> bytes:
        """The value of tag 91 that the issuer would give."""
        assert self.ac_data is not None
        profile, keys = self.application.profile, self.application.keys
        return profile.cryptograms.answer(keys.ac, self.ac_data, self.arqc, approved)

    def script(self, *header: int, data: bytes = b"", encipher: bool = False, number: int = 0) -> bytes:
        """A script command as the issuer would seal it."""
        cvn, keys = self.application.profile.cryptograms, self.application.keys
        script_keys = cvn.script_keys(keys.smi, keys.smc, self.atc, self.arqc)
        return cvn.seal(bytes(header), data, script_keys, self.atc, self.arqc, encipher, number)


def said(response: Response) -> dict[int, bytes]:
    """The objects in an answer to GENERATE AC without a signature, whichever its format."""
    [template] = tlv.parse(response.data)
    if template.tag == 0x77:
        return {item.tag: item.value for item in template.children}
    value = template.value
    return {0x9F27: value[:1], 0x9F36: value[1:3], 0x9F26: value[3:11], 0x9F10: value[11:]}


def dol(text: str) -> tuple[tuple[int, int], ...]:
    """A data object list from hexadecimal."""
    return parse_dol(bytes.fromhex(text))
