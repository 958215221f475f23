"""When a reader asks for a tip, and what it offers (terminal.md §1.4, §2.6)."""

from __future__ import annotations

from countertop.api.errors import ApiError, invalid
from countertop.api.scope import Document, Scope
from countertop.gateway import DeviceInfo, TipOffer
from countertop.services.terminal.settings import settings_of, tip_offer


def offer_for(
    scope: Scope, reader: Document, device: DeviceInfo, intent: Document, config: Document, name: str
) -> TipOffer | None:
    """The tip screen of a payment, None when there is none; ``name`` is the parameter that holds ``config``.

    Raises ApiError 400 for an amount eligible for tips that cannot be.
    """
    eligible = (config.get("tipping") or {}).get("amount_eligible")
    param = f"{name}[tipping][amount_eligible]"
    if eligible is not None:
        if eligible < 0:
            raise _not(param, "greater than or equal to 0")
        if eligible > intent["amount"]:
            raise _not(param, f"less than or equal to the amount of the PaymentIntent ({intent['amount']})")
        if eligible > 0 and config.get("skip_tipping"):
            raise invalid("You cannot give an amount eligible for tipping and skip tipping.", param=param)
    if config.get("skip_tipping") or eligible == 0:
        return None
    settings = settings_of(scope, reader["location"])
    return tip_offer(settings, device.features, intent["currency"], intent["amount"], eligible)


def _not(param: str, what: str) -> ApiError:
    return invalid(f"This value must be {what}.", code="parameter_invalid_integer", param=param)
