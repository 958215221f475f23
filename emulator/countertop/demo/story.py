"""The story: what three shops do on a day, through the official SDK over HTTP, with hands on virtual readers."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

from countertop import money
from countertop.demo import ways_to_pay
from countertop.demo.shop import Say, Shop, wait_for
from countertop.demo.webhook_listener import WebhookListener
from countertop.errors import MissingExtra

if TYPE_CHECKING:
    from countertop.bench import Bench

US_KEY, GB_KEY, CA_KEY = "sk_test_demo_us", "sk_test_demo_gb", "sk_test_demo_ca"
SHOPS = {
    US_KEY: (
        "Blue Bottle Books",
        {"line1": "510 Townsend St", "city": "San Francisco", "state": "CA", "postal_code": "94103", "country": "US"},
    ),
    GB_KEY: (
        "The Corner Shop",
        {"line1": "9 Appold Street", "city": "London", "postal_code": "EC2A 2AP", "country": "GB"},
    ),
    CA_KEY: (
        "Maple & Rye",
        {"line1": "100 King St W", "city": "Toronto", "state": "ON", "postal_code": "M5X 1A9", "country": "CA"},
    ),
}
SIGNATURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 60"><path d="M10 40C60 0 90 60 190 20"/></svg>'


def tell(bench: Bench, url: str, say: Say) -> None:
    """Run the whole story.  Raises MissingExtra without ``[sdk]``, WaitExpired when something never happened."""
    if importlib.util.find_spec("stripe") is None:
        raise MissingExtra("The demo", "sdk")
    say(f"Countertop is listening at {url}: the official SDK talks to it over HTTP.\n")
    with WebhookListener() as listener:
        shops = {key: Shop(bench, url, key, listener, say) for key in SHOPS}
        for key, (name, address) in SHOPS.items():
            bench.configure_account(key, country=address["country"], business_name=name)
            shops[key].open(f"{name}, {address['city']}", address, by_pairing_code=key != GB_KEY)
        us, gb, ca = shops.values()
        _say_title(say, 1, "A sale that is approved, and captured later")
        book = _captured_later(us, say)
        _say_title(say, 2, "A sale that the card's bank declines")
        gb.sell(1999, "gbp", "charge_declined_insufficient_funds")
        _say_title(say, 3, "The first sale is refunded")
        refund = us.client.v1.refunds.create({"payment_intent": book})
        say(f"   refund {refund.id}: {money.show(refund.amount, refund.currency)} {refund.status}")
        _say_title(say, 4, "A phone is held to the reader")
        ways_to_pay.phone_tap(gb, say)
        _say_title(say, 5, "A tap whose bank wants the PIN, then chip and PIN on the same sale")
        ways_to_pay.soft_decline(gb, say)
        _say_title(say, 6, "A dead chip, and the stripe instead")
        ways_to_pay.fallback(us, say)
        _say_title(say, 7, "A sale with a tip")
        _tipped(us)
        _say_title(say, 8, "Interac in Toronto, and a refund at the reader")
        _interac(ca, say)
        _say_title(say, 9, "A form with a signature")
        _form(gb, say)
        _say_title(say, 10, "The plug is pulled while the bank is asked")
        _unplugged(us, say)
        wait_for(lambda: listener.verified[-1].type == "terminal.reader.action_failed", "the last webhook")
        say("\n── Webhooks that arrived, each signature verified by the SDK ──────────────────")
        for event in listener.verified:
            say(f"   ✓ {event.type:<42} {event.data.object['id']}")
        if listener.refused:
            say(f"   ✗ {listener.refused} deliveries had a signature that does not hold")
    say(f"\nLook into any of these chips: countertop demo --keep, then countertop trace latest --url {url}")
    say(f"Point your own SDK at it: stripe.StripeClient('sk_test_anything', base_addresses={{'api': '{url}'}})")


def _captured_later(shop: Shop, say: Say) -> str:
    book = shop.sell(1250, "usd", "visa", capture_method="manual")
    captured = shop.client.v1.payment_intents.capture(book.id)
    say(f"   captured: {money.show(captured.amount_received, 'usd')}, the intent is {captured.status}")
    shop.receipt(captured)
    shop.traced(book.id)
    return book.id


def _tipped(shop: Shop) -> None:
    configurations = shop.client.v1.terminal.configurations
    default = configurations.list({"is_account_default": True}).data[0]
    configurations.update(default.id, {"tipping": {"usd": {"percentages": [15, 20, 25]}}})
    intent = shop.ask(4000, "usd")
    shop.hand("the customer presses the second choice", lambda reader: reader.press("tip_2"))
    shop.show()
    shop.hand("the customer taps: mastercard", lambda reader: reader.tap("mastercard"))
    shop.outcome(intent)
    configurations.update(default.id, {"tipping": ""})


def _interac(shop: Shop, say: Say) -> None:
    intent = shop.ask(3000, "cad", payment_method_types=["card_present", "interac_present"])
    shop.hand("the customer inserts: interac", lambda reader: reader.insert("interac"))
    shop.wait_until("pin")
    shop.hand("and types the PIN", lambda reader: reader.enter_pin("1234"))
    shop.outcome(intent)
    shop.hand("and takes the card out again", lambda reader: reader.remove_card())
    refund: Any = {"payment_intent": intent, "amount": 1000}
    shop.client.v1.terminal.readers.refund_payment(shop.reader.id, refund)
    shop.show()
    shop.hand("the same card once more", lambda reader: reader.insert("interac"))
    shop.wait_until("pin")
    shop.hand("and its PIN", lambda reader: reader.enter_pin("1234"))
    action = shop.ended()
    shop.hand("and takes the card out again", lambda reader: reader.remove_card())
    done = shop.client.v1.refunds.retrieve(action.refund_payment.refund)
    say(f"   refund {done.id}: {money.show(done.amount, done.currency)} {done.status}")


def _form(shop: Shop, say: Say) -> None:
    inputs: Any = [
        {"type": "signature", "custom_text": {"title": "Please sign"}, "required": True},
        {"type": "email", "custom_text": {"title": "Your receipt by mail"}},
    ]
    shop.client.v1.terminal.readers.collect_inputs(shop.reader.id, {"inputs": inputs})
    shop.show()
    shop.hand("the customer signs", lambda reader: reader.enter(SIGNATURE))
    shop.show()
    shop.hand("the customer skips the second form", lambda reader: reader.skip())
    action = shop.ended()
    say(f"   the signature is {action.collect_inputs.inputs[0].signature.value}, an SVG that is kept for seven days")


def _unplugged(shop: Shop, say: Say) -> None:
    intent = shop.ask(2000, "usd")
    shop.hand("the network will fail once the bank is asked", lambda reader: reader.fault("network_lost"))
    shop.hand("the customer taps: visa", lambda reader: reader.tap("visa"))
    paid = shop.client.v1.payment_intents
    wait_for(lambda: paid.retrieve(intent).status == "succeeded", "the bank's approval")
    shop.show()
    say("   the bank approved, the reader never heard of it: its action is still in progress")
    shop.hand("the network is back", lambda reader: reader.fault("network_lost", False))
    shop.ended()
    say(f"   so the intent is asked, not the reader: {paid.retrieve(intent).status}")


def _say_title(say: Say, number: int, title: str) -> None:
    say(f"\n── {number}. {title} ".ljust(82, "─"))
