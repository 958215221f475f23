"""api-conventions §4: the error envelope, codes and wordings."""

from __future__ import annotations


def test_attributes_that_do_not_apply_are_absent_and_doc_url_only_with_a_code(api):
    answer = api.get("/v1/nothing")
    assert set(answer.error) <= {"type", "message", "request_log_url"}
    coded = api.get("/v1/customers/cus_none").error
    assert coded["doc_url"] == "https://stripe.com/docs/error-codes/resource-missing"
    assert None not in coded.values()


def test_unknown_parameter(api):
    answer = api.post("/v1/customers", "zzzqqq=1")
    assert (answer.status, answer.error["code"]) == (400, "parameter_unknown")
    assert answer.error["message"] == "Received unknown parameter: zzzqqq"
    assert answer.error["param"] == "zzzqqq"


def test_several_unknown_parameters(api):
    message = api.post("/v1/customers", "zzzqqq=1&qqqzzz=2").error["message"]
    assert message == "Received unknown parameters: zzzqqq, qqqzzz"


def test_near_miss_names_the_parameter_that_was_meant(api):
    message = api.post("/v1/payment_intents", "amount=1250&currency=usd&custmer=cus_1").error["message"]
    assert message == "Received unknown parameter: custmer. Did you mean customer?"


def test_missing_parameter(api):
    answer = api.post("/v1/payment_intents", "amount=1250")
    assert (answer.status, answer.error["code"]) == (400, "parameter_missing")
    assert answer.error["message"] == "Missing required param: currency."


def test_unknown_parameters_are_reported_before_missing_ones(api):
    assert api.post("/v1/payment_intents", "zzzqqq=1").error["code"] == "parameter_unknown"


def test_too_small(api):
    answer = api.post("/v1/payment_intents", "amount=0&currency=usd")
    assert answer.error["code"] == "parameter_invalid_integer"
    assert answer.error["message"] == "This value must be greater than or equal to 1."


def test_bad_enum_has_no_code_and_lists_the_values(api):
    answer = api.post("/v1/payment_intents", "amount=1250&currency=usd&capture_method=later")
    assert answer.status == 400
    assert "code" not in answer.error
    assert answer.error["message"] == ("Invalid capture_method: must be one of automatic, automatic_async, or manual")


def test_long_enum_list_is_cut_in_the_middle(api):
    message = api.post("/v1/webhook_endpoints", "url=http://127.0.0.1/&enabled_events[0]=nope").error["message"]
    assert "..." in message
    assert len(message) < 2_000


def test_missing_object_is_404_in_the_path_and_400_in_a_parameter_with_the_same_code(api):
    path = api.get("/v1/customers/cus_none")
    assert (path.status, path.error["code"]) == (404, "resource_missing")
    assert path.error["message"] == "No such customer: 'cus_none'"
    named = api.post("/v1/payment_intents", "amount=1250&currency=usd&customer=cus_none")
    assert (named.status, named.error["code"], named.error["param"]) == (400, "resource_missing", "customer")


def test_wrong_prefix_in_the_path_has_the_same_text(api):
    intent = api.post("/v1/payment_intents", "amount=1250&currency=usd").body["id"]
    answer = api.get(f"/v1/customers/{intent}")
    assert (answer.status, answer.error["message"]) == (404, f"No such customer: '{intent}'")


def test_string_that_is_too_long(api):
    answer = api.post("/v1/customers", "description=" + "x" * 5001)
    assert answer.status == 400
    assert answer.error["message"].endswith("must be at most 5000 characters")


def test_exclusive_pair(api):
    answer = api.post("/v1/refunds", "charge=ch_1&payment_intent=pi_1")
    assert (answer.status, answer.error["code"]) == (400, "parameters_exclusive")


def test_a_decline_is_402_card_error_with_everything_that_it_is_about(api):
    answer = api.post(
        "/v1/payment_intents",
        "amount=1250&currency=usd&confirm=true&payment_method=pm_card_charge_declined_insufficient_funds",
    )
    assert (answer.status, answer.error["type"], answer.error["code"]) == (402, "card_error", "card_declined")
    assert answer.error["decline_code"] == "insufficient_funds"
    assert answer.error["charge"].startswith("ch_")
    assert answer.error["payment_method"]["object"] == "payment_method"
    intent = answer.error["payment_intent"]
    assert intent["status"] == "requires_payment_method"
    kept = api.get(f"/v1/payment_intents/{intent['id']}").body
    assert kept["last_payment_error"]["code"] == "card_declined"


def test_wrong_state_names_the_state(api):
    intent = api.post("/v1/payment_intents", "amount=1250&currency=usd").body["id"]
    answer = api.post(f"/v1/payment_intents/{intent}/capture")
    assert (answer.status, answer.error["code"]) == (400, "payment_intent_unexpected_state")
    assert answer.error["payment_intent"]["id"] == intent
