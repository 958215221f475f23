"""The issuer's word at the card: ARPC, card status update, scripts (card-hardware.md G.3 to G.5)."""

from __future__ import annotations

import pytest
from tests.cards.hands import AAC, ARQC, TC, Hands, changed, make, said

from countertop.cards.chip import ChipState

BY_SECOND_GAC = [
    "visa",
    "mastercard",
    "mastercard_debit",
    "mastercard_prepaid",
    "discover",
    "interac",
    "girocard_debit",
]
BY_EXTERNAL_AUTHENTICATE = ["amex", "jcb", "unionpay"]


def online(name: str = "visa", **options: object) -> Hands:
    """A card that has been asked for an ARQC."""
    hands = Hands(make(name, **options))
    hands.begin()
    assert said(hands.generate(ARQC))[0x9F27] == bytes((ARQC,))
    return hands


def finish(hands: Hands, answer: bytes | None, asked: int = TC) -> int:
    """The second GENERATE AC after an answer from the issuer; the CID."""
    if answer is not None:
        hands.values[0x91] = answer
    return said(hands.generate(asked, second=True))[0x9F27][0]


# --- issuer authentication -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BY_SECOND_GAC)
def test_a_genuine_answer_is_heard_in_the_second_gac(name: str) -> None:
    hands = online(name)
    assert finish(hands, hands.issuer_answer()) == TC
    assert hands.get(0x9F13) == 1
    assert not hands.chip.state.online_unfinished


@pytest.mark.parametrize("name", BY_SECOND_GAC)
def test_a_forged_answer_makes_the_card_decline(name: str) -> None:
    hands = online(name)
    answer = hands.issuer_answer()
    assert finish(hands, bytes((answer[0] ^ 1,)) + answer[1:]) == AAC | 0x03, "issuer authentication failed"
    state = hands.chip.state
    assert (state.last_online_atc, state.issuer_authentication_failed) == (0, True)


@pytest.mark.parametrize("name", ["visa", "discover", "mastercard"])
def test_an_issuer_that_declines_is_not_overruled_by_the_terminal(name: str) -> None:
    hands = online(name)
    assert finish(hands, hands.issuer_answer(approved=False)) == AAC


@pytest.mark.parametrize("name", BY_EXTERNAL_AUTHENTICATE)
def test_external_authenticate_is_taken_once(name: str) -> None:
    hands = online(name)
    assert hands.send(0x00, 0x82, 0, 0, data=bytes(7)).sw == 0x6700
    assert hands.send(0x00, 0x82, 0, 0, data=hands.issuer_answer()).sw == 0x9000
    assert hands.send(0x00, 0x82, 0, 0, data=hands.issuer_answer()).sw == 0x6985
    assert finish(hands, None) == TC
    assert hands.get(0x9F13) == 1


@pytest.mark.parametrize("name", BY_EXTERNAL_AUTHENTICATE)
def test_external_authenticate_refuses_a_forgery(name: str) -> None:
    hands = online(name)
    assert hands.send(0x00, 0x82, 0, 0, data=bytes(10)).sw == 0x6300
    assert finish(hands, None) == AAC | 0x03


def test_a_card_that_hears_its_issuer_otherwise_knows_no_external_authenticate() -> None:
    hands = online("visa")
    assert hands.send(0x00, 0x82, 0, 0, data=hands.issuer_answer()).sw == 0x6985


def test_an_online_approval_without_an_answer_holds_and_is_remembered() -> None:
    hands = online()
    assert finish(hands, None) == TC
    assert hands.chip.state.issuer_authentication_missing
    hands.begin()
    assert said(hands.generate(TC))[0x9F27] == bytes((ARQC,)), "it wants to hear from its issuer now"


def test_a_payment_that_was_left_open_sends_the_next_one_online() -> None:
    hands = online()
    assert hands.chip.state.online_unfinished
    hands.begin()
    assert said(hands.generate(TC))[0x9F27] == bytes((ARQC,))


