"""api-conventions §6: expand."""

from __future__ import annotations

import pytest


@pytest.fixture
def paid(api):
    customer = api.customer("name=Jenny")["id"]
    form = f"amount=1250&currency=usd&customer={customer}&confirm=true&payment_method=pm_card_visa"
    intent = api.post("/v1/payment_intents", form)
    assert intent.status == 200, intent.body
    return intent.body


def test_an_expandable_id_becomes_the_full_object_and_null_stays_null(api, paid):
    answer = api.get(f"/v1/payment_intents/{paid['id']}", "expand[]=customer&expand[]=review").body
    assert answer["customer"]["name"] == "Jenny"
    assert answer["review"] is None


def test_nested_up_to_four_levels(api, paid):
    path = "latest_charge.balance_transaction.source.customer"
    answer = api.get(f"/v1/payment_intents/{paid['id']}", f"expand[]={path}").body
    assert answer["latest_charge"]["balance_transaction"]["source"]["customer"]["name"] == "Jenny"
    deeper = api.get(f"/v1/payment_intents/{paid['id']}", f"expand[]={path}.default_source")
    assert deeper.status == 400
    assert deeper.error["message"] == "You cannot expand more than 4 levels of a property"


def test_lists_expand_under_data(api, paid):
    listed = api.get("/v1/payment_intents", "expand[]=data.customer").body
    assert listed["data"][0]["customer"]["object"] == "customer"
    assert api.get("/v1/payment_intents", "expand[]=data").body["data"][0]["customer"] == paid["customer"]


def test_bad_path_has_neither_code_nor_param_and_lists_give_a_hint(api, paid):
    answer = api.get(f"/v1/payment_intents/{paid['id']}", "expand[]=amount")
    assert (answer.status, answer.error["message"]) == (400, "This property cannot be expanded (amount).")
    assert not {"code", "param"} & set(answer.error)
    listed = api.get("/v1/payment_intents", "expand[]=customer")
    assert "You may want to try expanding 'data.customer' instead." in listed.error["message"]


def test_expand_is_validated_before_existence(api):
    assert api.get("/v1/payment_intents/pi_none", "expand[]=amount").status == 400


def test_a_deleted_target_is_its_stub(api, paid):
    api.delete(f"/v1/customers/{paid['customer']}")
    answer = api.get(f"/v1/payment_intents/{paid['id']}", "expand[]=customer").body
    assert answer["customer"] == {"id": paid["customer"], "object": "customer", "deleted": True}


def test_the_same_path_twice_is_harmless_and_any_verb_expands(api, paid):
    path = f"/v1/payment_intents/{paid['id']}"
    answer = api.post(path, "metadata[a]=b&expand[]=customer&expand[]=customer").body
    assert answer["customer"]["object"] == "customer"


def test_events_are_never_expanded(api, paid):
    api.post(f"/v1/payment_intents/{paid['id']}", "metadata[a]=b&expand[]=customer")
    for event in api.get("/v1/events").body["data"]:
        if event["data"]["object"]["object"] == "payment_intent":
            assert not isinstance(event["data"]["object"]["customer"], dict)
