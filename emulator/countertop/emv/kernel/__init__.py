"""The terminal's kernels: what a reader does with a card, as generators of commands.

:func:`contact` is the kernel for a chip in the slot, :func:`contactless` what takes a card over the air, and
:func:`with_pin` goes on with that once its issuer wants a PIN.  Whoever drives them sends each event's answer back.
"""

from countertop.emv.kernel.contact import contact
from countertop.emv.kernel.contactless import contactless, with_pin
from countertop.emv.kernel.events import (
    ApplicationRead,
    Candidate,
    ChooseApplication,
    EnterPin,
    Event,
    GoOnline,
    Note,
    OnlineAnswer,
    Outcome,
    PowerOn,
    Silence,
    Steps,
    Transmit,
)
from countertop.emv.kernel.terminal import Contactless, Request, Terminal, TerminalApplication

__all__ = [
    "ApplicationRead",
    "Candidate",
    "ChooseApplication",
    "Contactless",
    "EnterPin",
    "Event",
    "GoOnline",
    "Note",
    "OnlineAnswer",
    "Outcome",
    "PowerOn",
    "Request",
    "Silence",
    "Steps",
    "Terminal",
    "TerminalApplication",
    "Transmit",
    "contact",
    "contactless",
    "with_pin",
]
