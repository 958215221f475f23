"""What a merchant tells of a purchase: fleet, flight, fuel, lodging, receipt (issuing.md §8.0)."""

from __future__ import annotations

from countertop.api.scope import Document

PARTS = ("fleet", "flight", "fuel", "lodging", "receipt", "reference")
ITEM = ("description", "quantity", "total", "unit_cost")
FUEL_DEFAULTS = {"type": "other", "unit": "other", "unit_cost_decimal": "0"}


def purchase_details_from(params: Document | None) -> Document | None:
    """``purchase_details`` of the API's shape; None when nothing was told.  Quantities on a receipt are numbers."""
    if params is None:
        return None
    details: Document = dict.fromkeys(PARTS) | params
    if details["fuel"] is not None:
        details["fuel"] = FUEL_DEFAULTS | details["fuel"]
    if details["receipt"] is not None:
        details["receipt"] = [_item(item) for item in details["receipt"]]
    return details


def _item(given: Document) -> Document:
    item = dict.fromkeys(ITEM) | given
    quantity = item["quantity"]
    return item | {"quantity": None if quantity is None else float(quantity)}
