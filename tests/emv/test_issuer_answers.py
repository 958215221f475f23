"""The issuer's answer in tag 91: made, checked, forged (card-hardware.md G.3)."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countertop.emv.cryptogram import AcData, arpc_method_2
from countertop.emv.cvn import CVNS, Cvn, cvn_of
from countertop.emv.keys import session_key_common

MK = bytes(range(16))
LENGTHS = (6, 6, 2, 5, 2, 3, 1, 4, 2, 2)
ARQC = bytes.fromhex("29CCA15AE665FA2E")
ANSWERING = {name: cvn for name, cvn in CVNS.items() if name != "visa_17"}
METHOD_2 = ("visa_18", "visa_22", "ccd_5")
each_version = pytest.mark.parametrize("cvn", ANSWERING.values(), ids=ANSWERING)


def data(cvn: Cvn) -> AcData:
    cvr = {"visa_22": 5, "ccd_5": 5}.get(cvn.name, 6 if cvn.name.startswith("mastercard") else 4)
    iad = cvn.make_iad(1, (b"\x03" if cvr == 4 else b"\xa0") + bytes(cvr - 1))
    return AcData(*(bytes(range(length)) for length in LENGTHS), iad)


@each_version
def test_a_true_answer(cvn: Cvn) -> None:
    for approved in (True, False):
        answer = cvn.answer(MK, data(cvn), ARQC, approved)
        assert len(answer) == (8 if cvn.name in METHOD_2 else 10)
        assert cvn.check_answer(MK, data(cvn), ARQC, answer)


@each_version
def test_an_answer_says_whether_the_issuer_approves(cvn: Cvn) -> None:
    yes, no = (cvn.answer(MK, data(cvn), ARQC, approved) for approved in (True, False))
    if cvn.name in METHOD_2:
        assert (yes[5] & 0x80, no[5] & 0x80) == (0x80, 0)
        assert yes[5] & 0x03 == 2, "an approval resets the card's counters"
    elif cvn.name.startswith("mastercard"):
        assert (yes[8:], no[8:]) == (bytes.fromhex("0010"), bytes.fromhex("0000"))
    else:
        assert (yes[8:], no[8:]) == (b"00", b"05")
        assert cvn.answer(MK, data(cvn), ARQC, False, b"51")[8:] == b"51"


@each_version
def test_a_forged_answer(cvn: Cvn) -> None:
    told = data(cvn)
    answer = cvn.answer(MK, told, ARQC, True)
    for at in range(len(answer)):
        forged = bytes(byte ^ (index == at) for index, byte in enumerate(answer))
        assert not cvn.check_answer(MK, told, ARQC, forged)
    assert not cvn.check_answer(MK, told, bytes(8), answer)
    assert not cvn.check_answer(bytes(16), told, ARQC, answer)


@given(st.sampled_from(list(CVNS.values())), st.binary(max_size=20))
def test_any_bytes_are_no_answer(cvn: Cvn, answer: bytes) -> None:
    assert not cvn.check_answer(MK, data(cvn), ARQC, answer)


@pytest.mark.parametrize(("update", "proprietary", "right"), [(4, 8, True), (4, 9, False), (3, 0, False), (4, 0, True)])
def test_a_status_update_has_its_length(update: int, proprietary: int, right: bool) -> None:
    cvn = CVNS["visa_18"]
    told = data(cvn)
    key, more = session_key_common(MK, told.atc), (bytes(update), bytes(range(proprietary)))
    answer = arpc_method_2(key, ARQC, *more) + b"".join(more)
    assert cvn.check_answer(MK, told, ARQC, answer) is right


def test_fast_payments_have_no_answer() -> None:
    cvn = CVNS["visa_17"]
    assert cvn.answer(MK, data(cvn), ARQC, True) == b""
    assert not cvn.check_answer(MK, data(cvn), ARQC, b"")


def test_external_authenticate_is_visas_oldest_habit_alone() -> None:
    assert [name for name, cvn in CVNS.items() if cvn.uses_external_authenticate] == ["visa_10"]


@pytest.mark.parametrize("cvn", CVNS.values(), ids=CVNS)
def test_a_cryptogram_covers_what_its_version_says(cvn: Cvn) -> None:
    told = data(cvn)
    genuine = cvn.cryptogram(MK, told)
    for field in fields(AcData):
        value = getattr(told, field.name)
        changed = replace(told, **{field.name: bytes((value[0] ^ 0x80,)) + value[1:]})
        covered = cvn.cryptogram(MK, changed) != genuine
        if cvn.name == "visa_17":
            assert covered == (field.name in ("amount", "un", "atc"))
        elif field.name != "iad":
            assert covered
    results = replace(told, iad=told.iad[:4] + bytes((told.iad[4] ^ 1,)) + told.iad[5:])
    assert cvn.cryptogram(MK, results) != genuine, "every version covers the card's results"


@pytest.mark.parametrize("cvn", CVNS.values(), ids=CVNS)
def test_any_bytes_may_stand_where_the_iad_should(cvn: Cvn) -> None:
    for iad in (b"", b"\x06", bytes(40)):
        assert len(cvn.cryptogram(MK, replace(data(cvn), iad=iad))) == 8
        assert len(cvn.cvr_of(iad)) <= 6


@pytest.mark.parametrize("cvn", CVNS.values(), ids=CVNS)
def test_the_iad_tells_the_version(cvn: Cvn) -> None:
    assert cvn_of(data(cvn).iad) is cvn


def test_an_unknown_version_is_none() -> None:
    for text in ("", "06010003A06010", "0701", "1F99" + "00" * 30, "0119" + "00" * 16):
        assert cvn_of(bytes.fromhex(text)) is None
