"""The wire contract as data: endpoints, parameters, object types, events, versions.

Compiled by ``scripts/compile_catalog.py`` from the official SDK's own annotations and committed under
``data/``; names and types only.  ``overlay/`` holds the few additions that are kept by hand.
``python -m countertop.api.catalog check`` says whether the committed files are what the installed SDK gives.
"""

from __future__ import annotations

from countertop.api.catalog.catalog import Catalog, load
from countertop.api.catalog.model import Endpoint, Field, Parameter, Resource, Shape
from countertop.api.catalog.routes import Match

__all__ = ["Catalog", "Endpoint", "Field", "Match", "Parameter", "Resource", "Shape", "load"]
