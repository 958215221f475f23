"""The issuer's answer, as the card takes it: is it from the issuer, and what does it want? (card-hardware.md G.3)."""

from __future__ import annotations

from countertop.cards.chip.image import ApplicationImage
from countertop.cards.chip.memory import Memory
from countertop.cards.chip.reading import offline_amount, offline_limit
from countertop.cards.chip.risk import amount
from countertop.cards.chip.state import MOST_SCRIPTS
from countertop.emv.cvn.answers import ARPC_BYTES, CSU_BYTES, MAC_BYTES, ByCode, ByStatusUpdate

# Card status update, byte 2.
APPROVES, BLOCK_CARD, BLOCK_APPLICATION, UPDATE_PIN_TRIES = 0x80, 0x40, 0x20, 0x10
COUNTERS = 0x03
# Response code of M/Chip's method 1, byte 2.
CODE_APPROVES = 0x10


def take_issuer_answer(memory: Memory, application: ApplicationImage, answer: bytes) -> None:
    """Check the value of tag 91 and do what it says; sets ``issuer_authenticated`` and ``issuer_approved``."""
    session, cryptograms = memory.session, application.profile.cryptograms
    assert session.ac_data is not None, "there is an ARQC, so there is what it covers"
    genuine = cryptograms.check_answer(application.keys.ac, session.ac_data, session.arqc, answer)
    session.issuer_authenticated = genuine
    memory.remember(issuer_authentication_failed=not genuine)
    if not genuine:
        return
    memory.remember(
        last_online_atc=memory.state.atc,
        scripts=min(session.scripts_done, MOST_SCRIPTS),
        script_failed=session.script_failed,
    )
    match cryptograms.answers:
        case ByStatusUpdate():
            _obey(memory, application, answer[MAC_BYTES : MAC_BYTES + CSU_BYTES])
        case ByCode(mastercard=True):
            session.issuer_approved = bool(answer[ARPC_BYTES + 1] & CODE_APPROVES)
            memory.remember(offline_count=0, offline_amount=0)
        case _:
            memory.remember(offline_count=0, offline_amount=0)


def block(memory: Memory, application: ApplicationImage) -> None:
    """Block one application."""
    memory.remember(blocked=tuple(sorted({*memory.state.blocked, application.profile.aid.hex().upper()})))


def _obey(memory: Memory, application: ApplicationImage, update: bytes) -> None:
    state = memory.state
    tries, action = update[0] & 0x0F, update[1]
    memory.session.issuer_approved = bool(action & APPROVES)
    if action & BLOCK_CARD:
        memory.remember(card_blocked=True)
    if action & BLOCK_APPLICATION:
        block(memory, application)
    if action & UPDATE_PIN_TRIES:
        memory.remember(pin_tries=tries)
    match action & COUNTERS:
        case 0x01:
            memory.remember(
                offline_count=offline_limit(memory, application), offline_amount=offline_amount(memory, application)
            )
        case 0x02:
            memory.remember(offline_count=0, offline_amount=0)
        case 0x03:
            memory.remember(offline_count=state.offline_count + 1, offline_amount=state.offline_amount + amount(memory))
