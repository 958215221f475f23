"""A point of sale: discover, connect, collect, confirm, disconnect."""

from __future__ import annotations

import base64
import itertools
import json
import ssl
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

import httpx

from countertop.client import RequestRefused, ServerClient, ServerNotRunning
from countertop.pos.errors import PosError

PATH = "/protojsonservice/JackRabbitService"
LONGEST_WAIT_S = 3600.0
VERSION = {"client_type": "COUNTERTOP", "client_version": "1"}
Json = dict[str, Any]


class PointOfSale:
    """One till.  ``fetch_connection_token`` asks the shop's own server for a fresh token; it is called often.

    Every method raises PosError.  Calls may come from several threads: one may cancel what another waits for.
    """

    def __init__(
        self,
        server_url: str,
        fetch_connection_token: Callable[[], str],
        *,
        device_id: str = "countertop-pos",
        poll_every_s: float = 0.05,
    ) -> None:
        self._api = ServerClient(server_url)
        self._fetch = fetch_connection_token
        self._device_id = device_id
        self._poll_every_s = poll_every_s
        self._trust: ssl.SSLContext | None = None
        self._link: httpx.Client | None = None
        self._numbers = itertools.count(1)
        self._session = ""
        self.reader: Json | None = None
        """The connected reader, as it was discovered."""

    def discover(self, location: str | None = None) -> list[Json]:
        """The smart readers that a fresh token may see, online or not; only those of a location when one is named."""
        asked = {} if location is None else {"location": location}
        readers = list(self._of_api(lambda key: list(self._api.pages("/v1/terminal/readers", asked, key=key))))
        return [reader for reader in readers if reader.get("base_url")]

    def connect(self, reader: Mapping[str, Any], fail_if_in_use: bool = False) -> Json:
        """Connect to a discovered reader, taking it over from another till unless ``fail_if_in_use`` and it is busy."""
        if self.reader is not None:
            raise PosError("ALREADY_CONNECTED_TO_READER", "Disconnect from the other reader first.")
        asked = {"pos_device_id": self._device_id, "pos_version_info": VERSION}
        path = "/v1/terminal/connection_tokens/generate_pos_rpc_session"
        session = self._of_api(lambda key: self._api.call("POST", path, asked, key=key))["sdk_rpc_session_token"]
        self._hang_up()
        content = self._ask(reader, session, "activateTerminal", {"fail_if_in_use": fail_if_in_use})
        self._session, self.reader = session, dict(reader)
        return content

    def disconnect(self) -> None:
        """Let the reader go."""
        try:
            self._command("disconnectTerminal", {})
        finally:
            self._forget()

    def set_display(self, cart: Mapping[str, Any]) -> None:
        """Show a cart: ``{currency, line_items: [{description, quantity, amount}], tax, total}``."""
        self._command("setReaderDisplay", {"type": "cart", "cart": dict(cart)})

    def clear_display(self) -> None:
        """Take the cart off the screen."""
        self._command("clearReaderDisplay", {})

    def collect(self, intent: str, **config: Any) -> Json:
        """Wait until a card was read for an intent; returns ``{status, payment_intent, payment_method}``.

        ``config`` as the API's ``collect_config``: ``enable_customer_cancellation``, ``skip_tipping``, ``tipping``.
        """
        self._command("collectPaymentMethod", {"payment_intent": intent, "collect_config": config})
        return self._outcome()

    def confirm(self, intent: str) -> Json:
        """Pay the intent with the card just read; returns ``{status, payment_intent, …}``."""
        self._command("confirmPayment", {"payment_intent": intent})
        return self._outcome()

    def cancel(self) -> None:
        """Ask for no card any more: the :meth:`collect` that waits raises CANCELED."""
        self._command("cancelCollectPaymentMethod", {})

    def close(self) -> None:
        """Drop the connections; the reader stays ours until the session ends or :meth:`disconnect`."""
        self._api.close()
        self._hang_up()

    def __enter__(self) -> PointOfSale:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- inner --------------------------------------------------------------------------------------------------

    def _of_api(self, ask: Callable[[str], Any]) -> Any:
        try:
            token = self._fetch()
        except Exception as error:
            raise PosError("CONNECTION_TOKEN_PROVIDER_ERROR", f"No connection token came: {error}") from error
        try:
            return ask(token)
        except ServerNotRunning as error:
            raise PosError("STRIPE_API_CONNECTION_ERROR", str(error)) from None
        except RequestRefused as error:
            raise PosError("STRIPE_API_ERROR", error.message, error.error) from None

    def _outcome(self) -> Json:
        deadline = time.monotonic() + LONGEST_WAIT_S
        while time.monotonic() < deadline:
            found = self._command("queryPaymentMethod", {})
            if found["status"] == "succeeded":
                return found
            if found["status"] != "in_progress":
                raise PosError.said(found.get("problem") or {"code": found["status"]})
            time.sleep(self._poll_every_s)
        raise PosError("REQUEST_TIMED_OUT", f"The reader did not finish within {LONGEST_WAIT_S:g} s.")

    def _command(self, method: str, content: Json) -> Json:
        if self.reader is None:
            raise PosError("NOT_CONNECTED_TO_READER", "Connect to a reader first.")
        try:
            return self._ask(self.reader, self._session, method, content)
        except PosError as error:
            if error.code in ("SESSION_EXPIRED", "READER_CONNECTED_TO_ANOTHER_DEVICE", "NOT_CONNECTED_TO_READER"):
                self._forget()
            raise

    def _forget(self) -> None:
        self.reader, self._session = None, ""

    def _hang_up(self) -> None:
        # A connection greets one reader by name, so none is kept for the next.
        if self._link is not None:
            self._link.close()
            self._link = None

    def _ask(self, reader: Mapping[str, Any], session: str, method: str, content: Json) -> Json:
        if not reader.get("base_url"):
            raise PosError("READER_COMMUNICATION_ERROR", "The reader has no local link: discover it from a server.")
        address = httpx.URL(reader["base_url"])
        envelope = {
            "id": next(self._numbers),
            "service": "JackRabbitService",
            "method": method,
            "content": base64.b64encode(json.dumps(content).encode()).decode("ascii"),
            "session_token": session,
            "request_type": "STANDARD",
            "version_info": VERSION,
            "device_info": {"device_id": self._device_id},
        }
        try:
            # Names below localhost are this machine, but not every resolver knows; TLS still asks for the name.
            answer = self._connection().post(
                address.copy_with(host="127.0.0.1", path=PATH),
                json=envelope,
                headers={"host": f"{address.host}:{address.port}"},
                extensions={"sni_hostname": address.host},
            )
            said: Json = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            code = "READER_COMMUNICATION_SSL_ERROR" if "CERTIFICATE" in str(error) else "READER_COMMUNICATION_ERROR"
            raise PosError(code, f"The reader does not answer: {error or type(error).__name__}.") from None
        if "error" in said:
            raise PosError.said(said["error"])
        result: Json = json.loads(base64.b64decode(said["content"]))
        return result

    def _connection(self) -> httpx.Client:
        if self._link is None:
            self._link = httpx.Client(verify=self._trusted(), trust_env=False, timeout=30.0)
        return self._link

    def _trusted(self) -> ssl.SSLContext:
        if self._trust is None:
            try:
                self._trust = ssl.create_default_context(cadata=self._api.certificate())
            except (ServerNotRunning, RequestRefused) as error:
                raise PosError("STRIPE_API_CONNECTION_ERROR", str(error)) from None
        return self._trust
