"""Onboarding links for Tap to Pay on iPhone, through the SDK."""

from __future__ import annotations

import pytest
import stripe

APPLE = "apple_terms_and_conditions"


def test_a_link_has_no_id_and_leads_somewhere_else_each_time(bench):
    create = bench.client().v1.terminal.onboarding_links.create
    asked = {"link_type": APPLE, "link_options": {APPLE: {"merchant_display_name": "Bean & Leaf"}}}
    first, second = create(asked), create(asked)
    shown = first.to_dict()
    assert set(shown) == {"object", "link_options", "link_type", "on_behalf_of", "redirect_url"}
    assert shown["object"] == "terminal.onboarding_link"
    assert shown["link_options"] == {APPLE: {"allow_relinking": None, "merchant_display_name": "Bean & Leaf"}}
    assert shown["on_behalf_of"] is None
    assert first.redirect_url != second.redirect_url
    asked["link_options"][APPLE]["allow_relinking"] = True
    assert create(asked).link_options.apple_terms_and_conditions.allow_relinking is True


def test_on_behalf_of_an_account_that_is_connected_and_of_no_other(bench):
    client = bench.client()
    connected = client.v1.accounts.create({"country": "GB"}).id
    stranger = bench.account("sk_test_other").id
    asked = {"link_type": APPLE, "link_options": {APPLE: {"merchant_display_name": "x"}}}
    create = client.v1.terminal.onboarding_links.create
    assert create(asked | {"on_behalf_of": connected}).on_behalf_of == connected
    for other in (stranger, "acct_none"):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            create(asked | {"on_behalf_of": other})
        assert (refused.value.code, refused.value.param) == ("resource_missing", "on_behalf_of")


@pytest.mark.parametrize(
    ("asked", "param"),
    [
        ({}, "link_options"),
        ({"link_type": APPLE, "link_options": {APPLE: {"allow_relinking": True}}}, "merchant_display_name"),
        ({"link_type": APPLE, "link_options": {APPLE: {"merchant_display_name": ""}}}, "merchant_display_name"),
        ({"link_type": "google", "link_options": {APPLE: {"merchant_display_name": "x"}}}, "link_type"),
    ],
)
def test_what_a_link_must_say(bench, asked, param):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        bench.client().v1.terminal.onboarding_links.create(asked)
    assert param in refused.value.param


def test_a_link_without_the_options_of_its_type_is_refused(api):
    answer = api.post("/v1/terminal/onboarding_links", f"link_type={APPLE}&link_options[x]=y")
    assert (answer.status, answer.error["param"]) == (400, "link_options[x]")
