"""A merchant of the network in Issuing's words: category by code, place, and the network's own names (§6.2)."""

from __future__ import annotations

import hashlib

from countertop.api.scope import Document
from countertop.network.messages import IssuerRequest
from countertop.services.issuing import categories

ACQUIRER = "countertop"


def merchant_data(request: IssuerRequest) -> Document:
    """``merchant_data`` of an authorization, of the account and the location of the reader that asks."""
    merchant = request.merchant
    return {
        "category": categories.of_code(request.mcc),
        "category_code": request.mcc,
        "city": merchant.city,
        "country": request.country,
        "name": merchant.name,
        "network_id": _digits(merchant.identity, 10),
        "postal_code": merchant.postal_code,
        "state": merchant.state,
        "tax_id": None,
        "terminal_id": _digits(merchant.terminal, 8) if merchant.terminal else None,
        "url": None,
    }


def network_data(request: IssuerRequest) -> Document:
    """``network_data`` of an authorization."""
    return {
        "acquiring_institution_id": _digits(ACQUIRER, 6),
        "system_trace_audit_number": _digits(f"trace:{request.reference}", 6),
        "transaction_id": f"test_{_digits(request.reference, 15)}",
    }


def _digits(text: str, count: int) -> str:
    """So many digits that stand for a name: the same for the same one."""
    return str(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")).zfill(20)[-count:]
