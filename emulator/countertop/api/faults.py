"""Faults of the API itself, injected by name: the next calls answer as a bad day would (api-conventions §9)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from countertop.api.errors import ApiError
from countertop.api.http import Response
from countertop.errors import ConfigurationError

NAMES = ("rate_limit", "server_error", "server_error_no_retry", "conflict", "slow", "drop_after")
DROPPED = 0
"""The status of an answer that the server must not send: the call was executed, the connection breaks."""


@dataclass(frozen=True, slots=True)
class ApiFault:
    """One armed fault: its name, how many more calls it hits, which paths, and (``slow``) the delay in ms."""

    name: str
    times: int = 1
    path_prefix: str = "/v1/"
    delay_ms: int = 0

    @property
    def before(self) -> bool:
        """True when the call is refused before it is executed."""
        return self.name not in ("slow", "drop_after")

    def error(self) -> ApiError:
        """The refusal."""
        if self.name == "rate_limit":
            return ApiError(
                429,
                "invalid_request_error",
                "Too many requests hit the API too quickly. We recommend an exponential backoff of your requests.",
                code="rate_limit",
                headers=(("Stripe-Rate-Limited-Reason", "global-rate"),),
                keep=False,
            )
        if self.name == "conflict":
            message = "This object cannot be accessed right now because another API request is currently accessing it."
            return ApiError(409, "invalid_request_error", message, code="lock_timeout", keep=False)
        retry = "false" if self.name == "server_error_no_retry" else "true"
        message = "An injected fault: the API answers as if it had failed."
        return ApiError(500, "api_error", message, headers=(("Stripe-Should-Retry", retry),), keep=False)

    def after(self, response: Response) -> Response:
        """What becomes of the answer of an executed call."""
        return replace(response, status=DROPPED) if self.name == "drop_after" else response


class ApiFaults:
    """The armed faults of one bench, first armed first hit."""

    def __init__(self) -> None:
        self._armed: list[ApiFault] = []

    def arm(self, name: str, *, times: int = 1, path_prefix: str = "/v1/", delay_ms: int = 0) -> ApiFault:
        """Hit the next ``times`` calls under ``path_prefix``.  Raises ConfigurationError for an unknown name."""
        if name not in NAMES:
            raise ConfigurationError(f"There is no API fault {name!r}.", f"Faults: {', '.join(NAMES)}")
        if times < 1 or delay_ms < 0 or (name == "slow" and delay_ms == 0):
            raise ConfigurationError("A fault hits 1 call or more; 'slow' needs a delay in milliseconds.")
        fault = ApiFault(name, times, path_prefix, delay_ms if name == "slow" else 0)
        self._armed.append(fault)
        return fault

    @property
    def armed(self) -> tuple[ApiFault, ...]:
        """What is armed now, in the order in which it will hit."""
        return tuple(self._armed)

    def clear(self) -> None:
        """Disarm all."""
        self._armed.clear()

    def take(self, path: str) -> ApiFault | None:
        """The fault that hits this call, counted down."""
        for position, fault in enumerate(self._armed):
            if path.startswith(fault.path_prefix):
                if fault.times == 1:
                    del self._armed[position]
                else:
                    self._armed[position] = replace(fault, times=fault.times - 1)
                return fault
        return None
