"""One shop of the story: an account with its client, its reader and its webhook endpoint."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from countertop import money
from countertop.errors import WaitExpired

if TYPE_CHECKING:
    import stripe

    from countertop.bench import Bench
    from countertop.counter import Reader
    from countertop.demo.webhook_listener import WebhookListener

Say = Callable[[str], None]
WAIT_S = 8.0


class Shop:
    """One account on the counter; ``say`` tells what happens."""

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
            wait_for(lambda: self._code(serial) is not None, "the pairing code on the reader's screen")
            self._show(serial)
            code = self._code(serial) or code
        reader = self.client.v1.terminal.readers.create({"registration_code": code, "location": location.id})
        self._reader = self._bench.find_reader(reader.id)
        endpoint = self.client.v1.webhook_endpoints.create({"url": self._listener.url, "enabled_events": ["*"]})
        assert endpoint.secret is not None, "a new endpoint shows its secret"
        self._listener.secrets.append(endpoint.secret)
        self._say(f"{name}: {reader.device_type} {reader.serial_number} registered by '{code}' as {reader.id}\n")

    def sell(self, amount: int, currency: str, card: str, **options: Any) -> stripe.PaymentIntent:
        """One sale: an intent, the reader, a card in its slot, the outcome."""
        intent = self.ask(amount, currency, **options)
        self.hand(f"the customer inserts: {card}", lambda reader: reader.insert(card))
        done = self.outcome(intent)
        self.hand("and takes the card out again", lambda reader: reader.remove_card())
        return done

    def ask(self, amount: int, currency: str, **options: Any) -> str:
        """Make an intent and have the reader ask for a card; returns the intent's id."""
        params = {"amount": amount, "currency": currency, "payment_method_types": ["card_present"], **options}
        # mypy cannot know which members ``options`` has.
        intent = self.client.v1.payment_intents.create(params)  # type: ignore[arg-type]
        self.client.v1.terminal.readers.process_payment_intent(self.reader.id, {"payment_intent": intent.id})
        self.show()
        return intent.id

    def hand(self, says: str, act: Callable[[Reader], None]) -> None:
        """Let a hand do something at the reader."""
        self._say(f"   {says}")
        act(self.reader)

    def wait_until(self, state: str) -> None:
        """Wait until the reader is in a state, and show its screen."""
        wait_for(lambda: self.reader.state == state, f"the reader to be in the state {state}")
        self.show()

    def outcome(self, intent_id: str) -> stripe.PaymentIntent:
        """Wait for the end of the reader's action, and tell it."""
        self.ended()
        intent = self.client.v1.payment_intents.retrieve(intent_id)
        self._say(f"   the intent is {intent.status}: {money.show(intent.amount, intent.currency)}")
        return intent

    def ended(self) -> Any:
        """Wait for the end of the reader's action, tell it, and return it."""
        wait_for(lambda: self._status() != "in_progress", "the end of the action on the reader")
        self.show()
        action = self.client.v1.terminal.readers.retrieve(self.reader.id).action
        assert action is not None, "the action that just ended is still shown"
        self._say(f"   reader action {action.status}" + (f": {action.failure_code}" if action.failure_code else ""))
        return action

    def show(self) -> None:
        """Show the reader's screen."""
        self._show(self.reader.serial)

    def receipt(self, intent: stripe.PaymentIntent) -> None:
        """Print what a paper receipt says."""
        charge = self.client.v1.charges.retrieve(str(intent.latest_charge))
        card = self.card_of_charge(charge)
        chip = card.receipt
        assert chip is not None, "an inserted card has the members of a receipt"
        lines = [
            f"{charge.calculated_statement_descriptor}",
            f"{(card.brand or '').upper()} •••• {card.last4}   {card.read_method}",
            f"TOTAL {money.show(charge.amount_captured, charge.currency)}",
            f"{chip.application_preferred_name}   AID {chip.dedicated_file_name}",
            f"TVR {chip.terminal_verification_results}   TSI {chip.transaction_status_information}",
            f"AC {chip.application_cryptogram}   AUTH CODE {chip.authorization_code}",
        ]
        width = max(len(line) for line in lines) + 2
        self._say("   ┌" + "┄" * width + "┐")
        for line in lines:
            self._say(f"   ┊ {line:<{width - 1}}┊")
        self._say("   └" + "┄" * width + "┘")

    def card_of(self, intent: stripe.PaymentIntent) -> Any:
        """``card_present`` of the intent's latest charge."""
        return self.card_of_charge(self.client.v1.charges.retrieve(str(intent.latest_charge)))

    def card_of_charge(self, charge: stripe.Charge) -> Any:
        """``card_present`` of a charge."""
        details = charge.payment_method_details
        card = details.card_present if details else None
        assert card is not None, "an in-person charge has card_present details"
        return card

    def traced(self, intent_id: str) -> None:
        """Say what went on between the card, the reader and the bank: the decisions in the trace."""
        trace = self._bench.trace(intent_id)
        assert trace is not None, "every card that was read leaves a trace"
        commands = sum(entry["kind"] == "apdu" and bool(entry["command"]) for entry in trace["entries"])
        self._say(f"   the trace has {commands} commands to a chip; what was decided on the way:")
        for entry in trace["entries"]:
            if entry["kind"] == "decision":
                self._say(f"   · {entry['name']}: {entry['result']} ({entry['why']})")
            elif entry["kind"] == "outcome":
                self._say(f"   = {entry['name']}" + (f" ({entry['why']})" if entry["why"] else ""))

    @property
    def reader(self) -> Reader:
        """The hands on the reader."""
        assert self._reader is not None, "the shop is opened first"
        return self._reader

    def _status(self) -> str:
        action = self.client.v1.terminal.readers.retrieve(self.reader.id).action
        return action.status if action else "none"

    def _code(self, serial: str) -> str | None:
        return self._bench.transact(lambda tx: self._bench.devices.state(tx, serial).code)

    def _show(self, serial: str) -> None:
        text = self._bench.transact(lambda tx: self._bench.devices.screen(tx, serial)).text
        self._say("\n".join("   " + line for line in text.splitlines()))


def _location(name: str, address: dict[str, str]) -> Any:
    # The SDK types an address member by member; a dictionary from elsewhere is taken as it is.
    return {"display_name": name, "address": address}


def wait_for(happened: Callable[[], bool], what: str) -> None:
    """Wait (wall time) until something has happened.  Raises WaitExpired."""
    deadline = time.monotonic() + WAIT_S
    while not happened():
        if time.monotonic() > deadline:
            raise WaitExpired(f"The demo waited {WAIT_S:g} s for {what}.")
        time.sleep(0.02)
