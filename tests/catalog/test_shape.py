"""Completing documents and finding what is wrong with them."""

from __future__ import annotations

import pytest

from countertop.api.shape import complete, problems


def test_every_type_completed_from_nothing_conforms(catalog):
    for kind in catalog.kinds:
        assert problems(kind, complete(kind, {})) == []


def test_id_and_object_come_first_then_alphabetical():
    names = list(complete("customer", {"name": "Jenny", "id": "cus_1", "balance": 0}))
    assert names[:2] == ["id", "object"]
    assert names[2:] == sorted(names[2:])


def test_null_absent_and_neutral():
    customer = complete("customer", {"id": "cus_1"})
    assert customer["object"] == "customer"
    assert customer["email"] is None
    assert "sources" not in customer
    assert (customer["livemode"], customer["metadata"]) == (False, {})


def test_null_where_null_cannot_be_counts_as_missing():
    customer = complete("customer", {"id": "cus_1", "livemode": None, "balance": None, "email": None})
    assert customer["livemode"] is False
    assert "balance" not in customer
    assert customer["email"] is None


def test_hashes_inside_are_completed():
    address = complete("customer", {"address": {"city": "Bern"}})["address"]
    assert address["city"] == "Bern"
    assert address["country"] is None


def test_completed_documents_share_nothing():
    first, second = complete("customer", {}), complete("customer", {})
    first["metadata"]["a"] = "b"
    assert second["metadata"] == {}
    assert complete("customer", {})["metadata"] == {}


def test_the_document_is_not_changed():
    given = {"id": "cus_1", "address": {"city": "Bern"}}
    complete("customer", given)
    assert given == {"id": "cus_1", "address": {"city": "Bern"}}


def test_embedded_lists_have_the_url_of_their_path():
    items = complete("subscription", {"id": "sub_1"})["items"]
    assert (items["object"], items["data"], items["has_more"]) == ("list", [], False)
    assert items["url"].startswith("/v1/subscription")
    lines = complete("invoice", {"id": "in_1"})["lines"]
    assert lines["url"] == "/v1/invoices/in_1/lines"


def test_unknown_type_is_a_key_error():
    with pytest.raises(KeyError):
        complete("nothing", {})
    assert problems("nothing", {}) == ["nothing: there is no object type 'nothing'"]


def test_required_members_get_neutral_values_of_their_type():
    card = complete("issuing.card", {})
    assert (card["last4"], card["exp_month"], card["livemode"], card["status"]) == ("", 0, False, "active")
    assert card["cardholder"]["object"] == "issuing.cardholder"
    assert complete("balance", {})["available"] == []


def test_an_event_about_anything_conforms():
    data = {"object": complete("customer", {}), "previous_attributes": {"email": None}}
    event = complete("event", {"id": "evt_1", "type": "customer.updated", "data": data})
    assert event["data"]["object"] == complete("customer", {})
    assert problems("event", event) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"zzz": 1}, "customer.zzz: unknown member"),
        ({"created": "x"}, "customer.created: should be a whole number, is 'x'"),
        ({"created": True}, "customer.created: should be a whole number, is True"),
        ({"livemode": None}, "customer.livemode: is null, which it never is"),
        ({"tax_exempt": "x"}, "customer.tax_exempt: 'x' is not one of its values"),
        ({"address": "x"}, "customer.address: should be a hash, is 'x'"),
        ({"address": {"city": 5}}, "customer.address.city: should be text, is 5"),
        ({"preferred_locales": ["de", 5]}, "customer.preferred_locales[1]: should be text, is 5"),
        ({"test_clock": 5}, "customer.test_clock: should be an id or an object, is 5"),
        ({"metadata": {"a": 5}}, "customer.metadata.a: should be text, is 5"),
        ({"object": "charge"}, "customer.object: 'charge' is not one of its values"),
        ({"sources": []}, "customer.sources: should be a list, is []"),
    ],
)
def test_problems(change, problem):
    assert problem in problems("customer", complete("customer", {}) | change)


def test_missing_members_are_problems():
    customer = complete("customer", {})
    del customer["email"], customer["id"]
    assert set(problems("customer", customer)) == {"customer.email: missing", "customer.id: missing"}


def test_expanded_objects_are_followed_by_their_type():
    intent = complete("payment_intent", {"customer": complete("customer", {})})
    assert problems("payment_intent", intent) == []
    intent["customer"] |= {"zzz": 1}
    assert problems("payment_intent", intent) == ["payment_intent.customer.zzz: unknown member"]
    intent["customer"] = complete("charge", {})
    assert problems("payment_intent", intent) == ["payment_intent.customer: is a charge, should be customer"]
    intent["customer"] = {"id": "cus_1", "object": "customer", "deleted": True}
    assert problems("payment_intent", intent) == []
