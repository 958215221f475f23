"""Payments with objects that were loaded, and with methods that nothing here can charge: a sentence, never a 500."""

from __future__ import annotations

from countertop.api.shape import complete


def method(kind, **members):
    return complete(
        "payment_method", {"id": "pm_loaded", "object": "payment_method", "created": 1, "type": kind, **members}
    )


def test_confirming_a_loaded_card_says_that_its_number_is_unknown(api, bench):
    card = {"brand": "visa", "exp_month": 1, "exp_year": 2030, "funding": "credit", "last4": "4242"}
    bench.load([method("card", card=card)])
    answer = api.post("/v1/payment_intents", "amount=1250&currency=usd&confirm=true&payment_method=pm_loaded")
    assert (answer.status, answer.error["param"]) == (400, "payment_method")
    assert "loaded without its card number" in answer.error["message"]


def test_charging_another_type_of_method_is_an_honest_501(api):
    made = api.post("/v1/payment_methods", "type=sepa_debit&sepa_debit[iban]=DE89370400440532013000").body
    form = "amount=1250&currency=eur&confirm=true&allowed_payment_method_types[]=sepa_debit"
    answer = api.post("/v1/payment_intents", f"{form}&payment_method={made['id']}")
    assert answer.status == 501
    assert "sepa_debit" in answer.error["message"]


def test_capture_and_increment_merge_metadata(api):
    form = "amount=1250&currency=usd&capture_method=manual&confirm=true&payment_method=pm_card_visa&metadata[a]=1"
    intent = api.post("/v1/payment_intents", form).body["id"]
    captured = api.post(f"/v1/payment_intents/{intent}/capture", "metadata[b]=2&metadata[a]=").body
    assert captured["metadata"] == {"b": "2"}


def test_the_issuer_is_told_of_captures_and_reversals(api, bench):
    asked = []
    host = bench.world.network
    decide = host.decide
    host.decide = lambda tx, request: asked.append((request.kind, request.amount)) or decide(tx, request)
    form = "amount=1250&currency=usd&capture_method=manual&confirm=true&payment_method=pm_card_visa"
    first, second = (api.post("/v1/payment_intents", form).body["id"] for _ in range(2))
    api.post(f"/v1/payment_intents/{first}/capture", "amount_to_capture=1000")
    api.post(f"/v1/payment_intents/{second}/cancel")
    assert asked == [("authorization", 1250), ("authorization", 1250), ("capture", 1000), ("reversal", 1250)]


def test_a_paid_intent_cannot_be_given_another_card(api):
    form = "amount=1250&currency=usd&confirm=true&payment_method=pm_card_visa"
    intent = api.post("/v1/payment_intents", form).body["id"]
    for change in ("payment_method=pm_card_mastercard", "capture_method=manual"):
        answer = api.post(f"/v1/payment_intents/{intent}", change)
        assert (answer.status, answer.error["code"]) == (400, "payment_intent_unexpected_state")
    assert api.post(f"/v1/payment_intents/{intent}", "description=kept").status == 200


def test_an_empty_metadata_value_at_creation_is_no_key(api):
    form = "amount=1250&currency=usd&confirm=true&payment_method=pm_card_visa"
    intent = api.post("/v1/payment_intents", form).body["id"]
    refund = api.post("/v1/refunds", f"payment_intent={intent}&metadata[a]=&metadata[b]=c").body
    assert refund["metadata"] == {"b": "c"}
