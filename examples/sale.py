"""A sale with the unmodified SDK over HTTP: location, reader, payment, capture, refund, verified webhooks.

Run `countertop up --memory` first, then: python examples/sale.py [URL]
"""

import http.server
import queue
import sys
import threading

import stripe

URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:4242"
stripe.api_key, stripe.api_base = "sk_test_example", URL
arrived: queue.Queue[tuple[bytes, str]] = queue.Queue()


class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        arrived.put((self.rfile.read(int(self.headers["Content-Length"])), self.headers["Stripe-Signature"]))
        self.send_response(200)
        self.end_headers()


hooks = http.server.HTTPServer(("127.0.0.1", 0), Hook)
threading.Thread(target=hooks.serve_forever, daemon=True).start()
hook = stripe.WebhookEndpoint.create(url=f"http://127.0.0.1:{hooks.server_port}/", enabled_events=["charge.refunded"])
address = {"line1": "1 Main St", "city": "Springfield", "state": "IL", "postal_code": "62701", "country": "US"}
shop = stripe.terminal.Location.create(display_name="Example shop", address=address)
reader = stripe.terminal.Reader.create(registration_code="simulated-wpe", location=shop.id)
intent = stripe.PaymentIntent.create(
    amount=1250, currency="usd", payment_method_types=["card_present"], capture_method="manual"
)
stripe.terminal.Reader.process_payment_intent(reader.id, payment_intent=intent.id)
reader = stripe.terminal.Reader.TestHelpers.present_payment_method(reader.id)
print("reader action:", reader.action.status, "| captured:", stripe.PaymentIntent.capture(intent.id).amount_received)
print("refund:", stripe.Refund.create(payment_intent=intent.id).status)
print("verified webhook:", stripe.Webhook.construct_event(*arrived.get(timeout=10), hook.secret).type)
