"""Real devices that are the card slot, the field or the stripe reader of a virtual reader.

The device belongs to another process, which says what happens at it and answers for its card; the reader's kernel
waits for those answers as it waits for a PIN.  Which device is attached is kept in memory only: a restart detaches.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from countertop.cards import Allowed, DistantCard, Interface, MagneticStripe, Presentation
from countertop.cards.distant import Tell
from countertop.emv.kernel import PowerOn, Silence
from countertop.errors import ReaderError
from countertop.readers import authorization, customer
from countertop.readers.hands import Hands
from countertop.readers.ports import Context
from countertop.readers.slot import CardAsked, Slot
from countertop.trace.mask import Mask

MOST_TEXT = 200


@dataclass(slots=True)
class Attachment:
    """One device at one reader.

    ``device``: what it is, for people.  ``interface``: how its cards are read.  ``tell``: reaches the process that has
    it.  ``card``: the one that is at it and has been presented.  ``exchanges``: how many questions it answered.
    """

    serial: str
    device: str
    interface: Interface
    allowed: Allowed
    tell: Tell = field(repr=False)
    since_ms: int = 0
    card: DistantCard | None = None
    exchanges: int = 0

    def document(self) -> dict[str, Any]:
        """As the control API shows it."""
        return {
            "serial": self.serial,
            "device": self.device,
            "how": self.interface,
            "card": self.card is not None and self.card.present,
            "since_ms": self.since_ms,
            "exchanges": self.exchanges,
            "allowed": [name for name in ("pin", "tc", "scripts") if getattr(self.allowed, name)],
        }


class BenchDevices(Hands):
    """Devices come to readers, and go; their cards come, answer, and go."""

    _attached: dict[str, Attachment]

    def __init__(self, **rooms: Any) -> None:
        super().__init__(**rooms)
        self._attached = {}

    def attach(self, tx: Context, serial: str, device: str, interface: Interface, allowed: Allowed, tell: Tell) -> None:
        """Make a device the slot of a reader.

        Raises ReaderError for a reader that has one already, or takes no cards this way.
        """
        state = self.state(tx, serial)
        offered = self._offered(state.sku)
        if interface not in offered:
            raise ReaderError(
                f"This reader takes no card by {interface!r}.", f"It takes: {', '.join(offered)} (--how)."
            )
        if serial in self._attached:
            other = self._attached[serial].device
            raise ReaderError(f"{other} is attached to this reader.", "Detach it first, or choose another reader.")
        self._attached[serial] = Attachment(serial, device[:MOST_TEXT], interface, allowed, tell, self._clock.now_ms())
        self._publish_attachment(serial)

    def detach(self, tx: Context, serial: str, tell: Tell) -> None:
        """The device that is reached so goes; a card that was at it is gone.  One that is not there stays so."""
        attachment = self._attached.get(serial)
        if attachment is None or attachment.tell is not tell:
            return
        if self.find(tx, serial) is not None:
            self.card_gone(tx, serial)
        self._attached.pop(serial, None)
        self._publish_attachment(serial)

    def _forget_cards(self) -> None:
        """The world was replaced: no device is attached to anything in it."""
        super()._forget_cards()
        attached, self._attached = self._attached, {}
        for attachment in attached.values():
            attachment.tell({"do": "detached"})

    def attachment(self, serial: str) -> Attachment | None:
        """The device at a reader."""
        return self._attached.get(serial)

    def attachments(self) -> list[Attachment]:
        """All of them, the oldest first."""
        return list(self._attached.values())

    def card_came(self, tx: Context, serial: str) -> None:
        """A card is at the device: it is presented.  Raises ReaderError when the reader wants none."""
        attachment = self._attachment(serial)
        card = DistantCard(attachment.tell, attachment.allowed)
        presentation = Presentation(attachment.interface, card, guest=True)
        self.present(tx, serial, presentation)
        attachment.card = card

    def stripe_came(self, tx: Context, serial: str, stripe: MagneticStripe) -> None:
        """A card was pulled through the device.  Raises ReaderError when the reader wants none."""
        self._attachment(serial)
        self.present(tx, serial, Presentation("swipe", stripe, guest=True))

    def card_gone(self, tx: Context, serial: str) -> None:
        """The card at the device was taken away, whatever it was doing."""
        attachment = self._attachment(serial)
        card, attachment.card = attachment.card, None
        if card is None:
            return
        card.present = False
        with self.turn(tx, serial) as turn:
            slot = turn.slot
            if turn.state.card_in_slot:
                customer.remove_card(turn)
            elif slot is not None and slot.distant is card and slot.asked is not None:
                authorization.card_said(turn, slot.asked.number, Silence.REMOVED)

    def card_said(self, tx: Context, serial: str, number: int, answer: bytes | Silence) -> None:
        """The card answered a question; one that nobody waits for any more is not heard."""
        attachment = self._attachment(serial)
        with self.turn(tx, serial) as turn:
            if turn.slot is not None and turn.slot.distant is attachment.card:
                asked = turn.slot.asked
                if asked is not None and asked.number == number:
                    attachment.exchanges += 1
                    self._publish_exchange(turn.slot, serial, asked, answer)
                authorization.card_said(turn, number, answer)

    def _attachment(self, serial: str) -> Attachment:
        attachment = self._attached.get(serial)
        if attachment is None:
            raise ReaderError("No device is attached to this reader.", "countertop attach DEVICE --reader READER")
        return attachment

    def _publish_attachment(self, serial: str) -> None:
        attachment = self._attached.get(serial)
        told = {"serial": serial, "attached": None if attachment is None else attachment.document()}
        self._feed.publish(self._clock.now_ms(), "device", told)

    def _publish_exchange(self, slot: Slot, serial: str, asked: CardAsked, answer: bytes | Silence) -> None:
        """What crossed the cable, for whoever watches; nothing of it is secret."""
        if not self._feed.watched:
            return
        self._feed.publish(self._clock.now_ms(), "device", {"serial": serial, **_shown(asked, answer)})


def _shown(asked: CardAsked, answer: bytes | Silence) -> dict[str, object]:
    mask = Mask((), guest=True)
    text = answer.value if isinstance(answer, Silence) else answer.hex().upper()
    if isinstance(asked.event, PowerOn):
        return {"name": "power on", "command": "", "response": text}
    command = mask.command(asked.event.command.hex().upper())
    shown = text if isinstance(answer, Silence) else mask.response(text)
    return {"name": asked.event.name, "command": command, "response": shown}
