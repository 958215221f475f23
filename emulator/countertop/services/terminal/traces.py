"""Transaction traces as rows: what a device and the network had to say about one sale (docs/traces.md).

An account keeps its last thousand.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from countertop.api.scope import Document, Scope
from countertop.gateway import TraceEntry
from countertop.network.iso8583 import named, request_fields, response_fields
from countertop.network.messages import IssuerRequest, IssuerResponse

KIND = "_trace"
"""Rows ``{id: pi_… (seti_…, ch_…), action, reader, serial, started_ms, outcome, why, entries}``, by account."""
PLACES = "_trace_place"
"""Rows ``{id: number, trace}``: which trace has which of the thousand places; the row ``next`` counts them."""
MOST = 1_000
LATEST = "latest"
# Network messages belong behind this step of the device.
ASKING = "asking the issuer"


def keep(scope: Scope, row: Document, device: Iterable[TraceEntry], host: list[TraceEntry]) -> None:
    """Add what happened to the trace of the running action, which begins by that if it is the first."""
    entries = _joined(list(device), host)
    if not entries:
        return
    name = row.get("intent") or row.get("setup") or row.get("charge")
    if name is None:
        return
    account, trace = scope.account.id, scope.tx.get(scope.account.id, KIND, name)
    if trace is None or trace["action"] != row["action"]:
        if trace is None:
            _take_place(scope, name)
        trace = {
            "id": name,
            "object": name,
            "action": row["action"],
            "type": row["type"],
            "reader": row["reader"],
            "serial": row["id"],
            "started_ms": entries[0]["at"],
            "entries": [],
        }
    trace["entries"] += entries
    ends = [entry for entry in entries if entry["kind"] == "outcome"]
    if ends:
        trace["outcome"], trace["why"] = ends[-1]["name"], ends[-1]["why"]
    trace.setdefault("outcome", "unfinished")
    trace.setdefault("why", "")
    scope.tx.put(account, KIND, trace, created=scope.now)
    scope.tx.put("", KIND, {"id": LATEST, "account": account, "trace": name}, created=scope.now)


def host_entry(scope: Scope, name: str, fields: dict[str, str]) -> TraceEntry:
    """A message of the network, by its ISO 8583 fields."""
    return {"kind": "host", "at": scope.clock.now_ms(), "name": name, "fields": named(fields)}


def host_messages(scope: Scope, request: IssuerRequest, answer: IssuerResponse, number: str) -> list[TraceEntry]:
    """A question to an issuer, what it checked, and its answer; ``number`` is the PAN, which does not get into them."""
    now = scope.clock.now_ms()
    if not answer.sent:
        return [{"kind": "decision", "at": now, "name": "platform", "result": "refused", "why": answer.message or ""}]
    checks: list[TraceEntry] = [
        {"kind": "decision", "at": now, "name": f"issuer: {name}", "result": result, "why": why}
        for name, result, why in answer.notes
    ]
    asked = request_fields(request, number)
    question = host_entry(scope, request.kind, asked)
    reply = host_entry(scope, f"{request.kind} response", response_fields(asked, answer))
    return [question, *checks, reply]


def find(tx: Any, accounts: Iterable[str], name: str) -> Document | None:
    """The trace of an object by its id, or the ``latest`` of all; None when there is none."""
    if name == LATEST:
        pointer = tx.get("", KIND, LATEST)
        found: Document | None = None if pointer is None else tx.get(pointer["account"], KIND, pointer["trace"])
        return found
    for account in accounts:
        found = tx.get(account, KIND, name)
        if found is not None:
            return found
    return None


def _joined(device: list[TraceEntry], host: list[TraceEntry]) -> list[TraceEntry]:
    asked = [at for at, entry in enumerate(device) if (entry["kind"], entry["name"]) == ("step", ASKING)]
    place = asked[-1] + 1 if asked else len(device)
    return device[:place] + host + device[place:]


def _take_place(scope: Scope, name: str) -> None:
    """A new trace takes the next place; the one that had it a thousand traces ago is forgotten."""
    account, tx = scope.account.id, scope.tx
    counter = tx.get(account, PLACES, "next") or {"id": "next", "number": 0}
    place = str(counter["number"] % MOST)
    before = tx.get(account, PLACES, place)
    if before is not None:
        tx.delete(account, KIND, before["trace"])
    tx.put(account, PLACES, {"id": place, "trace": name}, created=scope.now)
    tx.put(account, PLACES, counter | {"number": counter["number"] + 1}, created=scope.now)
