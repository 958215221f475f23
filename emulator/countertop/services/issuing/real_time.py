"""Real-time authorization: asking the account's own decider, and reading its answer (issuing.md §6.6).

A decider is a web address, asked in wall time, or a function of a test.  It is asked outside every transaction: the
authorization is written as pending before, and settled in a transaction of its own afterwards.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import orjson

from countertop.api.render import encode
from countertop.webhooks.poster import HttpPoster, Reply
from countertop.webhooks.signature import signature_header

if TYPE_CHECKING:
    from countertop.api.scope import Document
    from countertop.services.issuing.settings import Settings

Outcome = Literal["approved", "declined", "timeout", "error"]
TIME_LIMIT_S = 2.0
CHANNELS = frozenset(("sms",))
REQUEST = "issuing_authorization.request"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a question.  ``timeout``: no answer in time; ``error``: one that cannot be used, for ``why``.

    ``amount``: minor units of the card's currency, of an answer that names one.  ``metadata``: for the authorization.
    ``challenges``: how the cardholder is to be asked whether it was really him, of an answer that declines: ``sms``.
    """

    outcome: Outcome
    amount: int | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    why: str | None = None
    challenges: tuple[str, ...] = ()


TIMEOUT = Verdict("timeout", why=f"There was no answer within {TIME_LIMIT_S:g} seconds.")

Said = Verdict | bool | dict[str, Any] | None
Decider = Callable[[dict[str, Any]], Said]
"""Takes an event ``issuing_authorization.request``.  Says a verdict, yes or no, or what a web address would answer
(``{"approved": True, "amount": 500, "metadata": {…}}``); None is no answer."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question that is ready to be asked; ``ask`` blocks, up to two seconds of wall time, and never raises."""

    authorization: str
    ask: Callable[[], Verdict]


class RealTime:
    """The functions that decide in tests, by account; they come before a web address."""

    def __init__(self) -> None:
        self._functions: dict[str, Decider] = {}

    def decide_by(self, account: str, decider: Decider | None) -> Decider | None:
        """Have a function decide for an account, or none any more; returns the one before."""
        before = self._functions.pop(account, None)
        if decider is not None:
            self._functions[account] = decider
        return before

    def is_asked(self, account: str, settings: Settings) -> bool:
        """Whether anybody is to be asked about an account's authorizations."""
        return account in self._functions or bool(settings.real_time_url)

    def question(self, account: str, settings: Settings, authorization: str, event: Document) -> Question:
        """How to ask about an authorization, by the event about it."""
        function = self._functions.get(account)
        if function is not None:
            return Question(authorization, lambda: _by_function(function, event))
        url, secret = settings.real_time_url, settings.real_time_secret
        return Question(authorization, lambda: ask_over_http(url, secret, event))


def ask_over_http(url: str, secret: str, event: Document) -> Verdict:
    """Post the event, signed as webhooks are, and read the answer; in wall time, whatever the bench's clock says."""
    body = encode(event)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signature_header(body, (secret,), int(time.time())),
        "User-Agent": "Countertop/1.0 (issuing authorizations)",
    }
    poster = HttpPoster(TIME_LIMIT_S)
    try:
        reply = poster(url, body, headers)
    finally:
        poster.close()
    return verdict_of(reply)


def verdict_of(reply: Reply) -> Verdict:
    """What an HTTP answer says (§6.6, "Valid reply"); every other one is an error with its reason."""
    if reply.late:
        return TIMEOUT
    if reply.status is None:
        return _error(f"The endpoint could not be asked: {reply.error}")
    if reply.status != 200:
        return _error(f"The endpoint answered with status {reply.status}; only 200 is an answer.")
    if not reply.headers.get("stripe-version"):
        return _error("The answer had no Stripe-Version header.")
    try:
        given = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return _error("The answer's body was not JSON.")
    return read_answer(given)


def read_answer(given: Any) -> Verdict:
    """What the members of an answer say."""
    if not isinstance(given, dict):
        return _error("The answer was no JSON object.")
    approved = given.get("approved")
    if not isinstance(approved, bool):
        return _error("The answer's member approved was not true or false.")
    amount = given.get("amount")
    if amount is not None and (isinstance(amount, bool) or not isinstance(amount, int) or amount <= 0):
        return _error("The answer's member amount was not a whole number above zero.")
    metadata = given.get("metadata") or {}
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        return _error("The answer's member metadata was not a hash of texts.")
    challenges = given.get("send_fraud_challenges") or []
    if not isinstance(challenges, list) or not set(map(str, challenges)) <= CHANNELS:
        return _error("The answer's member send_fraud_challenges was not a list of channels: sms is one.")
    asks = () if approved else tuple(challenges)
    return Verdict("approved" if approved else "declined", amount, dict(metadata), challenges=asks)


def _by_function(decider: Decider, event: Document) -> Verdict:
    try:
        said = decider(event)
    except Exception as error:  # a test's own function: what is wrong with it is its account's answer
        return _error(f"The function raised {type(error).__name__}: {error}"[:300])
    match said:
        case Verdict():
            return said
        case None:
            return TIMEOUT
        case bool():
            return Verdict("approved" if said else "declined")
    return read_answer(said)


def _error(why: str) -> Verdict:
    return Verdict("error", why=why)
