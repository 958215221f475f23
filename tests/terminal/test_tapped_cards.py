"""Every test card (terminal.md §3.1) and every test amount (§3.2) tapped, through the SDK, on readers of several countries.

A customer is there: whoever is asked for the card in the slot or for a PIN does as the reader says.
"""

from __future__ import annotations

import pytest
from documented_cards import AMOUNTS, COUNTRIES, DECLINES, NOT_TAKEN, ONLINE_PIN

from countertop.cards import all_cards
from countertop.emv.tlv import parse

BY_CHIP_ONLY = {"jcb", "unionpay"}
"""Brands of which a WisePOS E knows no contactless kernel (terminal.md §5.1)."""
# How the PIN cards are paid with: what follows the tap where the PIN needs the chip, and where it goes to the issuer;
# the CVM in the end; and the code of the soft decline before it.
PINS = {
    "offline_pin_cvm": (("insert", "pin"), ("insert", "pin"), "offline_pin", None),
    "offline_pin_sca_retry": (("insert", "pin"), ("insert", "pin"), "offline_pin", "offline_pin_required"),
    "online_pin_cvm": (("insert", "pin"), ("pin",), "online_pin", None),
    "online_pin_sca_retry": (("insert", "pin"), ("pin",), "online_pin", "online_or_offline_pin_required"),
}
AIR_AIDS = {
    "visa": "A0000000031010",
    "mastercard": "A0000000041010",
    "amex": "A00000002501",
    "discover": "A0000001523010",
    "diners": "A0000001523010",
    "interac": "A0000002771010",
    "eftpos_au": "A00000038410",
}
WITH_TVR = {"mastercard", "amex", "interac", "eftpos_au"}
"""Networks whose kernels manage the terminal's risk and say that the floor limit, which is nothing, was exceeded.
Kernels 3 and 6 have no TVR and print an empty one."""
WITHOUT_ODA = {"amex2", "mastercard_prepaid"}
"""Cards without a key of their own: nothing authenticates them offline over the air."""


