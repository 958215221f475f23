"""The platform's end of the wire: what devices report becomes payments, reader actions and events (§2.5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from countertop.api.scope import Document, Scope
from countertop.gateway import (
    ActionEnded,
    AuthorizationAnswer,
    AuthorizationRequest,
    CardCompleted,
    CardRead,
    InputsCollected,
    MethodCollected,
    PairingCodeShown,
    SoftwareInstalled,
    ToPlatform,
    TraceEntry,
)
from countertop.network.messages import Awaited, RequestKind
from countertop.services.payments.chip_facts import script_results
from countertop.services.payments.networks import declined_here
from countertop.services.payments.sales import Said
from countertop.services.terminal import asked, pairing, traces
from countertop.services.terminal.actions.collect_inputs import filled
from countertop.services.terminal.actions.signatures import keep_signature
from countertop.services.terminal.asked import Asked
from countertop.services.terminal.card_answers import CardAnswers
from countertop.services.terminal.running import RUNNING, finish, of_device

if TYPE_CHECKING:
    from countertop.services.payments import Payments, Setups
    from countertop.services.rooms import Rooms
    from countertop.store import Transaction

Answering = Callable[[Scope, Document, CardRead, int | None, Said | None], Document | None]


# What an action asks the issuer.
_KINDS: dict[str, RequestKind] = {
    "process_payment_intent": "authorization",
    "confirm_payment_intent": "authorization",
    "process_setup_intent": "verification",
    "refund_payment": "refund",
}


class PlatformLink:
    """Takes messages from devices, each inside the transaction that caused it."""

    def __init__(self, rooms: Rooms, sales: Payments, setups: Setups) -> None:
        self._rooms = rooms
        self._answers = answers = CardAnswers(rooms, sales, setups)
        self._answering: dict[str, Answering] = {
            "process_payment_intent": answers.pay,
            "confirm_payment_intent": answers.confirm,
            "process_setup_intent": answers.save_card,
            "refund_payment": answers.refund,
        }

    def deliver(self, context: Any, serial: str, message: ToPlatform) -> None:
        """One message from one device; late ones about an action that is over are dropped."""
        if isinstance(message, PairingCodeShown):
            pairing.announce(context, serial, message, message.expires_ms // 1000)
            return
        if isinstance(message, SoftwareInstalled):
            self._note_software(context, serial, message.version)
            return
        row = of_device(context, serial)
        if row is None or row["action"] != message.action:
            return
        account = self._rooms.accounts.by_id(row["account"])
        assert account is not None, "an account outlives what its readers do"
        scope = self._rooms.scope(context, account)
        match message:
            case AuthorizationRequest() if message.card.emv or message.card.track:
                self._ask(scope, row, message)
            case AuthorizationRequest():
                self._answer(scope, row, self._answering[row["type"]](scope, row, message.card, message.tip, None))
            case CardCompleted():
                self._complete(scope, row, message)
            case MethodCollected():
                problem = self._answers.collect(scope, row, message.card, message.tip)
                finish(self._rooms.gateway, scope, row, problem=problem, event="terminal.reader.action_updated")
            case InputsCollected():
                filled(scope, row["details"]["inputs"], message.results, keep_signature)
                scope.tx.put("", RUNNING, row, created=scope.now)
            case ActionEnded():
                self._end(scope, row, message)

    # --- presented cards -------------------------------------------------------------------------------------------

    def _ask(self, scope: Scope, row: Document, message: AuthorizationRequest) -> None:
        """Ask the issuer; what becomes of its answer waits for the chip, unless the device cannot hear any more."""
        came = self._answers.ask(scope, row, message.card, message.tip)
        said, problem = (came, None) if isinstance(came, Said) else (None, came)
        if said is not None and said.answer.awaited is not None:
            self._wait(scope, row["id"], message, said, said.answer.awaited)
        else:
            self._heard(scope, row, message, said, problem)

    def _wait(self, scope: Scope, serial: str, message: AuthorizationRequest, said: Said, awaited: Awaited) -> None:
        """The issuer asks somebody itself; the device waits, as it does for a slow line."""
        account = scope.account

        def then(tx: Transaction, outside: Any) -> None:
            heard = replace(said, answer=awaited.then(tx, outside))
            now = self._rooms.scope(tx, account)
            row = of_device(tx, serial)
            if row is not None and row["action"] == message.action:
                self._heard(now, row, message, heard, None)
            elif heard.answer.approved:
                self._answers.reverse(now, message.card, heard)

        self._rooms.errands.add(scope.tx, awaited.ask, then)

    def _heard(
        self, scope: Scope, row: Document, message: AuthorizationRequest, said: Said | None, problem: Document | None
    ) -> None:
        """The answer is there: the device hears it."""
        host = [] if said is None else self._answers.told(scope, _KINDS[row["type"]], message.card, said, said.answer)
        pending = asked.Asked(message.card, message.tip, said, problem, host)
        if not self._rooms.gateway.devices.connected(scope.tx, row["id"]):
            # Nobody hears the answer: what the issuer approved stands (terminal.md §2.4).
            self._conclude(scope, row, pending, said, ())
            return
        asked.put(row, pending)
        scope.tx.put("", RUNNING, row, created=scope.now)
        self._rooms.gateway.to_device(scope.tx, row["id"], asked.answer_for(row["action"], pending))

    def _complete(self, scope: Scope, row: Document, message: CardCompleted) -> None:
        """The chip has spoken: an approval that it turned down, or never heard, is reversed."""
        pending = asked.take(row)
        if pending is None:
            return
        pending = replace(pending, read=replace(pending.read, emv=message.emv or pending.read.emv))
        said = pending.said
        if said is not None and script_results(message.emv):
            advice = self._answers.report(scope, pending.read, said)
            pending.host.extend(self._answers.told(scope, "advice", pending.read, said, advice))
        if said is None or not pending.approved or message.approved:
            self._conclude(scope, row, pending, said, message.trace)
            return
        reversal = self._answers.reverse(scope, pending.read, said)
        pending.host.extend(self._answers.told(scope, "reversal", pending.read, said, reversal))
        if message.failure_code == "card_removed":
            # There was no payment: the device says how its action ended.
            traces.keep(scope, row, message.trace, pending.host)
            scope.tx.put("", RUNNING, row, created=scope.now)
            return
        refused = declined_here("generic_decline", message.failure_message or "Your card was declined.")
        self._conclude(scope, row, pending, replace(said, answer=refused), message.trace)

    def _conclude(
        self, scope: Scope, row: Document, pending: Asked, said: Said | None, trace: tuple[TraceEntry, ...]
    ) -> None:
        """Write what came of a chip's request; the device knows it already."""
        problem = pending.problem
        if said is not None:
            problem = self._answering[row["type"]](scope, row, pending.read, pending.tip, said)
        row["answer"] = {"problem": problem}
        traces.keep(scope, row, trace, pending.host)
        scope.tx.put("", RUNNING, row, created=scope.now)

    # --- inner ----------------------------------------------------------------------------------------------------

    def _note_software(self, context: Any, serial: str, version: str) -> None:
        entry = context.get("", pairing.DIRECTORY, serial)
        account = self._rooms.accounts.by_id(entry["account"]) if entry is not None else None
        if entry is None or account is None:
            return
        scope = self._rooms.scope(context, account)
        scope.save(scope.fetch("terminal.reader", entry["reader"]) | {"device_sw_version": version})

    def _answer(self, scope: Scope, row: Document, problem: Document | None) -> None:
        row["answer"] = {"problem": problem}
        scope.tx.put("", RUNNING, row, created=scope.now)
        answer = AuthorizationAnswer(
            row["action"],
            approved=problem is None,
            code=problem["code"] if problem else None,
            message=problem["message"] if problem else None,
        )
        self._rooms.gateway.to_device(scope.tx, row["id"], answer)

    def _end(self, scope: Scope, row: Document, message: ActionEnded) -> None:
        traces.keep(scope, row, message.trace, [])
        if message.succeeded:
            finish(self._rooms.gateway, scope, row)
            return
        # A failure that the device names (a cancel, a time-out after a soft decline) is the last thing that happened.
        problem = None if message.failure_code else (row["answer"] or {}).get("problem")
        failure = None if problem is not None else (message.failure_code or "", message.failure_message or "")
        finish(self._rooms.gateway, scope, row, problem=problem, failure=failure)
