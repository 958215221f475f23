"""What payments know of a card: brand, funding, country, last four; the number itself stays in the vault."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from countertop.cards.catalog import card_of_number
from countertop.cards.numbers import brand_of
from countertop.network.messages import PinBlock
from countertop.services.payments.chip_facts import ChipFacts, facts_of
from countertop.vault import Vault

Document = dict[str, Any]
# Only on a method of type card_present (terminal.md §2.8).
# Product codes of the schemes that have them, by brand and funding (assumed: docs/assumptions.md).
PRODUCTS = {
    ("visa", "credit"): "F",
    ("visa", "debit"): "F",
    ("visa", "prepaid"): "J3",
    ("mastercard", "credit"): "MCC",
    ("mastercard", "debit"): "MDS",
    ("mastercard", "prepaid"): "MPG",
}
NOT_OF_INTERAC = ("brand_product", "offline", "wallet")


@dataclass(frozen=True, slots=True)
class Card:
    """A card as a payment uses it.  ``token`` names its PAN in the vault; ``cvm`` and ``read_method`` are how it
    met a reader (None for a card typed in).

    ``emv`` and ``pin``: what a chip and a PIN pad have for the issuer; ``track``: track 2's name in the vault.
    ``chip``: what a receipt tells of it.

    ``networks``: what it can run on, the international brand last.  ``network``: the one that its holder chose, and
    once :func:`~countertop.services.payments.networks.road_of` has routed it, the one that it runs on.
    """

    token: str
    brand: str
    funding: str
    country: str
    last4: str
    fingerprint: str
    exp_month: int
    exp_year: int
    networks: tuple[str, ...]
    cardholder_name: str | None = None
    read_method: str | None = None
    cvm: str = "none"
    network: str | None = None
    emv: str = ""
    pin: PinBlock | None = None
    track: str = ""
    chip: ChipFacts | None = None


def describe(vault: Vault, account: str, number: str, token: str, exp_month: int, exp_year: int) -> Card:
    """The facts of a card by its number: those of a test card, or what the BIN tells."""
    known = card_of_number(number)
    brand = known.brand if known else brand_of(number)
    return Card(
        token=token,
        brand=brand,
        funding=known.funding if known else "credit",
        country=known.country if known else "US",
        last4=number[-4:],
        fingerprint=vault.fingerprint(number if number.isdigit() else token, account),
        exp_month=exp_month,
        exp_year=exp_year,
        networks=tuple(known.networks) if known else (brand,),
    )


def met_reader(
    card: Card,
    read_method: str | None,
    cvm: str,
    cardholder_name: str | None,
    network: str | None = None,
    emv: str = "",
    pin: PinBlock | None = None,
) -> Card:
    """The same card, read by a reader; ``network`` is what its holder or its chip chose, ``emv`` what its chip said."""
    return replace(
        card,
        read_method=read_method,
        cvm=cvm,
        cardholder_name=cardholder_name,
        network=network,
        emv=emv,
        pin=pin,
        chip=facts_of(emv),
    )


def typed_in(card: Card) -> Card:
    """The same card as a number alone: what a generated card is."""
    return replace(
        card, read_method=None, cvm="none", cardholder_name=None, network=None, emv="", pin=None, track="", chip=None
    )


def to_row(card: Card, method: str) -> Document:
    """What is kept beside a payment method: its card's vault token and what was read with it."""
    return {
        "id": method,
        "token": card.token,
        "read_method": card.read_method,
        "cvm": card.cvm,
        "facts": [card.brand, card.funding, card.country, card.last4, card.fingerprint],
        "expiry": [card.exp_month, card.exp_year],
        "networks": list(card.networks),
        "network": card.network,
        "cardholder_name": card.cardholder_name,
    }


def from_row(row: Document) -> Card:
    """The card of such a row."""
    brand, funding, country, last4, fingerprint = row["facts"]
    month, year = row["expiry"]
    return Card(
        row["token"],
        brand,
        funding,
        country,
        last4,
        fingerprint,
        month,
        year,
        tuple(row["networks"]),
        row["cardholder_name"],
        row["read_method"],
        row["cvm"],
        row.get("network"),  # rows of older data files have none
    )


def product_of(card: Card) -> str | None:
    """The scheme's code of what kind of card it is, of a chip that was read; None where nothing is known of it."""
    return PRODUCTS.get((card.brand, card.funding)) if card.chip else None


def wallet_member(card: Card) -> Document | None:
    """The wallet that a card was in, as the API says it; None for plastic."""
    return {"type": card.chip.wallet} if card.chip is not None and card.chip.wallet is not None else None


def as_card(card: Card) -> Document:
    """The ``card`` member of a PaymentMethod that was typed in."""
    return {
        "brand": card.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "unchecked"},
        "country": card.country,
        "display_brand": card.brand,
        "exp_month": card.exp_month,
        "exp_year": card.exp_year,
        "fingerprint": card.fingerprint,
        "funding": card.funding,
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": list(card.networks), "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def as_read(card: Card, kind: str) -> Document:
    """The ``card_present`` or ``interac_present`` member of a PaymentMethod that met a reader (terminal.md §2.8)."""
    member: Document = {
        "brand": card.brand,
        "brand_product": product_of(card),
        "cardholder_name": card.cardholder_name,
        "country": card.country,
        "exp_month": card.exp_month,
        "exp_year": card.exp_year,
        "fingerprint": card.fingerprint,
        "funding": card.funding,
        "last4": card.last4,
        "networks": {"available": list(card.networks), "preferred": None},
        "offline": {"stored_at": None, "type": None},
        "preferred_locales": list(card.chip.locales) if card.chip else [],
        "read_method": card.read_method,
        "wallet": wallet_member(card),
    }
    if kind == "interac_present":
        for name in NOT_OF_INTERAC:
            del member[name]
    return member