@pytest.mark.parametrize(("limit", "kind"), [(3, TC), (0, AAC)])
def test_without_a_line_the_card_decides_by_its_own_limits(limit: int, kind: int) -> None:
    hands = Hands(make(changed("visa", offline_limit=limit)))
    hands.begin()
    hands.generate(ARQC)
    hands.values[0x8A] = b"Y3"
    assert finish(hands, None) & 0xC0 == kind
    assert hands.chip.state.offline_count == (1 if kind == TC else 0)


# --- the card status update ----------------------------------------------------------------------------------


def updated(update: str, **state: int) -> Hands:
    """A Visa card whose issuer answered with this card status update."""
    from countertop.emv.des import mac3, pad2
    from countertop.emv.keys import session_key_common

    hands = online("visa", state=ChipState(**state))
    csu = bytes.fromhex(update)
    key = session_key_common(hands.application.keys.ac, hands.atc)
    finish(hands, mac3(key, pad2(hands.arqc + csu))[:4] + csu)
    assert not hands.chip.state.issuer_authentication_failed
    return hands


def test_it_blocks_the_card_or_the_application() -> None:
    assert updated("00C00000").select().sw == 0x6A81
    assert updated("00A00000").select().sw == 0x6283


def test_it_sets_the_pin_tries() -> None:
    assert updated("02900000", pin_tries=0).get(0x9F17) == 2
    assert updated("02800000", pin_tries=1).get(0x9F17) == 1


@pytest.mark.parametrize(
    ("update", "count", "amount"),
    [("00800000", 4, 500), ("00820000", 0, 0), ("00830000", 5, 1750), ("00810000", 10, 100_000)],
)
def test_it_moves_the_offline_counters(update: str, count: int, amount: int) -> None:
    state = updated(update, offline_count=4, offline_amount=500).chip.state
    assert (state.offline_count, state.offline_amount) == (count, amount)


def test_an_answer_without_an_update_resets_the_counters() -> None:
    hands = online("mastercard", state=ChipState(offline_count=4, offline_amount=500))
    finish(hands, hands.issuer_answer())
    assert (hands.chip.state.offline_count, hands.chip.state.offline_amount) == (0, 0)


# --- scripts -------------------------------------------------------------------------------------------------

SCHEMES = ["visa", "mastercard", "mastercard_debit", "amex", "discover", "interac"]


def run(hands: Hands, *header: int, data: bytes = b"", encipher: bool = False, number: int = 0) -> int:
    """Seal a script command as the issuer and send it; the status."""
    sealed = hands.script(*header, data=data, encipher=encipher, number=number)
    return int.from_bytes(hands.chip.transmit(sealed)[-2:], "big")


@pytest.mark.parametrize("name", SCHEMES)
def test_an_application_is_blocked_and_unblocked(name: str) -> None:
    hands = online(name)
    assert run(hands, 0x84, 0x1E, 0, 0) == 0x9000
    assert hands.chip.state.blocked == (hands.application.profile.aid.hex().upper(),)
    assert hands.select().sw == 0x6283
    hands.gpo()
    assert said(hands.generate(TC))[0x9F27][0] & 0xC0 == AAC, "a blocked application does nothing but decline"
    assert run(hands, 0x84, 0x18, 0, 0) == 0x9000
    assert hands.select().ok


def test_one_application_of_two_is_blocked() -> None:
    hands = online("visa_debit")
    run(hands, 0x8C, 0x1E, 0, 0)
    assert hands.select().sw == 0x6283
    assert hands.select(bytes.fromhex("A0000000980840")).sw == 0x9000


@pytest.mark.parametrize("name", SCHEMES)
def test_a_card_is_blocked_for_good(name: str) -> None:
    hands = online(name)
    assert run(hands, 0x84, 0x16, 0, 0) == 0x9000
    assert hands.select().sw == 0x6A81
    hands.chip.power_on()
    assert hands.select(b"1PAY.SYS.DDF01").sw == 0x6A81


