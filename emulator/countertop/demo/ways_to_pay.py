"""Ways to pay beside the chip in the slot: a phone, a tap whose bank wants the PIN, a stripe when the chip is dead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.cards import Phone

if TYPE_CHECKING:
    from countertop.demo.shop import Say, Shop


def phone_tap(shop: Shop, say: Say) -> None:
    """A locked phone is refused until its holder has looked at it."""
    phone = Phone("apple_pay", "visa", locked=True)
    intent = shop.ask(620, "gbp")
    shop.hand("the customer holds a locked phone to the reader", lambda reader: reader.tap(phone))
    shop.wait_until("waiting")
    phone.unlock()
    shop.hand("looks at it, and holds it there once more", lambda reader: reader.tap(phone))
    paid = shop.outcome(intent)
    card = shop.card_of(paid)
    wallet = card.wallet.type if card.wallet else "none"
    say(f"   wallet {wallet}, device number •••• {card.last4}; the card in it ends in 4242")
    shop.traced(intent)


def soft_decline(shop: Shop, say: Say) -> None:
    """The bank wants to know who holds the card (SCA): the same sale goes on with chip and PIN, as a second charge."""
    card = "offline_pin_sca_retry"
    intent = shop.ask(1850, "gbp")
    shop.hand(f"the customer taps: {card}", lambda reader: reader.tap(card))
    shop.wait_until("waiting")
    shop.hand("the customer inserts it", lambda reader: reader.insert(card))
    shop.wait_until("pin")
    shop.hand("and types the PIN", lambda reader: reader.enter_pin("1234"))
    shop.outcome(intent)
    shop.hand("and takes the card out again", lambda reader: reader.remove_card())
    for charge in reversed(shop.client.v1.charges.list({"payment_intent": intent}).data):
        method = shop.card_of_charge(charge).read_method
        why = f": {charge.failure_code}" if charge.failure_code else ""
        say(f"   charge {charge.id}: {method}, {charge.status}{why}")
    shop.traced(intent)


def fallback(shop: Shop, say: Say) -> None:
    """A chip card is swiped only when its chip failed twice."""
    intent = shop.ask(4500, "usd")
    shop.hand("the customer swipes a card that has a chip", lambda reader: reader.swipe("visa"))
    shop.wait_until("waiting")
    for times in ("inserts it: its chip is dead", "tries it once more"):
        shop.hand(f"the customer {times}", lambda reader: reader.insert("visa", ["mute"]))
        shop.wait_until("remove_card")
        shop.hand("and takes it out", lambda reader: reader.remove_card())
    shop.wait_until("waiting")
    shop.hand("and swipes it", lambda reader: reader.swipe("visa"))
    say(f"   read method {shop.card_of(shop.outcome(intent)).read_method}")
    shop.traced(intent)
