"""Every published card in the hands of our own kernel: a whole sale, online, with the issuer's answer."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from tests.cards.hands import YEAR, make

from countertop.cards import all_cards
from countertop.cards.chip import VirtualChip, image_of, profile_of
from countertop.emv import tlv
from countertop.emv.capk import CapkStore
from countertop.emv.cryptogram import AcData
from countertop.emv.issuer_keys import pool
from countertop.emv.kernel import (
    ChooseApplication,
    EnterPin,
    GoOnline,
    OnlineAnswer,
    Outcome,
    PowerOn,
    Request,
    Silence,
    Terminal,
    TerminalApplication,
    Transmit,
    contact,
)

TERMINAL = Terminal(
    tuple(
        TerminalApplication(
            aid,
            tac_denial=bytes.fromhex("0010000000"),
            tac_online=bytes.fromhex("DC4004F800"),
            tac_default=bytes.fromhex("DC4000A800"),
        )
        for aid in sorted({entry.aid for card in all_cards() for entry in profile_of(card).applications})
    ),
    CapkStore(pool().ca_keys()),
    bytes.fromhex("0840"),
)
# TVR, TSI, CVM results: floor limit 0, so always online; then what E.3 says of each kind of card (terminal.md §2.8
# has TVR 0000008000 with TSI E800 for a chip with offline PIN).
NO_CVM, OFFLINE_PIN, ONLINE_PIN = "5f0302", "440302", "420300"
EXPECTED = {
    "mastercard_prepaid": ("0200008000", "e800", NO_CVM),
    "diners_14digits": ("0200008000", "e800", NO_CVM),
    "amex": ("0000008000", "f800", NO_CVM),
    "amex2": ("8000008000", "7800", NO_CVM),
    "jcb": ("0000008000", "f800", NO_CVM),
    "unionpay": ("0000008000", "f800", NO_CVM),
    "interac": ("0000008000", "e800", OFFLINE_PIN),
    "offline_pin_cvm": ("0000008000", "e800", OFFLINE_PIN),
    "offline_pin_sca_retry": ("0000008000", "e800", OFFLINE_PIN),
    "online_pin_cvm": ("0000048000", "e800", ONLINE_PIN),
    "online_pin_sca_retry": ("0000048000", "e800", ONLINE_PIN),
}


def issuer(chip: VirtualChip, data: Any) -> OnlineAnswer:
    """Approve a genuine cryptogram, decline any other."""
    application = next(each for each in chip.image.applications if each.profile.aid == data[0x84])
    told = (data[tag] for tag in (0x9F02, 0x9F03, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37, 0x82, 0x9F36, 0x9F10))
    covered, arqc, cvn = AcData(*told), data[0x9F26], application.profile.cryptograms
    good = cvn.cryptogram(application.keys.ac, covered) == arqc
    answer = cvn.answer(application.keys.ac, covered, arqc, good)
    return OnlineAnswer(good, "00" if good else "05", tlv.make(0x91, answer))


def sale(chip: VirtualChip, pins: tuple[str, ...] = ("1234",)) -> Outcome:
    """Run the kernel against a card whose holder types these PINs."""
    typed = iter(pins)
    steps = contact(TERMINAL, Request(1250, bytes.fromhex("0840"), "261123", "120000", Random(1).randbytes))
    answer: Any = None
    while True:
        try:
            event = steps.send(answer)
        except StopIteration as end:
            return end.value
        answer = None
        try:
            match event:
                case PowerOn():
                    answer = chip.power_on()
                case Transmit():
                    answer = chip.transmit(event.command)
                case ChooseApplication():
                    answer = 0
                case EnterPin(where="card"):
                    answer = next(typed, None)
                case EnterPin():
                    answer = True
                case GoOnline():
                    answer = issuer(chip, event.data)
        except OSError:
            answer = Silence.MUTE if chip.present else Silence.REMOVED


@pytest.mark.parametrize("name", [card.name for card in all_cards()])
@pytest.mark.parametrize("tpdu", [False, True])
def test_every_card_pays(name: str, tpdu: bool) -> None:
    chip = make(name, tpdu=tpdu)
    outcome = sale(chip)
    assert (outcome.result, outcome.reason) == ("approved", "approved"), outcome.why
    tvr, tsi, cvm = EXPECTED.get(name, ("0000008000", "e800", NO_CVM))
    assert (outcome.data[0x95].hex(), outcome.data[0x9B].hex(), outcome.data[0x9F34].hex()) == (tvr, tsi, cvm)
    assert outcome.data[0x84] == chip.image.applications[0].profile.aid
    assert (chip.state.atc, chip.state.last_online_atc, chip.state.online_unfinished) == (1, 1, False)


FAULTY = {
    "wrong_certificate": ("approved", "approved", "0400008000"),
    "expired": ("approved", "approved", "0040008000"),
    "application_blocked": ("terminated", "no_application", None),
    "card_blocked": ("terminated", "card_blocked", None),
    "mute": ("fallback", "card_unreadable", None),
    "bad_atr": ("fallback", "card_unreadable", None),
    "slow": ("approved", "approved", "0000008000"),
    "wrong_arqc": ("declined", "declined_by_issuer", "0000008000"),
    "no_pse": ("approved", "approved", "0000008000"),
    "replayed_atc": ("approved", "approved", "0000008000"),
}


@pytest.mark.parametrize("fault", FAULTY)
def test_what_faults_come_to(fault: str) -> None:
    chip = VirtualChip(image_of("visa", YEAR), pin="1234", random=Random(1).randbytes, faults=[fault])
    outcome = sale(chip)
    result, reason, tvr = FAULTY[fault]
    assert (outcome.result, outcome.reason) == (result, reason), outcome.why
    assert tvr is None or outcome.data[0x95].hex() == tvr


def test_a_card_pulled_at_any_command_ends_the_sale() -> None:
    commands = 0
    while True:
        chip = make(faults=[f"pulled_after:{commands}"])
        outcome = sale(chip)
        if outcome.result == "approved":
            break
        assert (outcome.result, outcome.reason) == ("removed", "card_removed")
        commands += 1
    # Directory 3, application 1, options 1, records 6, cryptograms 2.
    assert commands == 13


def test_wrong_pins_end_in_a_decline_by_the_card() -> None:
    chip = make("offline_pin_cvm")
    outcome = sale(chip, ("1111", "2222", "3333"))
    assert (outcome.result, outcome.reason) == ("declined", "pin_try_exceeded")
    assert outcome.data[0x95].hex() == "0000208000"
    assert sale(chip).reason == "pin_try_exceeded"
    assert chip.state.pin_tries == 0
