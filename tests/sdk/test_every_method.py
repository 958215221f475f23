"""Every method of the SDK's services, called against a bench with parameters made from the catalog.

Each answer is a success whose shape is the catalog's, or an error envelope that is right for the state: never a 500,
never an unrouted path, and a 501 only where the operation is an action that no service does yet.
"""

from __future__ import annotations

import contextlib
import inspect
import io
from collections import Counter
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import stripe
from stripe._stripe_service import StripeService

from countertop.api.catalog import load
from countertop.api.catalog.codes import split_optional
from countertop.api.http import Request
from countertop.api.shape_problems import problems
from countertop.bench import Bench

CATALOG = load()


def services(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every service below a node of the SDK's tree, by its dotted path."""
    for name in sorted(vars(type(node)).get("_subservices", {}) or _names(node)):
        child = getattr(node, name)
        if isinstance(child, StripeService):
            yield f"{path}{name}", child
            yield from services(child, f"{path}{name}.")


def _names(node: Any) -> list[str]:
    import sys

    module = sys.modules[type(node).__module__]
    table = getattr(module, "_subservices", {})
    return list(table)


ENDINGS = ("delete", "cancel", "close", "detach")


def methods(service: Any) -> list[str]:
    """The methods of a service: what creates first, what ends an object's life last."""
    names = [name for name, _ in inspect.getmembers(type(service), inspect.isfunction)]
    mine = [name for name in names if not name.startswith("_") and not name.endswith("_async")]
    return sorted(mine, key=lambda name: (name in ENDINGS) - (name == "create"))


class Recorder(stripe.HTTPClient):
    """Hands each request to the bench, after filling its parameters from the catalog."""

    name = "recorder"

    def __init__(self, bench: Bench, known: dict[str, str]) -> None:
        super().__init__()
        self.bench = bench
        self.known = known
        self.seen: list[tuple[str, int, Any]] = []

    def request(self, method, url, headers, post_data=None, **_):
        path = "/" + url.split("/", 3)[3].partition("?")[0]
        matched = CATALOG.match(method.upper(), path)
        assert matched is not None, f"unrouted: {method} {path}"
        endpoint = matched.endpoint
        form = "" if endpoint.v2 else "&".join(fill(endpoint.params, self.known))
        sent = {name.lower(): str(value) for name, value in headers.items()} | {
            "content-type": "application/x-www-form-urlencoded"
        }
        if method == "post":
            request = Request("POST", path, "", sent, form.encode())
        else:
            request = Request(method.upper(), path, form, sent)
        if endpoint.operation == "POST /v1/files":
            request = upload(request)
        response = self.bench.handle(request)
        body = orjson.loads(response.body) if response.content_type == "application/json" else {}
        self.seen.append((endpoint.operation, response.status, body))
        if isinstance(body.get("id"), str) and body.get("object"):
            if body.get("deleted"):
                self.known.pop(body["object"], None)
            else:
                self.known.setdefault(body["object"], body["id"])
        return response.body, response.status, {name.lower(): value for name, value in response.headers}

    def request_stream(self, method, url, headers, post_data=None, **_):
        body, status, answered = self.request(method, url, headers)
        return io.BytesIO(body), status, answered

    def close(self):
        """Nothing is held."""


def upload(request: Request) -> Request:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\ndispute_evidence\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nhi\r\n'
        b"--b--\r\n"
    )
    headers = dict(request.headers) | {"content-type": "multipart/form-data; boundary=b"}
    return Request("POST", request.path, "", headers, body)


def fill(shape: Any, known: dict[str, str], prefix: str = "", depth: int = 0) -> Iterator[str]:
    """Form pairs for the required parameters of a shape."""
    for parameter in shape.parameters.values():
        if parameter.required and parameter.name != "expand":
            name = f"{prefix}[{parameter.name}]" if prefix else parameter.name
            yield from value(parameter.name, parameter.code, known, name, depth)


def value(plain: str, code: Any, known: dict[str, str], name: str, depth: int) -> Iterator[str]:
    _, code = split_optional(code)
    if isinstance(code, list):
        kind, *rest = code
        if kind == "e":
            yield f"{name}={rest[0]}"
        elif kind == "l":
            yield from value(plain, rest[0], known, f"{name}[0]", depth + 1)
        elif kind == "m":
            yield from value(plain, rest[0], known, f"{name}[k]", depth + 1)
        elif kind == "u":
            yield from value(plain, rest[0], known, name, depth)
        else:
            yield f"{name}={known.get(rest[0], 'x')}"
    elif code.startswith("%"):
        yield f"{name}={CATALOG.enum(code)[0]}"
    elif code.startswith("@"):
        inner = list(fill(CATALOG.shape(code[1:]), known, name, depth + 1))
        if not inner:
            shape = CATALOG.shape(code[1:])
            first = next(iter(shape.parameters.values()), None)
            if first is not None and depth < 4:
                inner = list(value(first.name, first.code, known, f"{name}[{first.name}]", depth + 1))
        yield from inner
    elif code[0] == "i":
        yield f"{name}=2000"
    elif code[0] == "b":
        yield f"{name}=true"
    elif code[0] in "fd":
        yield f"{name}=1.5"
    else:
        yield f"{name}={text(plain, known)}"


