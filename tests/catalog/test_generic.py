"""The generic service: every type of the catalog can be made, read, changed, listed and deleted."""

from __future__ import annotations

import pytest

from countertop.api.catalog import load
from countertop.api.errors import ApiError
from countertop.api.shape import problems
from countertop.services.generic import operation_for

V1 = [endpoint for endpoint in load().endpoints if not endpoint.v2]
REFERENCED = "xxx"  # what the filled-in text parameters say, so also the id of what they refer to


def doing(does):
    return [endpoint for endpoint in V1 if endpoint.does == does]


@pytest.fixture
def peopled(generic):
    """A world in which whatever a filled-in parameter or path refers to is there."""
    for kind in generic.catalog.kinds:
        if "id" in generic.catalog.resource(kind).fields:
            generic.put(kind, id=REFERENCED)
    return generic


def ids_for(generic, endpoint):
    own = generic.account.id
    parent = endpoint.parent
    return {name: own if parent == ("account", name) else REFERENCED for name in endpoint.path_ids}


@pytest.mark.parametrize("whole", [False, True], ids=["required", "whole"])
def test_every_create_gives_an_object_that_conforms(peopled, fill, whole):
    for endpoint in doing("create"):
        tree = fill(endpoint.params, whole=whole)
        tree.pop("id", None)
        made = peopled(endpoint, tree, **ids_for(peopled, endpoint))
        assert problems(made["object"], made) == [], endpoint
        assert made["object"] in endpoint.kinds
        assert made.get("livemode", False) is False
        if "created" in made:
            assert made["created"] == peopled.world.clock.now()


def collections():
    """(create, list, retrieve, update, delete) of every collection; what it lacks is None."""
    known = {endpoint.operation: endpoint for endpoint in V1}
    for create in doing("create"):
        ones = [
            endpoint
            for endpoint in V1
            if endpoint.template.startswith(create.template + "/{")
            and endpoint.template.count("/") == create.template.count("/") + 1
        ]
        one = {endpoint.does: endpoint for endpoint in ones}
        yield create, known.get("GET " + create.template), one.get("retrieve"), one.get("update"), one.get("delete")


@pytest.mark.parametrize("collection", list(collections()), ids=lambda found: found[0].operation)
def test_life_of_an_object(peopled, fill, collection):
    create, listed, retrieve, update, delete = collection
    parents = ids_for(peopled, create)

    def ids(endpoint, identity):
        return {**dict(zip(endpoint.path_ids, parents.values(), strict=False)), endpoint.path_ids[-1]: identity}

    tree = fill(create.params, whole=False)
    made = peopled(create, tree, **parents)
    if "id" not in made:
        assert retrieve is None
        return
    if retrieve is not None:
        assert peopled(retrieve, **ids(retrieve, made["id"])) == made
    # A list that must be asked for by a member that only the real service computes can find nothing here.
    asks_for = {name for name, member in listed.params.parameters.items() if member.required} if listed else set()
    if listed is not None and listed.does == "list" and asks_for <= tree.keys():
        data = peopled(listed, fill(listed.params, whole=False), **parents)
        assert made["id"] in [item["id"] for item in data]
        assert all(problems(item["object"], item) == [] for item in data)
    if update is not None:
        before = len(peopled.events())
        params = fill(update.params, whole=True)
        changed = peopled(update, params, **ids(update, made["id"]))
        assert problems(changed["object"], changed) == []
        assert changed["id"] == made["id"]
        again = peopled(update, params, **ids(update, made["id"]))
        assert again == changed
        assert len(peopled.events()) - before <= 1, "an update that changes nothing writes no event"
    if delete is not None:
        stub = peopled(delete, fill(delete.params, whole=False), **ids(delete, made["id"]))
        assert stub == {"id": made["id"], "object": made["object"], "deleted": True}
        for endpoint in filter(None, (retrieve, delete)):
            with pytest.raises(ApiError) as caught:
                peopled(endpoint, **ids(endpoint, made["id"]))
            assert (caught.value.status, caught.value.code) == (404, "resource_missing")


@pytest.mark.parametrize("does", ["retrieve", "update", "delete"])
def test_unknown_ids_are_404(generic, fill, does):
    for endpoint in doing(does):
        with pytest.raises(ApiError) as caught:
            generic(endpoint, fill(endpoint.params, whole=False), **dict.fromkeys(endpoint.path_ids, "none"))
        assert (caught.value.status, caught.value.code) == (404, "resource_missing"), endpoint
        assert caught.value.message.startswith("No such ")


def test_every_list_is_empty_in_an_empty_world(generic, fill):
    for endpoint in doing("list"):
        if endpoint.parent is None:
            tree = {name: value for name, value in fill(endpoint.params, whole=False).items() if value != REFERENCED}
            if len(tree) == sum(member.required for member in endpoint.params.parameters.values()):
                assert generic(endpoint, tree) == [], endpoint


