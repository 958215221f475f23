"""What is remembered from one day to the next: columns, order, filter, theme, the card in hand."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from countertop_tui.columns import USUAL

FILE = "fleet.json"


def usual_file(environment: Mapping[str, str]) -> Path:
    """Where it is kept: ``$XDG_STATE_HOME/countertop/fleet.json``, in the home directory by default."""
    state = environment.get("XDG_STATE_HOME") or os.path.join(environment.get("HOME") or "~", ".local", "state")
    return Path(state).expanduser() / "countertop" / FILE


@dataclass(slots=True)
class Memory:
    """The settings, and the file they are in (None: nothing is kept)."""

    columns: list[str] = field(default_factory=lambda: list(USUAL))
    sort: str = "label"
    descending: bool = False
    grouping: str = ""
    filter: str = ""
    theme: str = "textual-dark"
    card: str = "visa"
    file: Path | None = None

    @classmethod
    def read(cls, file: Path | None) -> Memory:
        """What the file holds, as far as it can be understood: a broken one is as good as none."""
        found = cls(file=file)
        try:
            kept: Any = json.loads(file.read_text(encoding="utf-8")) if file is not None else {}
        except (OSError, ValueError):
            return found
        if not isinstance(kept, dict):
            return found
        for each in fields(cls):
            value = kept.get(each.name)
            if each.name != "file" and type(value) is type(getattr(found, each.name)):
                setattr(found, each.name, value)
        found.columns = [name for name in found.columns if isinstance(name, str)] or list(USUAL)
        return found

    def write(self) -> None:
        """Keep it, whole or not at all; a disk that refuses is not worth a word."""
        if self.file is None:
            return
        kept = {name: value for name, value in asdict(self).items() if name != "file"}
        aside = self.file.with_suffix(f".{os.getpid()}.tmp")
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            aside.write_text(json.dumps(kept, indent=2), encoding="utf-8")
            aside.replace(self.file)
        except OSError:
            with suppress(OSError):
                aside.unlink(missing_ok=True)
