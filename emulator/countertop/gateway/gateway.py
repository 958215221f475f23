"""The queue that carries messages both ways, in order, inside the transaction that caused them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from countertop.gateway.messages import ToDevice, ToPlatform

# Two ends that answer each other for ever would be a defect; a whole sale takes fewer than ten messages.
MOST_MESSAGES = 1_000

Context = Any
"""The transaction of the caller.  The gateway hands it through untouched."""


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """What a device says of itself when it is registered.  ``device_type`` is the API's enum value.

    ``features``: what its screen can do besides payments: ``tips``, ``inputs``, ``print``.
    ``unsupported_networks``: domestic networks that it knows nothing of; such a card runs on its international brand.
    ``mobile``: it hangs on a phone, and the platform hears of it through the phone only.
    """

    serial: str
    device_type: str
    software: str
    ip_address: str
    simulated: bool
    features: tuple[str, ...] = ()
    unsupported_networks: tuple[str, ...] = ()
    mobile: bool = False


class DevicePort(Protocol):
    """The devices' end of the wire."""

    def deliver(self, context: Context, serial: str, message: ToDevice) -> None:
        """Take a message for one device."""

    def make_simulated(self, context: Context, code: str, country: str) -> DeviceInfo | None:
        """A new simulated device for a simulator code such as ``simulated-wpe``; None when the code names none."""

    def describe(self, context: Context, serial: str) -> DeviceInfo | None:
        """What the device says of itself; None when there is no such device."""

    def last_seen_ms(self, serial: str) -> int | None:
        """When the device last sent a sign of life (Unix milliseconds); None when it never did."""

    def refusal(self, context: Context, serial: str) -> str | None:
        """Why the device cannot take an action now (an API code such as ``terminal_reader_busy``), or None."""

    def owner(self, context: Context, serial: str) -> str | None:
        """The POS session that has the device to itself, or None; actions of a server are refused then."""

    def let_go(self, context: Context, serial: str, session: str) -> None:
        """The session is over: a device that belongs to it belongs to nobody."""

    def processing(self, context: Context, serial: str) -> bool:
        """Whether a card is being processed on the device, whatever else it would refuse with."""

    def connected(self, context: Context, serial: str) -> bool:
        """Whether the device hears what it is sent."""

    def shows_code(self, context: Context, serial: str, code: str) -> bool:
        """Whether this registration code is on the device's screen now."""

    def lost_receipt(self, context: Context, serial: str) -> bool:
        """Whether the device took the last message, but its word that it did was lost (terminal.md §2.4)."""

    def present_number(
        self,
        context: Context,
        serial: str,
        number: str,
        *,
        tip: int | None = None,
        keyed: tuple[int, int] | None = None,
    ) -> None:
        """Present the test card with this number the way its holder usually does; the action ends at once.

        ``tip``: what the customer gives on the tip screen (minor units; None refuses one that is offered).
        ``keyed``: expiry month and year of a number that is typed in instead.
        """

    def complete_inputs(self, context: Context, serial: str, *, skip_optional: bool) -> None:
        """Fill every form that is shown with something fitting, or skip those that may be."""

    def time_out_inputs(self, context: Context, serial: str) -> None:
        """Let the time of the form that is shown run out."""


class PlatformPort(Protocol):
    """The platform's end of the wire."""

    def deliver(self, context: Context, serial: str, message: ToPlatform) -> None:
        """Take a message from one device."""


class Gateway:
    """Carries messages until both ends are quiet.  A message sent while others travel waits its turn."""

    def __init__(self) -> None:
        self._devices: DevicePort | None = None
        self._platform: PlatformPort | None = None
        self._waiting: deque[Callable[[], None]] = deque()
        self._carrying = False

    def connect(self, devices: DevicePort, platform: PlatformPort) -> None:
        """Join the two ends; done once, by the bench."""
        self._devices, self._platform = devices, platform

    @property
    def devices(self) -> DevicePort:
        """The devices' end, for the platform's questions."""
        assert self._devices is not None, "the bench connects the gateway before anything is sent"
        return self._devices

    def to_device(self, context: Context, serial: str, message: ToDevice) -> None:
        """Send to a device; returns when everything that followed has been carried."""
        self._carry(lambda: self.devices.deliver(context, serial, message))

    def to_platform(self, context: Context, serial: str, message: ToPlatform) -> None:
        """Send to the platform; returns when everything that followed has been carried."""
        platform = self._platform
        assert platform is not None, "the bench connects the gateway before anything is sent"
        self._carry(lambda: platform.deliver(context, serial, message))

    def _carry(self, delivery: Callable[[], None]) -> None:
        self._waiting.append(delivery)
        if self._carrying:
            return
        self._carrying = True
        try:
            for _ in range(MOST_MESSAGES):
                if not self._waiting:
                    return
                self._waiting.popleft()()
            raise RuntimeError(f"platform and device exchanged more than {MOST_MESSAGES} messages over one cause")
        finally:
            self._carrying = False
            self._waiting.clear()
