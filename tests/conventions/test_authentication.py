"""api-conventions §2: keys and accounts."""

from __future__ import annotations

import base64

import pytest


def test_no_key_is_401_with_the_documented_message_and_challenge(api):
    answer = api.get("/v1/customers", key=None)
    assert answer.status == 401
    assert answer.error["type"] == "invalid_request_error"
    assert answer.error["message"].startswith("You did not provide an API key.")
    assert answer.headers["www-authenticate"] == 'Basic realm="Stripe"'


def test_unknown_key_is_401_and_masked(api):
    answer = api.get("/v1/customers", key="sk_testing_abcdefgh1234")
    assert answer.status == 401
    assert answer.error["message"].startswith("Invalid API Key provided: ")
    assert "abcdefgh" not in answer.error["message"]
    assert answer.error["message"].endswith("1234")


@pytest.mark.parametrize("key", ["sk_live_abcdefghijklmnop", "rk_live_x1234567", "pk_live_x1234567"])
def test_live_looking_keys_are_refused_with_an_explanation_and_never_echoed(api, key):
    answer = api.get("/v1/customers", key=key)
    assert answer.status == 401
    assert "only takes test keys" in answer.error["message"]
    assert key not in answer.raw.decode()


def test_unknown_scheme_counts_as_no_key(api):
    answer = api.get("/v1/customers", key=None, authorization="Digest abc")
    assert answer.status == 401
    assert answer.error["message"].startswith("You did not provide an API key.")


def test_basic_authentication_takes_the_key_as_user_name(api):
    token = base64.b64encode(b"sk_test_counter:").decode()
    assert api.get("/v1/customers", key=None, authorization=f"Basic {token}").status == 200


def test_keys_of_one_suffix_are_one_account(api):
    made = api.post("/v1/customers", "email=a@example.com", key="sk_test_one").body
    assert api.get(f"/v1/customers/{made['id']}", key="rk_test_one").status == 200


def test_another_suffix_is_another_account_with_nothing_shared(api):
    made = api.post("/v1/customers", key="sk_test_one").body
    answer = api.get(f"/v1/customers/{made['id']}", key="sk_test_two")
    assert (answer.status, answer.error["code"]) == (404, "resource_missing")
    assert api.get("/v1/customers", key="sk_test_two").body["data"] == []


def test_publishable_key_on_a_secret_endpoint(api):
    answer = api.get("/v1/customers", key="pk_test_counter")
    assert (answer.status, answer.error["code"]) == (401, "secret_key_required")
    assert answer.error["message"].startswith("This API call cannot be made with a publishable API key.")


def test_publishable_key_reads_an_intent_with_its_client_secret_only(api):
    intent = api.post("/v1/payment_intents", "amount=1250&currency=usd").body
    path = f"/v1/payment_intents/{intent['id']}"
    assert api.get(path, key="pk_test_counter").status == 401
    assert api.get(path, f"client_secret={intent['client_secret']}", key="pk_test_counter").body["id"] == intent["id"]


def test_stripe_account_of_a_stranger_is_403_account_invalid(api):
    answer = api.get("/v1/customers", stripe_account="acct_1Stranger0000000")
    assert (answer.status, answer.error["code"]) == (403, "account_invalid")


def test_own_account_id_is_accepted_as_stripe_account(api):
    own = api.get("/v1/account").body["id"]
    assert api.get("/v1/customers", stripe_account=own).status == 200


def test_connected_account_is_a_world_of_its_own(api):
    connected = api.post("/v1/accounts", "type=standard&country=GB").body["id"]
    made = api.post("/v1/customers", stripe_account=connected)
    assert made.headers["stripe-account"] == connected
    assert api.get(f"/v1/customers/{made.body['id']}").status == 404
    assert api.get(f"/v1/customers/{made.body['id']}", stripe_account=connected).status == 200
    assert api.get(f"/v1/customers/{made.body['id']}", stripe_account=connected, key="sk_test_other").status == 403


def test_events_of_a_connected_account_carry_it(api):
    connected = api.post("/v1/accounts", "type=standard").body["id"]
    api.post("/v1/customers", stripe_account=connected)
    [event] = api.get("/v1/events", stripe_account=connected).body["data"]
    assert event["account"] == connected


def test_an_error_with_a_valid_key_has_a_request_log_url(api):
    answer = api.get("/v1/customers/cus_none")
    own = api.get("/v1/account").body["id"]
    assert answer.error["request_log_url"] == (
        f"https://dashboard.stripe.com/{own}/test/workbench/logs?object={answer.headers['request-id']}"
    )
