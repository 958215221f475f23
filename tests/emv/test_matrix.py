"""Every kind of data authentication × cardholder verification × issuer: the results against a table of our own.

The table is worked out by hand from EMV Book 3 §10.3 to §10.11 and annex C; nothing in it comes from the kernel.
"""

import itertools
from dataclasses import replace

import pytest
from paper_card import drive, request, terminal

from countertop.cards.chip import VirtualChip, image_of
from countertop.cards.chip.known import find_profile
from countertop.emv.capk import CapkStore
from countertop.emv.cryptogram import AcData
from countertop.emv.cvn import CVNS
from countertop.emv.issuer_keys import pool
from countertop.emv.kernel import EnterPin, GoOnline, OnlineAnswer, TerminalApplication
from countertop.emv.keys import icc_master_key
from countertop.emv.tlv import make

AID = bytes.fromhex("A0000000031010")
# Bits that come of data authentication alone: TVR, TSI.
AUTHENTICATION = {
    "cda": ("0000000000", 0x8000),
    "dda": ("0000000000", 0x8000),
    "sda": ("0200000000", 0x8000),
    "none": ("8000000000", 0x0000),
}
# CVM list, CVM results, and the bits in the TVR.
VERIFICATION = {
    "offline PIN": ("0100", "010002", "0000000000"),
    "enciphered PIN": ("0400", "040002", "0000000000"),
    "online PIN": ("0200", "020000", "0000040000"),
    "signature": ("1E00", "1E0000", "0000000000"),
    "no CVM": ("1F00", "1F0002", "0000000000"),
}
# A card without a key of its own cannot decipher a PIN.
MEANINGLESS = {("sda", "enciphered PIN"), ("none", "enciphered PIN")}
# Over the floor limit (or drawn at random under it), what the issuer says; ARC, last cryptogram, result.
# The default codes of the card (DC4000A800) hold for the floor limit and for missing authentication, not for a draw.
ISSUER = {
    "approves": ("0000008000", "00", 0x40, "approved"),
    "declines": ("0000008000", "05", 0x00, "declined"),
    "cannot be asked": ("0000008000", "Z3", 0x00, "declined"),
    "cannot be asked about a drawn one": ("0000001000", "Y3", 0x40, "approved"),
}
CASES = [case for case in itertools.product(AUTHENTICATION, VERIFICATION, ISSUER) if case[:2] not in MEANINGLESS]


def expected(authentication: str, verification: str, issuer: str) -> dict[str, object]:
    """What the table says."""
    oda_tvr, oda_tsi = AUTHENTICATION[authentication]
    _, results, cvm_tvr = VERIFICATION[verification]
    risk_tvr, arc, cid, result = ISSUER[issuer]
    if authentication == "none" and issuer == "cannot be asked about a drawn one":
        arc, cid, result = "Z3", 0x00, "declined"
    tvr = int(oda_tvr, 16) | int(cvm_tvr, 16) | int(risk_tvr, 16)
    # Cardholder verification, card risk management and terminal risk management are always performed here.
    tsi = oda_tsi | 0x4000 | 0x2000 | 0x0800
    return {"TVR": f"{tvr:010X}", "TSI": f"{tsi:04X}", "CVM": results, "ARC": arc, "CID": cid, "result": result}


def chip_of(authentication: str, rules: str) -> VirtualChip:
    profile = find_profile("visa")
    application = replace(
        profile.applications[0], auth=authentication, cvm_list=bytes(8) + bytes.fromhex(rules), cvn="visa_18"
    )
    image = image_of(replace(profile, applications=(application,)), 2026)
    return VirtualChip(image, pin="1234", random=lambda count: b"\x5a" * count)


def issuer_of(chip: VirtualChip, *, approves: bool):
    """An issuer that checks the cryptogram before it answers, with keys that it derives itself."""
    number, cvn = find_profile("visa").card.number, CVNS["visa_18"]
    key = icc_master_key(pool().imk("visa", "ac"), number, "01")

    def answer(asked: GoOnline) -> OnlineAnswer:
        data = asked.data
        told = AcData(
            *(data[tag] for tag in (0x9F02, 0x9F03, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37, 0x82, 0x9F36, 0x9F10))
        )
        assert cvn.cryptogram(key, told) == data[0x9F26], "the card's cryptogram is what its key makes"
        return OnlineAnswer(
            approves, "00" if approves else "05", make(0x91, cvn.answer(key, told, data[0x9F26], approves))
        )

    return answer


@pytest.mark.parametrize(("authentication", "verification", "issuer"), CASES)
def test_the_matrix(authentication, verification, issuer):
    chip = chip_of(authentication, VERIFICATION[verification][0])
    drawn = issuer.endswith("drawn one")
    known = TerminalApplication(
        AID,
        floor_limit=100_000 if drawn else 0,
        threshold=90_000 if drawn else 0,
        target=99,
        most=99,
        tac_online=bytes.fromhex("DC4004F800"),
    )
    at = terminal(applications=(known,), keys=CapkStore(pool().ca_keys()), kind=0x22)
    answer = None if issuer.startswith("cannot") else issuer_of(chip, approves=issuer == "approves")
    done = drive(
        chip.transmit, lambda _: chip.power_on(), at, request(draw=lambda count: b"\x00" * count),
        pins=("1234",), answer=answer,
    )  # fmt: skip
    data = done.outcome.data
    found = {
        "TVR": data[0x95].hex().upper(),
        "TSI": data[0x9B].hex().upper(),
        "CVM": data[0x9F34].hex().upper(),
        "ARC": data[0x8A].decode(),
        "CID": data[0x9F27][0] & 0xC0,
        "result": done.outcome.result,
    }
    assert found == expected(authentication, verification, issuer), done.decisions
    assert sum(isinstance(prompt, EnterPin) for prompt in done.prompts) == ("PIN" in verification)