@pytest.mark.parametrize("name", SCHEMES)
def test_a_pin_is_unblocked(name: str) -> None:
    hands = online(name, state=ChipState(pin_tries=0))
    assert hands.verify("1234") == 0x6983
    assert run(hands, 0x84, 0x24, 0, 0) == 0x9000
    assert hands.verify("1234") == 0x9000


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("pin", ["9876", "123456789012"])
def test_a_pin_is_changed(name: str, pin: str) -> None:
    hands = online(name, state=ChipState(pin_tries=1))
    block = hands.application.profile.cryptograms.pin_change(hands.application.keys.ac, pin)
    assert run(hands, 0x84, 0x24, 0, 2, data=block, encipher=True) == 0x9000
    assert hands.chip.pin == pin
    assert hands.verify("1234") == 0x63C2
    assert hands.verify(pin) == 0x9000


def test_limits_and_the_issuers_record_are_written() -> None:
    hands = online()
    assert run(hands, 0x84, 0xDA, 0x9F, 0x59, data=b"\x02") == 0x9000
    assert run(hands, 0x84, 0xDA, 0x9F, 0x54, data=bytes.fromhex("000000001000"), number=1) == 0x9000
    assert run(hands, 0x84, 0xDC, 1, 21 << 3 | 4, data=b"hello", number=2) == 0x9000
    assert hands.chip.state.scripts == 3
    assert (hands.get(0x9F59), hands.get(0x9F54)) == (2, 0x1000)
    assert hands.read(21, 1).data == b"hello"
    assert ChipState.from_row(hands.chip.state.to_row()) == hands.chip.state
    finish(hands, hands.issuer_answer())
    hands.begin()
    assert said(hands.generate(TC))[0x9F27] == bytes((ARQC,)), "12.50 is more than the new limit of 10.00"


@pytest.mark.parametrize(
    ("header", "data", "sw"),
    [
        ((0x84, 0xDA, 0x9F, 0x17), b"\x09", 0x6A88),
        ((0x84, 0xDA, 0x9F, 0x59), b"\x01\x02", 0x6A80),
        ((0x84, 0xDA, 0x9F, 0x54), b"\xff" * 6, 0x6A80),
        ((0x84, 0xDC, 1, 0x14), b"x", 0x6A86),
        ((0x84, 0xDC, 2, 0xAC), b"x", 0x6A83),
        ((0x84, 0xDC, 1, 0xAC), b"", 0x6A80),
        ((0x84, 0x1E, 1, 0), b"", 0x6A86),
        ((0x84, 0x1E, 0, 0), b"x", 0x6A80),
        ((0x84, 0x24, 0, 3), b"", 0x6A86),
        ((0x84, 0x24, 0, 0), b"x", 0x6A80),
    ],
)
def test_a_genuine_script_may_be_wrong_all_the_same(header: tuple[int, ...], data: bytes, sw: int) -> None:
    hands = online()
    before = hands.chip.state
    assert run(hands, *header, data=data) == sw
    after = hands.chip.state
    assert after.script_failed
    assert (after.blocked, after.written, after.pin_tries) == (before.blocked, before.written, before.pin_tries)


@pytest.mark.parametrize("name", SCHEMES)
def test_a_forged_script_does_nothing_but_count_as_failed(name: str) -> None:
    hands = online(name)
    sealed = bytearray(hands.script(0x84, 0x16, 0, 0))
    sealed[-1] ^= 1
    assert hands.chip.transmit(bytes(sealed)) == b"\x69\x88"
    assert (hands.chip.state.card_blocked, hands.chip.state.script_failed) == (False, True)
    assert hands.chip.transmit(bytes.fromhex("84160000021122")) == b"\x69\x87", "no MAC at all"


def test_a_script_of_another_payment_is_refused() -> None:
    hands = online()
    sealed = hands.script(0x84, 0x16, 0, 0)
    hands.begin()
    hands.generate(ARQC)
    assert hands.chip.transmit(sealed) == b"\x69\x88"


def test_what_scripts_left_shows_in_the_next_cryptogram() -> None:
    hands = online()
    run(hands, 0x84, 0x24, 0, 0)
    hands.chip.transmit(bytes.fromhex("841600000811223344556677 88".replace(" ", "")))
    finish(hands, hands.issuer_answer())
    hands.begin()
    iad = said(hands.generate(ARQC))[0x9F10]
    # Visa CVR byte 4 (card-hardware.md G.4): two commands counted, the failed one told.
    assert iad[6] & 0xF8 == 0x18
