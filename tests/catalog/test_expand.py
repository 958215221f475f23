"""Expansion (api-conventions §6): which paths are accepted, and what they put in."""

from __future__ import annotations

import pytest

from countertop.api.errors import ApiError
from countertop.api.expand import apply, parse, plan_for

OBJECTS = {
    "cus_1": {"id": "cus_1", "object": "customer", "default_source": "card_1"},
    "card_1": {"id": "card_1", "object": "card", "customer": "cus_1"},
    "ch_1": {"id": "ch_1", "object": "charge", "customer": "cus_1", "payment_intent": "pi_1"},
    "cus_gone": {"id": "cus_gone", "object": "customer", "deleted": True},
}


def fetch(kinds, object_id):
    found = OBJECTS.get(object_id)
    return found if found is not None and found["object"] in kinds else None


@pytest.fixture
def plan(catalog):
    def make(kind, *paths, is_list=False):
        return parse(catalog.resource(kind), list(paths), is_list, catalog=catalog)

    return make


def intent(**members):
    return {"id": "pi_1", "object": "payment_intent", "customer": None, "latest_charge": None, **members}


@pytest.mark.parametrize(
    ("kind", "path", "is_list"),
    [
        ("payment_intent", "customer", False),
        ("payment_intent", "latest_charge.customer.default_source", False),
        ("payment_intent", "data.customer", True),
        ("payment_intent", "data", True),
        ("payment_intent", "total_count", True),
        ("customer", "sources", False),
        ("customer", "sources.data.customer", False),
        ("customer", "invoice_settings.default_payment_method", False),
        ("subscription", "items.data.price.product", False),
        ("issuing.card", "number", False),
        ("balance_transaction", "source.customer", False),
        ("invoice", "discounts", False),
    ],
)
def test_paths_that_lead_somewhere(plan, kind, path, is_list):
    assert plan(kind, path, is_list=is_list).paths == {path}


@pytest.mark.parametrize(
    "path", ["amount", "zzz", "customer.zzz", "metadata", "shipping.address", "data.customer", "", "customer.", "."]
)
def test_paths_that_lead_nowhere_have_neither_code_nor_param(plan, path):
    with pytest.raises(ApiError) as caught:
        plan("payment_intent", path)
    error = caught.value
    assert (error.status, error.message) == (400, f"This property cannot be expanded ({path}).")
    assert (error.code, error.param, error.keep) == (None, None, False)


def test_lists_give_a_hint(plan):
    with pytest.raises(
        ApiError, match=r"expanded \(customer\)\. You may want to try expanding 'data\.customer' instead\."
    ):
        plan("payment_intent", "customer", is_list=True)
    with pytest.raises(ApiError, match=r"^This property cannot be expanded \(data\.zzz\)\.$"):
        plan("payment_intent", "data.zzz", is_list=True)


def test_at_most_four_levels(plan):
    with pytest.raises(ApiError, match="You cannot expand more than 4 levels of a property"):
        plan("payment_intent", "latest_charge.payment_intent.latest_charge.payment_intent.customer")


def test_an_id_becomes_the_object_and_null_stays_null(plan):
    chosen = plan("payment_intent", "customer", "latest_charge")
    assert apply(intent(customer="cus_1"), chosen, fetch) == intent(customer=OBJECTS["cus_1"])


def test_nested_paths_and_the_documents_stay_as_they_were(plan):
    given = intent(latest_charge="ch_1")
    result = apply(given, plan("payment_intent", "latest_charge.customer.default_source"), fetch)
    assert result["latest_charge"]["customer"]["default_source"] == OBJECTS["card_1"]
    assert given["latest_charge"] == "ch_1"
    assert OBJECTS["ch_1"]["customer"] == "cus_1"


def test_lists_embedded_lists_and_hashes_are_gone_through(plan):
    page = {"object": "list", "data": [intent(customer="cus_1"), intent()], "has_more": False, "url": "/"}
    data = apply(page, plan("payment_intent", "data.customer", is_list=True), fetch)["data"]
    assert [item["customer"] for item in data] == [OBJECTS["cus_1"], None]
    customer = {"object": "customer", "sources": {"object": "list", "data": [OBJECTS["card_1"]]}}
    changed = apply(customer, plan("customer", "sources.data.customer"), fetch)
    assert changed["sources"]["data"][0]["customer"] == OBJECTS["cus_1"]


def test_an_embedded_whole_object_is_gone_through(plan):
    given = intent(latest_charge=OBJECTS["ch_1"])
    assert (
        apply(given, plan("payment_intent", "latest_charge.customer"), fetch)["latest_charge"]["customer"]
        == OBJECTS["cus_1"]
    )


def test_a_deleted_object_is_its_stub_and_an_unknown_one_stays_an_id(plan):
    chosen = plan("payment_intent", "customer")
    assert apply(intent(customer="cus_gone"), chosen, fetch)["customer"] == OBJECTS["cus_gone"]
    assert apply(intent(customer="cus_none"), chosen, fetch)["customer"] == "cus_none"


def test_the_same_path_twice_is_harmless(plan):
    twice = plan("payment_intent", "customer", "customer")
    assert twice.query == "expand[]=customer"
    assert apply(intent(customer="cus_1"), twice, fetch)["customer"] == OBJECTS["cus_1"]


def test_an_includable_member_is_shown_only_when_the_document_has_it(plan):
    chosen = plan("issuing.card", "number", "replaced_by")
    card = {"id": "ic_1", "object": "issuing.card"}
    assert apply(card, chosen, fetch) == card
    kept = card | {"number": "4242424242424242"}
    assert apply(kept, chosen, fetch) == kept


@pytest.mark.parametrize(
    ("raw", "message"),
    [("customer", "Invalid array"), ({"a": "customer"}, "Invalid array"), ([{"a": "b"}], 'Invalid string: {"a":"b"}')],
)
def test_malformed_expand(catalog, raw, message):
    with pytest.raises(ApiError) as caught:
        plan_for(catalog, catalog.by_operation["POST /v1/payment_intents"], raw)
    assert caught.value.message == message


def test_indexed_and_unindexed_arrays(catalog):
    endpoint = catalog.by_operation["GET /v1/payment_intents"]
    for raw in (["data.customer"], {"0": "data.customer"}):
        assert plan_for(catalog, endpoint, raw).query == "expand[]=data.customer"
