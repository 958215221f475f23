"""The published simulated cards, and numbers in general."""

from __future__ import annotations

import pytest

from countertop.cards import (
    UnknownCard,
    all_cards,
    brand_of,
    find_card,
    is_valid_number,
    mask,
    usual_interface,
)

# (number, name, brand, funding, networks) of terminal.md 3.1, written out again by hand.
PUBLISHED = [
    ("4242424242424242", "visa", "visa", "credit", ("visa",)),
    ("4000056655665556", "visa_debit", "visa", "debit", ("visa",)),
    ("5555555555554444", "mastercard", "mastercard", "credit", ("mastercard",)),
    ("5200828282828210", "mastercard_debit", "mastercard", "debit", ("mastercard",)),
    ("5105105105105100", "mastercard_prepaid", "mastercard", "prepaid", ("mastercard",)),
    ("378282246310005", "amex", "amex", "credit", ("amex",)),
    ("371449635398431", "amex2", "amex", "credit", ("amex",)),
    ("6011111111111117", "discover", "discover", "credit", ("discover",)),
    ("6011000990139424", "discover2", "discover", "credit", ("discover",)),
    ("3056930009020004", "diners", "diners", "credit", ("diners",)),
    ("36227206271667", "diners_14digits", "diners", "credit", ("diners",)),
    ("3566002020360505", "jcb", "jcb", "credit", ("jcb",)),
    ("6200000000000005", "unionpay", "unionpay", "credit", ("unionpay",)),
    ("4506445006931933", "interac", "interac", "debit", ("interac",)),
    ("6280000360000978", "eftpos_au_debit", "eftpos_au", "debit", ("eftpos_au",)),
    ("4000050360000001", "eftpos_au_visa_debit", "visa", "debit", ("eftpos_au", "visa")),
    ("5555050360000080", "eftpos_au_mastercard_debit", "mastercard", "debit", ("eftpos_au", "mastercard")),
    ("4000002500001001", "cartes_bancaires_visa_debit", "visa", "debit", ("cartes_bancaires", "visa")),
    (
        "5555552500001001",
        "cartes_bancaires_mastercard_debit",
        "mastercard",
        "debit",
        ("cartes_bancaires", "mastercard"),
    ),
    ("4711009900000316877", "girocard_debit", "unknown", "debit", ("girocard",)),
    ("4001007020000002", "offline_pin_cvm", "visa", "credit", ("visa",)),
    ("4000008260000075", "offline_pin_sca_retry", "visa", "credit", ("visa",)),
    ("4001000360000005", "online_pin_cvm", "visa", "credit", ("visa",)),
    ("4000002760000008", "online_pin_sca_retry", "visa", "credit", ("visa",)),
    ("4000000000000002", "charge_declined", "visa", "credit", ("visa",)),
    ("4000000000009995", "charge_declined_insufficient_funds", "visa", "credit", ("visa",)),
    ("4000000000009987", "charge_declined_lost_card", "visa", "credit", ("visa",)),
    ("4000000000009979", "charge_declined_stolen_card", "visa", "credit", ("visa",)),
    ("4000000000000069", "charge_declined_expired_card", "visa", "credit", ("visa",)),
    ("4000000000000119", "charge_declined_processing_error", "visa", "credit", ("visa",)),
    ("4000000000005126", "refund_fail", "visa", "credit", ("visa",)),
]


@pytest.mark.parametrize(("number", "name", "brand", "funding", "networks"), PUBLISHED)
def test_every_published_card(number, name, brand, funding, networks):
    card = find_card(name)
    assert find_card(number) is card
    assert (card.number, card.brand, card.funding, card.networks) == (number, brand, funding, networks)
    assert len(card.country) == 2
    assert is_valid_number(number)


def test_there_are_no_others():
    names = {card.name for card in all_cards()}
    assert names == {name for _, name, *_ in PUBLISHED} | {"visa_us_common_debit"}


