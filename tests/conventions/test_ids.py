"""api-conventions §8.3 and §8.4: ids and rules that all objects share."""

from __future__ import annotations

import re

import pytest

from countertop.ids import ALPHABET, EPOCH


def time_part(text: str) -> int:
    value = 0
    for letter in text:
        value = value * 62 + ALPHABET.index(letter)
    return value


def test_long_ids_carry_the_second_of_creation_and_the_account(api):
    intent = api.post("/v1/payment_intents", "amount=1250&currency=usd").body
    account = api.get("/v1/account").body["id"]
    assert re.fullmatch(r"pi_3[0-9A-Za-z]{23}", intent["id"])
    assert time_part(intent["id"][4:9]) == intent["created"] - EPOCH
    assert intent["id"][9:19] == account[-10:]


def test_short_ids_carry_the_minute(api):
    customer = api.customer()
    assert re.fullmatch(r"cus_[0-9A-Za-z]{14}", customer["id"])
    assert time_part(customer["id"][4:8]) == (customer["created"] - EPOCH) // 60


def test_account_ids_carry_their_second_and_ten_letters_of_their_own(api):
    assert re.fullmatch(r"acct_1[0-9A-Za-z]{15}", api.get("/v1/account").body["id"])


@pytest.mark.parametrize(
    ("path", "form", "shape"),
    [
        ("/v1/webhook_endpoints", "url=http://127.0.0.1/&enabled_events[]=*", r"we_1[0-9A-Za-z]{23}"),
        ("/v1/products", "name=x", r"prod_[0-9A-Za-z]{14}"),
        ("/v1/coupons", "percent_off=10&duration=once", r"[0-9A-Za-z]{8}"),
        (
            "/v1/terminal/locations",
            "display_name=x&address[country]=GB&address[line1]=a&address[city]=b&address[postal_code]=c",
            r"tml_[0-9A-Za-z]{24}",
        ),
    ],
)
def test_documented_prefixes_and_shapes(api, path, form, shape):
    made = api.post(path, form)
    assert made.status == 200, made.body
    assert re.fullmatch(shape, made.body["id"])


def test_client_secret_is_the_id_with_25_characters(api):
    intent = api.post("/v1/payment_intents", "amount=1250&currency=usd").body
    assert re.fullmatch(intent["id"] + r"_secret_[0-9A-Za-z]{25}", intent["client_secret"])


def test_livemode_is_false_and_created_is_the_clock_in_seconds(api, bench):
    customer = api.customer()
    assert (customer["livemode"], customer["created"]) == (False, bench.clock.now())


def test_known_but_empty_attributes_are_null(api):
    intent = api.post("/v1/payment_intents", "amount=1250&currency=usd").body
    for name in ("canceled_at", "cancellation_reason", "customer", "last_payment_error", "latest_charge", "shipping"):
        assert intent[name] is None


def test_delete_answers_a_stub_and_a_deleted_customer_still_does(api):
    customer = api.customer()["id"]
    stub = {"id": customer, "object": "customer", "deleted": True}
    assert api.delete(f"/v1/customers/{customer}").body == stub
    assert api.get(f"/v1/customers/{customer}").body == stub
    assert api.get("/v1/customers").body["data"] == []
    assert api.delete(f"/v1/customers/{customer}").status == 404
    assert api.post(f"/v1/customers/{customer}", "name=x").status == 404


def test_most_deleted_objects_are_404_afterwards(api):
    product = api.post("/v1/products", "name=x").body["id"]
    assert api.delete(f"/v1/products/{product}").body == {"id": product, "object": "product", "deleted": True}
    assert api.get(f"/v1/products/{product}").status == 404


def test_same_seed_same_ids(make_bench):
    first, second, other = make_bench(seed=7), make_bench(seed=7), make_bench(seed=8)
    made = [bench.call("POST", "/v1/customers")["id"] for bench in (first, second, other)]
    assert made[0] == made[1] != made[2]


def test_ids_in_urls_are_percent_decoded_and_case_sensitive(api):
    customer = api.customer()["id"]
    assert api.get(f"/v1/customers/{customer.replace('_', '%5F')}").status == 200
    assert api.get(f"/v1/customers/{customer.swapcase()}").status == 404
