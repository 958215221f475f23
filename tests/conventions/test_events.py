"""api-conventions §10: events."""

from __future__ import annotations


def test_shape_of_an_event(api, bench):
    customer = api.customer("name=A")
    [event] = api.get("/v1/events").body["data"]
    assert event["object"] == "event"
    assert event["type"] == "customer.created"
    assert event["api_version"] == "2026-10-28.endive"
    assert (event["created"], event["livemode"], event["pending_webhooks"]) == (bench.clock.now(), False, 0)
    assert event["data"] == {"object": customer}
    assert "account" not in event


def test_previous_attributes_only_in_updated_events_with_old_values(api):
    customer = api.customer("name=A&address[city]=X&address[line1]=L")
    api.post(f"/v1/customers/{customer['id']}", "name=B&address[city]=Y")
    [event] = api.get("/v1/events", "type=customer.updated").body["data"]
    assert event["data"]["previous_attributes"] == {"address": {"city": "X"}, "name": "A"}
    assert event["data"]["object"]["name"] == "B"
    [created] = api.get("/v1/events", "type=customer.created").body["data"]
    assert "previous_attributes" not in created["data"]


def test_changed_arrays_are_given_whole(api):
    customer = api.customer("preferred_locales[]=en&preferred_locales[]=fr")
    api.post(f"/v1/customers/{customer['id']}", "preferred_locales[]=de")
    [event] = api.get("/v1/events", "type=customer.updated").body["data"]
    assert event["data"]["previous_attributes"] == {"preferred_locales": ["en", "fr"]}


def test_an_update_that_changes_nothing_writes_no_event(api):
    customer = api.customer("name=A")
    assert api.post(f"/v1/customers/{customer['id']}", "name=A").status == 200
    assert api.get("/v1/events", "type=customer.updated").body["data"] == []


def test_one_call_may_write_several_events_listable_at_once(api):
    api.post("/v1/payment_intents", "amount=1250&currency=usd&confirm=true&payment_method=pm_card_visa")
    types = [event["type"] for event in api.get("/v1/events").body["data"]]
    assert set(types) >= {"payment_intent.created", "charge.succeeded", "payment_intent.succeeded"}


def test_type_filters(api):
    customer = api.customer()
    api.post(f"/v1/customers/{customer['id']}", "name=B")
    api.post("/v1/products", "name=P")

    def types(form):
        return [event["type"] for event in api.get("/v1/events", form).body["data"]]

    assert types("type=customer.*") == ["customer.updated", "customer.created"]
    assert types("types[]=product.created&types[]=customer.created") == ["product.created", "customer.created"]
    assert api.get("/v1/events", "type=customer.created&types[]=product.created").status == 400
    many = "&".join(f"types[]=customer.created{n}" for n in range(21))
    assert api.get("/v1/events", many).status == 400


def test_events_of_our_own_doing_have_no_request(api, bench):
    form = "amount=1250&currency=usd&confirm=true&payment_method=pm_card_visa&capture_method=manual"
    api.post("/v1/payment_intents", form)
    bench.advance(hours=24 * 8)
    [event] = api.get("/v1/events", "type=payment_intent.canceled").body["data"]
    assert event["request"] == {"id": None, "idempotency_key": None}


def test_delivery_success_filter(api, bench):
    bench.inbox("customer.created")
    bench.inbox("product.created", answer=lambda item: 500)
    api.customer()
    api.post("/v1/products", "name=P")
    succeeded = api.get("/v1/events", "delivery_success=true").body["data"]
    failed = api.get("/v1/events", "delivery_success=false").body["data"]
    assert [event["type"] for event in succeeded] == ["customer.created"]
    assert [event["type"] for event in failed] == ["product.created"]
    assert failed[0]["pending_webhooks"] == 1


def test_events_are_kept_for_30_days(api, bench):
    api.customer()
    [event] = api.get("/v1/events").body["data"]
    bench.advance(hours=24 * 29)
    assert api.get(f"/v1/events/{event['id']}").status == 200
    bench.advance(hours=48)
    assert api.get(f"/v1/events/{event['id']}").status == 404
    assert api.get("/v1/events").body["data"] == []
