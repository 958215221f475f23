"""Whatever a card answers over the air, the transaction ends in a defined outcome, soon, and never in an exception."""

import pytest
from air_card import chip_of, reader, tap
from hostile import HostileCard
from hypothesis import given
from hypothesis import strategies as st
from paper_card import drive, request

from countertop.emv.ats import AtsError, make_ats, parse_ats
from countertop.emv.dynamic_track import DynamicTrackError, Places, filled, found_in, without_digits
from countertop.emv.kernel import OnlineAnswer, Silence, contactless
from countertop.emv.kernel.transaction import MOST_COMMANDS

RESULTS = {"approved", "declined", "terminated", "removed", "try_again", "another_interface", "see_phone", "fallback"}
CARDS = ("visa", "mastercard", "mastercard_stripe_mode", "amex", "discover", "interac", "apple_pay:visa",
         "google_pay:mastercard", "eftpos_au_visa_debit", "unionpay", "jcb")  # fmt: skip
ISSUER = OnlineAnswer(True, "00", bytes.fromhex("910811223344008000008A023030"))


@pytest.mark.parametrize("name", CARDS)
def test_spoilt_answers(name):
    for seed in range(60):
        chip = chip_of(name)
        hostile = HostileCard(seed, chip.transmit)
        done = drive(
            hostile.answer,
            lambda _, chip=chip, hostile=hostile: hostile.atr(chip.power_on()),
            reader(no_cvm_up_to=(None, 500)[seed % 2], kind=(0x21, 0x22)[seed // 2 % 2], floor_limit=5_000),
            request(),
            pins=("1234",) * 20,
            answer=(ISSUER, OnlineAnswer(False, "05"), None)[seed % 3],
            kernel=contactless,
        )
        assert done.outcome.result in RESULTS, seed
        assert done.outcome.reason, seed
        assert len(done.commands) <= MOST_COMMANDS, seed


@given(st.lists(st.binary(max_size=300), max_size=30), st.binary(max_size=40))
def test_any_bytes_at_all(answers, ats):
    words = iter(answers)
    done = drive(
        lambda command: next(words, Silence.MUTE),
        lambda good: ats or good,
        reader(),
        request(),
        answer=ISSUER,
        kernel=contactless,
    )
    assert done.outcome.result in RESULTS
    assert done.outcome.why


@given(st.sampled_from(CARDS), st.binary(max_size=260))
def test_any_answer_to_the_processing_options(name, body):
    def spoil(command, good):
        return body + b"\x90\x00" if command[:2] == b"\x80\xa8" else good

    assert tap(name, spoil=spoil, answer=ISSUER).outcome.result in RESULTS


@given(st.binary(max_size=260))
def test_any_answer_of_the_stripe_mode(body):
    def spoil(command, good):
        return body + b"\x90\x00" if command[:2] == b"\x80\x2a" else good

    assert tap("mastercard_stripe_mode", spoil=spoil, answer=ISSUER).outcome.result in RESULTS


@given(st.binary(max_size=30))
def test_any_ats(encoded):
    try:
        ats = parse_ats(encoded)
    except AtsError:
        return
    assert 16 <= ats.frame_bytes <= 4096
    assert 0 < ats.frame_waiting_ms < 5_000


@given(st.integers(0, 12), st.integers(0, 14), st.integers(0, 14), st.binary(max_size=15))
def test_an_ats_both_ways(fsci, fwi, sfgi, historical):
    ats = parse_ats(make_ats(fsci=fsci, fwi=fwi, sfgi=sfgi, historical=historical))
    assert (ats.fwi, ats.sfgi, ats.historical, ats.cid) == (fwi, sfgi, historical, True)


def test_an_ats_with_too_much_in_it():
    with pytest.raises(AtsError):
        make_ats(historical=bytes(16))


@given(
    st.binary(min_size=1, max_size=19), st.integers(0, 2**48 - 1), st.integers(0, 2**48 - 1), st.integers(0, 5),
    st.binary(min_size=4, max_size=4), st.binary(min_size=2, max_size=2), st.binary(min_size=2, max_size=2),
)  # fmt: skip
def test_any_track_and_any_maps(track, pcvc3, punatc, natc, un, atc, code):
    places = Places(pcvc3, punatc, natc)
    for work in (
        lambda: filled(track, places, un, atc, code),
        lambda: found_in(track, places),
        lambda: without_digits(track, places),
    ):
        try:
            work()
        except DynamicTrackError:
            continue


@given(st.integers(0, 9999_9999), st.integers(0, 0xFFFF), st.integers(0, 0xFFFF))
def test_the_digits_in_a_track_both_ways(number, counter, code):
    """PAN, expiry, service code, then 13 digits: three of the code, three of the counter and four of the number."""
    track = bytes.fromhex("5555555555554444D3012201" + "0" * 13 + "F")
    places = Places(0b111_0000_0000_0, 0b0001_1111_1100_0 >> 1, 3)
    un = bytes.fromhex(f"{number % 10**places.un_digits:08d}")
    made = filled(track, places, un, counter.to_bytes(2, "big"), code.to_bytes(2, "big"))
    found = found_in(made, places)
    assert found.un == un
    assert found.counter == f"{counter:05d}"[-3:]
    assert found.code == f"{code:05d}"[-3:]
    assert without_digits(made, places) == track
