"""Reader model and country data, and recorded device traces.

Data only: this package imports nothing of ours.

``models/<name>.toml`` describes a device; ``skus/<name>.toml`` one variant of it for some countries.  A new
country variant is one new file in ``skus/``; a new device is one file in each folder.  The meaning of every
key is in ``README.md`` beside this file; ``countertop.readers.models`` checks them.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

__all__ = ["data_folder", "model_names", "read_model", "read_sku", "sku_names", "trace_names", "trace_path"]

#: Recordings, and exchanges written by hand.
TRACE_ENDINGS = (".json", ".apdu")


def data_folder() -> Traversable:
    """The folder that holds ``models/``, ``skus/`` and ``traces/``."""
    return files(__name__)


def model_names() -> list[str]:
    """Names of the devices described here, sorted."""
    return _names("models", ".toml")


def read_model(name: str) -> dict[str, Any]:
    """One device as plain data.

    Raises FileNotFoundError for a name that :func:`model_names` does not list.
    """
    return _read_toml("models", name)


def sku_names() -> list[str]:
    """Names of the country variants described here, sorted."""
    return _names("skus", ".toml")


def read_sku(name: str) -> dict[str, Any]:
    """One country variant as plain data.  Raises FileNotFoundError for a name that is not listed."""
    return _read_toml("skus", name)


def trace_names() -> list[str]:
    """Names of what was recorded of cards, sorted; the ``replay:`` driver plays them, whichever format they have."""
    return sorted(name for ending in TRACE_ENDINGS for name in _names("traces", ending))


def trace_path(name: str) -> Traversable:
    """The file of a recording.  Raises FileNotFoundError for a name that is not listed."""
    for ending in TRACE_ENDINGS:
        if name in _names("traces", ending):
            return data_folder().joinpath("traces", name + ending)
    raise FileNotFoundError(f"no traces/{name}; there are: {', '.join(trace_names())}")


def _names(folder: str, ending: str) -> list[str]:
    entries = data_folder().joinpath(folder).iterdir()
    return sorted(entry.name.removesuffix(ending) for entry in entries if entry.name.endswith(ending))


def _find(folder: str, name: str, ending: str) -> Traversable:
    names = _names(folder, ending)
    if name not in names:
        raise FileNotFoundError(f"no {folder}/{name}{ending}; there are: {', '.join(names)}")
    return data_folder().joinpath(folder, name + ending)


def _read_toml(folder: str, name: str) -> dict[str, Any]:
    return tomllib.loads(_find(folder, name, ".toml").read_text(encoding="utf-8"))
