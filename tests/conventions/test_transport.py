"""api-conventions §1 and §8.1: headers, methods, versions."""

from __future__ import annotations

import re

import pytest


def test_every_answer_has_a_request_id_even_a_401(api):
    for answer in (api.get("/v1/customers"), api.get("/v1/nothing"), api.get("/v1/customers", key=None)):
        assert re.fullmatch(r"req_[0-9A-Za-z]{14}", answer.headers["request-id"])


def test_body_is_json_indented_by_two_spaces_with_id_and_object_first(api):
    made = api.post("/v1/customers", "name=Jenny")
    assert made.raw.decode().splitlines()[:2] == ["{", f'  "id": "{made.body["id"]}",']
    assert list(made.body)[:2] == ["id", "object"]
    listed = api.get("/v1/customers")
    assert listed.raw.decode().splitlines()[3].startswith("    {")


def test_version_is_echoed_and_one_version_is_rendered_by_default(api):
    assert api.get("/v1/customers").headers["stripe-version"] == "2026-10-28.endive"
    assert api.get("/v1/customers", stripe_version="2024-06-20").headers["stripe-version"] == "2024-06-20"


def test_beta_suffix_of_a_version_is_accepted(api):
    asked = "2026-10-28.endive; terminal_hardware_orders_beta=v5"
    assert api.get("/v1/customers", stripe_version=asked).status == 200


@pytest.mark.parametrize("version", ["2026-13-01", "latest", "2026-10-28.nosuch"])
def test_invalid_version_is_400(api, version):
    answer = api.get("/v1/customers", stripe_version=version)
    assert answer.status == 400
    assert answer.error["message"] == f"Invalid Stripe API version: {version}"


def test_unknown_url_wrong_verb_and_trailing_slash_are_404_unrecognized(api):
    for method, path in (
        ("GET", "/v1/x"),
        ("DELETE", "/v1/customers"),
        ("GET", "/v1/customers/"),
        ("PUT", "/v1/customers"),
    ):
        answer = api(method, path)
        assert answer.status == 404
        assert answer.error["message"].startswith(f"Unrecognized request URL ({method}: {path}).")
        assert "code" not in answer.error


def test_preflight_is_answered_for_any_origin(api):
    answer = api("OPTIONS", "/v1/payment_methods", key=None)
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "*"


def test_get_and_delete_take_parameters_in_the_query_and_delete_in_a_body_too(api, bench):
    from countertop.api.http import Request

    customer = api.customer()
    sent = {"authorization": "Bearer sk_test_counter"}
    answer = bench.handle(Request("DELETE", f"/v1/customers/{customer['id']}", "", sent, b"bogus=1"))
    assert answer.status == 400
    assert api.get("/v1/customers", "limit=1").status == 200


def test_json_body_on_v1_is_an_error(api):
    answer = api.post("/v1/customers", '{"name": "x"}', content_type="application/json")
    assert (answer.status, answer.error["type"]) == (400, "invalid_request_error")


def test_unknown_headers_are_ignored(api):
    assert api.get("/v1/customers", x_stripe_client_telemetry="{}", x_whatever="1").status == 200


def test_v2_paths_are_routed_and_answer_501_in_the_v2_envelope(api):
    answer = api.get("/v2/core/events")
    assert answer.status == 501
    assert set(answer.error) == {"type", "code", "message"}
    assert api.get("/v2/core/nothing_here").status == 404


def test_an_operation_without_a_service_is_an_honest_501_that_says_do_not_retry(api):
    answer = api.post("/v1/test_helpers/test_clocks/clock_x/advance", "frozen_time=1800000000")
    assert (answer.status, answer.error["type"]) == (501, "api_error")
    assert answer.headers["stripe-should-retry"] == "false"
    assert "test_clocks" in answer.error["message"]
