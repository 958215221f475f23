"""``ccid:usb``, ``ccid:usb:072f:2200``, ``ccid:usb:bus=1,addr=5``, ``…:slot=1``: a contact card in a USB reader."""

from __future__ import annotations

import contextlib
import time
from typing import Any

from countertop_drivers.address import Address, UsbAddress
from countertop_drivers.ccid.atr import Atr, parse_atr
from countertop_drivers.ccid.descriptor import INTERFACE_CLASS, Feature, Level, find_descriptor
from countertop_drivers.ccid.exchange import Exchange, exchange_for
from countertop_drivers.ccid.messages import ABSENT
from countertop_drivers.ccid.parameters import Choice, choose, encode_parameters, pps_answer, pps_request
from countertop_drivers.ccid.reader import CcidReader, Limits, Pipe
from countertop_drivers.ccid.secure import PinEntry, PinModify, PinVerify
from countertop_drivers.ccid.slot import Slot
from countertop_drivers.discovery import Found
from countertop_drivers.errors import BadAddress, CardAbsent, CardMute, DriverError
from countertop_drivers.link import POLL_EVERY_S, Closing
from countertop_drivers.usb import Candidate, UsbInterface, candidates, open_interface

# bPowerSelect where the reader does not choose: 5 V, 3 V, 1.8 V in turn (ISO/IEC 7816-3 classes A, B, C).
VOLTAGES = (1, 2, 3)
# How long to wait for a slot-change report before the slot is asked anyway.
GLANCE_S = 0.5
ENTRY_SLACK_S = 5.0


class CcidLink(Closing):
    """A slot of a reader as a card link.

    ``fast`` False keeps cards at their default speed.  Several slots of one reader: make one
    :class:`CcidReader` and a link for each number; closing any of them closes the reader.
    """

    def __init__(self, reader: CcidReader, number: int = 0, *, fast: bool = True) -> None:
        if number >= reader.descriptor.slots:
            raise BadAddress(
                f"{reader.name} has no slot {number}.", f"It has {reader.descriptor.slots}; they count from 0."
            )
        self.reader = reader
        self.slot = Slot(reader, number)
        #: What the card in use said at power-on, and which protocol was chosen.
        self.atr: Atr | None = None
        self.choice: Choice | None = None
        self._fast = fast
        self._exchange: Exchange | None = None
        self._closed = False

    @property
    def present(self) -> bool:
        """True while a card is in the slot."""
        return self.slot.status() != ABSENT

    def power_on(self) -> bytes:
        """Power up, and settle protocol and speed with card and reader.

        Raises CardAbsent without a card, CardMute when none of the voltages brings an ATR that is one.
        """
        self._exchange = None
        if not self.present:
            raise CardAbsent("There is no card in the slot.")
        atr = self._activate()
        choice = choose(atr, self.reader.descriptor, self._fast)
        self._settle(atr, choice)
        self._exchange = exchange_for(self.slot, atr, choice)
        self.atr, self.choice = atr, choice
        return atr.encoded

    def transmit(self, apdu: bytes) -> bytes:
        """One command.  After CardMute the card must be powered on again."""
        return self._powered().transmit(apdu)

    def power_off(self) -> None:
        """Take the power away."""
        self._exchange = None
        with contextlib.suppress(CardAbsent, CardMute):
            self.slot.power_off()

    def wait(self, present: bool, timeout_s: float) -> bool:
        """Wait for a card, or for its absence: by slot-change reports where the reader sends them, else by asking."""
        end = time.monotonic() + timeout_s
        while self.present is not present:
            left = end - time.monotonic()
            if left <= 0:
                return False
            if self.reader.tells_changes:
                self.reader.event(min(left, GLANCE_S))
            else:
                time.sleep(min(left, POLL_EVERY_S))
        return True

    def verify_pin(self, entry: PinVerify) -> bytes:
        """Have the holder enter the PIN at the reader; returns the card's status.  A wrong PIN costs a try."""
        return self._enter(entry, entry.encoded, 1)

    def modify_pin(self, entry: PinModify) -> bytes:
        """Have the holder change the PIN at the reader."""
        return self._enter(entry, entry.encoded, 2)

    def describe(self) -> dict[str, str]:
        """What the reader says about itself."""
        told = self.reader.descriptor
        protocols = ", ".join(f"T={number}" for number in range(2) if told.protocols >> number & 1)
        found = {
            "device": self.reader.name,
            "level": told.level.value,
            "CCID": f"{told.ccid_release >> 8:x}.{told.ccid_release & 0xFF:02x}",
            "protocols": protocols,
            "slots": str(told.slots),
        }
        if told.pin_support:
            able = [name for bit, name in ((1, "verify"), (2, "modify")) if told.pin_support & bit]
            found["PIN pad"] = ", ".join(able)
        return found

    def reset(self) -> None:
        """Reset the reader after it has lost its way; power the card on again afterwards."""
        self._exchange = None
        self.reader.reset()

    def close(self) -> None:
        """Power off and let go of the reader."""
        if self._closed:
            return
        self._closed = True
        with contextlib.suppress(DriverError):
            if self._exchange is not None:
                self.power_off()
        self.reader.close()

    def _activate(self) -> Atr:
        """An ATR that is one: at one of the voltages, with one warm reset where it was wrong."""
        descriptor = self.reader.descriptor
        automatic = descriptor.does(Feature.AUTO_VOLTAGE) or descriptor.does(Feature.AUTO_ACTIVATION)
        tries = [0] if automatic else [one for one in VOLTAGES if descriptor.voltage_support >> one - 1 & 1] or [0]
        for place, voltage in enumerate(tries):
            try:
                try:
                    return parse_atr(self.slot.power_on(voltage))
                except CardMute:
                    return parse_atr(self.slot.power_on(voltage))
            except CardMute:
                if place == len(tries) - 1:
                    raise
                self.power_off()
        raise AssertionError  # tries is never empty

    def _settle(self, atr: Atr, choice: Choice) -> None:
        """PPS and SetParameters, as far as the reader does not do it by itself (CCID 1.10, 4.2)."""
        descriptor = self.reader.descriptor
        if descriptor.does(Feature.AUTO_NEGOTIATION) or descriptor.does(Feature.AUTO_PARAMETERS):
            return
        by_host = descriptor.level in (Level.TPDU, Level.CHARACTER) and not descriptor.does(Feature.AUTO_PPS)
        if choice.negotiate and by_host:
            request = pps_request(choice)
            level = len(request) if descriptor.level is Level.CHARACTER else 0
            fidi = pps_answer(request, self.slot.transfer(request, level=level).data)
            choice = Choice(choice.protocol, fidi)
        self.slot.set_parameters(choice.protocol, encode_parameters(choice, atr))

    def _enter(self, entry: PinEntry, structure: bytes, bit: int) -> bytes:
        if not self.reader.descriptor.pin_support & bit:
            raise DriverError(f"{self.reader.name} has no PIN pad for this.", "Enter the PIN at the host.")
        return self._powered().secure(structure, len(entry.apdu), entry.timeout + ENTRY_SLACK_S)

    def _powered(self) -> Exchange:
        if self._exchange is None:
            raise CardAbsent("The card has no power.", "Call power_on().")
        return self._exchange


