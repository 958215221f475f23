"""Issued cards at our own readers: both sides of each payment, to the cent (issuing.md §6; terminal.md §2)."""

from __future__ import annotations

import pytest

from countertop.api.errors import ApiError
from countertop.bench import Bench
from countertop.call import CallFailed
from countertop.errors import ConfigurationError, CountertopError

FUNDS = 1_000_000
ISSUERS = {"US": "usd", "GB": "gbp", "DE": "eur"}
MERCHANTS = {"US": "usd", "GB": "gbp", "DE": "eur", "CA": "cad", "AU": "aud", "SG": "sgd", "JP": "jpy", "CH": "chf"}


class Loop:
    """An issuing account and a merchant's counter, maybe of two accounts in two countries."""

    def __init__(self, bench: Bench, issuer: str = "GB", merchant: str = "GB") -> None:
        self.bench = bench
        self.issuer, self.merchant = f"sk_test_issuer_{issuer.lower()}", f"sk_test_shop_{merchant.lower()}"
        bench.configure_account(self.issuer, country=issuer)
        bench.configure_account(self.merchant, country=merchant)
        bench.fund_issuing(FUNDS, key=self.issuer)
        self.currency = MERCHANTS[merchant]
        self.bank, self.shop = bench.client(self.issuer), bench.client(self.merchant)
        self.reader = bench.reader(key=self.merchant, simulated=merchant == "JP")

    def card(self, **options):
        card = self.bench.issue_card(key=self.issuer, **options)
        card.parcel.deliver()
        card.activate()
        return card

    def ask(self, amount=1_250, **options):
        intent = self.shop.v1.payment_intents.create(
            {"amount": amount, "currency": self.currency, "payment_method_types": ["card_present"], **options}
        )
        self.shop.v1.terminal.readers.process_payment_intent(self.reader.id, {"payment_intent": intent.id})
        return intent.id

    def intent(self, name):
        return self.shop.v1.payment_intents.retrieve(name)

    def authorization(self):
        return self.bank.v1.issuing.authorizations.list({"limit": 1}).data[0]

    def transactions(self):
        return self.bank.v1.issuing.transactions.list({"limit": 100}).data

    def left(self):
        (entry,) = self.bank.v1.balance.retrieve().issuing.available
        return entry.amount

    def settle(self):
        self.bench.advance(seconds=20)


@pytest.fixture
def loop(bench):
    return Loop(bench)


def test_chip_and_pin(loop):
    card = loop.card()
    intent = loop.ask()
    loop.reader.insert(card)
    loop.reader.enter_pin(card.pin)
    assert loop.intent(intent).status == "succeeded"
    made = loop.authorization()
    assert (made.authorization_method, made.card_presence, made.status, made.amount) == (
        "chip",
        "present",
        "closed",
        1_250,
    )
    assert (made.merchant_data.country, made.merchant_data.city, made.merchant_data.category_code) == (
        "GB",
        "London",
        "5734",
    )
    assert made.merchant_data.name == loop.bench.account(loop.merchant).business_name
    (moved,) = loop.transactions()
    assert (moved.amount, moved.merchant_amount, moved.authorization) == (-1_250, -1_250, made.id)
    assert loop.left() == FUNDS - 1_250


@pytest.mark.parametrize("wallet", ["apple_pay", "google_pay", "samsung_pay"])
def test_a_phone(loop, wallet):
    card, phone = loop.card(), loop.bench.phone(wallet)
    phone.add(card)
    intent = loop.ask()
    loop.reader.tap(phone)
    assert loop.intent(intent).status == "succeeded"
    made = loop.authorization()
    (token,) = loop.bank.v1.issuing.tokens.list({"card": card.id}).data
    assert (made.wallet, made.token, made.authorization_method) == (wallet, token.id, "contactless")
    assert (token.status, token.last4) == ("active", phone.last4)
    charge = loop.shop.v1.charges.list({"payment_intent": intent}).data[0]
    assert charge.payment_method_details.card_present.wallet.type == wallet
    assert loop.transactions()[0].token == token.id


@pytest.mark.parametrize("issuer", ISSUERS)
@pytest.mark.parametrize("merchant", MERCHANTS)
def test_both_sides_agree_in_every_currency(bench, issuer, merchant):
    """What is authorized is captured and given back, to the cent, whatever the rate rounds."""
    loop = Loop(bench, issuer, merchant)
    card = loop.card()
    for amount in (102, 1_299, 4_333):
        intent = loop.ask(amount)
        loop.reader.tap(card)
        assert loop.intent(intent).status == "succeeded", (amount, loop.reader.screen.text)
        made, moved = loop.authorization(), loop.transactions()[0]
        assert (made.currency, made.merchant_currency, made.merchant_amount) == (
            ISSUERS[issuer],
            loop.currency,
            amount,
        )
        assert (moved.amount, moved.merchant_amount) == (-made.amount, -amount)
        loop.shop.v1.refunds.create({"payment_intent": intent})
        back = loop.transactions()[0]
        assert (back.type, back.amount, back.merchant_amount) == ("refund", made.amount, amount)
        loop.settle()
    assert loop.left() == FUNDS


