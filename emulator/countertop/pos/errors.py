"""What can go wrong at a point of sale, under the names that the SDKs have for it (terminal.md §4.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from countertop.errors import CountertopError

# What a reader or an outcome says, where the SDKs call it otherwise than by the same words in capitals.
SDK_CODES = {
    "connection_error": "STRIPE_API_CONNECTION_ERROR",
    "customer_canceled": "CANCELED",
    "intent_invalid_state": "CONFIRM_INVALID_PAYMENT_INTENT",
    "invalid_request": "READER_COMMUNICATION_ERROR",
    "reader_not_in_location": "STRIPE_API_ERROR",
    "reader_not_registered": "STRIPE_API_ERROR",
    "reader_not_yours": "STRIPE_API_ERROR",
    "reader_unknown": "READER_COMMUNICATION_ERROR",
    "resource_missing": "STRIPE_API_ERROR",
    "session_unknown": "SESSION_EXPIRED",
    "terminal_reader_busy": "READER_BUSY",
    "terminal_reader_hardware_fault": "GENERIC_READER_ERROR",
    "terminal_reader_offline": "STRIPE_API_CONNECTION_ERROR",
    "terminal_reader_timeout": "REQUEST_TIMED_OUT",
    "timed_out": "CARD_READ_TIMED_OUT",
}


class PosError(CountertopError):
    """A call failed.  ``code`` is an SDK's, such as ``READER_BUSY``; ``decline_code`` the issuer's, for a decline.

    ``error`` is what the reader or the API said, whole.
    """

    def __init__(self, code: str, message: str, error: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.error = dict(error or {})
        decline_code = self.error.get("decline_code")
        self.decline_code = str(decline_code) if decline_code is not None else None

    @classmethod
    def said(cls, error: Mapping[str, Any]) -> PosError:
        """From what a reader, or the outcome of a payment, said."""
        told = str(error.get("code") or "generic_reader_error")
        if error.get("type") == "card_error" or error.get("decline_code"):
            code = "DECLINED_BY_STRIPE_API"
        else:
            code = SDK_CODES.get(told, told.upper())
        return cls(code, str(error.get("message") or told), error)
