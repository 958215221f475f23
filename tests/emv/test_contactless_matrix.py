"""Every kernel over the air × cardholder verification × issuer: the results against a table of our own.

The table is worked out by hand from EMV Contactless Books C-2 and C-3 (card-hardware.md F.2, F.3); nothing in it comes
from the kernels.  Swipes and fallback, which no kernel sees, are in tests/terminal/test_swipes.py.
"""

import itertools

import pytest
from air_card import NOBODY_ONLY, ONLINE_PIN, SIGNATURE, chip_of, reader, tap

from countertop.cards.chip.known import find_profile
from countertop.emv.cryptogram import AcData
from countertop.emv.cvn import CVNS
from countertop.emv.issuer_keys import pool
from countertop.emv.kernel import EnterPin, GoOnline, OnlineAnswer
from countertop.emv.keys import icc_master_key

# The way · the card.
WAYS = {
    "kernel 2": "mastercard",
    "kernel 2 in stripe mode": "mastercard_stripe_mode",
    "kernel 3": "visa",
    "phone, kernel 2": "google_pay:mastercard",
    "phone, kernel 3": "apple_pay:visa",
}
# The road · whether the amount is over the limit · byte 2 of the reader's capabilities.
ROADS = {
    "under the limit": (False, ONLINE_PIN),
    "online PIN": (True, ONLINE_PIN),
    "signature": (True, SIGNATURE),
}
# CVM results, tag 9F34.  Kernel 2 has the card's list (42 03 · 5E 03 · 1F 03); the others the reader's own words.
CVM = {
    ("kernel 2", "under the limit"): "1F0302",
    ("kernel 2", "online PIN"): "420300",
    ("kernel 2", "signature"): "5E0300",
    ("kernel 2 in stripe mode", "under the limit"): "1F0002",
    ("kernel 2 in stripe mode", "online PIN"): "020000",
    ("kernel 2 in stripe mode", "signature"): "1E0000",
    ("kernel 3", "under the limit"): "1F0002",
    ("kernel 3", "online PIN"): "020000",
    ("kernel 3", "signature"): "1E0000",
    # Under its limit kernel 2 asks nobody, not even the device (C-2, on-device cardholder verification).
    ("phone, kernel 2", "under the limit"): "3F0002",
    ("phone, kernel 2", "online PIN"): "010002",
    ("phone, kernel 2", "signature"): "010002",
    ("phone, kernel 3", "under the limit"): "010002",
    ("phone, kernel 3", "online PIN"): "010002",
    ("phone, kernel 3", "signature"): "010002",
}
# ARC · last cryptogram · result.  None: no cryptogram information in stripe mode.
ISSUER = {
    "approves": ("00", "80", "approved"),
    "declines": ("05", "80", "declined"),
    "cannot be asked": ("Z3", "80", "declined"),
    "is not asked": ("Y1", "40", "approved"),
}
# A PIN for the issuer takes the issuer; a code in a track is nothing without him; and phones sign nothing.
ALWAYS_ONLINE = {"kernel 2 in stripe mode", "phone, kernel 2", "phone, kernel 3"}
CASES = [
    (way, road, issuer)
    for way, road, issuer in itertools.product(WAYS, ROADS, ISSUER)
    if issuer != "is not asked" or not (way in ALWAYS_ONLINE or road == "online PIN")
]


def expected(way: str, road: str, issuer: str) -> dict[str, object]:
    """What the table says."""
    arc, cid, result = ISSUER[issuer]
    tvr = 0
    if way in ("kernel 2", "phone, kernel 2"):
        # The floor limit; a phone has no key to sign with; an online PIN was entered.
        tvr |= 0x8000 if issuer != "is not asked" else 0
        tvr |= 0x8000000000 if way == "phone, kernel 2" else 0
        tvr |= 0x40000 if (way, road) == ("kernel 2", "online PIN") else 0
    return {
        "TVR": f"{tvr:010X}",
        "CVM": CVM[way, road],
        "ARC": arc,
        "CID": None if way == "kernel 2 in stripe mode" else cid,
        "result": result,
    }


