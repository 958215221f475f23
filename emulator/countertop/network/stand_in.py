"""What the network does in the stead of an issuer whose host is down, and what it tells the host afterwards."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from countertop.money import decimals
from countertop.network.messages import IssuerRequest, IssuerResponse, Merchant, PinBlock

DOWN = "_host_down"
"""Rows ``{id: name of a host}``."""
ADVICES = "_host_advice"
"""Rows ``{id: number, host, request}``: what a host has to be told when it is up again."""
# Units of any currency up to which a chip is approved without its issuer (assumed).
LIMIT = 50
MOST_ADVICES = 10_000
NOT_AVAILABLE = "Your card was declined: its issuer could not be reached."


def is_down(tx: Any, host: str) -> bool:
    """Whether a host is down."""
    return tx.raw("", DOWN, host) is not None


def set_down(tx: Any, host: str, down: bool) -> None:
    """A host goes down, or comes up again."""
    if down:
        tx.put("", DOWN, {"id": host}, created=0)
    else:
        tx.delete("", DOWN, host)


def decide(tx: Any, host: str, request: IssuerRequest) -> IssuerResponse:
    """Approve what is small and was read from a chip, and what takes nothing from anybody; the host is told later."""
    asks_for_money = request.kind in ("authorization", "incremental")
    if asks_for_money and not (
        request.emv and request.amount <= LIMIT * 10 ** decimals(request.currency) and request.pin is None
    ):
        why = "the issuer's host is down, and this is not for the network to approve"
        return IssuerResponse(
            False,
            "91",
            code="card_declined",
            decline_code="issuer_not_available",
            message=NOT_AVAILABLE,
            notes=(("stand-in", "declined", why),),
        )
    _keep(tx, host, request)
    why = "the issuer's host is down; it will be told"
    return IssuerResponse(True, "00", authorization_code="STANDI", notes=(("stand-in", "approved", why),))


def advices(tx: Any, host: str) -> list[IssuerRequest]:
    """What a host has to be told, oldest first; it is forgotten by that."""
    found = []
    for name, _ in sorted(tx.each("", ADVICES), key=lambda entry: int(entry[0])):
        row = tx.get("", ADVICES, name)
        if row["host"] == host:
            tx.delete("", ADVICES, name)
            members = row["request"]
            pin = PinBlock(**members["pin"]) if members["pin"] else None
            merchant = Merchant(**members["merchant"])
            found.append(replace(IssuerRequest(**members | {"pin": pin, "merchant": merchant}), kind="advice"))
    return found


def _keep(tx: Any, host: str, request: IssuerRequest) -> None:
    taken = [int(name) for name, _ in tx.each("", ADVICES)]
    if len(taken) < MOST_ADVICES:
        row = {"id": str(max(taken, default=0) + 1), "host": host, "request": asdict(request)}
        tx.put("", ADVICES, row, created=0)
