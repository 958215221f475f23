"""The story: what a shop does on a day, through the official SDK over HTTP, with hands on virtual readers."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from countertop import money
from countertop.demo.webhook_listener import WebhookListener
from countertop.errors import MissingExtra, WaitExpired

if TYPE_CHECKING:
    import stripe

    from countertop.bench import Bench
    from countertop.counter import Reader

Say = Callable[[str], None]
US_KEY, GB_KEY = "sk_test_demo_us", "sk_test_demo_gb"
WAIT_S = 8.0


def tell(bench: Bench, url: str, say: Say) -> None:
    """Run the whole story.  Raises MissingExtra without ``[sdk]``, WaitExpired when something never happened."""
    if importlib.util.find_spec("stripe") is None:
        raise MissingExtra("The demo", "sdk")
    bench.configure_account(US_KEY, country="US", business_name="Blue Bottle Books")
    bench.configure_account(GB_KEY, country="GB", business_name="The Corner Shop")
    say(f"Countertop is listening at {url}: the official SDK talks to it over HTTP.\n")
    with WebhookListener() as listener:
        us = Shop(bench, url, US_KEY, listener, say)
        gb = Shop(bench, url, GB_KEY, listener, say)
        us.open(
            "Blue Bottle Books, San Francisco",
            {
                "line1": "510 Townsend St",
                "city": "San Francisco",
                "state": "CA",
                "postal_code": "94103",
                "country": "US",
            },
            by_pairing_code=True,
        )
        gb.open(
            "The Corner Shop, London",
            {"line1": "9 Appold Street", "city": "London", "postal_code": "EC2A 2AP", "country": "GB"},
            by_pairing_code=False,
        )
        say("── 1. A sale that is approved, and captured later ─────────────────────────────")
        book = us.sell(1250, "usd", "visa", capture_method="manual")
        captured = us.client.v1.payment_intents.capture(book.id)
        say(f"   captured: {money.show(captured.amount_received, 'usd')}, the intent is {captured.status}")
        us.receipt(captured)
        say("\n── 2. A sale that the card's bank declines ────────────────────────────────────")
        gb.sell(1999, "gbp", "charge_declined_insufficient_funds")
        say("\n── 3. The first sale is refunded ──────────────────────────────────────────────")
        refund = us.client.v1.refunds.create({"payment_intent": book.id})
        say(f"   refund {refund.id}: {money.show(refund.amount, refund.currency)} {refund.status}")
        _wait(lambda: any(event.type == "charge.refunded" for event in listener.verified), "the refund's webhook")
        say("\n── Webhooks that arrived, each signature verified by the SDK ──────────────────")
        for event in listener.verified:
            say(f"   ✓ {event.type:<42} {event.data.object['id']}")
        if listener.refused:
            say(f"   ✗ {listener.refused} deliveries had a signature that does not hold")
    say(f"\nPoint your own SDK at it: stripe.StripeClient('sk_test_anything', base_addresses={{'api': '{url}'}})")


class Shop:
    """One account with its client, its reader and its webhook endpoint."""

    def __init__(self, bench: Bench, url: str, key: str, listener: WebhookListener, say: Say) -> None:
        import stripe

        self.client = stripe.StripeClient(key, base_addresses={"api": url}, max_network_retries=0)
        self._bench = bench
        self._listener = listener
        self._say = say
        self._reader: Reader | None = None

    def open(self, name: str, address: dict[str, str], *, by_pairing_code: bool) -> None:
        """Make a location, register a reader there, and ask for webhooks."""
        location = self.client.v1.terminal.locations.create(_location(name, address))
        code = "simulated-wpe"
        if by_pairing_code:
            serial = self._bench.unbox(address["country"])
            _wait(lambda: self._code(serial) is not None, "the pairing code on the reader's screen")
            self._show(serial)
            code = self._code(serial) or code
        reader = self.client.v1.terminal.readers.create({"registration_code": code, "location": location.id})
        self._reader = self._bench.find_reader(reader.id)
        endpoint = self.client.v1.webhook_endpoints.create({"url": self._listener.url, "enabled_events": ["*"]})
        assert endpoint.secret is not None, "a new endpoint shows its secret"
        self._listener.secrets.append(endpoint.secret)
        self._say(f"{name}: {reader.device_type} {reader.serial_number} registered by '{code}' as {reader.id}\n")

    def sell(self, amount: int, currency: str, card: str, **options: Any) -> stripe.PaymentIntent:
        """One sale: an intent, the reader, a card, the outcome."""
        reader = self._counter()
        intent = self.client.v1.payment_intents.create(
            # mypy cannot know which members ``options`` has.
            {"amount": amount, "currency": currency, "payment_method_types": ["card_present"], **options}  # type: ignore[typeddict-item]
        )
        self.client.v1.terminal.readers.process_payment_intent(reader.id, {"payment_intent": intent.id})
        self._show(reader.serial)
        self._say(f"   the customer taps: {card}")
        reader.tap(card)
        _wait(lambda: self._status(reader.id) != "in_progress", "the end of the sale on the reader")
        self._show(reader.serial)
        seen = self.client.v1.terminal.readers.retrieve(reader.id)
        assert seen.action is not None, "the action that just ended is still shown"
        outcome = seen.action.status + (f": {seen.action.failure_code}" if seen.action.failure_code else "")
        intent = self.client.v1.payment_intents.retrieve(intent.id)
        self._say(f"   reader action {outcome}; the intent is {intent.status}")
        return intent

    def receipt(self, intent: stripe.PaymentIntent) -> None:
        """Print what a paper receipt would say; what only a chip can tell comes with the chips."""
        charge = self.client.v1.charges.retrieve(str(intent.latest_charge))
        details = charge.payment_method_details
        card = details.card_present if details else None
        assert card is not None, "an in-person charge has card_present details"
        lines = [
            f"{charge.calculated_statement_descriptor}",
            f"{(card.brand or '').upper()} •••• {card.last4}   {card.read_method}",
            f"TOTAL {money.show(charge.amount_captured, charge.currency)}",
            f"AUTH CODE {card.receipt.authorization_code if card.receipt else '-'}",
        ]
        width = max(len(line) for line in lines) + 2
        self._say("   ┌" + "┄" * width + "┐")
        for line in lines:
            self._say(f"   ┊ {line:<{width - 1}}┊")
        self._say("   └" + "┄" * width + "┘")

    def _counter(self) -> Reader:
        assert self._reader is not None, "the shop is opened first"
        return self._reader

    def _status(self, reader: str) -> str:
        action = self.client.v1.terminal.readers.retrieve(reader).action
        return action.status if action else "none"

    def _code(self, serial: str) -> str | None:
        return self._bench.transact(lambda tx: self._bench.devices.state(tx, serial).code)

    def _show(self, serial: str) -> None:
        text = self._bench.transact(lambda tx: self._bench.devices.screen(tx, serial)).text
        self._say("\n".join("   " + line for line in text.splitlines()))


def _location(name: str, address: dict[str, str]) -> Any:
    # The SDK types an address member by member; a dictionary from elsewhere is taken as it is.
    return {"display_name": name, "address": address}


def _wait(happened: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WAIT_S
    while not happened():
        if time.monotonic() > deadline:
            raise WaitExpired(f"The demo waited {WAIT_S:g} s for {what}.")
        time.sleep(0.02)