def test_every_list_accepts_all_its_filters(peopled, fill):
    for endpoint in doing("list"):
        tree = {
            name: value
            for name, value in fill(endpoint.params, whole=True).items()
            if name not in ("starting_after", "ending_before")
        }
        assert isinstance(peopled(endpoint, tree, **ids_for(peopled, endpoint)), list)


def test_every_singleton_is_there_from_the_start_and_can_be_changed(peopled, fill):
    for endpoint in doing("singleton"):
        shown = peopled(endpoint, fill(endpoint.params, whole=True), **ids_for(peopled, endpoint))
        assert problems(shown["object"], shown) == []
    peopled("POST /v1/tax/settings", {"defaults": {"tax_behavior": "inclusive"}})
    assert peopled("GET /v1/tax/settings")["defaults"]["tax_behavior"] == "inclusive"


def test_every_action_is_an_honest_501(peopled, fill):
    for endpoint in doing("action"):
        with pytest.raises(ApiError) as caught:
            peopled(endpoint, fill(endpoint.params, whole=False), **ids_for(peopled, endpoint))
        assert caught.value.status == 501
        assert endpoint.operation in caught.value.message
        assert ("Stripe-Should-Retry", "false") in caught.value.headers


def test_v2_is_left_to_the_dispatcher():
    assert all(operation_for(endpoint) is None for endpoint in load().endpoints if endpoint.v2)


def test_parameters_become_members(generic):
    rate = generic(
        "POST /v1/tax_rates",
        {"display_name": "VAT", "inclusive": "true", "percentage": "19", "metadata": {"a": "b"}, "country": "DE"},
    )
    assert (rate["display_name"], rate["inclusive"], rate["percentage"]) == ("VAT", True, 19.0)
    assert (rate["metadata"], rate["country"], rate["livemode"]) == ({"a": "b"}, "DE", False)
    assert rate["id"].startswith("txr_1")


def test_metadata_is_merged_hashes_are_merged_arrays_are_replaced_and_empty_unsets(generic):
    made = generic(
        "POST /v1/products",
        {
            "name": "Mug",
            "description": "blue",
            "images": ["a", "b"],
            "metadata": {"keep": "1", "drop": "2"},
            "package_dimensions": {"height": "1", "length": "2", "weight": "3", "width": "4"},
        },
    )
    changed = generic(
        "POST /v1/products/{id}",
        {"description": "", "images": ["c"], "metadata": {"drop": "", "new": "3"}},
        id=made["id"],
    )
    assert changed["description"] is None
    assert changed["images"] == ["c"]
    assert changed["metadata"] == {"keep": "1", "new": "3"}
    assert changed["package_dimensions"] == made["package_dimensions"]
    assert generic("POST /v1/products/{id}", {"metadata": ""}, id=made["id"])["metadata"] == {}
    settings = generic("POST /v1/customers", {"invoice_settings": {"footer": "a"}})
    generic("POST /v1/customers/{customer}", {"invoice_settings": {"custom_fields": ""}}, customer=settings["id"])
    kept = generic("GET /v1/customers/{customer}", customer=settings["id"])["invoice_settings"]
    assert (kept["footer"], kept["custom_fields"]) == ("a", [])


def test_metadata_of_more_than_fifty_keys_by_update_is_refused(generic):
    made = generic("POST /v1/products", {"name": "Mug", "metadata": {f"k{number}": "v" for number in range(50)}})
    with pytest.raises(ApiError) as caught:
        generic("POST /v1/products/{id}", {"metadata": {"more": "v"}}, id=made["id"])
    assert (caught.value.status, caught.value.param) == (400, "metadata")


def test_events_only_where_the_event_enum_has_them(generic):
    made = generic("POST /v1/products", {"name": "Mug"})
    generic("POST /v1/products/{id}", {"name": "Cup"}, id=made["id"])
    generic("POST /v1/products/{id}", {"name": "Cup"}, id=made["id"])
    generic("DELETE /v1/products/{id}", id=made["id"])
    holder = generic(
        "POST /v1/issuing/cardholders",
        {"name": "J", "billing": {"address": {"city": "x", "country": "US", "line1": "x", "postal_code": "1"}}},
    )
    card = generic("POST /v1/issuing/cards", {"currency": "usd", "type": "virtual", "cardholder": holder["id"]})
    assert card["cardholder"]["name"] == "J"
    generic("POST /v1/radar/value_lists", {"alias": "a", "name": "b"})
    customer = generic.put("customer", id="cus_1")
    generic("POST /v1/customers/{customer}/tax_ids", {"type": "eu_vat", "value": "DE1"}, customer=customer["id"])
    assert generic.events() == [
        "product.created",
        "product.updated",
        "product.deleted",
        "issuing_cardholder.created",
        "issuing_card.created",
        "customer.tax_id.created",
    ]


