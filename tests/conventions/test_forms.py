"""api-conventions §3: how parameters are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countertop.api.errors import ApiError
from countertop.api.form import decode, decode_body


def test_nested_hashes():
    assert decode("a[b]=v&a[c][d]=w") == {"a": {"b": "v", "c": {"d": "w"}}}


def test_brackets_may_be_encoded_and_plus_is_a_space():
    assert decode("a%5Bb%5D=x+y&c=%2B") == {"a": {"b": "x y"}, "c": "+"}


def test_indexed_and_unindexed_arrays_are_both_accepted(api):
    for form in ("preferred_locales[0]=en&preferred_locales[1]=fr", "preferred_locales[]=en&preferred_locales[]=fr"):
        assert api.customer(form)["preferred_locales"] == ["en", "fr"]


def test_array_of_hashes_without_index_starts_a_new_element_at_a_repeated_key():
    assert decode("a[][b]=1&a[][c]=2&a[][b]=3") == {"a": [{"b": "1", "c": "2"}, {"b": "3"}]}


def test_last_value_wins_for_a_repeated_scalar(api):
    assert api.customer("name=first&name=second")["name"] == "second"


def test_blanks_of_strings_are_kept(api):
    assert api.customer("name=%20x%20")["name"] == " x "


@pytest.mark.parametrize("text", ["1", "0", "yes", "True"])
def test_boolean_is_true_or_false_only(api, text):
    answer = api.post("/v1/payment_intents", f"amount=1250&currency=usd&confirm={text}")
    assert answer.status == 400
    assert answer.error["message"] == f"Invalid boolean: {text}"
    assert answer.error["param"] == "confirm"


@pytest.mark.parametrize("text", ["1.5", "abc", "1e3", "0x10", " 7", "1_000", "٣"])
def test_integer_is_decimal_digits_only(api, text):
    answer = api.post("/v1/payment_intents", f"amount={text.replace(' ', '%20')}&currency=usd")
    assert (answer.status, answer.error["code"]) == (400, "parameter_invalid_integer")
    assert answer.error["message"] == f"Invalid integer: {text}"


def test_empty_string_unsets_where_allowed(api):
    customer = api.customer("address[city]=Oslo&email=j@example.com")
    changed = api.post(f"/v1/customers/{customer['id']}", "address=").body
    assert changed["address"] is None
    assert changed["email"] == "j@example.com"


def test_empty_string_where_it_cannot_unset_is_parameter_invalid_empty(api):
    answer = api.post("/v1/payment_intents", "amount=1250&currency=usd&confirm=")
    assert (answer.status, answer.error["code"], answer.error["param"]) == (400, "parameter_invalid_empty", "confirm")
    assert answer.error["message"].startswith("You passed an empty string for 'confirm'.")


def test_hash_where_a_scalar_is_wanted(api):
    answer = api.post("/v1/customers", "name[0]=x")
    assert answer.status == 400
    assert answer.error["message"] == 'Invalid string: {"0":"x"}'


def test_scalar_where_a_hash_is_wanted(api):
    answer = api.post("/v1/customers", "address=x")
    assert answer.status == 400
    assert answer.error["param"] == "address"


def test_sub_hashes_are_merged_and_arrays_replaced(api):
    customer = api.customer("address[city]=Oslo&address[line1]=A&preferred_locales[0]=nb&preferred_locales[1]=en")
    changed = api.post(f"/v1/customers/{customer['id']}", "address[line1]=B&preferred_locales[0]=sv").body
    assert (changed["address"]["city"], changed["address"]["line1"]) == ("Oslo", "B")
    assert changed["preferred_locales"] == ["sv"]


def test_query_of_a_post_is_merged_and_the_body_wins(api):
    made = api.post("/v1/customers?name=query&email=q@example.com", "name=body").body
    assert (made["name"], made["email"]) == ("body", "q@example.com")


@pytest.mark.parametrize("body", [b"a=%00", b"a=%ff%fe", b"\xff\xfe=1"])
def test_nul_and_invalid_utf8_are_invalid_characters(body):
    with pytest.raises(ApiError) as caught:
        decode_body(body)
    assert (caught.value.status, caught.value.code) == (400, "invalid_characters")


@pytest.mark.parametrize("name", ["a[", "a]", "a[b", "[a]", "a[b]c", "a[[b]]"])
def test_unbalanced_brackets_are_400(api, name):
    assert api.post("/v1/customers", f"{name}=1").status == 400


def test_depth_width_and_size_are_bounded(api):
    assert api.post("/v1/customers", "a" + "[b]" * 50 + "=1").status == 400
    assert api.post("/v1/customers", "&".join(f"metadata[k{n}]=v" for n in range(20_000))).status == 400
    assert api.post("/v1/customers", "name=" + "x" * 2_000_000).status == 413


@given(st.binary(max_size=300))
def test_any_bytes_decode_or_are_refused_as_an_api_error(body):
    try:
        tree = decode_body(body)
    except ApiError as error:
        assert 400 <= error.status < 500
    else:
        assert isinstance(tree, dict)


@given(st.text(alphabet="ab[]=&%01+", max_size=60))
def test_any_bracket_soup_decodes_or_is_refused(text):
    try:
        decode(text)
    except ApiError as error:
        assert error.status == 400
