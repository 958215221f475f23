"""What every test card and every test amount does (terminal.md 3.1 and 3.2), as one table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from countertop.cards import all_cards, find_card
from countertop.network import IssuerRequest, TestCardHost


class ClearVault:
    """Tokens that are the numbers themselves."""

    def reveal(self, tx, token):
        return token


HOST = TestCardHost(ClearVault())
STANDARD = [
    "visa", "visa_debit", "mastercard", "mastercard_debit", "mastercard_prepaid", "amex", "amex2", "discover",
    "discover2", "diners", "diners_14digits", "jcb", "unionpay", "interac", "eftpos_au_debit",
    "eftpos_au_visa_debit", "eftpos_au_mastercard_debit", "cartes_bancaires_visa_debit",
    "cartes_bancaires_mastercard_debit", "girocard_debit", "visa_us_common_debit",
]  # fmt: skip
DECLINE_CARDS = {
    "charge_declined": ("card_declined", "generic_decline", "05"),
    "charge_declined_insufficient_funds": ("card_declined", "insufficient_funds", "51"),
    "charge_declined_lost_card": ("card_declined", "lost_card", "41"),
    "charge_declined_stolen_card": ("card_declined", "stolen_card", "43"),
    "charge_declined_expired_card": ("expired_card", "expired_card", "54"),
    "charge_declined_processing_error": ("processing_error", "processing_error", "96"),
}
ALWAYS_APPROVED = ["offline_pin_cvm", "online_pin_cvm", "refund_fail"]
SOFT = {
    "offline_pin_sca_retry": "offline_pin_required",
    "online_pin_sca_retry": "online_or_offline_pin_required",
}
AMOUNTS = {
    "01": ("card_declined", "call_issuer"),
    "02": ("offline_pin_required", "offline_pin_required"),
    "03": ("online_or_offline_pin_required", "online_or_offline_pin_required"),
    "05": ("card_declined", "generic_decline"),
    "55": ("card_declined", "incorrect_pin"),
    "65": ("card_declined", "withdrawal_count_limit_exceeded"),
    "75": ("card_declined", "pin_try_exceeded"),
}


def ask(card: str, amount: int = 1000, cvm: str = "none", kind: str = "authorization", **more):
    number = find_card(card).number if not card.isdigit() else card
    request = IssuerRequest(
        kind=kind, card_token=number, amount=amount, currency="usd", country="US", mcc="5734",
        reference="ch_1", read_method="contactless_emv", cvm=cvm,
    )  # fmt: skip
    return HOST.decide(None, replace(request, **more))


def test_the_table_covers_every_card():
    named = {*STANDARD, *DECLINE_CARDS, *ALWAYS_APPROVED, *SOFT}
    assert named == {card.name for card in all_cards()}


@pytest.mark.parametrize("card", [card.name for card in all_cards()])
def test_every_card_with_every_amount(card):
    for cents in range(100):
        digits = f"{cents:02d}"
        response = ask(card, 8100 + cents)
        if card in DECLINE_CARDS:
            expected = DECLINE_CARDS[card][:2]
        elif card in SOFT:
            expected = (SOFT[card], SOFT[card])
        elif card in STANDARD:
            expected = AMOUNTS.get(digits, (None, None))
        else:
            expected = (None, None)
        assert (response.code, response.decline_code) == expected, (card, digits)
        assert response.approved is (expected == (None, None))
        assert (response.authorization_code is not None) is response.approved
        assert (response.message is not None) is not response.approved


@pytest.mark.parametrize(("card", "expected"), DECLINE_CARDS.items())
def test_a_decline_card_has_the_field_39_of_its_reason(card, expected):
    assert ask(card).response_code == expected[2]


@pytest.mark.parametrize("digits", ["01", "05", "55", "65", "75"])
def test_test_amounts_are_the_field_39_they_name(digits):
    assert ask("visa", int(f"10{digits}")).response_code == digits


def test_approved_is_00_with_a_code_of_six_digits():
    response = ask("visa")
    assert response.response_code == "00"
    assert len(response.authorization_code) == 6
    assert response.authorization_code.isdigit()


def test_a_repeat_gets_the_same_code_and_another_payment_another():
    assert ask("visa") == ask("visa")
    assert ask("visa") != ask("visa", reference="ch_2")


@pytest.mark.parametrize("amount", [0, 1, 5, 100, 1002])
def test_small_amounts_count_by_their_last_two_digits(amount):
    digits = f"{amount:02d}"[-2:]
    assert ask("visa", amount).approved is (digits not in AMOUNTS)


def test_currencies_without_decimals_use_the_same_digits():
    assert ask("visa", 105, currency="jpy").decline_code == "generic_decline"


@pytest.mark.parametrize(
    ("amount", "cvm", "approved"),
    [
        (1002, "offline_pin", True),
        (1002, "online_pin", False),
        (1002, "signature", False),
        (1003, "offline_pin", True),
        (1003, "online_pin", True),
    ],
)
def test_a_pin_satisfies_the_amounts_that_ask_for_one_where_there_are_pins(amount, cvm, approved):
    assert ask("visa", amount, cvm, country="DE", currency="eur").approved is approved
    assert not ask("visa", amount, cvm, country="US").approved


def test_a_verification_knows_no_amounts():
    assert ask("visa", 0, kind="verification").approved
    assert ask("charge_declined", 0, kind="verification").decline_code == "generic_decline"


@pytest.mark.parametrize("card", SOFT)
@pytest.mark.parametrize("cvm", ["offline_pin", "online_pin"])
def test_a_softly_declined_card_is_approved_with_a_pin(card, cvm):
    assert ask(card, cvm=cvm).approved


@pytest.mark.parametrize(
    ("cents", "code"),
    [
        ("01", "call_issuer"),
        ("05", "generic_decline"),
        ("55", "incorrect_pin"),
        ("65", "withdrawal_count_limit_exceeded"),
        ("75", "pin_try_exceeded"),
    ],
)
def test_a_refund_at_a_reader_is_refused_by_its_amount(cents, code):
    assert ask("interac", int(f"10{cents}"), kind="refund", currency="cad").decline_code == code


def test_refunds_and_reversals_are_taken():
    for kind in ("reversal", "capture"):
        assert ask("visa", 1001, kind=kind).approved
    assert ask("visa", 1001, kind="refund", read_method=None).approved
    assert ask("visa", kind="refund").later_failure is None
    assert ask("refund_fail", kind="refund").later_failure == "expired_or_canceled_card"


def test_a_number_that_is_no_test_card_is_declined():
    response = ask("4111111111111111")
    assert (response.approved, response.code, response.decline_code) == (
        False, "card_declined", "test_mode_live_card",
    )  # fmt: skip
