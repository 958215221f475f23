"""Webhooks: what is to be delivered, how it is signed, and who sends it (api-conventions §11).

Deliveries are rows, written in the transaction of their event; sending happens after that transaction is durable, on
threads of its own, one for each endpoint, so that a target that hangs delays nothing but itself.
"""
