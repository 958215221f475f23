"""The evidence of a dispute: which members each reason has, and what has to be there to submit (issuing.md §8.2)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from countertop.api.errors import invalid
from countertop.api.scope import Document, Scope

FILE_PURPOSE = "dispute_evidence"
REASON, EXPLANATION = "reason", "explanation"
FILES = ("additional_documentation", "card_statement", "cash_receipt", "check_image")
DEFAULT_REASON = "fraudulent"
_PRODUCT = ("product_description", "product_type")
MEMBERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "canceled": (
            "canceled_at",
            "cancellation_policy_provided",
            "cancellation_reason",
            "expected_at",
            *_PRODUCT,
            "return_status",
            "returned_at",
        ),
        "duplicate": ("card_statement", "cash_receipt", "check_image", "original_transaction"),
        "fraudulent": (),
        "merchandise_not_as_described": ("received_at", "return_description", "return_status", "returned_at"),
        "no_valid_authorization": (),
        "not_received": ("expected_at", *_PRODUCT),
        "other": _PRODUCT,
        "service_not_as_described": ("canceled_at", "cancellation_reason", "received_at"),
    }
)
"""Beside ``additional_documentation`` and ``explanation``, which all have."""
REQUIRED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "canceled": ("canceled_at", "cancellation_policy_provided", "cancellation_reason", "expected_at", *_PRODUCT),
        "merchandise_not_as_described": MEMBERS["merchandise_not_as_described"],
        "not_received": MEMBERS["not_received"],
        "other": MEMBERS["other"],
        "service_not_as_described": MEMBERS["service_not_as_described"],
    }
)
"""Beside ``explanation`` (assumed: docs/assumptions.md)."""
RETURNED = ("return_status", "returned_at")
ANY_PROOF = ("original_transaction", "card_statement", "cash_receipt", "check_image")


def evidence_from(scope: Scope, params: Document, before: Document | None = None) -> Document:
    """``evidence`` with the given parameters put in: the reason, and the hash of its name alone.

    ``before``: what there was, on an update.  Raises ApiError 400 for a file that is not there, or not for this.
    """
    old = before or {}
    reason = str(params.get(REASON) or old.get(REASON) or DEFAULT_REASON)
    members: Document = dict.fromkeys(sorted((*MEMBERS[reason], "additional_documentation", EXPLANATION)))
    members |= old.get(reason, {})
    given = params.get(reason) or {}
    for name, value in given.items():
        members[name] = None if value == "" else value
    if params.get(reason) == "":
        members = dict.fromkeys(members)
    _check_files(scope, reason, given)
    return {reason: members, REASON: reason}


def check_complete(evidence: Document) -> None:
    """Raises ApiError 400 ``parameter_missing`` for the first member that a submission has to have and has not."""
    reason = evidence[REASON]
    members = evidence[reason]
    needed = [EXPLANATION, *REQUIRED.get(reason, ())]
    if reason == "canceled" and members["product_type"] == "merchandise":
        needed += RETURNED
    if reason == "duplicate" and not any(members[name] for name in ANY_PROOF):
        needed.append(ANY_PROOF[0])
    for name in needed:
        if members[name] is None:
            param = f"evidence[{reason}][{name}]"
            raise invalid(f"Missing required param: {param}.", code="parameter_missing", param=param)


def explanation_of(evidence: Document) -> str:
    """What the account wrote; empty when it wrote nothing."""
    return str(evidence[evidence[REASON]].get(EXPLANATION) or "")


def _check_files(scope: Scope, reason: str, given: Document) -> None:
    for name in FILES:
        if given.get(name):
            param = f"evidence[{reason}][{name}]"
            file = scope.fetch("file", given[name], param=param)
            if file["purpose"] != FILE_PURPOSE:
                raise invalid(
                    f"The file {file['id']} has the purpose {file['purpose']}; evidence needs {FILE_PURPOSE}.",
                    param=param,
                )
