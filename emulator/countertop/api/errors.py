"""Errors of the emulated API, in Stripe's envelope (api-conventions §4).

``type`` on the wire is one of four; the SDK's class names follow from the status:

::

    ApiError                      status  type
    ├── invalid(...)              400     invalid_request_error   bad parameter or state
    ├── missing_resource(...)     404/400 invalid_request_error   code resource_missing
    ├── unauthorized(...)         401     invalid_request_error
    ├── forbidden(...)            403     invalid_request_error
    ├── card_error(...)           402     card_error              a decline; valid request
    ├── idempotency_error(...)    400/409 idempotency_error
    ├── not_implemented(...)      501     api_error               routed, but no service does it yet
    └── unavailable(...)          503     api_error               the write could not be made durable
"""

from __future__ import annotations

from typing import Any

DOC_URL = "https://stripe.com/docs/error-codes/"
NEVER_RETRY = (("Stripe-Should-Retry", "false"),)


class ApiError(Exception):
    """Becomes an error envelope.  ``extra`` adds members such as ``decline_code`` or a whole ``payment_intent``."""

    def __init__(
        self,
        status: int,
        error_type: str,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        extra: dict[str, Any] | None = None,
        headers: tuple[tuple[str, str], ...] = (),
        keep: bool = True,
        commits: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error_type = error_type
        self.message = message
        self.code = code
        self.param = param
        self.extra = extra or {}
        self.headers = headers
        # False: the call never began to execute, so its idempotency key may be used again (§7).
        self.keep = keep
        # True: what the operation wrote stays (a decline leaves a failed charge behind).
        self.commits = commits

    def body(self, request_log_url: str | None = None) -> dict[str, Any]:
        """The envelope; members that do not apply are left out, never null."""
        error: dict[str, Any] = {}
        if self.code is not None:
            error["code"] = self.code
            error["doc_url"] = DOC_URL + self.code.replace("_", "-")
        error["message"] = self.message
        if self.param is not None:
            error["param"] = self.param
        if request_log_url is not None:
            error["request_log_url"] = request_log_url
        error.update(self.extra)
        error["type"] = self.error_type
        return {"error": error}


def invalid(message: str, *, code: str | None = None, param: str | None = None, keep: bool = True) -> ApiError:
    """400: a parameter or a state that does not allow the call."""
    return ApiError(400, "invalid_request_error", message, code=code, param=param, keep=keep)


def missing_resource(noun: str, object_id: str, *, param: str | None = None, in_path: bool = False) -> ApiError:
    """``No such customer: 'cus_x'``: 404 for the object of the path, 400 for one named by a parameter."""
    status = 404 if in_path else 400
    return ApiError(
        status, "invalid_request_error", f"No such {noun}: '{object_id}'", code="resource_missing", param=param
    )


def unauthorized(message: str, *, code: str | None = None) -> ApiError:
    """401: no key, or one that cannot be used here."""
    headers = (("WWW-Authenticate", 'Basic realm="Stripe"'),)
    return ApiError(401, "invalid_request_error", message, code=code, headers=headers, keep=False)


def forbidden(message: str, *, code: str | None = None) -> ApiError:
    """403: the key is good but may not do this."""
    return ApiError(403, "invalid_request_error", message, code=code, keep=False)


def unknown_url(method: str, path: str) -> ApiError:
    """404: no such URL, or not with this verb."""
    message = (
        f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs "
        "or we can help at https://support.stripe.com/."
    )
    return ApiError(404, "invalid_request_error", message, keep=False)


def card_error(message: str, code: str, *, decline_code: str | None = None, **extra: Any) -> ApiError:
    """402: the request was right, the card or its issuer said no."""
    members = dict(extra)
    if decline_code is not None:
        members["decline_code"] = decline_code
    return ApiError(402, "card_error", message, code=code, extra=members, commits=True)


def not_implemented(what: str) -> ApiError:
    """501: the path is routed, but no service behaves there yet; it says so instead of making a success up."""
    message = f"Countertop does not imitate this yet: {what}. See `countertop coverage`."
    return ApiError(501, "api_error", message, headers=NEVER_RETRY, keep=False)


def unavailable(message: str) -> ApiError:
    """503: the write could not be made durable; nothing was changed."""
    return ApiError(503, "api_error", message, keep=False)
