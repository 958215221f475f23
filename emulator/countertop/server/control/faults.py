"""Faults of the API itself."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from countertop.api.faults import NAMES
from countertop.server.control.ask import Ask
from countertop.server.control.bodies import ApiFault


def listed(ask: Ask) -> dict[str, Any]:
    """GET faults"""
    return {"armed": [asdict(fault) for fault in ask.bench.faults.armed], "names": list(NAMES)}


def arm(ask: Ask) -> dict[str, Any]:
    """POST faults"""
    body = ask.model(ApiFault)
    fault = ask.bench.faults.arm(body.name, times=body.times, path_prefix=body.path_prefix, delay_ms=body.delay_ms)
    return asdict(fault)


def clear(ask: Ask) -> dict[str, Any]:
    """DELETE faults"""
    ask.bench.faults.clear()
    return listed(ask)
