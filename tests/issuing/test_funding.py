"""Ways to fund cards: the helper, funding instructions, top-ups."""

import pytest
from issuing_desk import Desk

from countertop.bench import DEFAULT_KEY

INSTRUCTIONS = "/v1/issuing/funding_instructions"


@pytest.mark.parametrize(
    ("currency", "transfer", "member", "networks"),
    [
        ("usd", "us_bank_transfer", "aba", ["ach", "domestic_wire_us"]),
        ("gbp", "gb_bank_transfer", "sort_code", ["bacs", "fps"]),
        ("eur", "eu_bank_transfer", "iban", ["sepa"]),
    ],
)
def test_instructions_are_the_same_however_often_they_are_asked_for(desk, currency, transfer, member, networks):
    params = {"currency": currency, "funding_type": "bank_transfer", "bank_transfer": {"type": transfer}}
    first = desk.post(INSTRUCTIONS, **params)
    assert desk.post(INSTRUCTIONS, **params) == first
    assert "id" not in first
    assert (first["currency"], first["funding_type"]) == (currency, "bank_transfer")
    address = first["bank_transfer"]["financial_addresses"][0]
    assert (address["type"], address["supported_networks"]) == (member, networks)
    assert address[member]
    listed = desk.get(INSTRUCTIONS)
    assert (listed["object"], listed["url"], listed["data"]) == ("list", INSTRUCTIONS, [first])


def test_an_iban_has_good_check_digits(desk):
    params = {"currency": "eur", "funding_type": "bank_transfer", "bank_transfer": {"type": "eu_bank_transfer"}}
    iban = desk.post(INSTRUCTIONS, **params)["bank_transfer"]["financial_addresses"][0]["iban"]["iban"]
    turned = iban[4:] + iban[:4]
    assert len(iban) == 22
    assert int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1


@pytest.mark.parametrize(
    ("changed", "param"),
    [
        ({"currency": "xyz"}, "currency"),
        ({"funding_type": "cash"}, "funding_type"),
        ({"bank_transfer": {"type": "moon_transfer"}}, "bank_transfer[type]"),
        ({"bank_transfer": ""}, "bank_transfer"),
    ],
)
def test_instructions_that_there_are_not(desk, changed, param):
    params = {"currency": "usd", "funding_type": "bank_transfer", "bank_transfer": {"type": "us_bank_transfer"}}
    assert desk.refused(INSTRUCTIONS, **params | changed)["param"] == param


@pytest.mark.parametrize("country", ["US", "GB", "DE"])
@pytest.mark.parametrize("currency", ["usd", "gbp", "eur", "jpy", "kwd"])
def test_the_helper_funds_every_currency_of_every_account(bench, country, currency):
    desk = Desk(bench, country, funds=0)
    answer = desk.fund(1234, currency)
    assert (answer["object"], answer["currency"]) == ("funding_instructions", currency)
    assert desk.balance(currency) == 1234


@pytest.mark.parametrize(
    ("given", "param"), [({"amount": 0}, "amount"), ({"amount": -5}, "amount"), ({"currency": "nope"}, "currency")]
)
def test_funds_that_cannot_be(desk, given, param):
    params = {"amount": 100, "currency": "usd"} | given
    assert desk.refused("/v1/test_helpers/issuing/fund_balance", **params)["param"] == param
    assert desk.balance() == 100_000_00


def test_without_funds_everything_is_declined(bench):
    desk = Desk(bench, funds=0)
    assert desk.reason(desk.card(), 100) == "insufficient_funds"


def test_a_top_up_for_issuing_succeeds_at_once(desk):
    params = {"amount": 2500, "currency": "usd", "destination_balance": "issuing", "description": "for cards"}
    topup = desk.post("/v1/topups", **params)
    assert (topup["status"], topup["amount"], topup["description"]) == ("succeeded", 2500, "for cards")
    assert desk.balance() == 100_000_00 + 2500
    entry = desk.get(f"/v1/balance_transactions/{topup['balance_transaction']}")
    assert (entry["type"], entry["net"], entry["source"]) == ("topup", 2500, topup["id"])
    assert desk.heard("topup.") == ["topup.created", "topup.succeeded"]


def test_a_top_up_through_the_official_client(desk):
    client = desk.bench.client(DEFAULT_KEY)
    topup = client.v1.topups.create({"amount": 2500, "currency": "usd", "destination_balance": "issuing"})
    assert topup.status == "succeeded"
    assert desk.balance() == 100_000_00 + 2500


def test_other_top_ups_are_not_for_cards(desk):
    desk.post("/v1/topups", amount=2500, currency="usd")
    assert desk.balance() == 100_000_00
    error = desk.refused("/v1/topups", amount=1, currency="usd", destination_balance="treasury")
    assert error["param"] == "destination_balance"
    error = desk.refused("/v1/topups", amount=0, currency="usd", destination_balance="issuing")
    assert error["param"] == "amount"