def network_in(country, card):
    """What a tap runs on: Australia routes it to eftpos; elsewhere, and for a domestic network that this reader does
    not know, the other application of the card is used (terminal.md §5.4)."""
    if len(card.networks) == 1:
        return card.networks[0]
    if "eftpos_au" in card.networks and country == "AU":
        return "eftpos_au"
    return next(name for name in card.networks if name not in ("eftpos_au", "cartes_bancaires"))


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("card", all_cards(), ids=lambda card: card.name)
def test_every_card(open_till, country, card):
    till = open_till(country, simulated=False)
    kind = "interac_present" if card.networks == ("interac",) else "card_present"
    intent = till.process(types=["card_present", "interac_present"] if country == "CA" else ["card_present"])
    followed = till.tap_and_follow(card.name)
    action, seen = till.action(), till.intents.retrieve(intent, {"expand": ["latest_charge"]})
    charges = till.charges(intent)
    if kind == "interac_present" and country != "CA":
        assert (followed, action.status, seen.status, charges) == ([], "failed", "requires_payment_method", [])
        return
    method = "contact_emv" if "insert" in followed else "contactless_emv"
    if card.name in PINS:
        chip, issuer, cvm, soft = PINS[card.name]
        assert tuple(followed) == (issuer if country in ONLINE_PIN else chip)
    else:
        assert followed == (["insert"] if card.name in BY_CHIP_ONLY else [])
        cvm, soft = "none", None
    if country in NOT_TAKEN.get(card.name, ()):
        assert (action.failure_code, action.api_error.decline_code) == ("card_declined", "card_not_supported")
        assert (seen.status, charges[0].payment_method_details[kind].read_method) == ("requires_payment_method", method)
        return
    if card.name in DECLINES:
        code, decline_code = DECLINES[card.name]
        assert (action.status, action.failure_code, action.api_error.type) == ("failed", code, "card_error")
        assert action.api_error.decline_code == decline_code
        assert (seen.status, seen.last_payment_error.decline_code) == ("requires_payment_method", decline_code)
        assert charges[0].payment_method_details[kind].read_method == "contactless_emv"
        return
    assert (action.status, seen.status) == ("succeeded", "succeeded"), action
    details = seen.latest_charge.payment_method_details[kind]
    receipt = details.receipt
    network = network_in(country, card)
    assert (details.last4, details.read_method, details.network) == (card.last4, method, network)
    assert receipt.cardholder_verification_method == cvm
    assert receipt.authorization_response_code == "3030"
    assert len(receipt.application_cryptogram) == 16
    if method == "contactless_emv":
        aid = "A0000000980840" if card.name == "visa_us_common_debit" else AIR_AIDS[network]
        assert receipt.dedicated_file_name == aid
        # As the samples of terminal.md §2.8 have it; no kernel over the air writes a TSI.
        assert receipt.transaction_status_information == "0000"
        tvr = (0x8000 if network in WITH_TVR else 0) | (0x8000000000 if card.name in WITHOUT_ODA else 0)
        assert receipt.terminal_verification_results == f"{tvr:010X}"
    assert [(charge.status, charge.failure_code) for charge in charges] == (
        [("succeeded", None)] + ([("failed", soft)] if soft else [])
    )
    if soft:
        assert charges[1].payment_method_details.card_present.read_method == "contactless_emv"


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize(("amount", "ends"), AMOUNTS.items())
@pytest.mark.parametrize("card", ["visa", "mastercard", "apple_pay:visa"])
def test_every_amount(open_till, country, card, amount, ends):
    till = open_till(country, simulated=False)
    intent = till.process(amount)
    assert till.tap_and_follow(card) == []
    action = till.action()
    if ends is None:
        assert (action.status, till.status(intent)) == ("succeeded", "succeeded")
        return
    assert (action.failure_code, action.api_error.decline_code) == ends
    error = till.intents.retrieve(intent).last_payment_error
    assert ((error.code, error.decline_code), error.type) == (ends, "card_error")
    (charge,) = till.charges(intent)
    assert (charge.status, charge.payment_method_details.card_present.read_method) == ("failed", "contactless_emv")


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize(
    ("amount", "code", "same_tap"),
    [(1202, "offline_pin_required", False), (1203, "online_or_offline_pin_required", True)],
)
@pytest.mark.parametrize("card", ["visa", "mastercard"])
def test_amounts_that_want_a_pin(open_till, country, card, amount, code, same_tap):
    till = open_till(country, simulated=False)
    intent = till.process(amount)
    followed = till.tap_and_follow(card)
    charges = till.charges(intent)
    if country == "US":
        # A market without PIN: the decline stays.
        assert (followed, till.action().failure_code) == ([], code)
        assert [(charge.status, charge.failure_code) for charge in charges] == [("failed", code)]
        return
    assert followed == (["pin"] if same_tap and country in ONLINE_PIN else ["insert", "pin"])
    assert till.status(intent) == "succeeded"
    assert [(charge.status, charge.failure_code) for charge in charges] == [("succeeded", None), ("failed", code)]
    paid, refused = (charge.payment_method_details.card_present for charge in charges)
    assert refused.read_method == "contactless_emv"
    assert refused.receipt.cardholder_verification_method == "none"
    assert paid.read_method == ("contactless_emv" if followed == ["pin"] else "contact_emv")
    assert paid.receipt.cardholder_verification_method == ("online_pin" if followed == ["pin"] else "offline_pin")


@pytest.mark.parametrize("amount", [1202, 1203])
@pytest.mark.parametrize("country", ["GB", "DE"])
def test_a_phone_has_verified_its_holder_already(open_till, country, amount):
    till = open_till(country, simulated=False)
    intent = till.process(amount)
    assert till.tap_and_follow("apple_pay:visa") == []
    assert till.status(intent) == "succeeded"


def test_two_rightmost_digits_of_a_currency_without_decimals(open_till):
    till = open_till("JP", simulated=True)
    intent = till.process(105)
    till.hands.tap("visa")
    assert till.action().api_error.decline_code == "generic_decline"
    assert till.status(intent) == "requires_payment_method"


def test_the_receipt_of_a_tap(till):
    """The members of terminal.md §2.8 that the card and its issuer give."""
    till.process()
    till.hands.tap("mastercard")
    card = till.client.v1.charges.list({}).data[0].payment_method_details.card_present
    assert card.receipt.application_preferred_name == "MASTERCARD"
    assert (card.receipt.account_type, card.preferred_locales) == ("credit", ["en"])
    objects = {item.tag: item.value for item in parse(bytes.fromhex(card.emv_auth_data))}
    assert objects[0x8A] == b"00"
