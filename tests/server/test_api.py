"""The emulated API over a real socket."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from countertop.bench import Bench
from countertop.server import LiveServer


def test_an_object_that_was_made_is_read_back(http: httpx.Client) -> None:
    made = http.post("/v1/customers", data={"name": "Ada", "metadata[shelf]": "3"})
    assert made.status_code == 200
    assert made.headers["content-type"] == "application/json"
    assert made.headers["request-id"].startswith("req_")
    read = http.get(f"/v1/customers/{made.json()['id']}")
    assert read.json() == made.json()
    assert read.json()["metadata"] == {"shelf": "3"}


def test_queries_and_encoded_paths_reach_the_api(http: httpx.Client) -> None:
    for number in range(3):
        http.post("/v1/customers", data={"email": f"c{number}@example.com"})
    page = http.get("/v1/customers?limit=2&email=c1%40example.com").json()
    assert [customer["email"] for customer in page["data"]] == ["c1@example.com"]
    missing = http.get("/v1/customers/cus_%41")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "resource_missing")


def test_a_call_without_a_key_is_told_so(http: httpx.Client) -> None:
    answer = http.get("/v1/customers", headers={"authorization": ""})
    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("verb", ["PUT", "PATCH", "PROPFIND"])
def test_verbs_that_the_api_does_not_have_are_unknown_urls(http: httpx.Client, verb: str) -> None:
    answer = http.request(verb, "/v1/customers", content=b"name=Ada")
    assert answer.status_code == 404
    assert "Unrecognized request URL" in answer.json()["error"]["message"]


def test_browsers_may_call_the_api(http: httpx.Client) -> None:
    answer = http.options(
        "/v1/tokens", headers={"origin": "http://shop.example", "access-control-request-method": "POST"}
    )
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "POST" in answer.headers["access-control-allow-methods"]


def test_many_clients_at_once_each_get_their_own_answer(http: httpx.Client) -> None:
    def work(number: int) -> bool:
        made = http.post("/v1/customers", data={"name": f"Customer {number}"}).json()
        return bool(http.get(f"/v1/customers/{made['id']}").json()["name"] == f"Customer {number}")

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(work, range(200)))
    assert len(http.get("/v1/customers?limit=100").json()["data"]) == 100


def test_other_threads_use_the_bench_while_it_is_served(bench: Bench, http: httpx.Client) -> None:
    made = bench.call("POST", "/v1/customers", {"name": "Ada"})
    assert http.get(f"/v1/customers/{made['id']}").status_code == 200
    http.delete(f"/v1/customers/{made['id']}")
    assert bench.call("GET", f"/v1/customers/{made['id']}")["deleted"] is True


def test_errors_of_posted_work_come_back_to_the_thread_that_posted_it(bench: Bench, server: LiveServer) -> None:
    def fail() -> None:
        raise LookupError("of my own")

    with pytest.raises(LookupError, match="of my own"):
        bench.run(fail)


def test_a_webhook_handler_may_call_back_in(bench: Bench, http: httpx.Client) -> None:
    names: list[str] = []
    done = threading.Event()

    def handler() -> None:
        names.append(http.get("/v1/customers?limit=1").json()["data"][0]["name"])
        done.set()

    bench.inbox("customer.created", answer=lambda item: threading.Thread(target=handler).start())
    http.post("/v1/customers", data={"name": "Ada"})
    assert done.wait(10)
    assert names == ["Ada"]


def test_the_bench_works_without_the_server_afterwards(bench: Bench) -> None:
    with LiveServer(bench) as server:
        made = httpx.post(f"{server.url}/v1/customers", auth=("sk_test_counter", ""), trust_env=False).json()
    assert bench.call("GET", f"/v1/customers/{made['id']}")["id"] == made["id"]
    with LiveServer(bench) as server:
        answer = httpx.get(f"{server.url}/v1/customers/{made['id']}", auth=("sk_test_counter", ""), trust_env=False)
    assert answer.status_code == 200


def test_the_home_page_says_how_to_use_it(http: httpx.Client, server: LiveServer) -> None:
    page = http.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert server.url in page.text


def test_a_page_that_is_not_there_is_a_404_for_people(http: httpx.Client) -> None:
    page = http.get("/p/session/<b>")
    assert page.status_code == 404
    assert "<b>" not in page.text


def test_the_page_of_a_portal_session_is_served_at_its_url(http: httpx.Client) -> None:
    customer = http.post("/v1/customers", data={"name": "Ada"}).json()
    session = http.post("/v1/billing_portal/sessions", data={"customer": customer["id"]}).json()
    page = http.get(session["url"])
    assert page.status_code == 200
    assert session["id"] in page.text
