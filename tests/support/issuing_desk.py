"""An account that issues cards, and the network on the other side, for the tests of the money in Issuing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import orjson

from countertop.api.http import Request
from countertop.api.scope import Scope
from countertop.api.shape_problems import problems
from countertop.bench import DEFAULT_KEY, Bench
from countertop.call import form_of
from countertop.services.issuing.room import Issuing
from countertop.services.issuing.settings import Settings, keep_settings

ADDRESS = {"line1": "1 Main Street", "city": "San Francisco", "state": "CA", "postal_code": "94111", "country": "US"}
TERMS = {"date": 1_700_000_000, "ip": "127.0.0.1"}
HOLDER = {
    "name": "Jenny Rosen",
    "type": "individual",
    "email": "jenny@example.com",
    "phone_number": "+18008675309",
    "individual": {
        "first_name": "Jenny",
        "last_name": "Rosen",
        "dob": {"day": 1, "month": 11, "year": 1981},
        "card_issuing": {"user_terms_acceptance": TERMS},
    },
    "billing": {"address": ADDRESS},
}
CURRENCIES = {"US": "usd", "GB": "gbp", "DE": "eur"}
HELPERS = "/v1/test_helpers/issuing"
FUNDS = 100_000_00


class Desk:
    """Issues cards and plays the merchants that are paid with them; answers conform to the catalog."""

    def __init__(self, bench: Bench, country: str = "US", funds: int = FUNDS) -> None:
        self.bench = bench
        self.key = DEFAULT_KEY if country == "US" else f"sk_test_{country.lower()}"
        self.account = bench.configure_account(self.key, country=country)
        self.currency = CURRENCIES[country]
        if funds:
            self.fund(funds)

    # --- calls --------------------------------------------------------------------------------------------------

    def call(self, method: str, path: str, **params: Any) -> tuple[int, Any]:
        """(status, decoded answer)."""
        sent = {"authorization": f"Bearer {self.key}"}
        form = form_of(params)
        if method == "POST":
            request = Request(method, path, "", sent, form.encode())
        else:
            request = Request(method, path, urlencode(params, doseq=True), sent)
        answer = self.bench.handle(request)
        return answer.status, orjson.loads(answer.body)

    def post(self, path: str, **params: Any) -> Any:
        status, body = self.call("POST", path, **params)
        assert status == 200, body
        return conforming(body)

    def get(self, path: str, **params: Any) -> Any:
        status, body = self.call("GET", path, **params)
        assert status == 200, body
        return conforming(body)

    def refused(self, path: str, **params: Any) -> Any:
        """The error of a call that is refused with 400."""
        status, body = self.call("POST", path, **params)
        assert status == 400, body
        assert body["error"]["type"] == "invalid_request_error"
        return body["error"]

    def settings(self, **changed: Any) -> None:
        """Set what only a dashboard could."""
        with self.bench.store.transaction() as tx:
            keep_settings(tx, self.account.id, Settings().changed(**changed))

    @property
    def room(self) -> Issuing:
        """The room of Issuing once more, for what no call does; nobody is asked here until a test says who."""
        world = self.bench.world
        rooms = SimpleNamespace(
            accounts=world.accounts,
            public_url=lambda: world.public_url,
            scope=world.scope,
            timers=world.timers,
            vault=world.vault,
        )
        return Issuing(rooms)  # type: ignore[arg-type]

    @contextmanager
    def scope(self) -> Iterator[Scope]:
        """The account inside one transaction."""
        with self.bench.store.transaction() as tx:
            yield self.bench.world.scope(tx, self.account)

    # --- what there is -------------------------------------------------------------------------------------------

    def fund(self, amount: int, currency: str | None = None) -> Any:
        return self.post(f"{HELPERS}/fund_balance", amount=amount, currency=currency or self.currency)

    def balance(self, currency: str | None = None) -> int:
        """What the cards can spend."""
        sums = self.get("/v1/balance")["issuing"]["available"]
        return next(one["amount"] for one in sums if one["currency"] == (currency or self.currency))

    def holder(self, **params: Any) -> str:
        """A cardholder as usual, but for what is given; None leaves something out."""
        given = {name: value for name, value in {**HOLDER, **params}.items() if value is not None}
        return str(self.post("/v1/issuing/cardholders", **given)["id"])

    def card(self, *, holder: str | None = None, **params: Any) -> str:
        """A virtual card that is active, unless told otherwise."""
        usual = {"type": "virtual", "currency": self.currency, "status": "active"}
        made = self.post("/v1/issuing/cards", **usual | {"cardholder": holder or self.holder()} | params)
        return str(made["id"])

    def limited(self, *limits: tuple[int, str], **controls: Any) -> str:
        """A card with spending limits (amount, interval), and other spending controls."""
        limits_given = [{"amount": amount, "interval": interval} for amount, interval in limits]
        given = controls | ({"spending_limits": limits_given} if limits_given else {})
        return self.card(spending_controls=given)

    # --- the merchants' side -------------------------------------------------------------------------------------

    def ask(self, card: str, amount: int | None = None, **params: Any) -> Any:
        """An authorization, decided."""
        given = params if amount is None else {"amount": amount} | params
        return self.post(f"{HELPERS}/authorizations", card=card, **given)

    def then(self, authorization: Any, what: str, **params: Any) -> Any:
        """What a test helper makes of an authorization: capture, reverse, expire, increment, finalize_amount."""
        return self.post(f"{HELPERS}/authorizations/{authorization['id']}/{what}", **params)

    def not_then(self, authorization: Any, what: str, **params: Any) -> Any:
        return self.refused(f"{HELPERS}/authorizations/{authorization['id']}/{what}", **params)

    def reason(self, card: str, amount: int, **params: Any) -> str:
        """The reason of a decision."""
        return str(self.ask(card, amount, **params)["request_history"][-1]["reason"])

    def bought(self, card: str, amount: int, **params: Any) -> Any:
        """The transaction of a purchase, authorized and captured."""
        return self.then(self.ask(card, amount, **params), "capture")["transactions"][-1]

    def again(self, document: Any) -> Any:
        """An object as it is now."""
        family = document["object"].replace(".", "/")
        return self.get(f"/v1/{family}s/{document['id']}")

    # --- events --------------------------------------------------------------------------------------------------

    def events(self, about: str = "issuing_") -> list[Any]:
        """The events about something, oldest first, without those of settlements."""
        page = self.get("/v1/events", limit=100)["data"]
        found = [one for one in page if one["type"].startswith(about) and "settlement" not in one["type"]]
        return found[::-1]

    def heard(self, about: str = "issuing_") -> list[str]:
        return [event["type"] for event in self.events(about)]


def conforming(body: Any) -> Any:
    """An answer, of which every object is as the catalog describes it."""
    for document in body["data"] if body.get("object") == "list" else [body]:
        if document["object"] in ("funding_instructions", "issuing.settlement"):
            continue  # the SDK does not know these
        assert problems(document["object"], document) == []
    return body