def test_captured_later_and_in_part(loop):
    card = loop.card()
    intent = loop.ask(capture_method="manual")
    loop.reader.tap(card)
    assert (loop.authorization().status, loop.left()) == ("pending", FUNDS - 1_250)
    loop.shop.v1.payment_intents.capture(intent, {"amount_to_capture": 1_000})
    made = loop.authorization()
    assert (made.status, made.amount, made.transactions[0].amount) == ("closed", 1_250, -1_000)
    assert loop.left() == FUNDS - 1_000


def test_a_canceled_intent_gives_back_what_was_held(loop):
    card = loop.card()
    intent = loop.ask(capture_method="manual")
    loop.reader.tap(card)
    loop.shop.v1.payment_intents.cancel(intent)
    made = loop.authorization()
    assert (made.status, made.amount, loop.left()) == ("reversed", 0, FUNDS)


def test_a_card_pulled_out_after_the_approval(loop):
    card = loop.card()
    loop.ask()
    loop.reader.insert(card)
    loop.reader.enter_pin(card.pin)
    names = [entry["name"] for entry in loop.bench.trace()["entries"] if entry["kind"] == "apdu"]
    loop.reader.remove_card()
    loop.settle()
    intent = loop.ask()
    # One command fewer: the second GENERATE AC is never answered.
    loop.reader.insert(card.id, [f"pulled_after:{len(names) - 2}"])
    loop.reader.enter_pin(card.pin)
    assert loop.intent(intent).status == "requires_payment_method"
    assert loop.authorization().status == "reversed"
    assert loop.left() == FUNDS - 1_250


def test_parts_are_refunded(loop):
    card = loop.card()
    intent = loop.ask()
    loop.reader.tap(card)
    for part in (300, 950):
        loop.shop.v1.refunds.create({"payment_intent": intent, "amount": part})
    assert [moved.amount for moved in loop.transactions()] == [950, 300, -1_250]
    assert loop.left() == FUNDS


DECLINES = {
    "frozen": (lambda loop, card: card.freeze(), "card_inactive", "restricted_card"),
    "canceled": (lambda loop, card: card.cancel("lost"), "card_canceled", "restricted_card"),
    "over its limit": (lambda loop, card: card.limit(1_000), "spending_controls", "do_not_honor"),
    "its issuer says no": (None, "webhook_declined", "do_not_honor"),
}


@pytest.mark.parametrize(("how", "reason", "decline_code"), DECLINES.values(), ids=DECLINES)
def test_declines(loop, how, reason, decline_code):
    card = loop.card()
    if how is not None:
        how(loop, card)
    intent = loop.ask()
    with loop.bench.authorizations(lambda event: how is not None, key=loop.issuer):
        loop.reader.tap(card)
    assert loop.intent(intent).last_payment_error.decline_code == decline_code
    made = loop.authorization()
    assert (made.approved, made.status, made.request_history[-1].reason) == (False, "closed", reason)
    assert loop.left() == FUNDS


def test_no_money(bench):
    loop = Loop(bench)
    card = loop.card()
    card.limit(10 * FUNDS)
    intent = loop.ask(FUNDS)
    loop.reader.tap(card)
    if loop.reader.state == "waiting":  # above the contactless limit
        loop.reader.insert(card)
        loop.reader.enter_pin(card.pin)
    loop.reader.remove_card()
    loop.settle()
    assert loop.intent(intent).status == "succeeded"
    intent = loop.ask()
    loop.reader.tap(card)
    assert loop.intent(intent).last_payment_error.decline_code == "insufficient_funds"


def test_a_wrong_pin_is_the_chips_own_affair_in_britain(loop):
    card = loop.card()
    loop.ask()
    loop.reader.insert(card)
    loop.reader.enter_pin("9999")
    assert loop.reader.state == "pin"
    loop.reader.enter_pin(card.pin)
    assert loop.authorization().approved


def test_a_pin_set_by_api(loop):
    card = loop.card(pin={"encrypted_number": "plain:4711"})
    assert card.pin == "4711"
    intent = loop.ask()
    loop.reader.insert(card)
    loop.reader.enter_pin("4711")
    assert loop.intent(intent).status == "succeeded"


