"""What an acquirer asks an issuer, and what the issuer answers (the core of an ISO 8583 exchange, typed).

Cards travel as vault tokens; amounts are minor units of ``currency``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

RequestKind = Literal["advice", "authorization", "capture", "incremental", "refund", "reversal", "verification"]
Note = tuple[str, str, str]
"""What a host checked: name, result, and why."""


@dataclass(frozen=True, slots=True)
class PinBlock:
    """A PIN as it left a PIN pad: the enciphered block and the key serial number, both in hexadecimal."""

    block: str = field(repr=False)
    ksn: str
    algorithm: Literal["tdes", "aes"]


@dataclass(frozen=True, slots=True)
class Merchant:
    """Who asks, and where: what an issuer is told of him.  ``identity``: the acquirer's name for him; ``terminal``: the
    reader, empty without one."""

    name: str = ""
    identity: str = ""
    terminal: str = ""
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None


@dataclass(frozen=True, slots=True)
class IssuerRequest:
    """One question.

    ``reference`` is the asker's own name for it (a charge id, say); a repeat carries the same one.  A
    ``verification`` asks whether a card is good, with an amount of zero.

    ``read_method`` and ``cvm`` are the API's words; None when no reader was involved.  ``emv``: a chip's data objects
    in hexadecimal (field 55); empty when no chip was read.  ``pin``: for the issuer alone.  ``track``: the name of
    track 2 in the vault, as tag 57 has it, for a card that has nothing better to show.  ``when``: Unix seconds.

    ``can_wait``: the asker takes an answer that comes later (:class:`Awaited`).

    An ``advice`` tells of a decision that was made in the issuer's stead.
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
    emv: str = ""
    pin: PinBlock | None = None
    track: str = ""
    when: int = 0
    merchant: Merchant = Merchant()
    can_wait: bool = False

    @property
    def over_the_air(self) -> bool:
        """Whether the card is gone by now, so that nothing can be said to it."""
        return self.read_method in ("contactless_emv", "contactless_magstripe_mode")


@dataclass(frozen=True, slots=True)
class Awaited:
    """An answer that somebody outside the world has to be asked for.

    ``ask`` blocks, and is called outside every transaction; ``then`` takes a transaction and what ``ask`` returned.
    """

    ask: Callable[[], Any]
    then: Callable[[Any, Any], IssuerResponse]


@dataclass(frozen=True, slots=True)
class IssuerResponse:
    """The answer.

    ``response_code`` is ISO 8583 field 39: ``00`` approved, ``51`` insufficient funds, and so on.

    For a decline, ``code`` and ``decline_code`` are the API's error codes and ``message`` is fit for a
    person. ``later_failure``: the answer looks fine now, but the money comes back later with this
    ``failure_reason``. ``sent``: False for a decline on this side of the network, which no issuer saw.

    ``emv``: data objects for the chip in hexadecimal (91, 71, 72).  ``notes``: what was checked, for the trace.
    ``awaited``: where the true answer comes from; then nothing else here holds.
    """

    approved: bool
    response_code: str
    authorization_code: str | None = None
    code: str | None = None
    decline_code: str | None = None
    message: str | None = None
    later_failure: str | None = None
    sent: bool = True
    emv: str = ""
    notes: tuple[Note, ...] = ()
    awaited: Awaited | None = None
