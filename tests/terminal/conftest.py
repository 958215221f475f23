"""A counter with a client: what the tests of the Terminal room start from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from countertop.accounts import CURRENCY_OF

DOCUMENTED_TYPES = ["card_present"]
# A customer is asked for no more than the card, and a PIN three times.
MOST_STEPS = 4


@dataclass
class Till:
    """An account with a simulated reader, the SDK's client, and the calls that a cashier makes."""

    bench: Any
    key: str
    country: str = "US"
    simulated: bool = True
    model: str = "bbpos_wisepos_e"

    def __post_init__(self) -> None:
        self.bench.configure_account(self.key, country=self.country)
        self.client = self.bench.client(self.key)
        self.readers = self.client.v1.terminal.readers
        self.helpers = self.client.v1.test_helpers.terminal.readers
        self.intents = self.client.v1.payment_intents
        self.hands = self.bench.reader(key=self.key, model=self.model, simulated=self.simulated)
        self.id = self.hands.id
        self.currency = CURRENCY_OF[self.country]

    def intent(self, amount: int = 1250, types: list[str] | None = None, **options: Any) -> Any:
        params = {"amount": amount, "currency": self.currency, "payment_method_types": types or DOCUMENTED_TYPES}
        return self.intents.create(params | options)

    def process(self, amount: int = 1250, types: list[str] | None = None, config: Any = None, **options: Any) -> str:
        intent = self.intent(amount, types, **options)
        self.readers.process_payment_intent(
            self.id, {"payment_intent": intent.id} | ({"process_config": config} if config else {})
        )
        return str(intent.id)

    def present(self, number: str | None = None, kind: str = "card_present", **options: Any) -> Any:
        params: dict[str, Any] = dict(options)
        if number is not None:
            params |= {"type": kind, kind: {"number": number}}
        return self.helpers.present_payment_method(self.id, params)

    def charges(self, intent: str) -> list[Any]:
        """The charges of an intent, newest first."""
        return list(self.client.v1.charges.list({"payment_intent": intent}).data)

    def tap_and_follow(self, card: Any, pin: str = "1234") -> list[str]:
        """Tap, then do what the reader asks for, as a customer would; what that was, in order."""
        self.hands.tap(card)
        followed: list[str] = []
        for _ in range(MOST_STEPS):
            if self.hands.state == "waiting" and "nsert" in self.hands.screen.text:
                self.hands.insert(card)
                followed.append("insert")
            elif self.hands.state == "pin":
                self.hands.enter_pin(pin)
                followed.append("pin")
            else:
                break
        return followed

    def action(self) -> Any:
        return self.readers.retrieve(self.id).action

    def status(self, intent: str) -> str:
        return str(self.intents.retrieve(intent).status)

    def tipping(self, **per_currency: Any) -> None:
        """Set tips on the account's default configuration."""
        configurations = self.client.v1.terminal.configurations
        default = configurations.list({"is_account_default": True}).data[0]
        configurations.update(default.id, {"tipping": per_currency})


@pytest.fixture
def till(bench: Any) -> Till:
    return Till(bench, "sk_test_counter")


@pytest.fixture
def open_till(bench: Any) -> Any:
    """Another till: ``open_till("CA")`` is a counter in Canada with an account of its own."""

    def opened(country: str, **options: Any) -> Till:
        return Till(bench, f"sk_test_{country.lower()}", country, **options)

    return opened
