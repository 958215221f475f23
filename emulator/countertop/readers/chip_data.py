"""From data objects of the kernel to what the reader knows of a card, and to what the issuer is sent."""

from __future__ import annotations

from collections.abc import Mapping

from countertop.cards.numbers import brand_of
from countertop.emv import cvm
from countertop.emv.bits import TVR
from countertop.emv.kernel import ApplicationRead, GoOnline, Outcome
from countertop.emv.tlv import join
from countertop.gateway import CardRead, EncipheredPin
from countertop.gateway.messages import Cvm, ReadMethod
from countertop.readers.state import SeenCard
from countertop.readers.terminals import DOMESTIC, network_of
from countertop.readers.turn import Turn

# Field 55 of a request, in the usual order (EMV Book 4 §12, network practice).
FOR_THE_ISSUER = (
    0x82, 0x84, 0x95, 0x9A, 0x9B, 0x9C, 0x5F2A, 0x5F34, 0x9F02, 0x9F03, 0x9F06, 0x9F09, 0x9F10, 0x9F1A, 0x9F1E, 0x9F21,
    0x9F19, 0x9F26, 0x9F27, 0x9F33, 0x9F34, 0x9F35, 0x9F36, 0x9F37, 0x9F39, 0x9F41, 0x9F66, 0x9F6C, 0x9F6E,
)  # fmt: skip
HAVE_DATA = (ApplicationRead, GoOnline, Outcome)
# What a receipt and the charge want beside it.
FOR_THE_RECEIPT = (0x50, 0x5F2D, 0x8A, 0x91, 0x9F12, 0x9F4C, 0x9F5B)
# POS entry modes, tag 9F39.
_READ_METHODS: dict[bytes, ReadMethod] = {
    b"\x05": "contact_emv",
    b"\x07": "contactless_emv",
    b"\x91": "contactless_magstripe_mode",
}
BY_DEVICE, CONTACT = 0x01, b"\x05"
_METHODS: dict[int, Cvm] = {
    cvm.PLAINTEXT_PIN: "offline_pin",
    cvm.ENCIPHERED_PIN: "offline_pin",
    cvm.PLAINTEXT_PIN_AND_SIGNATURE: "offline_pin_and_signature",
    cvm.ENCIPHERED_PIN_AND_SIGNATURE: "offline_pin_and_signature",
    cvm.ONLINE_PIN: "online_pin",
    cvm.SIGNATURE: "signature",
}


def unread(read_method: ReadMethod) -> SeenCard:
    """A card of which nothing is known yet."""
    return SeenCard("", "unknown", "", read_method, 0, 0, None)


def learnt(turn: Turn, data: Mapping[int, bytes]) -> SeenCard:
    """The card that the records tell of; its PAN goes into the vault, and a track that was made for the issuer.

    Of somebody's own card neither does: its PAN is truncated, its track and its holder's name are not kept.
    """
    read_method = _READ_METHODS[data[0x9F39]]
    guest = turn.slot is not None and turn.slot.distant is not None
    if read_method == "contactless_magstripe_mode":
        track = data[0x9F6B]
        pan, _, rest = track.hex().upper().partition("D")
        expiry = rest[:4]
        truncated = turn.room.truncate(pan) if guest else None
        if truncated is None:
            turn.change_sale(track=turn.room.keep_track(turn.state.serial, track))
    else:
        pan = (data.get(0x5A) or data.get(0x57, b"")).hex().upper().partition("D")[0].rstrip("F")
        expiry = data[0x5F24].hex()
        truncated = turn.room.truncate(pan) if guest else None
    turn.trail.knows(pan)
    if truncated is None:
        turn.trail.is_ours()
    name = data.get(0x5F20) if truncated is None else None
    network = network_of(data[0x84])
    return SeenCard(
        token=truncated or turn.room.tokenize(pan),
        brand=network if network not in DOMESTIC else brand_of(pan),
        last4=pan[-4:],
        read_method=read_method,
        exp_month=int(expiry[2:4]),
        exp_year=2000 + int(expiry[:2]),
        cardholder_name=name.decode("latin-1").strip() or None if name else None,
        networks=turn.slot.networks if turn.slot is not None and turn.slot.networks else (network,),
        network=network,
    )


def token_of(turn: Turn) -> str:
    """The name of the PAN that was read."""
    assert turn.sale.card is not None, "a card was read"
    return turn.sale.card.token


def cvm_of(data: Mapping[int, bytes]) -> Cvm:
    """How the cardholder was verified, in the API's words, from tags 9F34, 95 and 9F39."""
    if TVR.CV_FAILED in TVR(int.from_bytes(data[0x95], "big")):
        return "failure"
    method = data[0x9F34][0] & cvm.METHOD_MASK
    if method == BY_DEVICE and data[0x9F39] != CONTACT:
        return "approval"
    return _METHODS.get(method, "none")


def card_read(turn: Turn) -> CardRead:
    """What the platform is told of the card of the running sale."""
    card = turn.sale.card
    assert card is not None, "a card was read"
    data = turn.slot.next.data if turn.slot is not None and isinstance(turn.slot.next, HAVE_DATA) else {}
    return CardRead(
        card_token=card.token,
        read_method=card.read_method,
        exp_month=card.exp_month,
        exp_year=card.exp_year,
        cardholder_name=card.cardholder_name,
        cvm=card.cvm,
        network=card.network,
        # The issuer of a track knows it by the code in it; data objects would tell it nothing.
        emv="" if turn.sale.track else final(data),
        pin=_pin(turn.sale.pin_block),
        track=turn.sale.track,
    )


def _pin(kept: tuple[str, ...]) -> EncipheredPin | None:
    if not kept:
        return None
    block, ksn, algorithm = kept
    return EncipheredPin(block, ksn, "aes" if algorithm == "aes" else "tdes")


def final(data: Mapping[int, bytes]) -> str:
    """The data objects that leave the reader, in hexadecimal; none of them holds a PAN, a track or a PIN."""
    return join((tag, data[tag]) for tag in (*FOR_THE_ISSUER, *FOR_THE_RECEIPT) if data.get(tag)).hex().upper()
