"""What an acquirer asks an issuer, and what the issuer answers (the core of an ISO 8583 exchange, typed).

Cards travel as vault tokens; amounts are minor units of ``currency``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RequestKind = Literal["authorization", "capture", "incremental", "refund", "reversal", "verification"]


@dataclass(frozen=True, slots=True)
class IssuerRequest:
    """One question.

    ``reference`` is the asker's own name for it (a charge id, say); a repeat carries the same one.  A
    ``verification`` asks whether a card is good, with an amount of zero.

    ``read_method`` and ``cvm`` are the API's words; None when no reader was involved.
    """

    kind: RequestKind
    card_token: str
    amount: int
    currency: str
    country: str
    mcc: str
    reference: str
    read_method: str | None = None
    cvm: str | None = None


@dataclass(frozen=True, slots=True)
class IssuerResponse:
    """The answer.

    ``response_code`` is ISO 8583 field 39: ``00`` approved, ``51`` insufficient funds, and so on.

    For a decline, ``code`` and ``decline_code`` are the API's error codes and ``message`` is fit for a
    person. ``later_failure``: the answer looks fine now, but the money comes back later with this
    ``failure_reason``. ``sent``: False for a decline on this side of the network, which no issuer saw.
    """

    approved: bool
    response_code: str
    authorization_code: str | None = None
    code: str | None = None
    decline_code: str | None = None
    message: str | None = None
    later_failure: str | None = None
    sent: bool = True
