"""A synchronous client for a running server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any
from urllib.parse import quote

import httpx
import orjson

from countertop.client.errors import RequestRefused, ServerNotRunning
from countertop.client.sse import StreamItem, read_events, read_items
from countertop.errors import ConfigurationError
from countertop.forms import form_of

DEFAULT_URL = "http://127.0.0.1:4242"
DEFAULT_KEY = "sk_test_counter"
CONTROL = "/_countertop"
READERS_PER_PAGE = 500
# Loading a large world or advancing a month may take a while; connecting to loopback may not.
LIMITS = httpx.Timeout(120.0, connect=5.0)


class ServerClient:
    """Talks to the server at ``base_url``.

    Every method raises ServerNotRunning when nothing answers there, and RequestRefused for an error answer.
    """

    def __init__(
        self,
        base_url: str = DEFAULT_URL,
        key: str = DEFAULT_KEY,
        asked: Callable[[str, str, Mapping[str, str], bytes | None], None] | None = None,
    ) -> None:
        """``asked`` is told of every request: method, path, headers, body; it may be set later."""
        self.url = base_url.rstrip("/")
        self.key = key
        self.asked = asked
        try:
            address = httpx.URL(self.url)
            if address.scheme not in ("http", "https") or not address.host:
                raise ValueError("it begins with http:// and the name of a host")
            self._http = httpx.Client(base_url=self.url, timeout=LIMITS, trust_env=False)
        except (httpx.InvalidURL, ValueError) as error:
            raise ServerNotRunning(f"{base_url!r} is no address of a server: {error}.", f"Use {DEFAULT_URL}") from None

    def close(self) -> None:
        """Drop the connection."""
        self._http.close()

    def __enter__(self) -> ServerClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- the emulated API ---------------------------------------------------------------------------------------

    def call(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """An API call; returns the decoded answer."""
        sent = {"authorization": f"Bearer {key or self.key}", **(headers or {})}
        form = form_of(params or {})
        if method == "POST":
            sent["content-type"] = "application/x-www-form-urlencoded"
            return self._json(self._ask(method, path, headers=sent, content=form.encode()))
        return self._json(self._ask(method, f"{path}?{form}" if form else path, headers=sent))

    def pages(self, path: str, params: Mapping[str, Any] | None = None, *, key: str | None = None) -> Iterator[Any]:
        """Every object of a list, page by page."""
        asked = {"limit": 100, **(params or {})}
        while True:
            page = self.call("GET", path, asked, key=key)
            yield from page["data"]
            if not page["has_more"]:
                return
            asked["starting_after"] = page["data"][-1]["id"]

    # --- the world ----------------------------------------------------------------------------------------------

    def info(self) -> dict[str, Any]:
        """Version, seed, clock, number of accounts, address."""
        return self._get("/")

    def certificate(self) -> str:
        """The certificate (PEM) of the authority behind the readers' local links."""
        return self._ask("GET", CONTROL + "/ca.pem").text

    def clock(self) -> dict[str, Any]:
        """``{now, now_ms, speed, frozen}``."""
        return self._get("/clock")

    def advance(self, milliseconds: int) -> dict[str, Any]:
        """Let time pass; returns the clock afterwards."""
        return self._post("/clock", {"advance_ms": milliseconds})

    def freeze(self, frozen: bool = True) -> dict[str, Any]:
        """Stop the clock, or let it run again."""
        return self._post("/clock", {"freeze": frozen})

    def set_speed(self, speed: float) -> dict[str, Any]:
        """Let the clock run faster or slower than the wall."""
        return self._post("/clock", {"speed": speed})

    def reset(self) -> None:
        """Empty the world; the clock goes on."""
        self._post("/reset", {})

    def snapshot(self) -> bytes:
        """The whole world as bytes."""
        return self._ask("GET", CONTROL + "/snapshot").content

    def restore(self, data: bytes) -> None:
        """Make the world what a snapshot holds."""
        self._ask("POST", CONTROL + "/restore", content=data)

    def load(self, objects: Sequence[Mapping[str, Any]] | bytes, *, key: str | None = None) -> int:
        """Seed objects with the ids they carry (or a seed file's bytes); returns how many."""
        content = objects if isinstance(objects, bytes) else json.dumps(list(objects)).encode()
        path = f"{CONTROL}/load?key={quote(key or self.key)}"
        return int(self._json(self._ask("POST", path, content=content))["loaded"])

    # --- accounts and faults ------------------------------------------------------------------------------------

    def accounts(self) -> list[dict[str, Any]]:
        """All accounts with their settings."""
        return self._list("/accounts")

    def account(self, key: str) -> dict[str, Any]:
        """One account, by key or id."""
        return self._get(f"/accounts/{_part(key)}")

    def configure_account(self, key: str, **settings: str) -> dict[str, Any]:
        """Set country, default_currency, mcc, business_name, statement_descriptor."""
        return self._post(f"/accounts/{_part(key)}", settings)

    def faults(self) -> list[dict[str, Any]]:
        """The armed faults of the API itself."""
        armed: list[dict[str, Any]] = self._get("/faults")["armed"]
        return armed

    def arm_fault(self, name: str, **settings: Any) -> dict[str, Any]:
        """Let the next ``times`` calls under ``path_prefix`` fail by name; ``slow`` takes ``delay_ms``."""
        return self._post("/faults", {"name": name, **settings})

    def clear_faults(self) -> None:
        """Disarm all."""
        self._ask("DELETE", CONTROL + "/faults")

    # --- traces ------------------------------------------------------------------------------------------------

    def trace(self, name: str = "latest") -> dict[str, Any]:
        """The trace of a transaction, by the id of its PaymentIntent (SetupIntent, Charge), or the latest."""
        return self._get(f"/traces/{_part(name)}")

    def trace_text(self, name: str = "latest") -> str:
        """The same, written out: every APDU decoded, every decision with its reason."""
        return self._ask("GET", f"{CONTROL}/traces/{_part(name)}?as=text").text

    def trace_page(self, name: str = "latest") -> str:
        """The same as a page to look at (HTML)."""
        return self._ask("GET", f"{CONTROL}/traces/{_part(name)}?as=html").text

    # --- issuers -----------------------------------------------------------------------------------------------

    def hosts(self) -> list[dict[str, Any]]:
        """The issuers' hosts, and which are down."""
        found: list[dict[str, Any]] = self._list("/hosts")
        return found

    def set_host(self, host: str, *, down: bool) -> dict[str, Any]:
        """Take a host down, or bring it up again."""
        return self._post(f"/hosts/{_part(host)}", {"down": down})

    def send_script(self, card: str, name: str, pin: str | None = None) -> dict[str, Any]:
        """Have a card's issuer send it a script with its next payment in a slot."""
        return self._post(f"/cards/{_part(card)}/script", {"name": name, "pin": pin})

    # --- readers ------------------------------------------------------------------------------------------------

    def readers(self) -> list[dict[str, Any]]:
        """Every device with its reader object, action and screen, oldest first; asked for page by page, so that a
        large fleet does not hold the server up."""
        found: list[dict[str, Any]] = []
        after = ""
        while page := self._list(f"/readers?limit={READERS_PER_PAGE}&after={quote(after)}"):
            found += page
            after = page[-1]["serial"]
            if len(page) < READERS_PER_PAGE:
                break
        return found

    def reader(self, reader: str) -> dict[str, Any]:
        """One reader, by ``tmr_`` id or serial."""
        return self._get(f"/readers/{_part(reader)}")

    def some_readers(self, serials: Sequence[str]) -> list[dict[str, Any]]:
        """Those of these readers that are still there; up to 500."""
        return self._list(f"/readers?only={quote(','.join(serials))}") if serials else []

    def reader_action(self, reader: str) -> dict[str, Any] | None:
        """The whole action of a reader, as the API has it."""
        found: dict[str, Any] | None = self._get(f"/readers/{_part(reader)}/action")["action"]
        return found

    def locations(self) -> list[dict[str, Any]]:
        """The names of all locations."""
        return self._list("/locations")

    def reader_sales(self, reader: str, limit: int = 20) -> list[dict[str, Any]]:
        """The last charges of a reader, newest first."""
        return self._list(f"/readers/{_part(reader)}/sales?limit={limit}")

    def sales(self, since: int = 0) -> list[dict[str, Any]]:
        """What each reader took since then (Unix seconds)."""
        return self._list(f"/sales?since={since}")

    def cards(self) -> list[dict[str, Any]]:
        """Everything that can be presented to a reader: test cards, issued cards, phones."""
        return self._list("/cards")

    def models(self) -> list[dict[str, Any]]:
        """The reader models, and where each is sold."""
        return self._list("/models")

    def kinds_of_fault(self) -> list[dict[str, Any]]:
        """What can be wrong with a reader."""
        return self._list("/reader_faults")

    def present(
        self, reader: str, how: str = "tap", card: str = "visa", card_faults: Iterable[str] = (), **more: Any
    ) -> dict[str, Any]:
        """``how`` is tap, insert or swipe; ``card`` a test card's name or number (in a phone ``apple_pay:visa``),
        ``card_faults`` what is wrong with its chip.  Of taps: ``locked`` and ``express`` of the phone, ``beside``
        other cards in the field.  Returns the reader afterwards."""
        body = {"how": how, "card": card, "card_faults": list(card_faults), **more}
        return self._post(f"/readers/{_part(reader)}/present", body)

    def remove_card(self, reader: str) -> dict[str, Any]:
        """Take the card out of the slot."""
        return self._post(f"/readers/{_part(reader)}/remove", {})

    def press(self, reader: str, button: str) -> dict[str, Any]:
        """Press a button on the screen."""
        return self._post(f"/readers/{_part(reader)}/press", {"button": button})

    def enter_pin(self, reader: str, pin: str) -> dict[str, Any]:
        """Type a PIN."""
        return self._post(f"/readers/{_part(reader)}/pin", {"pin": pin})

    def choose_tip(self, reader: str, amount: int) -> dict[str, Any]:
        """Choose a tip on the tip screen, in minor units; 0 refuses it."""
        return self._post(f"/readers/{_part(reader)}/tip", {"amount": amount})

    def enter(self, reader: str, value: str) -> dict[str, Any]:
        """Fill the form on the screen: text, number, phone, address, the id of a choice, an SVG signature."""
        return self._post(f"/readers/{_part(reader)}/input", {"value": value})

    def skip(self, reader: str) -> dict[str, Any]:
        """Skip the form on the screen."""
        return self._post(f"/readers/{_part(reader)}/input", {"skip": True})

    def toggle(self, reader: str, position: int) -> dict[str, Any]:
        """Flip a switch of the form on the screen, counted from 0."""
        return self._post(f"/readers/{_part(reader)}/input", {"toggle": position})

    def choose_network(self, reader: str, network: str) -> dict[str, Any]:
        """Choose the network on which a card with several is to run."""
        return self._post(f"/readers/{_part(reader)}/choose", {"network": network})

    def reboot(self, reader: str) -> dict[str, Any]:
        """Switch the reader off and on again."""
        return self._post(f"/readers/{_part(reader)}/reboot", {})

    def set_power(self, reader: str, plugged: bool) -> dict[str, Any]:
        """Put the reader on its charger, or take it off."""
        return self._post(f"/readers/{_part(reader)}/power", {"plugged": plugged})

    def install(self, reader: str, version: str) -> dict[str, Any]:
        """Install software on the reader."""
        return self._post(f"/readers/{_part(reader)}/install", {"version": version})

    def reader_fault(self, reader: str, name: str, on: bool = True, **plan: int) -> dict[str, Any]:
        """Switch a fault of the reader on or off; with ``at_ms`` or ``in_ms``, and ``for_ms``, plan one."""
        return self._post(f"/readers/{_part(reader)}/fault", {"name": name, "on": on, **plan})

    # --- real devices at readers --------------------------------------------------------------------------------

    def attachments(self) -> list[dict[str, Any]]:
        """Every real device that is attached to a reader."""
        return self._list("/attachments")

    def detach(self, reader: str) -> None:
        """Have the server let go of the device at a reader."""
        self._post(f"/readers/{_part(reader)}/detach", {})

    @contextmanager
    def attaching(
        self, reader: str, device: str, how: str, allow: Iterable[str] = ()
    ) -> Iterator[Iterator[dict[str, Any]]]:
        """Make a device the slot of a reader (``how``: insert, tap or swipe) for as long as the context lasts.

        What is iterated over is what the server says: ``{"do": "attached"}``, then ``power_on``, ``transmit`` (with
        ``apdu`` and ``name``), ``power_off``, ``detached``; those that want an answer have a ``number``.
        """
        body = json.dumps({"device": device, "how": how, "allow": list(allow)}).encode()
        with self._streaming("POST", f"/readers/{_part(reader)}/attach", body) as chunks:
            yield ({"do": "attached", **data} if topic == "attached" else data for topic, data in read_events(chunks))

    def card_at_device(self, reader: str, what: Mapping[str, Any]) -> None:
        """``{"state": "present" | "gone"}``, or ``{"tracks": [1, 2, 3]}`` of one that was swiped."""
        self._post(f"/readers/{_part(reader)}/attach/card", what)

    def card_said(self, reader: str, number: int, response: bytes) -> None:
        """What the card answered to the question with this number."""
        self._post(f"/readers/{_part(reader)}/attach/answer", {"number": number, "response": response.hex()})

    def card_silent(self, reader: str, number: int, silence: str) -> None:
        """The card answered nothing: ``mute``, ``removed`` or ``collision``."""
        self._post(f"/readers/{_part(reader)}/attach/answer", {"number": number, "silence": silence})

    def unbox(self, country: str = "US", model: str = "bbpos_wisepos_e") -> dict[str, Any]:
        """A new device, with a pairing code on its screen."""
        return self._post("/devices", {"country": country, "model": model})

    # --- webhooks and the stream --------------------------------------------------------------------------------

    def deliveries(self, key: str | None = None, limit: int = 0) -> list[dict[str, Any]]:
        """The delivery log, newest first; of one account when a key is given, so many when a limit is."""
        return self._list(f"/deliveries?key={quote(key or '')}&limit={limit or ''}")

    def delivery(self, delivery: str) -> dict[str, Any]:
        """One delivery with the body that is sent, and the headers with a signature made now."""
        return self._get(f"/deliveries/{_part(delivery)}")

    def resend(self, delivery: str) -> dict[str, Any]:
        """Send a delivery once more."""
        return self._post(f"/deliveries/{_part(delivery)}/resend", {})

    def stream(self, *topics: str) -> Iterator[StreamItem]:
        """What happens from now on; ends when the server stops.  Topics: request, event, reader, webhook, clock."""
        with self.listening(*topics) as items:
            yield from items

    @contextmanager
    def listening(self, *topics: str) -> Iterator[Iterator[StreamItem]]:
        """The same as a context: what happens once it is entered is in the stream."""
        query = f"?topics={','.join(topics)}" if topics else ""
        with self._streaming("GET", f"/stream{query}") as chunks:
            yield read_items(chunks)

    # --- inner --------------------------------------------------------------------------------------------------

    @contextmanager
    def _streaming(self, method: str, path: str, content: bytes | None = None) -> Iterator[Iterator[bytes]]:
        limits = httpx.Timeout(60.0, connect=5.0)  # a heartbeat comes every 15 s
        try:
            with self._http.stream(method, CONTROL + path, content=content, timeout=limits) as answer:
                if answer.status_code >= 400:
                    answer.read()
                    self._check(answer)
                yield answer.iter_raw()
        except httpx.TransportError as error:
            raise self._unreachable(error) from None

    def _get(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = self._json(self._ask("GET", CONTROL + path))
        return found

    def _list(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._json(self._ask("GET", CONTROL + path))
        return found

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self._json(self._ask("POST", CONTROL + path, content=json.dumps(body).encode()))
        return found

    def _ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        if self.asked is not None:
            self.asked(method, path, headers or {}, content)
        try:
            answer = self._http.request(method, path, headers=headers, content=content)
        except httpx.TransportError as error:
            raise self._unreachable(error) from None
        self._check(answer)
        return answer

    def _check(self, answer: httpx.Response) -> None:
        if answer.status_code < 400:
            return
        try:
            error = answer.json()["error"]
        except (ValueError, KeyError, TypeError):
            raise self._unreachable(f"HTTP {answer.status_code} without an error body") from None
        raise RequestRefused(answer.status_code, error)

    def _json(self, answer: httpx.Response) -> Any:
        try:
            return orjson.loads(answer.content)
        except ValueError:
            raise self._unreachable("an answer that is not JSON") from None

    def _unreachable(self, what: object) -> ServerNotRunning:
        if isinstance(what, httpx.ConnectError):
            message = f"No Countertop server answers at {self.url}."
        elif isinstance(what, httpx.TransportError):
            message = f"The server at {self.url} broke the connection ({type(what).__name__})."
        else:
            message = f"What answers at {self.url} is no Countertop server: {what}."
        return ServerNotRunning(message, "Start one with: countertop up")


def _part(name: str) -> str:
    """A name as one part of a path.  Raises ConfigurationError for one that would be another path."""
    if name in ("", ".", ".."):
        raise ConfigurationError(f"{name!r} is no name of anything.", "Give an id, a serial number or a name.")
    return quote(name, safe="")