def issuer_of(name: str, *, approves: bool):
    """An issuer that makes the card's cryptogram itself before it answers."""
    profile = find_profile(name)
    application = profile.applications[0]
    key = icc_master_key(pool().imk(application.scheme, "ac"), profile.card.number, f"{profile.psn:02d}")

    def answer(asked: GoOnline) -> OnlineAnswer:
        data = asked.data
        if 0x9F26 in data:
            covered = (0x9F02, 0x9F03, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37, 0x82, 0x9F36, 0x9F10)
            told = AcData(*(data[tag] for tag in covered))
            assert CVNS[application.cvn].cryptogram(key, told) == data[0x9F26], "what the card's key makes"
        return OnlineAnswer(approves, "00" if approves else "05")

    return answer


@pytest.mark.parametrize(("way", "road", "issuer"), CASES)
def test_the_matrix(way, road, issuer):
    over, air_cvms = ROADS[road]
    offline = issuer == "is not asked"
    at = reader(
        floor_limit=5_000 if offline else 0,
        kind=0x22,
        air_cvms=air_cvms,
        no_cvm_up_to=900 if over else None,
    )
    asked = (
        None if issuer in ("cannot be asked", "is not asked") else issuer_of(WAYS[way], approves=issuer == "approves")
    )
    done = tap(WAYS[way], at, answer=asked)
    data = done.outcome.data
    found = {
        "TVR": data[0x95].hex().upper(),
        "CVM": data[0x9F34].hex().upper(),
        "ARC": data[0x8A].decode(),
        "CID": f"{data[0x9F27][0] & 0xC0:02X}" if 0x9F27 in data else None,
        "result": done.outcome.result,
    }
    assert found == expected(way, road, issuer), done.decisions
    typed = sum(isinstance(prompt, EnterPin) for prompt in done.prompts)
    assert typed == (CVM[way, road] in ("420300", "020000"))


@pytest.mark.parametrize("way", ["phone, kernel 2", "phone, kernel 3"])
@pytest.mark.parametrize("road", ROADS)
def test_locked_phones_are_to_be_looked_at(way, road):
    over, air_cvms = ROADS[road]
    done = tap(chip_of(WAYS[way], holder="locked"), reader(air_cvms=air_cvms, no_cvm_up_to=900 if over else None))
    assert (done.outcome.result, done.prompts) == ("see_phone", [])


def test_a_kernel_3_card_that_knows_no_way_to_verify_its_holder_here_wants_the_slot():
    done = tap("visa", reader(air_cvms=NOBODY_ONLY, no_cvm_up_to=900))
    assert (done.outcome.result, done.prompts) == ("another_interface", [])


@pytest.mark.parametrize("name", ["mastercard", "visa", "amex", "discover", "interac", "eftpos_au_debit"])
def test_a_card_that_declines(name):
    """An expired card: its own dates, or the terminal's codes for them, end in an AAC or a decline."""
    done = tap(chip_of(name, faults=("application_blocked",)), answer=OnlineAnswer(True, "00"))
    assert done.outcome.result != "approved"


def spoilt_signature(command, good):
    """One bit of the signed dynamic data, as if somebody stood between card and reader."""
    at = good.find(bytes.fromhex("9F4B"))
    return (
        good
        if at < 0 or command[:2] not in (b"\x80\xae", b"\x80\xa8")
        else good[: at + 20] + bytes((good[at + 20] ^ 1,)) + good[at + 21 :]
    )


def test_a_wrong_signature_of_kernel_2_is_declined():
    done = tap("mastercard", answer=OnlineAnswer(True, "00"), spoil=spoilt_signature)
    assert done.outcome.result == "declined"
    assert done.outcome.data[0x95][0] & 0x04, "CDA failed"


def test_a_wrong_signature_of_kernel_3_sends_the_question_to_the_issuer():
    asked = []

    def issuer(question):
        asked.append(question)
        return OnlineAnswer(False, "05")

    done = tap("visa", reader(floor_limit=5_000, kind=0x22), answer=issuer, spoil=spoilt_signature)
    assert len(asked) == 1
    assert done.outcome.result == "declined"


@pytest.mark.parametrize(
    ("country", "name"),
    [(0x0840, "visa_us_common_debit"), (0x0124, "interac"), (0x0036, "eftpos_au_debit"), (0x0276, "girocard_debit")],
)
def test_domestic_schemes_have_a_kernel_of_their_own(country, name):
    done = tap(name, answer=OnlineAnswer(True, "00"))
    assert done.outcome.result == "approved"
    expected_kernel = "3" if name == "visa_us_common_debit" else f"8{country:05x}"[-6:]
    assert done.decisions["kernel"].replace(" ", "") in (expected_kernel, f"80{country:04x}")
