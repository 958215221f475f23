"""Payments by a card that is typed in, and payments at a reader."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest

from countertop.api.shape_problems import problems
from countertop.bench import DEFAULT_KEY, Bench
from countertop.call import form_of
from countertop.cards.catalog import find_card
from countertop.services.payments import cards
from countertop.services.payments.in_person_refunds import refund_in_person
from countertop.services.payments.networks import road_of
from countertop.services.payments.payment_methods import read_method
from countertop.services.payments.sales import Payments, Place
from countertop.services.payments.setups import Setups

INTENTS = "/v1/payment_intents"
CONTACT, CONTACTLESS = "contact_emv", "contactless_emv"


class Till:
    """Takes payments; every object that it hands out conforms to the catalog."""

    def __init__(self, api):
        self.api = api

    def post(self, path, **params):
        answer = self.api.post(path, form_of(params))
        assert answer.status == 200, answer.body
        return self.conforming(answer.body)

    def get(self, path, **params):
        answer = self.api.get(path, urlencode(params))
        assert answer.status == 200, answer.body
        return self.conforming(answer.body)

    def refused(self, path, **params):
        """The (status, code) of a refusal."""
        answer = self.api.post(path, form_of(params))
        assert answer.status >= 400, answer.body
        return answer.status, answer.error.get("code")

    def listed(self, path, **params):
        return [item["id"] for item in self.get(path, **params)["data"]]

    def intent(self, **params):
        return self.post(INTENTS, **{"amount": 1250, "currency": "usd", **params})

    def paid(self, card="pm_card_visa", **params):
        """An intent that was confirmed with a test card."""
        return self.intent(payment_method=card, confirm=True, payment_method_types=["card"], **params)

    def held(self, **params):
        return self.paid(capture_method="manual", **params)

    def charge(self, intent):
        return self.get(f"/v1/charges/{intent['latest_charge']}")

    def conforming(self, body):
        for document in body["data"] if body.get("object") == "list" else [body]:
            assert problems(document["object"], document) == []
        return body


@pytest.fixture
def till(api):
    return Till(api)


@dataclass
class Counter:
    """A counter of one account: cards that meet its reader, without the reader in between."""

    bench: Bench
    country: str = "US"
    mcc: str = "5734"

    def __post_init__(self):
        world = self.bench.world
        self.account = self.bench.configure_account(DEFAULT_KEY, country=self.country, mcc=self.mcc)
        self.sales = Payments(SimpleNamespace(network=world.network, timers=world.timers, vault=world.vault))
        self.place = Place("tmr_1", "tml_1")

    @contextmanager
    def scope(self) -> Iterator:
        with self.bench.world.store.transaction() as tx:
            yield self.bench.world.scope(tx, self.account)

    def read(self, scope, name, read=CONTACTLESS, cvm="none", network=None):
        known = find_card(name)
        token = self.sales.vault.tokenize(scope.tx, known.number)
        described = cards.describe(self.sales.vault, self.account.id, known.number, token, 12, 2031)
        return cards.met_reader(described, read, cvm, "TEST/CARD", network)

    def pay(self, intent, name, *, tip=None, allow_redisplay=None, unsupported=(), **how):
        """Present a card for an intent; (intent, charge) afterwards, or the problem."""
        with self.scope() as scope:
            road = road_of(intent, self.read(scope, name, **how), self.account, unsupported)
            if road.problem is not None:
                return road.problem
            method = read_method(self.sales, scope, road.kind, road.card)
            done = self.sales.authorize(
                scope, intent, road.card, method, self.place, tip=tip, allow_redisplay=allow_redisplay
            )
            return done.intent, done.charge

    def set_up(self, intent, name, allow_redisplay="always", **how):
        with self.scope() as scope:
            card = self.read(scope, name, **how)
            return Setups(self.sales).verify(scope, intent, card, self.place, allow_redisplay)

    def give_back(self, charge, name, amount, **more):
        with self.scope() as scope:
            card = self.read(scope, name, read=CONTACT)
            return refund_in_person(self.sales, scope, charge, card, amount, **more)


@pytest.fixture
def counter(bench):
    """Makes counters: ``counter("AU", mcc="5812")``."""
    return lambda country="US", **settings: Counter(bench, country, **settings)
