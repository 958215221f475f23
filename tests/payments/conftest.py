"""Payments by a card that is typed in, and payments at a reader."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from countertop.api.shape_problems import problems
from countertop.call import form_of

INTENTS = "/v1/payment_intents"


class Till:
    """Takes payments; every object that it hands out conforms to the catalog."""

    def __init__(self, api):
        self.api = api

    def post(self, path, **params):
        answer = self.api.post(path, form_of(params))
        assert answer.status == 200, answer.body
        return self.conforming(answer.body)

    def get(self, path, **params):
        answer = self.api.get(path, urlencode(params))
        assert answer.status == 200, answer.body
        return self.conforming(answer.body)

    def refused(self, path, **params):
        """The (status, code) of a refusal."""
        answer = self.api.post(path, form_of(params))
        assert answer.status >= 400, answer.body
        return answer.status, answer.error.get("code")

    def listed(self, path, **params):
        return [item["id"] for item in self.get(path, **params)["data"]]

    def intent(self, **params):
        return self.post(INTENTS, **{"amount": 1250, "currency": "usd", **params})

    def paid(self, card="pm_card_visa", **params):
        """An intent that was confirmed with a test card."""
        return self.intent(payment_method=card, confirm=True, payment_method_types=["card"], **params)

    def held(self, **params):
        return self.paid(capture_method="manual", **params)

    def charge(self, intent):
        return self.get(f"/v1/charges/{intent['latest_charge']}")

    def conforming(self, body):
        for document in body["data"] if body.get("object") == "list" else [body]:
            assert problems(document["object"], document) == []
        return body


@pytest.fixture
def till(api):
    return Till(api)
