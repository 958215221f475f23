"""A chip's request between the issuer's answer and the chip's last word, as part of the running action's row."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from countertop.api.scope import Document
from countertop.gateway import AuthorizationAnswer, CardRead, EncipheredPin
from countertop.network.messages import IssuerResponse
from countertop.services.payments.sales import Said

ASKED = "asked"
"""The member of a running action's row."""
NOT_KEPT = ("notes", "awaited")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was read, the tip, and what came of the question: an issuer's answer, or the problem that kept it from
    being asked.  ``host``: what the network had to say, for the trace."""

    read: CardRead
    tip: int | None
    said: Said | None
    problem: Document | None
    host: list[Document]

    @property
    def approved(self) -> bool:
        """Whether the issuer approved."""
        return self.said is not None and self.said.answer.approved


def put(row: Document, asked: Asked) -> None:
    """Keep it in the row of the running action."""
    said: Any = asked.said
    if said is not None:
        answer = {name: getattr(said.answer, name) for name in IssuerResponse.__slots__ if name not in NOT_KEPT}
        said = {"reference": said.reference, "amount": said.amount, "currency": said.currency, "answer": answer}
    row[ASKED] = {
        "read": {name: getattr(asked.read, name) for name in CardRead.__slots__ if name != "pin"}
        | {"pin": None if asked.read.pin is None else asdict(asked.read.pin)},
        "tip": asked.tip,
        "said": said,
        "problem": asked.problem,
        "host": asked.host,
    }


def take(row: Document) -> Asked | None:
    """What was kept, which is gone from the row by that; None when nothing is pending."""
    kept = row.pop(ASKED, None)
    if kept is None:
        return None
    read, said = kept["read"], kept["said"]
    pin = EncipheredPin(**read["pin"]) if read["pin"] else None
    if said is not None:
        said = Said(**{**said, "answer": IssuerResponse(**said["answer"])})
    return Asked(CardRead(**{**read, "pin": pin}), kept["tip"], said, kept["problem"], kept["host"])


def answer_for(action: str, asked: Asked) -> AuthorizationAnswer:
    """What the device is told."""
    if asked.said is None or not asked.said.answer.sent:
        answer = None if asked.said is None else asked.said.answer
        code, message = (answer.code, answer.message) if answer is not None else _of(asked.problem)
        return AuthorizationAnswer(action, approved=False, code=code, message=message)
    answer = asked.said.answer
    return AuthorizationAnswer(action, answer.approved, answer.code, answer.message, answer.response_code, answer.emv)


def _of(problem: Document | None) -> tuple[str | None, str | None]:
    return (None, None) if problem is None else (problem["code"], problem["message"])
