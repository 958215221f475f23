"""Every fault of a chip card, seen by a terminal."""

from __future__ import annotations

import pytest
from tests.cards.hands import ARQC, TC, YEAR, Hands, make, said

from countertop.cards.chip import FAULTS, CardGone, CardMute, ChipState, image_of
from countertop.emv import tlv
from countertop.emv.atr import AtrError, parse_atr
from countertop.errors import ConfigurationError


def test_every_fault_says_what_it_is() -> None:
    assert set(FAULTS) == {
        "wrong_certificate", "expired", "application_blocked", "card_blocked", "mute", "slow", "pulled_after",
        "wrong_arqc", "replayed_atc", "no_pse", "bad_atr",
    }  # fmt: skip
    assert all(len(line) > 10 for line in FAULTS.values())


@pytest.mark.parametrize(
    "written", ["", "broken", "pulled_after", "pulled_after:", "pulled_after:x", "mute:3", "pulled_after:-1"]
)
def test_an_unknown_fault_is_refused(written: str) -> None:
    with pytest.raises(ConfigurationError):
        make(faults=[written])


@pytest.mark.parametrize("name", ["visa", "mastercard_prepaid", "discover2"])
def test_a_wrong_certificate_differs_from_the_right_one(name: str) -> None:
    good, bad = image_of(name, YEAR).applications[0], make(name, faults=["wrong_certificate"]).image.applications[0]
    different = [place for place in good.records if good.records[place] != bad.records[place]]
    assert len(different) == 1
    tags = [tlv.find(bad.records[different[0]], tag) for tag in (0x93, 0x9F46)]
    assert any(tags), "it is still a record with a certificate or a static signature in it"


def test_an_expired_card_expired_last_year() -> None:
    chip = make(faults=["expired"])
    assert chip.image.expiry == (12, YEAR - 1)
    hands = Hands(chip)
    hands.begin()
    assert tlv.find(hands.read(2, 1).data, 0x5F24) == bytes.fromhex("251231")


def test_blocked_applications_and_cards() -> None:
    assert Hands(make(faults=["application_blocked"])).select().sw == 0x6283
    hands = Hands(make(faults=["card_blocked"]))
    assert hands.select().sw == hands.select(b"1PAY.SYS.DDF01").sw == 0x6A81
    assert hands.chip.state == ChipState(), "the fault is not in the state"


def test_a_mute_card_answers_nothing_and_is_there() -> None:
    from random import Random

    from countertop.cards.chip import VirtualChip

    chip = VirtualChip(image_of("visa", YEAR), pin="1234", random=Random(1).randbytes, faults=["mute"])
    assert chip.present
    with pytest.raises(CardMute):
        chip.power_on()


def test_a_slow_card_says_how_long_it_takes() -> None:
    assert make(faults=["slow"]).answer_ms == 3_000
    assert make().answer_ms == 0


@pytest.mark.parametrize("count", [1, 3])
def test_a_card_is_gone_after_so_many_commands(count: int) -> None:
    hands = Hands(make(faults=[f"pulled_after:{count}"]))
    for _ in range(count):
        assert hands.chip.present
        hands.select()
    assert not hands.chip.present
    with pytest.raises(CardGone):
        hands.select()
    with pytest.raises(CardGone):
        hands.chip.power_on()


def test_a_card_that_is_pulled_at_once_has_no_atr() -> None:
    chip = make(faults=["pulled_after:0"])
    assert not chip.present
    with pytest.raises(CardGone):
        chip.power_on()


def test_a_wrong_arqc_is_wrong_and_nothing_else() -> None:
    good, bad = Hands(make()), Hands(make(faults=["wrong_arqc"]))
    answers = []
    for hands in (good, bad):
        hands.begin()
        answers.append(said(hands.generate(ARQC)))
    assert answers[0].pop(0x9F26) != answers[1].pop(0x9F26)
    assert answers[0] == answers[1]


def test_a_replayed_counter_never_rises() -> None:
    hands = Hands(make(faults=["replayed_atc"]))
    for _ in range(2):
        hands.begin()
        assert said(hands.generate(TC))[0x9F36] == b"\x00\x01"
    hands = Hands(make(faults=["replayed_atc"], state=ChipState(atc=9)))
    hands.begin()
    assert hands.get(0x9F36) == 9


def test_a_card_without_a_directory_has_its_applications() -> None:
    hands = Hands(make(faults=["no_pse"]))
    assert hands.select(b"1PAY.SYS.DDF01").sw == 0x6A82
    assert hands.select().ok


@pytest.mark.parametrize("name", ["visa", "mastercard"])
def test_a_bad_atr_is_none(name: str) -> None:
    with pytest.raises(AtrError):
        parse_atr(make(name, faults=["bad_atr"]).power_on())
