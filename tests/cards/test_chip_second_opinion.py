"""A card whose issuer is another implementation: pyemv checks its cryptograms, answers them and seals its scripts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cards.hands import ARQC, TC, Hands, make, said

from countertop.emv.issuer_keys import pool

pyemv = pytest.importorskip("pyemv.cvn")
# pyemv hands 16-byte keys to cryptography, which will want them expanded.
pytestmark = pytest.mark.filterwarnings("ignore:.*TripleDES.*")

ISSUERS = {
    "visa_10": pyemv.VisaCVN10,
    "visa_18": pyemv.VisaCVN18,
    "mastercard_16": pyemv.MasterCardCVN16,
    "mastercard_20": pyemv.MasterCardCVN20,
    "mastercard_21": pyemv.MasterCardCVN21,
    "interac_133": pyemv.InteracCVN133,
}
NAMES = ["amex", "visa", "visa_us_common_debit", "mastercard_debit", "mastercard", "mastercard_prepaid", "interac"]
TAGS = (0x9F02, 0x9F03, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37)


class Issuer:
    """The issuer of one card."""

    def __init__(self, hands: Hands) -> None:
        profile, card = hands.application.profile, hands.chip.image.profile
        keys = (pool().imk(profile.scheme, use) for use in ("ac", "smi", "smc"))
        self.cvn: str = profile.cvn
        self.aip = profile.aip.encoded
        self._issuer: Any = ISSUERS[profile.cvn](*keys, card.card.number, f"{card.psn:02d}")

    def cryptogram(self, hands: Hands, answer: dict[int, bytes]) -> bytes:
        """The cryptogram that the card must have made."""
        iad = answer[0x9F10]
        told = {f"tag_{tag:02x}": hands.values[tag] for tag in TAGS} | {"tag_82": self.aip, "tag_9f36": answer[0x9F36]}
        match self.cvn:
            case "visa_10":
                told["cvr"] = iad[3:7]
            case "visa_18" | "interac_133":
                told["tag_9f10"] = iad
            case "mastercard_21":
                told |= {"cvr": iad[2:8], "counters": iad[10:]}
            case _:
                told["cvr"] = iad[2:8]
        made: bytes = self._issuer.generate_ac(**told)
        return made

    def answer(self, hands: Hands) -> bytes:
        """Tag 91 of an approval."""
        match self.cvn:
            case "visa_18":
                csu = bytes.fromhex("00820000")
                return self._issuer.generate_arpc(hands.arqc, hands.atc, csu) + csu
            case "interac_133":
                return self._issuer.generate_arpc(hands.arqc, hands.values[0x9F37], hands.atc, b"00") + b"00"
            case "visa_10":
                return self._issuer.generate_arpc(hands.arqc, b"00") + b"00"
            case "mastercard_16":
                return self._issuer.generate_arpc(hands.arqc, b"\x00\x10") + b"\x00\x10"
            case _:
                return self._issuer.generate_arpc(hands.arqc, hands.atc, b"\x00\x10") + b"\x00\x10"

    def pin_change(self, hands: Hands, pin: str) -> bytes:
        """A whole command."""
        atc = () if self.cvn == "interac_133" else (hands.atc,)
        return self._issuer.generate_pin_change_command(pin, hands.arqc, *atc)

    def block(self, hands: Hands) -> bytes:
        """A whole APPLICATION BLOCK, the second command of its transaction."""
        header = bytes.fromhex("841E000008")
        arqc = hands.arqc
        if self.cvn.startswith("mastercard"):
            arqc = ((int.from_bytes(arqc, "big") + 1) % 2**64).to_bytes(8, "big")
        atc = () if self.cvn == "interac_133" else (hands.atc,)
        return header + self._issuer.generate_command_mac(header, arqc, *atc)


@pytest.mark.parametrize("name", NAMES)
@given(st.integers(0, 999_999_999_999), st.binary(min_size=4, max_size=4), st.binary(min_size=5, max_size=5))
@settings(max_examples=15)
def test_cryptograms_are_what_the_issuer_makes_too(name: str, amount: int, drawn: bytes, tvr: bytes) -> None:
    hands = Hands(make(name))
    hands.values |= {0x9F02: bytes.fromhex(f"{amount:012d}"), 0x9F37: drawn, 0x95: tvr}
    issuer = Issuer(hands)
    hands.begin()
    first = said(hands.generate(ARQC))
    assert first[0x9F26] == issuer.cryptogram(hands, first)
    hands.values[0x91] = issuer.answer(hands)
    if hands.application.profile.cryptograms.uses_external_authenticate:
        assert hands.send(0x00, 0x82, 0, 0, data=hands.values[0x91]).ok
    second = said(hands.generate(TC, second=True))
    assert second[0x9F27] == bytes((TC,))
    assert hands.chip.state.last_online_atc == 1
    assert second[0x9F26] == issuer.cryptogram(hands, second)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("pin", ["9999", "123456"])
def test_scripts_of_the_issuer_are_understood(name: str, pin: str) -> None:
    hands = Hands(make(name))
    issuer = Issuer(hands)
    hands.begin()
    hands.generate(ARQC)
    assert hands.chip.transmit(issuer.pin_change(hands, pin)) == b"\x90\x00"
    assert hands.chip.pin == pin
    assert hands.chip.transmit(issuer.block(hands)) == b"\x90\x00"
    assert hands.select().sw == 0x6283
