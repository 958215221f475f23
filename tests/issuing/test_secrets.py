"""Numbers, codes and PINs of issued cards: in the vault, and where ``expand`` or an ephemeral key asks for them."""

from __future__ import annotations

import pytest

PIN = "471147"


@pytest.fixture
def seen(bench):
    """A bench in which everything happened, and all that anybody could look at afterwards."""
    heard: list[str] = []
    bench.feed.watch(lambda item: heard.append(repr(item)))
    bench.fund_issuing(100_000)
    card = bench.issue_card(pin={"encrypted_number": f"plain:{PIN}"})
    card.parcel.deliver()
    card.activate()
    phone = bench.phone()
    phone.add(card)
    reader = bench.reader()
    for held in (card, phone):
        intent = bench.call(
            "POST", "/v1/payment_intents", {"amount": 900, "currency": "usd", "payment_method_types": ["card_present"]}
        )
        bench.call("POST", f"/v1/terminal/readers/{reader.id}/process_payment_intent", {"payment_intent": intent["id"]})
        reader.tap(held)
        heard.append(str(bench.trace(intent["id"])))
        bench.advance(seconds=20)
    shown = bench.client().v1.issuing.cards.retrieve(card.id, {"expand": ["number", "cvc"]})
    paths = ("cards", "cardholders", "authorizations", "transactions", f"tokens?card={card.id}")
    everything = [
        *heard,
        str(bench.snapshot()),
        repr(card),
        repr(phone),
        repr(card.plastic),
        str(bench.call("GET", "/v1/events", {"limit": 100})),
        *(str(bench.call("GET", f"/v1/issuing/{path.partition('?')[0]}",
                         dict([path.partition("?")[2].split("=")]) if "?" in path else {})) for path in paths),
    ]  # fmt: skip
    assert bench.call("GET", "/v1/issuing/transactions")["data"], "both have paid"
    return everything, shown.number, phone.card.number


def test_no_number(seen):
    everything, number, device_number = seen
    for text in everything:
        assert number not in text
        assert device_number not in text


def test_no_pin(seen):
    everything, _, _ = seen
    assert not any(PIN in text for text in everything)


def test_no_code(bench, seen):
    everything, _, _ = seen
    assert not any("'cvc': '123'" in text or '"cvc":"123"' in text for text in everything)