def test_the_common_debit_application_shares_the_number_of_visa_debit():
    assert find_card("visa_us_common_debit").number == find_card("visa_debit").number
    assert find_card("4000056655665556").name == "visa_debit"


@pytest.mark.parametrize("text", ["4242 4242 4242 4242", "4242-4242-4242-4242", " visa ", "VISA"])
def test_a_card_is_found_however_it_is_written(text):
    assert find_card(text).name == "visa"


def test_an_unknown_name_gets_near_ones():
    with pytest.raises(UnknownCard, match="called 'mastrecard'") as refusal:
        find_card("mastrecard")
    assert "mastercard" in refusal.value.hint
    with pytest.raises(UnknownCard) as refusal:
        find_card("passport")
    assert "visa_debit" in refusal.value.hint


def test_an_unknown_number_is_never_repeated_whole():
    with pytest.raises(UnknownCard) as refusal:
        find_card("4111111111111111")
    assert "4111111111111111" not in str(refusal.value)
    assert "411111******1111 is not a test card" in str(refusal.value)
    with pytest.raises(UnknownCard, match="check digit is wrong") as refusal:
        find_card("4242424242424241")
    assert "visa 424242******4242" in refusal.value.hint


@pytest.mark.parametrize("card", all_cards(), ids=lambda card: card.name)
def test_no_card_shows_its_number_or_pin(card):
    for text in (repr(card), str(card)):
        assert card.number not in text
        assert "1234'" not in text
    assert card.last4 in repr(card)


def test_the_expiry_moves_with_the_year():
    assert find_card("visa").expiry(2026) == (12, 2030)
    assert find_card("visa").expiry(2031) == (12, 2035)


def test_how_a_card_is_usually_presented():
    assert usual_interface(find_card("visa")) == "tap"
    assert usual_interface(find_card("offline_pin_cvm")) == "insert"
    assert usual_interface(find_card("online_pin_cvm")) == "insert"
    assert usual_interface(find_card("offline_pin_sca_retry")) == "tap"


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        ("4242424242424242", True),
        ("79927398713", False),  # a valid check digit, but too short for a card
        ("4242424242424241", False),
        ("4711009900000316877", True),
        ("42424242424242424242", False),
        ("", False),
        ("4242 4242 4242 4242", False),
        ("٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢", False),
    ],
)
def test_check_digits(number, valid):
    assert is_valid_number(number) is valid


def test_every_single_wrong_digit_and_nearly_every_swap_is_noticed():
    number = "5555050360000080"
    for place, digit in enumerate(number):
        for other in "0123456789".replace(digit, ""):
            assert not is_valid_number(number[:place] + other + number[place + 1 :])


@pytest.mark.parametrize(
    ("number", "brand"),
    [
        ("4111111111111111", "visa"),
        ("2221000000000009", "mastercard"),
        ("2720990000000007", "mastercard"),
        ("2721000000000004", "unknown"),
        ("5100000000000008", "mastercard"),
        ("341111111111111", "amex"),
        ("6440000000000000", "discover"),
        ("6500000000000002", "discover"),
        ("3528000000000007", "jcb"),
        ("3589000000000003", "jcb"),
        ("30000000000004", "diners"),
        ("38000000000006", "diners"),
        ("8100000000000001", "unionpay"),
        ("6280000360000978", "eftpos_au"),
        ("4506445006931933", "interac"),
        ("9999999999999995", "unknown"),
        ("", "unknown"),
    ],
)
def test_the_brand_by_the_first_digits(number, brand):
    assert brand_of(number) == brand


@pytest.mark.parametrize("card", all_cards(), ids=lambda card: card.name)
def test_the_first_digits_of_every_test_card_say_its_brand(card):
    if card.name != "girocard_debit":
        assert brand_of(card.number) == card.brand


def test_masks():
    assert mask("4242424242424242") == "424242******4242"
    assert mask("36227206271667") == "362272****1667"
    assert mask("1234") == "****"
