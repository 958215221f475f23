"""Phones and watches with a card in them: a number of their own (DPAN), and what a reader learns of the device (F.5).

The numbers are made from the card's and the wallet's name, so that the same phone has the same number everywhere.  The
token requestors are those that the wallets are known by (assumed: docs/assumptions.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType

from countertop.cards.card import SimulatedCard
from countertop.cards.numbers import check_digit
from countertop.cards.published import TEST_CARDS

SEPARATOR = ":"
"""Between the names of wallet and card: ``apple_pay:visa``."""


@dataclass(frozen=True, slots=True)
class Wallet:
    """A wallet.  ``requestor``: who asks the schemes for its numbers, tag 9F19, 11 digits."""

    name: str
    title: str
    requestor: str


WALLETS: Mapping[str, Wallet] = MappingProxyType(
    {
        wallet.name: wallet
        for wallet in (
            Wallet("apple_pay", "Apple Pay", "40010030273"),
            Wallet("google_pay", "Google Pay", "40010075001"),
            Wallet("samsung_pay", "Samsung Pay", "40010043095"),
        )
    }
)
"""Wallets by the API's names."""
# Ranges of our own within those of the brands, so that a device's number is never a test card's.
_PREFIXES = {"visa": "489537", "mastercard": "520473", "amex": "374245", "discover": "601195"}


def wallet_of_requestor(requestor: str) -> Wallet | None:
    """The wallet behind a token requestor; None for one that is not known."""
    return next((wallet for wallet in WALLETS.values() if wallet.requestor == requestor), None)


def fits_a_wallet(card: SimulatedCard) -> bool:
    """Whether wallets take this card: their schemes are Visa, Mastercard, Amex and Discover."""
    return card.brand in _PREFIXES and card.wallet is None and card.chip


@cache
def device_card(card: SimulatedCard, wallet: Wallet) -> SimulatedCard:
    """The card as it is in a device; asked only of one that fits a wallet.

    It has a number of its own, runs on its international brand, and asks for no PIN: the device knows its holder.
    """
    prefix, length = _PREFIXES[card.brand], len(card.number)
    digest = hashlib.sha256(f"{wallet.name}{SEPARATOR}{card.name}{SEPARATOR}{card.number}".encode()).digest()
    body = prefix + f"{int.from_bytes(digest[:8], 'big'):020d}"[-(length - len(prefix) - 1) :]
    return replace(
        card,
        number=body + check_digit(body),
        name=f"{wallet.name}{SEPARATOR}{card.name}",
        networks=(card.brand,),
        cvm="none",
        wallet=wallet.name,
        funding_number=card.number,
    )


@cache
def device_cards() -> Mapping[str, SimulatedCard]:
    """Every test card in every wallet, by the device's number."""
    made = [device_card(card, wallet) for card in TEST_CARDS if fits_a_wallet(card) for wallet in WALLETS.values()]
    return MappingProxyType({card.number: card for card in reversed(made)})


def account_reference(card: SimulatedCard) -> bytes:
    """The payment account reference, tag 9F24, 29 characters: the same for a card and every device that it is in."""
    number = card.funding_number or card.number
    digest = hashlib.sha256(f"PAR{number}".encode()).digest()
    letters = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    return b"V001" + "".join(letters[byte % len(letters)] for byte in digest[:25]).encode()


def device_objects(card: SimulatedCard) -> tuple[tuple[int, bytes], ...]:
    """What a device tells beside what a card tells: requestor, account, last digits of the card, kind of device."""
    if card.wallet is None:
        return ((0x9F24, account_reference(card)),)
    requestor = bytes.fromhex(WALLETS[card.wallet].requestor.rjust(12, "0"))
    objects = [(0x9F19, requestor), (0x9F24, account_reference(card))]
    objects.append((0x9F25, bytes.fromhex(card.funding_number[-4:])))
    # A phone: Visa's form factor, or Mastercard's country, product and device type.
    factor = bytes.fromhex("23800000") if card.brand == "visa" else bytes.fromhex("084000003031")
    return (*objects, (0x9F6E, factor))
