"""What each device is busy with: from the call that starts an action to the message that ends it (terminal.md §1.4).

An action belongs to a server's call, which sees it as ``reader.action`` and in events, or to a point-of-sale session
(``owner``), which asks for its outcome over the reader's link.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from countertop.api.scope import Document, Scope
from countertop.gateway import ActionType, Gateway, StartAction
from countertop.services.terminal.collected import displace, give_back

KIND = "terminal.reader"
RUNNING = "_reader_action"
"""Rows ``{id: serial, action, account, reader, type, owner, answer, details, …}``: what a device is busy with."""
OUTCOMES = "_pos_outcome"
"""Rows ``{id: action, owner, type, status, problem, details}``: how an action of a point-of-sale session ended."""
API_ERROR_SINCE = (2, 42)
"""Readers with older software leave ``api_error`` null (terminal.md §1.4)."""


@dataclass(frozen=True, slots=True)
class Task:
    """One action to be done: ``details`` is what ``reader.action[type]`` shows, ``facts`` what is remembered beside it,
    ``start`` the fields of its StartAction."""

    type: ActionType
    details: Document
    facts: Document = field(default_factory=dict)
    start: dict[str, Any] = field(default_factory=dict)


def begin(gateway: Gateway, scope: Scope, reader: Document, task: Task, owner: str | None = None) -> str:
    """Start an action on a device, in the place of one that only waits; returns its id.

    The caller has checked that the device takes it.
    """
    serial, action = reader["serial_number"], scope.ids.text(16)
    row: dict[str, Any] = {
        **task.facts,
        "id": serial,
        "action": action,
        "account": scope.account.id,
        "reader": reader["id"],
        "type": task.type,
        "owner": owner,
        "answer": None,
        "details": task.details,
    }
    replaced = scope.tx.get("", RUNNING, serial)
    if replaced is not None:
        forget(scope, replaced)
    displace(scope, serial)
    scope.tx.put("", RUNNING, row, created=scope.now)
    if owner is None:
        reader["action"] = {
            "api_error": None,
            "failure_code": None,
            "failure_message": None,
            task.type: task.details,
            "status": "in_progress",
            "type": task.type,
        }
        scope.save(reader)
    gateway.to_device(scope.tx, serial, StartAction(action, task.type, mcc=scope.account.mcc, **task.start))
    return action


def of_device(tx: Any, serial: str) -> Document | None:
    """What the device is busy with, or None."""
    found: Document | None = tx.get("", RUNNING, serial)
    return found


def everywhere(tx: Any) -> Iterator[Document]:
    """Every running action."""
    for serial, _ in list(tx.each("", RUNNING)):
        row = tx.get("", RUNNING, serial)
        if row is not None:
            yield row


def forget(scope: Scope, row: Document) -> None:
    """The action is called off or displaced: no event, and nothing of it remains but a session's outcome."""
    scope.tx.delete("", RUNNING, row["id"])
    _give_back(scope, row)
    if row["owner"] is not None:
        _tell_owner(scope, row, "canceled", None)


def finish(
    gateway: Gateway,
    scope: Scope,
    row: Document,
    *,
    problem: Document | None = None,
    failure: tuple[str, str] | None = None,
    event: str | None = None,
) -> None:
    """The action is final.

    ``problem``: the API error that ended it, such as a decline.  ``failure``: code and message of an end that began at
    the device.  ``event``: what is sent instead of ``terminal.reader.action_succeeded``.
    """
    scope.tx.delete("", RUNNING, row["id"])
    if problem is not None or failure is not None:
        _give_back(scope, row)
    if row["owner"] is not None:
        end = problem or (None if failure is None else {"code": failure[0], "message": failure[1], "type": "reader"})
        _tell_owner(scope, row, "succeeded" if end is None else "failed", end)
        return
    reader = scope.fetch(KIND, row["reader"])
    if problem is None and failure is None:
        reader["action"] |= {"status": "succeeded", row["type"]: row["details"]}
        name = event or "terminal.reader.action_succeeded"
    else:
        code, message = failure or (None, None)
        reader["action"] |= {
            "api_error": problem if _fills_api_error(reader) else None,
            "failure_code": problem["code"] if problem else code,
            "failure_message": problem["message"] if problem else message,
            "status": "failed",
        }
        name = "terminal.reader.action_failed"
    scope.save(reader)
    seen = gateway.devices.last_seen_ms(row["id"])
    scope.emit(name, reader | {"last_seen_at": seen, "status": "online"})


def _give_back(scope: Scope, row: Document) -> None:
    """An intent whose confirmation came to nothing wants a card again; the row's account may not be the scope's."""
    if row["type"] == "confirm_payment_intent":
        give_back(scope.tx, row["account"], row["intent"], row["method"])


def _tell_owner(scope: Scope, row: Document, status: str, problem: Document | None) -> None:
    names = ("owner", "type", "details")
    outcome = {name: row[name] for name in names} | {"id": row["action"], "status": status, "problem": problem}
    scope.tx.put("", OUTCOMES, outcome, created=scope.now)


def _fills_api_error(reader: Document) -> bool:
    parts = (reader["device_sw_version"] or "0").split(".")[:2]
    return tuple(int(part) if part.isdigit() else 0 for part in parts) >= API_ERROR_SINCE
