"""Customer portal sessions: every member, the default configuration, and deep-link flows."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from countertop.api.shape_problems import problems

SESSIONS = "/v1/billing_portal/sessions"
CONFIGURATIONS = "/v1/billing_portal/configurations"
RETURN_URL = "https://shop.example/account?tab=billing"
EVERYTHING = "&".join(
    (
        "features[customer_update][enabled]=true&features[customer_update][allowed_updates][]=email",
        "features[payment_method_update][enabled]=true",
        "features[subscription_cancel][enabled]=true",
        "features[subscription_update][enabled]=true",
        "features[subscription_update][default_allowed_updates][]=price",
        "features[subscription_update][products][0][product]=prod_1",
        "features[subscription_update][products][0][prices][]=price_1",
    )
)


@pytest.fixture
def customer(api):
    return api.customer("name=Jenny")["id"]


@pytest.fixture
def session(api, customer):
    """Makes a session of the customer."""

    def make(form="", **options):
        return api.post(SESSIONS, f"customer={customer}&{form}", **options)

    return make


def subscription(api, customer):
    made = api.post("/v1/subscriptions", f"customer={customer}&items[0][price]=price_1")
    assert made.status == 200, made.body
    return made.body["id"]


def test_every_member(api, bench, customer, session):
    made = session(f"return_url={quote(RETURN_URL)}&locale=fr")
    assert made.status == 200
    body = made.body
    assert body["id"].startswith("bps_")
    assert body["object"] == "billing_portal.session"
    assert body["configuration"].startswith("bpc_")
    assert body["created"] == bench.clock.now()
    assert body["customer"] == customer
    assert body["flow"] is None
    assert body["livemode"] is False
    assert body["locale"] == "fr"
    assert body["on_behalf_of"] is None
    assert body["return_url"] == RETURN_URL
    assert body["url"].startswith("https://")
    assert problems("billing_portal.session", body) == []


def test_members_that_were_not_given_are_null_and_none_is_absent(session):
    body = session().body
    for name in ("flow", "locale", "on_behalf_of", "return_url"):
        assert name in body
        assert body[name] is None


def test_through_the_sdk(bench):
    client = bench.client()
    customer = client.v1.customers.create({"name": "Jenny"})
    made = client.v1.billing_portal.sessions.create({"customer": customer.id, "return_url": RETURN_URL})
    assert (made.customer, made.return_url, made.livemode) == (customer.id, RETURN_URL, False)
    assert bench.page(made.url.partition("pages.countertop.test")[2])[0] == 200


def test_a_customer_is_required_and_must_exist(api, session):
    missing = api.post(SESSIONS)
    assert (missing.status, missing.error["code"], missing.error["param"]) == (400, "parameter_missing", "customer")
    unknown = api.post(SESSIONS, "customer=cus_none")
    assert (unknown.status, unknown.error["code"]) == (400, "resource_missing")


@pytest.mark.parametrize(
    ("form", "param"), [("return_url=nonsense", "return_url"), ("locale=xx", "locale"), ("flow_data[type]=x", None)]
)
def test_bad_parameters(session, form, param):
    answer = session(form)
    assert answer.status == 400
    if param:
        assert answer.error.get("param") == param


def test_a_session_cannot_be_read_back(api, session):
    assert api.get(f"{SESSIONS}/{session().body['id']}").status == 404


def test_every_session_has_a_link_of_its_own(session):
    first, second = session().body, session().body
    assert first["id"] != second["id"]
    assert first["url"] != second["url"]


def test_creation_is_an_event(bench, session):
    inbox = bench.inbox("billing_portal.session.created")
    made = session().body
    assert inbox.expect("billing_portal.session.created").event["data"]["object"]["id"] == made["id"]


# --- configurations -----------------------------------------------------------------------------------------------


def test_the_default_configuration_is_made_once_and_reused(api, session):
    assert api.get(CONFIGURATIONS).body["data"] == []
    first, second = session().body, session().body
    assert first["configuration"] == second["configuration"]
    [default] = api.get(CONFIGURATIONS).body["data"]
    assert (default["id"], default["is_default"], default["active"]) == (first["configuration"], True, True)
    assert problems("billing_portal.configuration", default) == []


def test_a_configuration_of_ones_own(api, session):
    made = api.post(CONFIGURATIONS, EVERYTHING + "&default_return_url=https://shop.example/back&name=Mine")
    assert made.status == 200, made.body
    assert made.body["is_default"] is False
    assert problems("billing_portal.configuration", made.body) == []
    body = session(f"configuration={made.body['id']}").body
    assert body["configuration"] == made.body["id"]
    assert body["return_url"] == "https://shop.example/back"


def test_configurations_are_updated_and_filtered(api, session):
    default = session().body["configuration"]
    made = api.post(CONFIGURATIONS, "features[invoice_history][enabled]=true").body["id"]
    changed = api.post(f"{CONFIGURATIONS}/{made}", "active=false&metadata[a]=b").body
    assert (changed["active"], changed["metadata"]) == (False, {"a": "b"})

    def ids(form):
        return [item["id"] for item in api.get(CONFIGURATIONS, form).body["data"]]

    assert ids("active=false") == [made]
    assert ids("is_default=true") == [default]
    assert api.post(f"{CONFIGURATIONS}/{default}", "active=false").status == 400


def test_an_inactive_or_unknown_configuration_is_refused(api, session):
    made = api.post(CONFIGURATIONS, "features[invoice_history][enabled]=true").body["id"]
    api.post(f"{CONFIGURATIONS}/{made}", "active=false")
    assert session(f"configuration={made}").error["param"] == "configuration"
    assert session("configuration=bpc_none").error["code"] == "resource_missing"


@pytest.mark.parametrize(
    ("form", "param"),
    [
        ("features[customer_update][enabled]=true", "features[customer_update][allowed_updates]"),
        ("features[subscription_update][enabled]=true", "features[subscription_update][default_allowed_updates]"),
        (
            "features[subscription_update][enabled]=true"
            "&features[subscription_update][default_allowed_updates][]=price",
            "features[subscription_update][products]",
        ),
        ("name=No+features", "features"),
    ],
)
def test_a_feature_that_is_switched_on_says_what_it_allows(api, form, param):
    answer = api.post(CONFIGURATIONS, form)
    assert (answer.status, answer.error["code"], answer.error["param"]) == (400, "parameter_missing", param)


# --- flows --------------------------------------------------------------------------------------------------------

WITH_DETAILS = ("subscription_cancel", "subscription_update", "subscription_update_confirm")


def flow_form(kind, subscription_id):
    form = f"flow_data[type]={kind}"
    if kind in WITH_DETAILS:
        form += f"&flow_data[{kind}][subscription]={subscription_id}"
    if kind == "subscription_update_confirm":
        form += f"&flow_data[{kind}][items][0][id]=si_1&flow_data[{kind}][items][0][quantity]=2"
    return form


@pytest.mark.parametrize("kind", ["payment_method_update", *WITH_DETAILS])
def test_each_flow(api, customer, session, kind):
    configuration = api.post(CONFIGURATIONS, EVERYTHING).body["id"]
    held = subscription(api, customer)
    made = session(f"configuration={configuration}&{flow_form(kind, held)}")
    assert made.status == 200, made.body
    flow = made.body["flow"]
    assert flow["type"] == kind
    assert flow["after_completion"] == {"hosted_confirmation": None, "redirect": None, "type": "portal_homepage"}
    for name in WITH_DETAILS:
        assert (flow[name] is not None) == (name == kind)
    if kind in WITH_DETAILS:
        assert flow[kind]["subscription"] == held
    assert problems("billing_portal.session", made.body) == []


@pytest.mark.parametrize("kind", WITH_DETAILS)
def test_a_flow_needs_its_details_and_they_need_a_subscription(api, session, kind):
    configuration = api.post(CONFIGURATIONS, EVERYTHING).body["id"]
    bare = session(f"configuration={configuration}&flow_data[type]={kind}")
    assert (bare.status, bare.error["code"], bare.error["param"]) == (400, "parameter_missing", f"flow_data[{kind}]")
    unknown = session(f"configuration={configuration}&{flow_form(kind, 'sub_none')}")
    assert (unknown.status, unknown.error["code"]) == (400, "resource_missing")
    assert unknown.error["param"] == f"flow_data[{kind}][subscription]"


def test_a_flow_takes_no_subscription_of_somebody_else(api, session):
    other = subscription(api, api.customer()["id"])
    answer = session(flow_form("subscription_cancel", other))
    assert (answer.status, answer.error["param"]) == (400, "flow_data[subscription_cancel][subscription]")


def test_a_flow_takes_no_details_of_another_flow(api, customer, session):
    held = subscription(api, customer)
    answer = session(
        f"flow_data[type]=payment_method_update&flow_data[subscription_cancel][subscription]={held}",
    )
    assert (answer.status, answer.error["param"]) == (400, "flow_data[subscription_cancel]")


def test_a_flow_whose_feature_is_disabled_is_refused(api, session):
    configuration = api.post(CONFIGURATIONS, "features[invoice_history][enabled]=true").body["id"]
    answer = session(f"configuration={configuration}&flow_data[type]=payment_method_update")
    assert (answer.status, answer.error["param"]) == (400, "flow_data[type]")
    assert "payment_method_update" in answer.error["message"]
    assert configuration in answer.error["message"]


def test_what_follows_a_flow(session):
    kind = "flow_data[type]=payment_method_update&flow_data[after_completion]"
    redirect = session(f"{kind}[type]=redirect")
    assert redirect.error["param"] == "flow_data[after_completion][redirect]"
    redirect = session(f"{kind}[type]=redirect&flow_data[after_completion][redirect][return_url]=https://shop.example/")
    assert redirect.body["flow"]["after_completion"]["redirect"] == {"return_url": "https://shop.example/"}
    hosted = session(
        f"{kind}[type]=hosted_confirmation&flow_data[after_completion][hosted_confirmation][custom_message]=Thanks"
    )
    assert hosted.body["flow"]["after_completion"]["hosted_confirmation"] == {"custom_message": "Thanks"}
    for made in (redirect, hosted):
        assert problems("billing_portal.session", made.body) == []
