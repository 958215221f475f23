"""The page behind a portal session's URL: what it shows, and for how long."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import httpx
import pytest

SESSIONS = "/v1/billing_portal/sessions"


@pytest.fixture
def path(api):
    """Makes a session and returns the path of its page."""

    def make(name="Jenny", form=""):
        customer = api.customer(f"name={quote(name)}&email=jenny@example.com")["id"]
        made = api.post(SESSIONS, f"customer={customer}&{form}")
        assert made.status == 200, made.body
        return urlsplit(made.body["url"]).path

    return make


def test_shows_the_session_and_says_what_it_is(bench, path):
    status, html = bench.page(path(form="return_url=https://shop.example/back&locale=fr"))
    assert status == 200
    for text in ("Jenny", "jenny@example.com", "bps_", "bpc_", 'href="https://shop.example/back"', "Not Stripe"):
        assert text in html


def test_five_minutes_to_open_it(bench, path):
    late, in_time = path(), path()
    bench.advance(minutes=4, seconds=59)
    assert bench.page(in_time)[0] == 200
    bench.advance(seconds=1)
    status, html = bench.page(late)
    assert status == 410
    assert "expired" in html


def test_opening_keeps_it_open_for_an_hour_each_time(bench, path):
    page = path()
    for _ in range(3):
        assert bench.page(page)[0] == 200
        bench.advance(minutes=59)
    bench.advance(minutes=1)
    assert bench.page(page)[0] == 410
    assert bench.page(page)[0] == 410, "expired stays expired"


def test_a_link_that_was_never_made(bench):
    assert bench.page("/p/session/test_nothing")[0] == 404
    assert bench.page("/elsewhere") is None


def test_html_in_names_and_urls_is_shown_and_not_run(bench, path):
    url = "https://shop.example/?a=%22><script>alert(2)</script>"
    _, html = bench.page(path(name="<script>alert(1)</script>", form=f"return_url={quote(url)}"))
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_over_http_the_url_of_a_session_opens_its_page(api, bench_url):
    customer = api.customer("name=Jenny")["id"]
    url = api.post(SESSIONS, f"customer={customer}").body["url"]
    assert url.startswith(bench_url + "/p/session/")
    with httpx.Client(trust_env=False) as web:
        answer = web.get(url)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert "Jenny" in answer.text
        assert web.get(url + "x").status_code == 404
