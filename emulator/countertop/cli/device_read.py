"""``countertop device read-card``: what a payment card says to a terminal, up to where a payment would begin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from countertop.cli.opened import opened, usual_way
from countertop.errors import CountertopError

if TYPE_CHECKING:
    from countertop.emv.kernel import Outcome
    from countertop.readers.slot import Prompt, Slot

#: Data objects of the terminal itself, which say nothing of the card.
OF_THE_TERMINAL = frozenset((
    0x81, 0x95, 0x9A, 0x9B, 0x9C, 0x5F2A, 0x5F36, 0x9F02, 0x9F03, 0x9F04, 0x9F06, 0x9F09, 0x9F15, 0x9F1A, 0x9F1C,
    0x9F1E, 0x9F21, 0x9F2A, 0x9F33, 0x9F34, 0x9F35, 0x9F37, 0x9F39, 0x9F40, 0x9F41, 0x9F4E, 0x9F66,
))  # fmt: skip
MOST_APPLICATIONS = 10
LONGEST = 128
UNITED_STATES = "US"


@click.command("read-card")
@click.argument("url")
@click.option("--how", type=click.Choice(["insert", "tap"]), help="How its cards are read, if not as usual.")
@click.option("--apdus", is_flag=True, help="Show every command and response, decoded.")
@click.option("--wait", default=0, type=click.IntRange(0, 3600), help="Seconds to wait for a card.")
def read_card(url: str, how: str | None, apdus: bool, wait: int) -> None:
    """Read the payment applications of a card, without paying.

    Numbers, tracks and names are shown masked. Nothing is sent that changes the card, but its transaction counter goes
    up, and over the air it makes a cryptogram, for an amount of zero, that nobody gets.
    """
    with opened(url) as (link, drivers):
        if not drivers.is_slot(link):
            raise CountertopError(f"{url} reads stripes.", "countertop device track URL prints what a swipe says.")
        slot = drivers.careful(link)
        if wait and not link.wait(True, wait):
            raise CountertopError(f"No card came within {wait} s.")
        for number, lines in enumerate(_applications(slot, how or usual_way(url), apdus)):
            if number:
                click.echo("")
            for line in lines:
                click.echo(line)


def _applications(link: Any, how: str, apdus: bool) -> Iterator[list[str]]:
    """What each application of the card says, in lines."""
    count, number = 1, 0
    while number < min(count, MOST_APPLICATIONS):
        slot, trail = _slot(link, how)
        event, offered = _read(slot, how, number)
        count = max(count, offered)
        yield [*_said(event), *(_decoded(trail) if apdus else ())]
        slot.close()
        number += 1


def _slot(link: Any, how: str) -> tuple[Slot, Any]:
    import time

    from countertop.readers.slot import Slot
    from countertop.readers.trail import Trail

    trail = Trail()
    trail.presented(guest=True)
    return Slot(1, link, trail, lambda: time.time_ns() // 1_000_000, over_the_air=how == "tap"), trail


def _read(slot: Slot, how: str, number: int) -> tuple[Prompt | Outcome, int]:
    """Read application ``number`` of those that the card offers; also how many there are."""
    import secrets
    import time

    from countertop.emv.kernel import ChooseApplication, Request, contact, contactless
    from countertop.iso_codes import currency_number, packed
    from countertop.readers.terminals import reading_terminal

    terminal = reading_terminal(UNITED_STATES, over_the_air=how == "tap")
    now = time.gmtime()
    request = Request(
        amount=0,
        currency=packed(currency_number("usd")),
        date=time.strftime("%y%m%d", now),
        time=time.strftime("%H%M%S", now),
        draw=secrets.token_bytes,
    )
    event = slot.begin((contactless if how == "tap" else contact)(terminal, request))
    if isinstance(event, ChooseApplication):
        return slot.go_on(number), len(event.candidates)
    return event, 1


def _said(event: Prompt | Outcome) -> Iterator[str]:
    from countertop.emv.kernel import ApplicationRead, Outcome

    if isinstance(event, ApplicationRead):
        yield from _objects(event.data)
    elif isinstance(event, Outcome):
        yield f"{event.result}: {event.why}"


def _objects(data: Mapping[int, bytes]) -> Iterator[str]:
    from countertop.cli.card_tlv import tree
    from countertop.emv.tlv import make
    from countertop.trace.mask import Mask

    mask = Mask((), guest=True)
    label = data.get(0x9F12) or data.get(0x50, b"")
    yield f"{data.get(0x84, b'').hex().upper()}  {label.decode('latin-1')}"
    for tag in sorted(data):
        if tag in OF_THE_TERMINAL or not data[tag]:
            continue
        shown = mask.response(make(tag, data[tag]).hex().upper() + "9000")[:-4]
        if "*" in shown:
            from countertop.emv.tags import name_of
            from countertop.emv.tlv import name

            hidden = shown[-2 * len(data[tag]) :]
            what = hidden if len(hidden) <= LONGEST else f"hidden ({len(data[tag])} bytes)"
            yield f"  {name(tag)} {name_of(tag)}: {what}"
            continue
        value = data[tag].hex().upper()
        for line in tree(make(tag, data[tag])):
            # Of a certificate the length says as much as its bytes.
            cut = f"{value[:24]}… ({len(data[tag])} bytes)"
            yield f"  {line.replace(value, cut) if len(value) > LONGEST else line}"


def _decoded(trail: Any) -> Iterator[str]:
    from countertop.trace.text import render

    entries = trail.take()
    started = entries[0]["at"] if entries else 0
    trace = {"object": "read-card", "outcome": "read", "started_ms": started, "entries": list(entries)}
    yield from render(trace).splitlines()
