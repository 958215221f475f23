"""A till without an SDK: discovers a reader, connects over its link, shows a cart, collects and confirms a payment.

Run `countertop up --memory --readers 1` first, then: python examples/point_of_sale.py [URL]
"""

import sys
import threading

from countertop.client import ServerClient
from countertop.pos import PointOfSale

URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:4242"


def hold_a_card(shop: ServerClient, reader: str) -> None:
    """The customer: looks at the screen until it asks for a card."""
    for _ in range(1000):
        if shop.reader(reader)["state"] == "waiting":
            shop.present(reader, "tap", "visa")
            return


# The shop's server has the secret key; the till has nothing but connection tokens.
with ServerClient(URL) as shop, ServerClient(URL) as street:
    till = PointOfSale(URL, lambda: shop.call("POST", "/v1/terminal/connection_tokens")["secret"])
    reader = till.discover()[0]
    print("connected to:", till.connect(reader)["serial_number"])
    tea = {"description": "Tea", "quantity": 2, "amount": 600}
    till.set_display({"currency": "usd", "line_items": [tea], "tax": 50, "total": 650})
    sale = {"amount": 650, "currency": "usd", "payment_method_types": ["card_present"]}
    intent = shop.call("POST", "/v1/payment_intents", sale)["id"]
    customer = threading.Thread(target=hold_a_card, args=(street, reader["id"]))
    customer.start()
    print("collected:", till.collect(intent)["payment_method"])
    customer.join()
    print("confirmed:", till.confirm(intent)["payment_intent"]["status"])
    till.disconnect()
    till.close()
