"""Cards that a bank of this world issues (issuing.md §3.8), as a customer holds them: plastic, or in a phone.

They have a number in the bank's own range, its keys and certificates, and come under Visa's authority.
"""

from __future__ import annotations

from dataclasses import replace

from countertop.cards.card import SimulatedCard
from countertop.cards.wallets import WALLETS, Wallet

ISSUER = "countertop"
"""Whose keys they have (:mod:`countertop.emv.issuer_keys`)."""
BRAND = "visa"
NUMBERS = "400000999"
"""What the numbers of cards begin with."""
DEVICE_NUMBERS = "489538"
"""What the numbers of phones with such a card begin with (ours: no test number of a token is known)."""
SERVICE_CODE = "201"


def plastic(
    card: str, number: str, *, name: str, country: str, valid_until: tuple[int, int], pin: str, sequence: int = 1
) -> SimulatedCard:
    """The physical card of the id ``card`` (``ic_…``).

    ``name``: as it is embossed.  ``valid_until``: month and year.  ``sequence``: of cards that share a number.
    """
    return SimulatedCard(
        number,
        card,
        BRAND,
        "prepaid",
        country,
        cvm="offline_pin",
        cardholder_name=_embossed(name),
        pin=pin,
        service_code=SERVICE_CODE,
        issuer=ISSUER,
        valid_until=valid_until,
        sequence=sequence,
    )


def in_device(card: SimulatedCard, token: str, number: str, wallet: Wallet) -> SimulatedCard:
    """The card in a phone: the token ``token`` (``intok_…``) with a number of its own."""
    return replace(
        card,
        number=number,
        name=token,
        cvm="none",
        wallet=wallet.name,
        funding_number=card.number,
        sequence=0,
    )


def wallet_of(name: str) -> Wallet | None:
    """The wallet of this name, if there is one."""
    return WALLETS.get(name)


def _embossed(name: str) -> str:
    """SURNAME/GIVEN NAMES, as tracks have it."""
    given, _, surname = name.upper().rpartition(" ")
    return f"{surname}/{given}" if given else surname
