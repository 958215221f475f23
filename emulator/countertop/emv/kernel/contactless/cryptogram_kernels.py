"""Kernels in which GENERATE AC brings the decision: kernel 2 (M/Chip), and its like (card-hardware.md F.3, F.4).

Amex, JCB, Interac, eftpos, girocard and Cartes Bancaires run here at the depth that their receipts show: the terminal's
action codes and the card's CVM list decide, and one GENERATE AC is all that a card is asked for.
"""

from __future__ import annotations

from dataclasses import replace

from countertop.emv import cvm
from countertop.emv.bits import AIP, ARQC, TC, TSI, TVR
from countertop.emv.kernel import action, authentication, completion, reading, restrictions, verification
from countertop.emv.kernel.contactless import online, stripe_mode
from countertop.emv.kernel.contactless.limits import REFUSALS, exceeds, refuse_over_limit
from countertop.emv.kernel.events import Ended, Note, Outcome, Steps
from countertop.emv.kernel.terminal import Contactless
from countertop.emv.kernel.transaction import Transaction

KERNEL_2 = b"\x02"
MANDATORY = (0x5A, 0x5F24, 0x8C)
NO_CVM_ONLY = 0x08
# 9F34 of a device that verified its holder, and of one that did not have to (kernel 2).
BY_DEVICE, NOT_BY_DEVICE = bytes((0x01, 0x00, 0x02)), bytes((cvm.NOT_PERFORMED, 0x00, 0x02))
# 9F1D: online PIN, no CVM and device CVM known over the air; the first two and more by chip; no restart.
RISK_DATA = bytes.fromhex("4C7A800000000000")
# Amex: EMV and mag-stripe modes, CVM required or not; what the reader can do beside.
AMEX_CAPABILITIES, AMEX_ENHANCED = b"\xc0", bytes.fromhex("D8E00000")


def run(t: Transaction, settings: Contactless) -> Steps[Outcome | None]:
    """From GET PROCESSING OPTIONS to the outcome; None when another application is to be tried."""
    over = exceeds(t.request.amount, settings.no_cvm_up_to)
    # Under the limit the terminal verifies nobody.
    cvms = t.terminal.air_cvms if over else NO_CVM_ONLY
    t.terminal = replace(t.terminal, capabilities=bytes((t.terminal.capabilities[0], cvms, t.terminal.capabilities[2])))
    t.data |= {0x9F1D: RISK_DATA, 0x9F33: t.terminal.capabilities, 0x9F6D: AMEX_CAPABILITIES, 0x9F6E: AMEX_ENHANCED}
    response = yield from reading.ask_options(t, REFUSALS)
    if response is None:
        return None
    # What the reader said of itself is not to be taken for what the card says.
    for tag in (0x9F6D, 0x9F6E):
        del t.data[tag]
    objects = reading.options(response)
    t.data[0x82], t.afl = objects[0x82], objects.get(0x94, b"")
    if settings.kernel == KERNEL_2 and AIP.EMV_MODE not in t.aip:
        if not settings.stripe_mode:
            raise Ended("another_interface", "stripe_mode", "The card knows only a mode that is not taken here.")
        return (yield from stripe_mode.run(t, settings))
    yield from reading.read_records(t, MANDATORY)
    device = AIP.ON_DEVICE_CV in t.aip
    refuse_over_limit(t, settings, device=device)
    yield from authentication.authenticate(t)
    yield from restrictions.restrict(t)
    yield from _verify(t, over=over, device=device)
    yield from _check_limits(t, settings)
    wanted = yield from action.analyse(t)
    given = yield from completion.first(t, wanted)
    # Readers keep no such record over the air; what was done is in the TVR.
    t.tsi = TSI(0)
    if completion.signature_failed(t):
        return online.decline(t, "data_authentication_failed", "The card's signature is wrong.")
    if given == ARQC or (given == TC and t.pin_due):
        return (yield from online.go_online(t))
    if given == TC:
        return (yield from online.approve(t))
    return online.decline(t, completion.declined_because(t), "The card declined.")


def _verify(t: Transaction, *, over: bool, device: bool) -> Steps[None]:
    if device:
        t.data[0x9F34] = BY_DEVICE if over else NOT_BY_DEVICE
        why = "its holder was verified by the device" if over else "the amount asks for none"
        yield Note("decision", "CVM", "done by the device" if over else "none", why)
        return
    yield from verification.verify(t)


def _check_limits(t: Transaction, settings: Contactless) -> Steps[None]:
    if t.pan in t.request.exceptions:
        t.tvr |= TVR.ON_EXCEPTION_FILE
        yield Note("decision", "exception file", "listed", "this card is not to be served")
    if t.request.amount > settings.floor_limit:
        t.tvr |= TVR.FLOOR_LIMIT
        yield Note("decision", "floor limit", "exceeded", f"{t.request.amount} is over {settings.floor_limit}")
