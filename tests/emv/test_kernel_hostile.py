"""Whatever a card answers, the transaction ends in a defined outcome, soon, and never in an exception."""

import pytest
from hostile import HostileCard
from hypothesis import given
from hypothesis import strategies as st
from paper_card import RECORDS, PaperCard, drive, request, run, terminal

from countertop.emv.kernel import OnlineAnswer, Silence
from countertop.emv.kernel.transaction import MOST_COMMANDS

RESULTS = {"approved", "declined", "terminated", "fallback", "removed"}
CVM = bytes(8) + bytes.fromhex("41034203 5E03 1F00".replace(" ", ""))
ISSUER = OnlineAnswer(True, "00", bytes.fromhex("910A00112233445566773030"))


def good_card() -> PaperCard:
    card = PaperCard(records=RECORDS | {0x8E: CVM, 0x9F14: b"\x03", 0x9F23: b"\x06"}, aip="1C00")
    card.answers |= {
        "80CA9F17": bytes.fromhex("9F1701039000"),
        "80CA9F36": bytes.fromhex("9F360200059000"),
        "80CA9F13": bytes.fromhex("9F130200049000"),
        "0020": b"\x90\x00",
        "0082": b"\x90\x00",
        "80AE00": card.cryptogram("00"),
    }
    return card


@pytest.mark.parametrize("block", range(20))
def test_spoilt_answers(block):
    for seed in range(block * 50, block * 50 + 50):
        hostile = HostileCard(seed, good_card().answer)
        done = drive(hostile.answer, hostile.atr, pins=("1234",) * 20, answer=ISSUER)
        assert done.outcome.result in RESULTS, seed
        assert done.outcome.reason, seed
        assert len(done.commands) <= MOST_COMMANDS, seed


@given(st.lists(st.binary(max_size=300), max_size=30), st.binary(max_size=40))
def test_any_bytes_at_all(answers, atr):
    words = iter(answers)
    done = drive(lambda command: next(words, Silence.MUTE), lambda good: atr or good, pins=("1234",), answer=ISSUER)
    assert done.outcome.result in RESULTS
    assert done.outcome.why


@given(st.binary(max_size=260))
def test_any_record(record):
    card = PaperCard(answers={"00B2": record + b"\x90\x00"})
    assert run(card, answer=ISSUER).outcome.result in RESULTS


@given(st.binary(max_size=200))
def test_any_issuer_data(emv):
    done = run(good_card(), terminal(), request(), pins=("1234",), answer=OnlineAnswer(True, "00", emv))
    assert done.outcome.result in RESULTS
