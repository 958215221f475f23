"""POST readers/{reader}/attach: a real device becomes the card slot of a reader, for as long as the answer lasts.

The answer is a stream of server-sent events: ``attached`` once, then ``ask`` for every question to the card.  What
happens at the device, and the card's answers, come in requests of their own; the server waits for none of them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from countertop.cards import Allowed, MagneticStripe
from countertop.emv.kernel import Silence
from countertop.server.control.ask import Ask, NotFound
from countertop.server.control.bodies import AttachedCard, Attaching, CardAnswer
from countertop.server.control.readers import serial_of
from countertop.server.control.stream import feed
from countertop.server.streams import encode

if TYPE_CHECKING:
    from countertop.server.owner import Owner

#: A topic that nothing of the live feed has: such a client hears only what it is told.
PRIVATE = frozenset(("attachment",))


async def attach(owner: Owner, names: Mapping[str, str], body: bytes, receive: Any, send: Any) -> None:
    """Attach, and stream the questions until either side goes.

    Raises CountertopError before anything is sent when the reader is unknown, has a device, or takes no such cards.
    """
    ask = Ask(owner, names, {}, body)
    wanted = ask.model(Attaching)
    client = owner.streams.subscribe(PRIVATE)

    def tell(question: dict[str, Any]) -> None:
        client.offer(encode("ask", 0, question))
        if question["do"] == "detached":
            client.close()

    def begin() -> str:
        serial = serial_of(ask)
        allowed = Allowed(**dict.fromkeys(wanted.allow, True))
        devices = ask.bench.devices
        ask.bench.transact(lambda tx: devices.attach(tx, serial, wanted.device, wanted.how, allowed, tell))
        return serial

    try:
        serial = await owner.do(begin)
    except BaseException:
        owner.streams.leave(client)
        raise
    try:
        await feed(owner, client, encode("attached", 0, {"serial": serial}), receive, send)
    finally:
        # A server that stops has let the world go already; what was attached was kept in memory only.
        with contextlib.suppress(RuntimeError):
            await owner.do(lambda: owner.bench.transact(lambda tx: owner.bench.devices.detach(tx, serial, tell)))


def listed(ask: Ask) -> list[dict[str, Any]]:
    """GET attachments: every device that is attached to a reader."""
    return [attachment.document() for attachment in ask.bench.devices.attachments()]


def card(ask: Ask) -> dict[str, Any]:
    """POST readers/{reader}/attach/card: a card came to the device, left it, or was pulled through it."""
    body = ask.model(AttachedCard)
    serial, devices = serial_of(ask), ask.bench.devices
    if body.tracks is not None:
        first, second, third = (track or "" for track in body.tracks)
        stripe = MagneticStripe(first, second, third)
        ask.bench.transact(lambda tx: devices.stripe_came(tx, serial, stripe))
    elif body.state == "present":
        ask.bench.transact(lambda tx: devices.card_came(tx, serial))
    else:
        ask.bench.transact(lambda tx: devices.card_gone(tx, serial))
    return {"serial": serial}


def answer(ask: Ask) -> dict[str, Any]:
    """POST readers/{reader}/attach/answer: what the card said, or that it said nothing."""
    body = ask.model(CardAnswer)
    serial, devices = serial_of(ask), ask.bench.devices
    said = Silence(body.silence) if body.silence is not None else bytes.fromhex(body.response or "")
    ask.bench.transact(lambda tx: devices.card_said(tx, serial, body.number, said))
    return {"serial": serial}


def detach(ask: Ask) -> dict[str, Any]:
    """POST readers/{reader}/detach: let go of the device at a reader; its process hears that and ends."""
    serial, devices = serial_of(ask), ask.bench.devices
    attachment = devices.attachment(serial)
    if attachment is None:
        raise NotFound("No device is attached to this reader.", "GET attachments lists them.")
    ask.bench.transact(lambda tx: devices.detach(tx, serial, attachment.tell))
    attachment.tell({"do": "detached"})
    return {"serial": serial}