def open_url(details: str, *, backend: Any = None, limits: Limits | None = None) -> CcidLink:
    """Open ``ccid:DETAILS``.  ``backend``: a pyusb backend, such as one of virtual devices."""
    address = Address.parse(details, "usb")
    assert isinstance(address, UsbAddress)
    pipe, _ = open_interface(is_ccid, address, "CCID reader", backend)
    return link_of(pipe, address.slot, limits)


def link_of(pipe: UsbInterface, number: int = 0, limits: Limits | None = None) -> CcidLink:
    """The link of an interface that was claimed; releases it when it is no reader after all."""
    try:
        return CcidLink(reader_of(pipe, limits), number)
    except BaseException:
        pipe.close()
        raise


def reader_of(pipe: UsbInterface, limits: Limits | None = None) -> CcidReader:
    """The reader behind a claimed interface.  Raises ProtocolError when its descriptor is none."""
    checked: Pipe = pipe
    return CcidReader(checked, find_descriptor(pipe.extra_descriptors), limits)


def discover(timeout_s: float, *, backend: Any = None) -> list[Found]:
    """Every reader and slot, by place: two of the same kind have the same ids."""
    found: list[Found] = []
    for one in candidates(is_ccid, backend=backend):
        for slot in range(_slots(one)):
            option = f",slot={slot}" if slot else ""
            found.append(Found(f"ccid:usb:{one.place}{option}", one.title))
    return found


def is_ccid(interface: Any) -> bool:
    """Whether a pyusb interface is of the class, with bulk pipes (protocols 1 and 2 have none)."""
    return bool(interface.bInterfaceClass == INTERFACE_CLASS and interface.bInterfaceProtocol == 0)


def _slots(candidate: Candidate) -> int:
    extras = [bytes(candidate.descriptor.extra_descriptors)]
    extras += [bytes(endpoint.extra_descriptors) for endpoint in candidate.descriptor]
    try:
        return find_descriptor(extras).slots
    except DriverError:
        return 1
