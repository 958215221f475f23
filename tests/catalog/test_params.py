"""Checking of parameters (api-conventions §3, §4): each error's text, code and param."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countertop.api import params
from countertop.api.catalog import load
from countertop.api.errors import ApiError

CUSTOMERS = "POST /v1/customers"
INTENTS = "POST /v1/payment_intents"
PAID = {"amount": "1250", "currency": "usd"}


def check(catalog, operation, tree):
    return params.check(catalog.by_operation[operation].params, tree)


def told(error: ApiError):
    return error.message, error.code, error.param


@pytest.mark.parametrize(
    ("operation", "tree", "typed"),
    [
        (INTENTS, PAID, {"amount": 1250, "currency": "usd"}),
        (INTENTS, {**PAID, "confirm": "true"}, {"amount": 1250, "currency": "usd", "confirm": True}),
        (INTENTS, {**PAID, "off_session": "false"}, {"amount": 1250, "currency": "usd", "off_session": False}),
        (INTENTS, {**PAID, "off_session": "one_off"}, {"amount": 1250, "currency": "usd", "off_session": "one_off"}),
        (CUSTOMERS, {"balance": "-5"}, {"balance": -5}),
        (CUSTOMERS, {"address": {"city": "Bern"}}, {"address": {"city": "Bern"}}),
        (CUSTOMERS, {"address": ""}, {"address": ""}),
        (CUSTOMERS, {"preferred_locales": ["de", "en"]}, {"preferred_locales": ["de", "en"]}),
        (CUSTOMERS, {"preferred_locales": {"1": "en", "0": "de"}}, {"preferred_locales": ["de", "en"]}),
        (CUSTOMERS, {"preferred_locales": ""}, {"preferred_locales": []}),
        (CUSTOMERS, {"metadata": {"a": "1", "b": ""}}, {"metadata": {"a": "1", "b": ""}}),
        (CUSTOMERS, {"metadata": ""}, {"metadata": ""}),
        ("GET /v1/customers", {"created": "5", "limit": "1000"}, {"created": 5, "limit": 1000}),
        ("GET /v1/customers", {"created": {"gte": "5", "lt": "9"}}, {"created": {"gte": 5, "lt": 9}}),
        ("POST /v1/tax_rates", {"display_name": "a", "inclusive": "true", "percentage": "7.5"},
         {"display_name": "a", "inclusive": True, "percentage": 7.5}),
        ("POST /v1/prices", {"currency": "usd", "unit_amount_decimal": "1.25"},
         {"currency": "usd", "unit_amount_decimal": "1.25"}),
    ],
)  # fmt: skip
def test_good_parameters_are_typed(catalog, operation, tree, typed):
    assert check(catalog, operation, tree) == typed


def test_arrays_of_hashes_both_ways(catalog):
    item = {"type": "eu_vat", "value": "DE1"}
    for sent in ([item], {"0": item}):
        assert check(catalog, CUSTOMERS, {"tax_id_data": sent}) == {"tax_id_data": [item]}


def test_unknown_parameter(refusal):
    assert told(refusal(CUSTOMERS, {"zzz": "1"})) == ("Received unknown parameter: zzz", "parameter_unknown", "zzz")


def test_several_unknown_parameters(refusal):
    assert refusal(CUSTOMERS, {"foo": "1", "bar": "2"}).message == "Received unknown parameters: foo, bar"


def test_near_miss(refusal):
    error = refusal(INTENTS, {**PAID, "custmer": "x"})
    assert error.message == "Received unknown parameter: custmer. Did you mean customer?"


def test_nested_near_miss_in_bracket_form(refusal):
    assert told(refusal(CUSTOMERS, {"address": {"citty": "x"}})) == (
        "Received unknown parameter: address[citty]. Did you mean address[city]?",
        "parameter_unknown",
        "address[citty]",
    )


def test_missing_parameter(refusal):
    assert told(refusal(INTENTS, {"currency": "usd"})) == (
        "Missing required param: amount.",
        "parameter_missing",
        "amount",
    )


def test_nested_missing_parameter(refusal):
    error = refusal(CUSTOMERS, {"tax_id_data": [{"value": "x"}]})
    assert told(error) == (
        "Missing required param: tax_id_data[0][type].",
        "parameter_missing",
        "tax_id_data[0][type]",
    )


def test_unknown_comes_before_missing_and_missing_before_types(refusal):
    assert refusal(INTENTS, {"zzz": "1", "amount": "x"}).code == "parameter_unknown"
    assert refusal(INTENTS, {"amount": "x"}).code == "parameter_missing"
    assert refusal(INTENTS, {**PAID, "amount": "x", "shipping": {"zzz": "1"}}).code == "parameter_unknown"


@pytest.mark.parametrize("text", ["1.5", "abc", "1e3", " 1", "٣", "99999999999999999999", "--1"])
def test_invalid_integer(refusal, text):
    assert told(refusal(INTENTS, {**PAID, "amount": text})) == (
        f"Invalid integer: {text}",
        "parameter_invalid_integer",
        "amount",
    )


@pytest.mark.parametrize("text", ["1", "0", "True", "yes"])
def test_invalid_boolean(refusal, text):
    assert told(refusal(INTENTS, {**PAID, "confirm": text})) == (f"Invalid boolean: {text}", None, "confirm")


@pytest.mark.parametrize(("value", "text"), [({"0": "x"}, '{"0":"x"}'), (["x"], '["x"]'), ({"a": {}}, '{"a":{}}')])
def test_hash_where_text_is_wanted(refusal, value, text):
    assert told(refusal(CUSTOMERS, {"name": value})) == (f"Invalid string: {text}", None, "name")


def test_scalar_where_a_hash_is_wanted(refusal):
    assert told(refusal(CUSTOMERS, {"address": "x"})) == ("Invalid object", None, "address")
    assert refusal(CUSTOMERS, {"metadata": "x"}).param == "metadata"


def test_scalar_where_an_array_is_wanted(refusal):
    assert told(refusal(CUSTOMERS, {"preferred_locales": "de"})) == ("Invalid array", None, "preferred_locales")
    assert refusal(CUSTOMERS, {"preferred_locales": {"a": "de"}}).message == "Invalid array"


def test_empty_where_it_cannot_unset(refusal):
    error = refusal(CUSTOMERS, {"email": ""})
    assert (error.code, error.param) == ("parameter_invalid_empty", "email")
    assert error.message == (
        "You passed an empty string for 'email'. We assume empty values are an attempt to unset a parameter; "
        "however 'email' cannot be unset. You should remove 'email' from your request or supply a non-empty value."
    )
    for name in ("amount", "confirm", "capture_method", "shipping"):
        assert refusal(INTENTS, {**PAID, name: ""}).code == "parameter_invalid_empty"


def test_bad_enum(refusal):
    assert told(refusal(INTENTS, {**PAID, "capture_method": "x"})) == (
        "Invalid capture_method: must be one of automatic, automatic_async, or manual",
        None,
        "capture_method",
    )
    two = refusal(INTENTS, {**PAID, "confirmation_method": "x"})
    assert two.message == "Invalid confirmation_method: must be one of automatic or manual"


def test_a_long_enum_is_cut_in_the_middle(refusal):
    error = refusal(CUSTOMERS, {"tax_id_data": [{"type": "x", "value": "x"}]})
    assert error.param == "tax_id_data[0][type]"
    assert error.message.startswith("Invalid tax_id_data[0][type]: must be one of ad_nrt, ae_trn, ")
    assert error.message.count("...") == 1
    assert error.message.endswith(", or zw_tin")


def test_string_too_long(refusal):
    assert refusal(CUSTOMERS, {"description": "x" * 5001}).message == (
        "Invalid string: xxxxxxxxxx...xxxxxxxxxx; must be at most 5000 characters"
    )
    assert refusal(CUSTOMERS, {"name": "x" * 257}).message.endswith("must be at most 256 characters")


def test_metadata_limits(catalog, refusal):
    fifty = {f"k{number}": "v" for number in range(50)}
    assert check(catalog, CUSTOMERS, {"metadata": fifty}) == {"metadata": fifty}
    assert refusal(CUSTOMERS, {"metadata": {**fifty, "more": "v"}}).param == "metadata"
    longest = {"k" * 40: "v" * 500}
    assert check(catalog, CUSTOMERS, {"metadata": longest}) == {"metadata": longest}
    long_key = refusal(CUSTOMERS, {"metadata": {"k" * 41: "v"}})
    assert long_key.message.startswith("Metadata keys can have up to 40 characters")
    long_value = refusal(CUSTOMERS, {"metadata": {"k": "v" * 501}})
    assert long_value.param == "metadata[k]"
    assert "that is 501 characters" in long_value.message
    assert refusal(CUSTOMERS, {"metadata": {"a[b": "v"}}).param == "metadata[a[b]"
    assert told(refusal(CUSTOMERS, {"metadata": {"k": {"a": "b"}}})) == (
        'Invalid string: {"a":"b"}',
        None,
        "metadata[k]",
    )


def test_the_tree_is_not_changed(catalog):
    tree = {"metadata": {"a": "b"}, "balance": "5"}
    check(catalog, CUSTOMERS, tree)
    assert tree == {"metadata": {"a": "b"}, "balance": "5"}


@pytest.mark.parametrize("whole", [False, True])
def test_every_endpoint_accepts_parameters_made_from_its_shape(catalog, fill, whole):
    for endpoint in catalog.endpoints:
        if not endpoint.v2:
            tree = fill(endpoint.params, whole=whole)
            assert params.check(endpoint.params, tree).keys() == tree.keys(), endpoint


def test_every_endpoint_refuses_an_unknown_parameter(catalog, fill):
    for endpoint in catalog.endpoints:
        with pytest.raises(ApiError, match="Received unknown parameter: zzqq_zz"):
            params.check(endpoint.params, {**fill(endpoint.params, whole=False), "zzqq_zz": "1"})


NAMES = st.sampled_from(["amount", "currency", "metadata", "shipping", "address", "name", "0", "1", "", "[", "zzz"])
TREES = st.recursive(
    st.text(max_size=8), lambda inner: st.dictionaries(NAMES, inner, max_size=3) | st.lists(inner, max_size=3)
)


@given(st.dictionaries(NAMES, TREES, max_size=4))
def test_any_tree_is_typed_or_refused_with_its_param(tree):
    for operation in (CUSTOMERS, INTENTS, "GET /v1/customers", "POST /v1/accounts/{account}/external_accounts"):
        try:
            typed = params.check(load().by_operation[operation].params, tree)
        except ApiError as error:
            assert (error.status, error.error_type) == (400, "invalid_request_error")
            assert error.param is not None
        else:
            assert typed.keys() == tree.keys()
