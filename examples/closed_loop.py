"""A card from its holder to the ledger: issued, posted, activated, paid with, authorized by your own webhook, captured.

Run: python examples/closed_loop.py (needs countertop[sdk]).  Both ends of the payment are the same account's here.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from countertop.bench import Bench


class Approver(BaseHTTPRequestHandler):
    """Your service: Stripe asks it about every authorization, and waits two seconds for the answer."""

    def do_POST(self):
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked = event["data"]["object"]["pending_request"]
        print(f"   webhook: {event['type']} over {asked['amount']} {asked['currency']}: approved")
        self.send_response(200)
        self.send_header("Stripe-Version", event["api_version"])
        self.end_headers()
        self.wfile.write(b'{"approved": true}')

    def log_message(self, *args): ...


def pay(stripe, reader, amount, present):
    """A sale that is captured by hand; returns the intent's status."""
    intent = stripe.v1.payment_intents.create(
        {"amount": amount, "currency": "gbp", "payment_method_types": ["card_present"], "capture_method": "manual"}
    )
    stripe.v1.terminal.readers.process_payment_intent(reader.id, {"payment_intent": intent.id})
    present()
    intent = stripe.v1.payment_intents.retrieve(intent.id)
    if intent.status == "requires_capture":
        intent = stripe.v1.payment_intents.capture(intent.id)
    authorization = stripe.v1.issuing.authorizations.list({"limit": 1}).data[0]
    print(f"   PaymentIntent {intent.status}; authorization {authorization.status}, "
          f"{authorization.request_history[-1].reason}, {authorization.authorization_method}")  # fmt: skip
    return intent


def main():
    service = HTTPServer(("127.0.0.1", 0), Approver)
    threading.Thread(target=service.serve_forever, daemon=True).start()
    with Bench(accounts={"sk_test_counter": "GB"}) as bench:
        bench.configure_issuing(real_time_url=f"http://127.0.0.1:{service.server_port}/")
        bench.fund_issuing(100_00)
        stripe, reader = bench.client(), bench.reader(simulated=False)
        card = bench.issue_card()  # to a new cardholder; in a parcel
        print(f"1. {card}, parcel {card.parcel.status}")
        card.parcel.deliver()
        card.activate()
        print(f"2. {card}, parcel {card.parcel.status}")

        def chip_and_pin():
            reader.insert(card)
            reader.enter_pin(card.pin)
            reader.remove_card()

        print("3. chip and PIN")
        intents = [pay(stripe, reader, 1250, chip_and_pin)]
        phone = bench.phone("apple_pay")
        phone.add(card)
        print("4. the same card in a phone")
        intents.append(pay(stripe, reader, 2000, lambda: reader.tap(phone)))
        card.limit(500)
        print("5. over its spending limit")
        intents.append(pay(stripe, reader, 2000, lambda: reader.tap(phone)))
        merchant = sum(intent.amount_received for intent in intents)
        cardholder = -sum(moved.amount for moved in stripe.v1.issuing.transactions.list().data)
        left = stripe.v1.balance.retrieve().issuing.available[0].amount
        print(f"ledger: merchant received {merchant}, cards paid {cardholder}, {left} of 10000 left: "
              f"{'agrees' if merchant == cardholder == 100_00 - left else 'DIFFERS'}")  # fmt: skip
    service.shutdown()


if __name__ == "__main__":
    main()
