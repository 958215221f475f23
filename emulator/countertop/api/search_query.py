"""The search language: ``status:"active" AND metadata["order"]:"42"`` (api-conventions §5).

::

    query   = clause { [AND | OR] clause }      AND and OR cannot be mixed; a blank is AND; at most 10 clauses
    clause  = ["-"] field operator value
    field   = name { "." name } | metadata["key"]
    operator = ":" exact, whatever the case | "~" substring of 3 characters or more | ">" "<" ">=" "<=" numbers
    value   = "text" | 'text' | number | null
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST_CLAUSES = 10
SHORTEST_SUBSTRING = 3
CLAUSE = re.compile(
    r"""
    (?P<minus>-?)
    (?P<field>[a-z_][a-z0-9_]*(?:\.[a-z0-9_]+)*)
    (?:\[(?P<key>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\])?
    (?P<operator>:|~|>=|<=|>|<)
    (?P<value>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|-?[0-9]+(?:\.[0-9]+)?|null)
    (?=\s|$)
    """,
    re.VERBOSE,
)
JOINER = re.compile(r"(AND|OR)(?=\s)", re.IGNORECASE)
BLANKS = re.compile(r"\s+")


class QueryError(ValueError):
    """A query that cannot be understood; its text says why."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition.  ``value`` is text, a number, or None for ``null``; ``path`` leads to the member."""

    path: tuple[str, ...]
    operator: str
    value: str | float | None
    negated: bool

    def matches(self, document: Mapping[str, Any]) -> bool:
        """Whether a decoded document meets the condition."""
        found: Any = document
        for name in self.path:
            found = found.get(name) if isinstance(found, dict) else None
        return self._holds(found) != self.negated

    def _holds(self, found: Any) -> bool:
        if self.value is None:
            return found is None
        if isinstance(found, list):
            return any(self._holds(item) for item in found)
        if found is None or isinstance(found, dict):
            return False
        if self.operator == "~":
            return str(self.value).lower() in str(found).lower()
        if self.operator == ":":
            return _equal(found, self.value)
        if isinstance(found, bool) or not isinstance(found, (int, float)):
            return False
        wanted = float(self.value)
        if self.operator == ">":
            return found > wanted
        if self.operator == "<":
            return found < wanted
        return found >= wanted if self.operator == ">=" else found <= wanted


@dataclass(frozen=True, slots=True)
class Query:
    """Clauses that must all hold, or of which one must."""

    clauses: tuple[Clause, ...]
    any_of: bool = False

    def matches(self, document: Mapping[str, Any]) -> bool:
        """Whether a decoded document is found by this query."""
        results = (clause.matches(document) for clause in self.clauses)
        return any(results) if self.any_of else all(results)


def parse(text: str) -> Query:
    """The query that a text means.  Raises QueryError."""
    clauses: list[Clause] = []
    joiners: set[str] = set()
    position = _skip(text, 0)
    while position < len(text):
        if clauses:
            joiner = JOINER.match(text, position)
            joiners.add(joiner[1].upper() if joiner else "AND")
            position = _skip(text, joiner.end()) if joiner else position
        found = CLAUSE.match(text, position)
        if found is None:
            raise QueryError(f"The query could not be understood at: {text[position : position + 40]}")
        clauses.append(_clause(found))
        position = _skip(text, found.end())
    if not clauses:
        raise QueryError("The query is empty.")
    if len(clauses) > MOST_CLAUSES:
        raise QueryError(f"A query can have up to {MOST_CLAUSES} clauses, this one has {len(clauses)}.")
    if len(joiners) > 1:
        raise QueryError("A query can join its clauses with AND or with OR, not with both.")
    return Query(tuple(clauses), joiners == {"OR"})


def _clause(found: re.Match[str]) -> Clause:
    path, key, operator, raw = found["field"].split("."), found["key"], found["operator"], found["value"]
    if key is not None:
        path.append(_unquoted(key))
    value: str | float | None = None
    if raw[0] in "\"'":
        value = _unquoted(raw)
    elif raw != "null":
        value = float(raw)
    if operator == "~" and not (isinstance(value, str) and len(value) >= SHORTEST_SUBSTRING):
        raise QueryError(f"A substring match needs text of {SHORTEST_SUBSTRING} or more characters.")
    if value is None and operator != ":":
        raise QueryError("null can only be matched with a colon.")
    if operator not in (":", "~"):
        value = _number(value)
    return Clause(tuple(path), operator, value, bool(found["minus"]))


def _number(value: str | float | None) -> float:
    try:
        return float("" if value is None else value)
    except ValueError:
        raise QueryError(f"{value!r} is not a number, and can only be matched with : or ~.") from None


def _unquoted(quoted: str) -> str:
    return re.sub(r"\\(.)", r"\1", quoted[1:-1])


def _equal(found: Any, wanted: str | float) -> bool:
    if isinstance(found, bool):
        return str(found).lower() == str(wanted).lower()
    if isinstance(found, (int, float)):
        try:
            return float(wanted) == found
        except ValueError:
            return False
    text = f"{wanted:g}" if isinstance(wanted, float) else wanted
    return str(found).lower() == text.lower()


def _skip(text: str, position: int) -> int:
    blanks = BLANKS.match(text, position)
    return blanks.end() if blanks else position
