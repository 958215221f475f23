"""Cards as InListPassiveTarget describes them (card-hardware.md C.2, C.3; ISO/IEC 14443-3)."""

from __future__ import annotations

from dataclasses import dataclass

from countertop_drivers.errors import ProtocolError

LAYER_4 = 0x20
ATQB_LENGTH = 12


@dataclass(frozen=True, slots=True)
class TypeA:
    """A card of type A.  ``ats`` (with its length byte) is empty where the card has no ISO/IEC 14443-4."""

    number: int
    sens_res: bytes
    sel_res: int
    uid: bytes
    ats: bytes

    @property
    def answer(self) -> bytes:
        """What powering it on answered."""
        return self.ats

    @property
    def speaks_apdus(self) -> bool:
        """Whether it has ISO/IEC 14443-4."""
        return bool(self.sel_res & LAYER_4) and bool(self.ats)


@dataclass(frozen=True, slots=True)
class TypeB:
    """A card of type B; ``uid`` is its PUPI, made anew at each activation by most."""

    number: int
    atqb: bytes
    attrib_res: bytes

    @property
    def answer(self) -> bytes:
        """What powering it on answered: a card of type B has its ATQB where type A has the ATS."""
        return self.atqb

    @property
    def uid(self) -> bytes:
        """The PUPI, 4 bytes."""
        return self.atqb[1:5]

    @property
    def speaks_apdus(self) -> bool:
        """Bit 1 of the protocol type in the ATQB: ISO/IEC 14443-4."""
        return bool(self.atqb[10] & 0x01)


Target = TypeA | TypeB


def parse_type_a(answer: bytes) -> list[Target]:
    """The cards in an answer to InListPassiveTarget for type A.  Raises ProtocolError when it is malformed."""
    targets: list[Target] = []
    rest = answer[1:]
    for _ in range(_count(answer)):
        if len(rest) < 5 or len(rest) < 5 + rest[4]:
            raise ProtocolError(f"The PN532 lists a card that ends early: {answer.hex().upper()}.")
        number, sens_res, sel_res, uid = rest[0], rest[1:3], rest[3], rest[5 : 5 + rest[4]]
        rest = rest[5 + rest[4] :]
        ats = b""
        if sel_res & LAYER_4 and rest:
            ats, rest = rest[: rest[0]], rest[rest[0] :]
            if not ats or len(ats) != ats[0]:
                raise ProtocolError(f"The PN532 lists a card whose ATS ends early: {answer.hex().upper()}.")
        targets.append(TypeA(number, sens_res, sel_res, uid, ats))
    return targets


def parse_type_b(answer: bytes) -> list[Target]:
    """The cards in an answer to InListPassiveTarget for type B.  Raises ProtocolError when it is malformed."""
    targets: list[Target] = []
    rest = answer[1:]
    for _ in range(_count(answer)):
        end = 2 + ATQB_LENGTH
        if len(rest) < end or len(rest) < end + rest[end - 1]:
            raise ProtocolError(f"The PN532 lists a card that ends early: {answer.hex().upper()}.")
        end += rest[end - 1]
        targets.append(TypeB(rest[0], rest[1 : 1 + ATQB_LENGTH], rest[2 + ATQB_LENGTH : end]))
        rest = rest[end:]
    return targets


def _count(answer: bytes) -> int:
    if not answer or answer[0] > 2:
        raise ProtocolError(f"The PN532 lists {answer[:1].hex() or 'no number of'} cards.")
    return answer[0]
