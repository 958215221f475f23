"""A smart-card reader that is not there: CCID 1.10 at every exchange level, over any card (card-hardware.md B)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace

from countertop_drivers.ccid import messages as m
from countertop_drivers.ccid.descriptor import HEADER, INTERFACE_CLASS, CcidDescriptor, Feature, Level
from countertop_drivers.ccid.messages import ABSENT, Answer, Command
from countertop_drivers.ccid.secure import PinVerify, insert_pin
from countertop_drivers.ccid.t1_blocks import Block
from countertop_drivers.errors import ProtocolError
from countertop_drivers.link import Card
from countertop_drivers.virtual.ccid_slot import DEFAULTS, Contact, Silence
from countertop_drivers.virtual.usb_device import Setup, UsbStall, VirtualUsbDevice
from countertop_drivers.virtual.usb_shape import BULK, INTERRUPT, DeviceShape, EndpointShape, InterfaceShape

BULK_OUT, BULK_IN, INTERRUPT_IN = 0x02, 0x81, 0x83
# A pair that hosts' drivers know: the reader that QEMU plays.
VENDOR, PRODUCT = 0x08E6, 0x4433
LEVELS = {
    Level.CHARACTER: Feature(0),
    Level.TPDU: Feature.TPDU,
    Level.SHORT_APDU: Feature.SHORT_APDU,
    Level.EXTENDED_APDU: Feature.EXTENDED_APDU,
}
#: A reader that does all it can by itself, and one that leaves all it can to the host.
CLEVER = (
    Feature.AUTO_PARAMETERS
    | Feature.AUTO_ACTIVATION
    | Feature.AUTO_VOLTAGE
    | Feature.AUTO_CLOCK
    | Feature.AUTO_BAUD
    | Feature.AUTO_NEGOTIATION
    | Feature.AUTO_IFSD
)
PLAIN = Feature(0)
FAILED = 0x40
MORE_TIME = 0x80
CMD_NOT_SUPPORTED, BAD_SLOT, BAD_LENGTH, BAD_BYTE_7, BAD_LEVEL = 0x00, 0x05, 0x01, 0x07, 0x08
MUTE, BUSY, CANCELLED = 0xFE, 0xE0, 0xEF
GO_ON = 0x10
SHORTEST_APDU, LONGEST_APDU = 4, 65544


class VirtualCcid(VirtualUsbDevice):
    """A reader with one slot for each of ``cards`` (None: empty).

    ``features``: what it does by itself (:data:`CLEVER`, :data:`PLAIN`), beside the exchange level;
    ``atr``: given instead of the cards' own; ``pin``: what the holder types when the host asks for it at
    the reader (None: cancels), or no PIN pad; ``extensions``: how often it asks for more time before each
    answer of a card; ``t0``, ``t1``: options of :class:`T0Card` and :class:`T1Card`; ``interrupts`` False
    leaves the interrupt pipe out.
    """

    def __init__(
        self,
        *cards: Card | None,
        level: Level = Level.SHORT_APDU,
        features: Feature = CLEVER,
        atr: bytes | None = None,
        pin: Callable[[], str | None] | None = None,
        extensions: int = 0,
        t0: Mapping[str, object] | None = None,
        t1: Mapping[str, object] | None = None,
        interrupts: bool = True,
        descriptor: CcidDescriptor | None = None,
        ids: tuple[int, int] = (VENDOR, PRODUCT),
        title: str = "Virtual CCID reader",
    ) -> None:
        slots = cards or (None,)
        self.descriptor = replace(
            descriptor or CcidDescriptor(),
            max_slot_index=len(slots) - 1,
            features=int(features | LEVELS[level]),
            pin_support=0 if pin is None else 1,
        )
        self.contacts = [Contact(card, atr, dict(t0 or {}), dict(t1 or {})) for card in slots]
        self.extensions = extensions
        self._pin = pin
        # One thing at a time happens to a card: a command, or a hand.  Never held while the host is told.
        self._hands = threading.RLock()
        self._heard = b""
        self._asked: list[bytes] = []
        endpoints = [EndpointShape(BULK_OUT, BULK), EndpointShape(BULK_IN, BULK)]
        if interrupts:
            endpoints.append(EndpointShape(INTERRUPT_IN, INTERRUPT, 8, 32))
        interface = InterfaceShape((INTERFACE_CLASS, 0, 0), tuple(endpoints), self.descriptor.encoded)
        super().__init__(DeviceShape(*ids, (interface,), title=title))
        self._interrupts = interrupts
        self._work: Mapping[int, Callable[[Contact, Command], Answer]] = {
            m.ICC_POWER_ON: self._power_on,
            m.ICC_POWER_OFF: self._power_off,
            m.GET_SLOT_STATUS: self._status,
            m.XFR_BLOCK: self._transfer,
            m.GET_PARAMETERS: self._get_parameters,
            m.RESET_PARAMETERS: self._reset_parameters,
            m.SET_PARAMETERS: self._set_parameters,
            m.ESCAPE: self._escape,
            m.ICC_CLOCK: self._clock,
            m.T0_APDU: self._status,
            m.SECURE: self._secure,
            m.MECHANICAL: self._unknown,
            m.ABORT: self._status,
            m.SET_RATE_AND_CLOCK: self._rate,
        }

    # Hands.

    def insert(self, card: Card, slot: int = 0) -> None:
        """Put a card in."""
        with self._hands:
            self.contacts[slot].card = card
        self._changed(slot)

    def remove(self, slot: int = 0) -> Card | None:
        """Take the card out; it loses its power."""
        contact = self.contacts[slot]
        with self._hands:
            card = contact.card
            if card is not None:
                contact.power_off()
            contact.card = None
        self._changed(slot)
        return card

    # The bus.

    def received(self, endpoint: int, data: bytes) -> None:
        """Collect a message from the bulk pipe and answer it."""
        self._heard += data
        if len(self._heard) < HEADER:
            return
        claimed = m.claimed_length(self._heard)
        if claimed > self.descriptor.max_message:
            slot, seq = self._heard[5], self._heard[6]
            wanted = m.COMMANDS.get(self._heard[0], (m.SLOT_STATUS, ""))[0]
            self._heard = b""
            self.put(BULK_IN, Answer(wanted, slot, seq, FAILED | ABSENT, BAD_LENGTH).encoded)
        elif len(self._heard) >= claimed:
            message, self._heard = self._heard[:claimed], b""
            answer = self.answer(Command.parse(message))
            asked, self._asked = self._asked, []
            for each in (*asked, answer.encoded):
                self.put(BULK_IN, each)

    def class_request(self, setup: Setup, data: bytes) -> bytes:
        """ABORT, GET_CLOCK_FREQUENCIES, GET_DATA_RATES."""
        if (setup.request_type, setup.request) == (0x21, 0x01):
            return b""
        if setup.request_type == 0xA1 and setup.request in (0x02, 0x03):
            count = self.descriptor.clocks if setup.request == 0x02 else self.descriptor.data_rates
            value = self.descriptor.default_clock if setup.request == 0x02 else self.descriptor.data_rate
            if count:
                return value.to_bytes(4, "little") * count
        raise UsbStall

    def was_reset(self) -> None:
        """Every card loses its power."""
        self._heard = b""
        for contact in self.contacts:
            contact.power_off()

    def answer(self, command: Command) -> Answer:
        """What it says to one command."""
        kind = m.COMMANDS.get(command.kind, (m.SLOT_STATUS, ""))[0]
        if command.slot >= len(self.contacts):
            return Answer(kind, command.slot, command.seq, FAILED | ABSENT, BAD_SLOT)
        contact = self.contacts[command.slot]
        work = self._work.get(command.kind)
        if work is None:
            return self._failed(contact, command, CMD_NOT_SUPPORTED)
        try:
            with self._hands:
                return work(contact, command)
        except Silence:
            return self._failed(contact, command, MUTE)

    # What a kind of reader does in its own way.

    def exchange(self, contact: Contact, apdu: bytes) -> bytes:
        """A whole APDU at APDU level.  Raises Silence."""
        return contact.apdu(apdu)

    def escaped(self, contact: Contact, data: bytes) -> bytes | None:
        """The vendor's command; None: it has none."""
        return None

    def reset_answer(self, contact: Contact) -> bytes:
        """Power the card on; the ATR that the host sees.  Raises Silence."""
        atr = contact.power_on(self._does(Feature.AUTO_PARAMETERS) or self._does(Feature.AUTO_NEGOTIATION))
        if self._does(Feature.AUTO_IFSD):
            contact.announce()
        return atr

    # Commands.

    def _power_on(self, contact: Contact, command: Command) -> Answer:
        if contact.state == ABSENT:
            return self._failed(contact, command, MUTE)
        voltage = command.specific[0]
        if voltage > 3 or (voltage and not self.descriptor.voltage_support >> voltage - 1 & 1):
            return self._failed(contact, command, BAD_BYTE_7)
        return self._done(contact, command, self.reset_answer(contact))

    def _power_off(self, contact: Contact, command: Command) -> Answer:
        contact.power_off()
        return self._done(contact, command)

    def _status(self, contact: Contact, command: Command) -> Answer:
        return self._done(contact, command)

    def _transfer(self, contact: Contact, command: Command) -> Answer:
        if contact.state != m.ACTIVE:
            return self._failed(contact, command, MUTE)
        self._ask_for_time(contact, command)
        parameter = int.from_bytes(command.specific[1:], "little")
        level = self.descriptor.level
        if level is Level.CHARACTER:
            return self._done(contact, command, contact.characters(command.data, parameter))
        if level is Level.EXTENDED_APDU:
            return self._pieces(contact, command, parameter)
        if parameter:
            return self._failed(contact, command, BAD_LEVEL)
        if level is Level.TPDU:
            return self._done(contact, command, contact.tpdu(command.data))
        if len(command.data) < SHORTEST_APDU:
            return self._failed(contact, command, BAD_LENGTH)
        return self._done(contact, command, self.exchange(contact, command.data))

    def _pieces(self, contact: Contact, command: Command, parameter: int) -> Answer:
        """Extended APDUs, in as many messages as they take."""
        if parameter in (0, 1):
            contact.incoming = contact.outgoing = b""
        if parameter not in (0, 1, 2, 3, GO_ON):
            return self._failed(contact, command, BAD_LEVEL)
        if parameter != GO_ON:
            contact.incoming += command.data
            if len(contact.incoming) > LONGEST_APDU:
                contact.incoming = b""
                return self._failed(contact, command, BAD_LENGTH)
            if parameter in (1, 3):
                return self._done(contact, command, b"", GO_ON)
            apdu, contact.incoming = contact.incoming, b""
            if len(apdu) < SHORTEST_APDU:
                return self._failed(contact, command, BAD_LENGTH)
            contact.outgoing = self.exchange(contact, apdu)
        room = self.descriptor.max_message - HEADER
        piece, contact.outgoing = contact.outgoing[:room], contact.outgoing[room:]
        if parameter == GO_ON:
            return self._done(contact, command, piece, 3 if contact.outgoing else 2)
        return self._done(contact, command, piece, 1 if contact.outgoing else 0)

    def _get_parameters(self, contact: Contact, command: Command) -> Answer:
        return self._done(contact, command, contact.parameters, contact.protocol)

    def _reset_parameters(self, contact: Contact, command: Command) -> Answer:
        contact.set_parameters(0, DEFAULTS[0])
        return self._get_parameters(contact, command)

    def _set_parameters(self, contact: Contact, command: Command) -> Answer:
        if not contact.set_parameters(command.specific[0], command.data):
            return self._failed(contact, command, BAD_BYTE_7)
        return self._get_parameters(contact, command)

    def _escape(self, contact: Contact, command: Command) -> Answer:
        answer = self.escaped(contact, command.data)
        if answer is None:
            return self._failed(contact, command, CMD_NOT_SUPPORTED)
        return self._done(contact, command, answer)

    def _clock(self, contact: Contact, command: Command) -> Answer:
        contact.running = command.specific[0] == 0
        return self._done(contact, command)

    def _rate(self, contact: Contact, command: Command) -> Answer:
        # It has one of each, whatever is asked for.
        chosen = self.descriptor.default_clock.to_bytes(4, "little") + self.descriptor.data_rate.to_bytes(4, "little")
        return self._done(contact, command, chosen)

    def _secure(self, contact: Contact, command: Command) -> Answer:
        if self._pin is None:
            return self._failed(contact, command, CMD_NOT_SUPPORTED)
        try:
            entry = PinVerify.parse(command.data)
            pin = self._pin()
            if pin is None:
                return self._failed(contact, command, CANCELLED)
            apdu = insert_pin(entry, pin)
        except ProtocolError:
            return self._failed(contact, command, 0x0A)
        self._ask_for_time(contact, command)
        if self.descriptor.level in (Level.SHORT_APDU, Level.EXTENDED_APDU):
            return self._done(contact, command, self.exchange(contact, apdu))
        if contact.protocol == 1:
            return self._done(contact, command, contact.tpdu(Block(entry.prologue[1], apdu).encode()))
        return self._done(contact, command, contact.tpdu(apdu))

    def _unknown(self, contact: Contact, command: Command) -> Answer:
        return self._failed(contact, command, CMD_NOT_SUPPORTED)

    def _ask_for_time(self, contact: Contact, command: Command) -> None:
        asked = Answer(m.DATA_BLOCK, command.slot, command.seq, MORE_TIME | contact.state, 1).encoded
        self._asked += [asked] * self.extensions

    def _done(self, contact: Contact, command: Command, data: bytes = b"", specific: int | None = None) -> Answer:
        kind = m.COMMANDS[command.kind][0]
        if specific is None:
            specific = 0 if contact.running or kind != m.SLOT_STATUS else 1
        return Answer(kind, command.slot, command.seq, contact.state, 0, specific, data)

    def _failed(self, contact: Contact, command: Command, error: int) -> Answer:
        kind = m.COMMANDS.get(command.kind, (m.SLOT_STATUS, ""))[0]
        return Answer(kind, command.slot, command.seq, FAILED | contact.state, error)

    def _does(self, feature: Feature) -> bool:
        return self.descriptor.does(feature)

    def _changed(self, slot: int) -> None:
        if not self._interrupts:
            return
        bits = 0
        for number, contact in enumerate(self.contacts):
            bits |= (contact.state != ABSENT) << 2 * number
        bits |= 2 << 2 * slot
        size = -(-len(self.contacts) // 4)
        self.put(INTERRUPT_IN, bytes((m.NOTIFY_SLOT_CHANGE,)) + bits.to_bytes(size, "little"))
