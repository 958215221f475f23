"""The older simulator of authorizations: the requests of the trigger that still uses it, replayed."""

CARD = "/v1/issuing/cards"


def test_the_trigger_for_a_question(desk):
    """``trigger issuing_authorization.request``: a cardholder, a card, the card active, an authorization."""
    holder = desk.holder()
    card = desk.post(CARD, cardholder=holder, currency="usd", type="virtual")["id"]
    desk.post(f"{CARD}/{card}", status="active")
    desk.settings(real_time_url="http://127.0.0.1:9/")
    simulated = {"authorization_method": "chip", "held_amount": "100", "held_currency": "usd"}
    made = desk.post(f"{CARD}/{card}/test/authorizations", **simulated)
    assert (made["object"], made["authorization_method"], made["amount"]) == ("issuing.authorization", "chip", 100)
    assert desk.heard("issuing_authorization") == ["issuing_authorization.request", "issuing_authorization.created"]


def test_without_anybody_to_ask(desk):
    made = desk.post(f"{CARD}/{desk.card()}/test/authorizations", held_amount=250)
    assert (made["approved"], made["amount"], made["currency"]) == (True, 250, "usd")
    assert desk.balance() == 100_000_00 - 250


def test_what_cannot_be_simulated(desk):
    assert desk.refused(f"{CARD}/{desk.card()}/test/authorizations")["param"] == "held_amount"
    status, body = desk.call("POST", f"{CARD}/ic_nope/test/authorizations", held_amount=1)
    assert (status, body["error"]["code"]) == (404, "resource_missing")
