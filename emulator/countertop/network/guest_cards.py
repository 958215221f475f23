"""The host of cards that are nobody's here: real ones at a real device, whose issuer is never asked.

It knows no key of such a card, so that nothing of it is verified, and only a truncated number.  What it answers is
policy: the last two digits of the amount decide as for a test card (terminal.md §3.2), all else is approved.
"""

from __future__ import annotations

import hashlib
from typing import Any

from countertop.network.issuer_of_test_cards import AMOUNT_DECLINES, CARD_DECLINED, MESSAGES, PLAIN_DECLINE
from countertop.network.messages import IssuerRequest, IssuerResponse, Note

UNVERIFIED: Note = ("cryptogram", "not checked", "nobody here has the keys of this card")


class GuestCardHost:
    """Answers for every card of which only a truncated number is known."""

    name = "guest-cards"
    prefixes: tuple[str, ...] = ()

    def decide(self, tx: Any, request: IssuerRequest) -> IssuerResponse:
        """Decline by the amount's last two digits, approve everything else; no question leaves the bench."""
        notes = (UNVERIFIED,) if request.emv else ()
        digits = f"{request.amount:02d}"[-2:]
        decline = AMOUNT_DECLINES.get(digits) if request.kind in ("authorization", "incremental") else None
        if decline is not None:
            message = MESSAGES.get(decline, PLAIN_DECLINE)
            return IssuerResponse(False, digits, code=CARD_DECLINED, decline_code=decline, message=message, notes=notes)
        # Derived from the request and not drawn: a repeated request gets the same code.
        named = f"{request.kind}:{request.reference}:{request.card_token}"
        digest = hashlib.blake2s(named.encode(), digest_size=5).hexdigest()
        return IssuerResponse(True, "00", authorization_code=f"{int(digest, 16) % 10**6:06d}", notes=notes)
