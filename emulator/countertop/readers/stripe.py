"""A swipe: what the reader makes of a magnetic stripe (card-hardware.md D.1)."""

from __future__ import annotations

from countertop.cards import MagneticStripe, brand_of
from countertop.emv.tracks import ServiceCode, Track1, Track2, TrackError
from countertop.gateway.messages import ReadMethod
from countertop.readers.state import SeenCard
from countertop.readers.turn import Turn
from countertop.readers.waiting import wait

FALLBACK: ReadMethod = "magnetic_stripe_fallback"


def seen(turn: Turn, stripe: MagneticStripe, method: ReadMethod, *, guest: bool = False) -> SeenCard | None:
    """The card of a stripe, whose track goes into the vault; None, and a notice, when the reader does not take it.

    ``guest``: it may be somebody's own.  Then its PAN is truncated, its track and name are not kept, no PIN is asked.
    """
    turn.trail.step(turn.now_ms, "magnetic stripe")
    try:
        name, track = _tracks(stripe)
        service = ServiceCode.parse(track.service_code)
        if not track.expiry:
            raise TrackError("it has no expiry date")
    except TrackError as error:
        turn.trail.decision(turn.now_ms, "stripe", "unreadable", str(error))
        wait(turn, "swipe_again")
        return None
    turn.trail.knows(track.pan)
    turn.trail.decision(turn.now_ms, "service code", service.digits, service.words)
    if service.has_chip and method != FALLBACK and "insert" in turn.sku.model.input.interfaces:
        turn.trail.decision(turn.now_ms, "stripe", "refused", "the card has a chip, which was not tried yet")
        wait(turn, "insert_card")
        return None
    if method == FALLBACK:
        turn.trail.decision(turn.now_ms, "fallback", "allowed", "the chip could not be read")
    truncated = turn.room.truncate(track.pan) if guest else None
    wants_pin = service.pin != "none" and turn.sku.pin == "online" and truncated is None
    why = f"the service code says: {service.pin}" if wants_pin else "nothing asks for one here"
    turn.trail.decision(turn.now_ms, "CVM", "online PIN" if wants_pin else "none", why)
    turn.change_sale(
        pin_wanted="online_pin" if wants_pin else "none",
        pin_block=(),
        track="" if truncated else turn.room.keep_track(turn.state.serial, track.equivalent),
    )
    return SeenCard(
        token=truncated or turn.room.tokenize(track.pan),
        brand=brand_of(track.pan),
        last4=track.pan[-4:],
        read_method=method,
        exp_month=int(track.expiry[2:]),
        exp_year=2000 + int(track.expiry[:2]),
        cardholder_name=None if truncated else name,
    )


def _tracks(stripe: MagneticStripe) -> tuple[str | None, Track2]:
    """The holder's name, and track 2, or what track 1 has of it.  Raises TrackError when neither can be read."""
    try:
        first = Track1.parse(stripe.track_1) if stripe.track_1 else None
    except TrackError:
        first = None
    name = first.name.strip() if first is not None else None
    try:
        return name, Track2.parse(stripe.track_2)
    except TrackError:
        if first is None:
            raise
    digits = "".join(sign for sign in first.discretionary if sign.isdigit())
    return name, Track2(first.pan, first.expiry, first.service_code, digits[:8])
