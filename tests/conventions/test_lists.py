"""api-conventions §5: lists, cursors, ranges, search."""

from __future__ import annotations

import pytest


@pytest.fixture
def five(api, bench):
    made = []
    for number in range(5):
        made.append(api.customer(f"name=c{number}&email=e{number % 2}@example.com")["id"])
        bench.advance(seconds=10)
    return made


def ids(answer):
    assert answer.status == 200, answer.body
    return [item["id"] for item in answer.body["data"]]


def test_shape_and_newest_first(api, five):
    answer = api.get("/v1/customers")
    assert {name: answer.body[name] for name in ("object", "has_more", "url")} == {
        "object": "list",
        "has_more": False,
        "url": "/v1/customers",
    }
    assert ids(answer) == five[::-1]


def test_ties_are_in_reverse_order_of_insertion(api):
    made = [api.customer()["id"] for _ in range(4)]
    assert ids(api.get("/v1/customers")) == made[::-1]


def test_default_limit_is_ten(api):
    for _ in range(11):
        api.customer()
    answer = api.get("/v1/customers")
    assert (len(answer.body["data"]), answer.body["has_more"]) == (10, True)


@pytest.mark.parametrize(("limit", "count"), [("0", 1), ("-5", 1), ("1000", 5), ("2", 2)])
def test_limit_is_clamped_not_refused(api, five, limit, count):
    assert len(ids(api.get("/v1/customers", f"limit={limit}"))) == count


def test_non_numeric_limit_is_an_invalid_integer(api):
    assert api.get("/v1/customers", "limit=ten").error["message"] == "Invalid integer: ten"


def test_starting_after_is_exclusive_and_older(api, five):
    answer = api.get("/v1/customers", f"limit=2&starting_after={five[3]}")
    assert ids(answer) == [five[2], five[1]]
    assert answer.body["has_more"] is True


def test_ending_before_is_the_page_just_before_still_newest_first(api, five):
    answer = api.get("/v1/customers", f"limit=2&ending_before={five[0]}")
    assert ids(answer) == [five[2], five[1]]
    assert answer.body["has_more"] is True


def test_both_cursors_are_refused_but_an_unknown_one_is_reported_first(api, five):
    both = api.get("/v1/customers", f"starting_after={five[0]}&ending_before={five[1]}")
    assert both.error["message"] == (
        "Received both starting_after and ending_before parameters. Please pass in only one."
    )
    unknown = api.get("/v1/customers", f"starting_after={five[0]}&ending_before=cus_none")
    assert (unknown.status, unknown.error["code"]) == (400, "resource_missing")


def test_unknown_cursor_is_400_resource_missing(api):
    answer = api.get("/v1/customers", "starting_after=cus_none")
    assert (answer.status, answer.error["code"], answer.error["param"]) == (400, "resource_missing", "starting_after")
    assert answer.error["message"] == "No such customer: 'cus_none'"


def test_created_exact_and_ranges(api, five):
    times = [api.get(f"/v1/customers/{name}").body["created"] for name in five]
    assert ids(api.get("/v1/customers", f"created={times[2]}")) == [five[2]]
    assert ids(api.get("/v1/customers", f"created[gt]={times[3]}")) == [five[4]]
    assert ids(api.get("/v1/customers", f"created[gte]={times[3]}")) == [five[4], five[3]]
    assert ids(api.get("/v1/customers", f"created[lt]={times[1]}")) == [five[0]]
    assert ids(api.get("/v1/customers", f"created[gte]={times[1]}&created[lte]={times[2]}")) == [five[2], five[1]]


def test_filters_match_exactly(api, five):
    assert ids(api.get("/v1/customers", "email=e0@example.com")) == [five[4], five[2], five[0]]
    assert ids(api.get("/v1/customers", "email=e0")) == []


def test_unknown_id_in_a_filter_is_400(api):
    answer = api.get("/v1/payment_intents", "customer=cus_none")
    assert (answer.status, answer.error["code"]) == (400, "resource_missing")


def test_unknown_enum_value_in_a_filter_is_400(api):
    assert api.get("/v1/terminal/readers", "status=asleep").status == 400


def test_url_echoes_the_query_when_expand_was_used(api):
    assert api.get("/v1/payment_intents", "expand[]=data.customer").body["url"].startswith("/v1/payment_intents?expand")


def test_sdk_pages_through_forward_and_backward(bench, api):
    made = [api.customer()["id"] for _ in range(25)]
    client = bench.client()
    assert [item.id for item in client.v1.customers.list({"limit": 10}).auto_paging_iter()] == made[::-1]
    backward = client.v1.customers.list({"limit": 10, "ending_before": made[0]}).auto_paging_iter()
    assert [item.id for item in backward] == made[1:]


# --- search -------------------------------------------------------------------------------------------------------


@pytest.fixture
def searchable(api):
    return [
        api.customer("name=Jenny Rosen&email=jenny@example.com&metadata[tier]=gold")["id"],
        api.customer("name=Karl&email=karl@example.org&metadata[tier]=silver")["id"],
        api.customer("name=Lena")["id"],
    ]


def search(api, query, extra=""):
    from urllib.parse import quote

    return api.get("/v1/customers/search", f"query={quote(query)}{extra}")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('name:"jenny rosen"', [0]),
        ('email~"example"', [1, 0]),
        ('metadata["tier"]:"gold"', [0]),
        ('-metadata["tier"]:"gold"', [2, 1]),
        ('name:"Karl" OR name:"Lena"', [2, 1]),
        ('email~"example" AND metadata["tier"]:"silver"', [1]),
        ("email:null", [2]),
        ("created>0", [2, 1, 0]),
    ],
)
def test_search_syntax(api, searchable, query, found):
    answer = search(api, query)
    assert answer.status == 200, answer.body
    assert [item["id"] for item in answer.body["data"]] == [searchable[position] for position in found]
    assert answer.body["object"] == "search_result"


@pytest.mark.parametrize(
    "query", ['name:"a" AND name:"b" OR name:"c"', "name", 'name~"ab"', "(name:'x')", " AND ".join(['name:"a"'] * 11)]
)
def test_bad_search_is_400(api, query):
    assert search(api, query).status == 400


def test_search_pages_by_an_opaque_token(api, searchable):
    first = search(api, "created>0", "&limit=2").body
    assert (len(first["data"]), first["has_more"]) == (2, True)
    second = search(api, "created>0", f"&limit=2&page={first['next_page']}").body
    assert [item["id"] for item in second["data"]] == [searchable[0]]
    assert (second["has_more"], second["next_page"]) == (False, None)
