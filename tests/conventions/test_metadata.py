"""api-conventions §3: metadata."""

from __future__ import annotations

import pytest


def test_metadata_is_an_empty_hash_by_default(api):
    assert api.customer()["metadata"] == {}


def test_metadata_update_merges(api):
    customer = api.customer("metadata[a]=1&metadata[b]=2")
    changed = api.post(f"/v1/customers/{customer['id']}", "metadata[b]=3&metadata[c]=4").body
    assert changed["metadata"] == {"a": "1", "b": "3", "c": "4"}


def test_metadata_key_is_removed_by_an_empty_value_and_all_by_an_empty_hash(api):
    customer = api.customer("metadata[a]=1&metadata[b]=2")
    path = f"/v1/customers/{customer['id']}"
    assert api.post(path, "metadata[a]=").body["metadata"] == {"b": "2"}
    assert api.post(path, "metadata=").body["metadata"] == {}


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("&".join(f"metadata[k{n}]=v" for n in range(51)), "up to 50 keys"),
        ("metadata[" + "k" * 41 + "]=v", "up to 40 characters"),
        ("metadata[k]=" + "v" * 501, "up to 500 characters, but you passed in a value that is 501 characters"),
    ],
)
def test_metadata_limits(api, form, words):
    answer = api.post("/v1/customers", form)
    assert (answer.status, answer.error["type"]) == (400, "invalid_request_error")
    assert words in answer.error["message"]
    assert answer.error["param"].startswith("metadata")


def test_exactly_the_limits_are_fine(api):
    form = "&".join(f"metadata[{n:040d}]={'v' * 500}" for n in range(50))
    assert len(api.customer(form)["metadata"]) == 50


def test_previous_attributes_list_only_changed_metadata_keys_and_null_for_new_ones(api):
    customer = api.customer("metadata[a]=1&metadata[b]=2")
    api.post(f"/v1/customers/{customer['id']}", "metadata[b]=3&metadata[c]=4")
    [event] = api.get("/v1/events", "type=customer.updated").body["data"]
    assert event["data"]["previous_attributes"] == {"metadata": {"b": "2", "c": None}}