def text(plain: str, known: dict[str, str]) -> str:
    special = {
        "currency": "usd",
        "country": "US",
        "url": "http://127.0.0.1:9/",
        "registration_code": "simulated-wpe",
        "location": known.get("terminal.location", "tml_x"),
        "query": "created%3E0",
        "email": "a@example.com",
        "frozen_time": "1800000000",
    }
    return special.get(plain) or known.get(plain) or known.get(plain.removesuffix("_id")) or "x"


def sweep(bench: Bench) -> list[tuple[str, int, Any]]:
    """Call every method: first all but those that end an object's life, then all, nested services before their own."""
    known: dict[str, str] = {}
    recorder = Recorder(bench, known)
    client = stripe.StripeClient("sk_test_counter", http_client=recorder, max_network_retries=0)
    everything = [*services(client.v1), *services(client.v2)]
    for path, service in everything:
        for name in methods(service):
            if name not in ENDINGS:
                ask(service, path, name, known)
    for path, service in sorted(everything, key=lambda found: -found[0].count(".")):
        for name in methods(service):
            ask(service, path, name, known)
    assert len(recorder.seen) > 1_000
    return recorder.seen


def ask(service: Any, path: str, name: str, known: dict[str, str]) -> None:
    method = getattr(service, name)
    given: list[Any] = []
    for parameter in inspect.signature(method).parameters.values():
        if parameter.name == "params":
            given.append({})
        elif parameter.name != "options":
            given.append(identity(path, parameter.name, known))
    with contextlib.suppress(stripe.StripeError):
        method(*given)


def identity(path: str, parameter: str, known: dict[str, str]) -> str:
    by_place = {kind.rpartition(".")[2]: name for kind, name in known.items()}
    singular = path.rpartition(".")[2].removesuffix("s")
    for candidate in (parameter, {"intent": "payment_intent"}.get(parameter, ""), singular):
        if candidate in by_place:
            return by_place[candidate]
    return "x_none"


@pytest.fixture(scope="module")
def answers() -> list[tuple[str, int, Any]]:
    with Bench() as bench:
        bench.call(
            "POST",
            "/v1/terminal/locations",
            {
                "display_name": "x",
                "address": {"country": "US", "line1": "a", "city": "b", "state": "CA", "postal_code": "1"},
            },
        )
        return sweep(bench)


def test_every_endpoint_of_the_catalog_was_called(answers):
    called = {operation for operation, _, _ in answers}
    ours = {endpoint.operation for endpoint in CATALOG.endpoints if endpoint.sdk_method and endpoint.host == "api"}
    assert ours - called == set()


def test_no_500_and_no_unrouted_path(answers):
    assert [answer for answer in answers if answer[1] == 500] == []
    for operation, status, body in answers:
        if status == 404:
            assert body["error"]["message"].startswith(("No such", "No active discount")), operation
            assert not body["error"]["message"].startswith("Unrecognized request URL"), operation


def test_errors_are_envelopes_with_a_type_of_the_wire(answers):
    for operation, status, body in answers:
        if status >= 400:
            assert body["error"]["type"] in (
                "api_error",
                "card_error",
                "idempotency_error",
                "invalid_request_error",
            ), operation
            assert body["error"]["message"], operation


def test_501_only_for_actions_without_a_service_and_for_v2(answers, make_bench):
    operations = make_bench().world.services.operations
    for operation, status, _ in answers:
        endpoint = CATALOG.by_operation[operation]
        if status == 501 and not endpoint.v2:
            assert endpoint.does == "action", operation
            assert operation not in operations, operation
        if endpoint.v2:
            assert status == 501, operation


def test_every_success_has_the_shape_of_the_catalog(answers):
    wrong = []
    for operation, status, body in answers:
        if status != 200:
            continue
        for document in body["data"] if body.get("object") in ("list", "search_result") else [body]:
            kind = document.get("object")
            if kind is not None and not document.get("deleted") and CATALOG.resource(kind) is not None:
                wrong += [f"{operation}: {problem}" for problem in problems(kind, document)]
    assert wrong == []


def test_most_methods_succeed(answers):
    by_status = Counter(status for _, status, _ in answers)
    assert by_status[200] > 500, by_status