def test_an_id_of_ones_own_choice_is_taken_once(generic):
    assert generic("POST /v1/coupons", {"id": "SUMMER", "percent_off": "10", "duration": "once"})["id"] == "SUMMER"
    with pytest.raises(ApiError) as caught:
        generic("POST /v1/coupons", {"id": "SUMMER", "percent_off": "10", "duration": "once"})
    assert (caught.value.status, caught.value.code) == (400, "resource_already_exists")


def test_unknown_references_are_400(generic):
    for operation, tree, param in (
        ("POST /v1/prices", {"currency": "usd", "product": "prod_none"}, "product"),
        ("GET /v1/prices", {"product": "prod_none"}, "product"),
        ("GET /v1/subscriptions", {"customer": "cus_none"}, "customer"),
        ("POST /v1/issuing/cards", {"currency": "usd", "type": "virtual", "cardholder": "ich_none"}, "cardholder"),
    ):
        with pytest.raises(ApiError) as caught:
            generic(operation, tree)
        assert (caught.value.status, caught.value.code, caught.value.param) == (400, "resource_missing", param)


def test_nested_objects_stay_with_their_parent(generic):
    one, other = generic.put("customer", id="cus_1"), generic.put("customer", id="cus_2")
    path = "/v1/customers/{customer}/tax_ids"
    made = generic(f"POST {path}", {"type": "eu_vat", "value": "DE1"}, customer=one["id"])
    assert made["customer"] == "cus_1"
    assert [item["id"] for item in generic(f"GET {path}", customer="cus_1")] == [made["id"]]
    assert generic(f"GET {path}", customer=other["id"]) == []
    with pytest.raises(ApiError) as caught:
        generic(f"GET {path}/{{id}}", customer="cus_2", id=made["id"])
    assert caught.value.status == 404
    with pytest.raises(ApiError, match="No such customer: 'cus_none'") as missing:
        generic(f"POST {path}", {"type": "eu_vat", "value": "DE1"}, customer="cus_none")
    assert missing.value.status == 404


def test_nested_objects_without_a_member_for_their_parent(generic):
    generic.put("product", id="prod_1")
    generic.put("product", id="prod_2")
    generic.put("entitlements.feature", id="feat_1")
    path = "/v1/products/{product}/features"
    made = generic(f"POST {path}", {"entitlement_feature": "feat_1"}, product="prod_1")
    assert made["entitlement_feature"]["id"] == "feat_1"
    assert [item["id"] for item in generic(f"GET {path}", product="prod_1")] == [made["id"]]
    assert generic(f"GET {path}", product="prod_2") == []


def test_collections_of_several_types(generic):
    generic.put("customer", id="cus_1")
    path = "/v1/customers/{customer}/sources"
    made = generic(f"POST {path}", {"source": "tok_visa"}, customer="cus_1")
    assert (made["object"], made["customer"]) == ("card", "cus_1")
    assert generic(f"GET {path}/{{id}}", customer="cus_1", id=made["id"]) == made
    assert generic(f"GET {path}", {"object": "card"}, customer="cus_1") == [made]
    assert generic(f"GET {path}", {"object": "bank_account"}, customer="cus_1") == []


def test_filters_and_ranges(generic):
    generic.put("product", id="prod_1")
    for currency, active in (("usd", "true"), ("eur", "true"), ("usd", "false")):
        generic(
            "POST /v1/prices",
            {"currency": currency, "product": "prod_1", "active": active, "lookup_key": currency + active},
        )

    def found(**tree):
        return [(price["currency"], price["active"]) for price in generic("GET /v1/prices", tree)]

    assert found() == [("usd", False), ("eur", True), ("usd", True)]
    assert found(currency="usd") == [("usd", False), ("usd", True)]
    assert found(currency="usd", active="true") == [("usd", True)]
    assert found(lookup_keys=["eurtrue", "usdfalse"]) == [("usd", False), ("eur", True)]
    assert found(product="prod_1", limit="1") == [("usd", False)]
    assert found(created={"gt": str(generic.world.clock.now())}) == []
    for arrival in (10, 20, 30):
        generic.put("payout", id=f"po_{arrival}", arrival_date=arrival)
    late = generic("GET /v1/payouts", {"arrival_date": {"gte": "20"}})
    assert {payout["id"] for payout in late} == {"po_20", "po_30"}


def test_search_is_generic_too(generic):
    generic("POST /v1/products", {"name": "Blue mug"})
    generic("POST /v1/products", {"name": "Red mug"})
    result = generic("GET /v1/products/search", {"query": 'name~"blue"'})
    assert result["object"] == "search_result"
    assert [product["name"] for product in result["data"]] == ["Blue mug"]
    assert "total_count" not in result
    with pytest.raises(ApiError) as caught:
        generic("GET /v1/products/search", {"query": 'zzz:"a"'})
    assert (caught.value.status, caught.value.param) == (400, "query")
