"""Fixtures for the whole suite: raw calls to a bench, as a careful HTTP client would make them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from hypothesis import settings

from countertop.api.http import Request
from countertop.bench import DEFAULT_KEY, Bench

pytest_plugins = ["pytester"]

# Speed is shown in benchmarks/, never in a test: a first example may compile what later ones use.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@dataclass
class Answer:
    """A decoded answer: status, body, headers by lower-case name."""

    status: int
    body: Any
    headers: dict[str, str]
    raw: bytes

    @property
    def error(self) -> dict[str, Any]:
        return self.body["error"]


class Api:
    """Calls with form text exactly as given."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    def __call__(
        self, method: str, path: str, form: str = "", *, key: str | None = DEFAULT_KEY, **headers: str
    ) -> Answer:
        sent = {name.replace("_", "-").lower(): value for name, value in headers.items()}
        if key is not None:
            sent.setdefault("authorization", f"Bearer {key}")
        path, _, query = path.partition("?")
        if method == "POST":
            request = Request(method, path, query, sent, form.encode())
        else:
            request = Request(method, path, form or query, sent)
        response = self.bench.handle(request)
        named = {name.lower(): value for name, value in response.headers}
        body = orjson.loads(response.body) if response.body[:1] in (b"{", b"[") else response.body
        return Answer(response.status, body, named, response.body)

    def get(self, path: str, form: str = "", **options: Any) -> Answer:
        return self("GET", path, form, **options)

    def post(self, path: str, form: str = "", **options: Any) -> Answer:
        return self("POST", path, form, **options)

    def delete(self, path: str, form: str = "", **options: Any) -> Answer:
        return self("DELETE", path, form, **options)

    def customer(self, form: str = "") -> dict[str, Any]:
        made = self.post("/v1/customers", form)
        assert made.status == 200, made.body
        return made.body


@pytest.fixture
def api(bench: Bench) -> Api:
    return Api(bench)


def unless_allowed(report: pytest.TestReport | pytest.CollectReport) -> None:
    """With COUNTERTOP_NO_SKIPS set (`make test-all`), what is skipped has failed."""
    if os.environ.get("COUNTERTOP_NO_SKIPS") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped although nothing may be skipped here: {report.longrepr}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    unless_allowed(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """A module may skip as a whole, before it has any tests."""
    report = yield
    unless_allowed(report)
    return report