class TestBeforeItIsThere:
    @pytest.mark.parametrize("move", ["", "submit", "ship"])
    def test_nobody_holds_a_card_that_is_on_its_way(self, loop, move):
        card = loop.bench.issue_card(key=loop.issuer, status="active")
        if move:
            getattr(card.parcel, move)()
        loop.ask()
        with pytest.raises(ConfigurationError, match="parcel"):
            loop.reader.tap(card)
        assert loop.reader.state == "waiting"

    def test_a_card_that_is_not_activated_declines(self, loop):
        card = loop.bench.issue_card(key=loop.issuer)
        card.parcel.deliver()
        intent = loop.ask()
        loop.reader.tap(card)
        assert loop.intent(intent).status == "requires_payment_method"
        assert loop.authorization().request_history[0].reason == "card_inactive"

    def test_a_virtual_card_is_for_phones(self, loop):
        card = loop.bench.issue_card(key=loop.issuer, type="virtual", status="active")
        loop.ask()
        with pytest.raises(ConfigurationError, match="virtual"):
            loop.reader.tap(card)
        phone = loop.bench.phone()
        phone.add(card)
        loop.reader.tap(phone)
        assert loop.authorization().approved

    def test_no_wallet_takes_a_card_that_is_not_active(self, loop):
        card = loop.bench.issue_card(key=loop.issuer, type="virtual")
        with pytest.raises(ApiError, match="inactive"):
            loop.bench.phone().add(card)

    def test_a_parcel_is_not_delivered_twice(self, loop):
        card = loop.card()
        with pytest.raises(CallFailed):
            card.parcel.deliver()


@pytest.mark.parametrize(("status", "reason"), [("suspended", "not_allowed"), ("deleted", "not_allowed")])
def test_a_token_that_is_not_active(loop, status, reason):
    card, phone = loop.card(), loop.bench.phone()
    phone.add(card)
    (token,) = loop.bank.v1.issuing.tokens.list({"card": card.id}).data
    loop.bank.v1.issuing.tokens.update(token.id, {"status": status})
    intent = loop.ask()
    loop.reader.tap(phone)
    assert loop.intent(intent).status == "requires_payment_method"
    assert loop.authorization().request_history[0].reason == reason
    loop.settle()
    loop.ask()
    loop.reader.tap(card)
    assert loop.authorization().approved, "the plastic is another matter"


def test_a_replacement_with_the_same_number(loop):
    old = loop.card()
    new = loop.bench.issue_card(
        key=loop.issuer,
        holder=old.object["cardholder"]["id"],
        replacement_for=old.id,
        replacement_reason="damaged",
    )
    assert new.last4 == old.last4
    new.parcel.deliver()
    new.activate()
    assert old.object["status"] == "canceled"
    intent = loop.ask()
    loop.reader.insert(new)
    loop.reader.enter_pin(new.pin)
    assert loop.intent(intent).status == "succeeded"
    assert loop.authorization().card.id == new.id
    loop.reader.remove_card()
    loop.settle()
    intent = loop.ask()
    loop.reader.tap(old)
    assert loop.intent(intent).status == "requires_payment_method"


def test_the_network_stands_in_for_an_issuer_that_is_down(loop):
    card = loop.card()
    loop.bench.issuer_down(host="issuing")
    intent = loop.ask()
    loop.reader.tap(card)
    assert loop.intent(intent).status == "succeeded"
    assert loop.bank.v1.issuing.authorizations.list().data == []
    loop.bench.issuer_down(False, host="issuing")
    made = loop.authorization()
    assert (made.approved, made.request_history[0].reason) == (True, "network_fallback")


def test_a_chip_that_somebody_made_up(loop):
    card = loop.card()
    intent = loop.ask()
    loop.reader.insert(card.id, ["wrong_arqc"])
    if loop.reader.state == "pin":
        loop.reader.enter_pin(card.pin)
    assert loop.intent(intent).status == "requires_payment_method"
    assert loop.authorization().request_history[0].reason == "verification_failed"


def test_its_number_is_nowhere_to_be_seen(loop):
    card = loop.card()
    number = loop.bank.v1.issuing.cards.retrieve(card.id, {"expand": ["number"]}).number
    intent = loop.ask()
    loop.reader.tap(card)
    seen = [
        loop.bench.trace(intent),
        loop.bank.v1.events.list({"limit": 100}),
        loop.shop.v1.events.list({"limit": 100}),
        loop.shop.v1.charges.list(),
        loop.bench.snapshot(),
    ]
    assert all(number not in str(one) for one in seen)


def test_an_unknown_card(loop):
    loop.ask()
    with pytest.raises(CountertopError, match="no issued card"):
        loop.reader.tap("ic_nope")
