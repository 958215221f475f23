"""Physical bundles: the plastic and paper that a card can be made of (issuing.md §4.1); read-only, the same for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from countertop.api.errors import invalid, missing_resource
from countertop.api.lists import page_of
from countertop.api.scope import Call, Document, Listing, Operations, Scope

if TYPE_CHECKING:
    from countertop.services.issuing.room import Issuing

KIND = "issuing.physical_bundle"
# Name · status · type · what the logo, the letter's text and the second line are (assumed).
_BUNDLES = {
    "ics_StandardBlack1": ("Standard black", "active", "standard", ("optional", "optional", "optional")),
    "ics_StandardPlain1": ("Standard plain", "active", "standard", ("unsupported", "optional", "unsupported")),
    "ics_CustomDesign01": ("Custom design", "active", "custom", ("required", "required", "optional")),
    "ics_CustomReview01": ("Custom design in review", "review", "custom", ("optional", "optional", "optional")),
}
STANDARD = "ics_StandardBlack1"
FEATURES = ("card_logo", "carrier_text", "second_line")


def operations(room: Issuing) -> Operations:
    """The operations of /v1/issuing/physical_bundles."""
    return {
        "GET /v1/issuing/physical_bundles": list_bundles,
        "GET /v1/issuing/physical_bundles/{physical_bundle}": retrieve,
    }


def list_bundles(call: Call) -> Listing:
    """GET /v1/issuing/physical_bundles."""
    wanted = {name: call.params[name] for name in ("status", "type") if name in call.params}
    found = [bundle for bundle in map(bundle_of, _BUNDLES) if wanted.items() <= bundle.items()]
    return page_of(call, KIND, [(bundle["id"], orjson.dumps(bundle, option=orjson.OPT_INDENT_2)) for bundle in found])


def retrieve(call: Call) -> Document:
    """GET /v1/issuing/physical_bundles/{physical_bundle}."""
    return fetch(call.path["physical_bundle"], in_path=True)


def fetch(name: str, *, in_path: bool = False) -> Document:
    """A bundle.  Raises ApiError resource_missing."""
    if name not in _BUNDLES:
        raise missing_resource("physical bundle", name, param="physical_bundle", in_path=in_path)
    return bundle_of(name)


def bundle_of(name: str) -> Document:
    """A bundle as the API shows it."""
    title, status, kind, features = _BUNDLES[name]
    return {
        "id": name,
        "object": KIND,
        "features": dict(zip(FEATURES, features, strict=True)),
        "livemode": False,
        "name": title,
        "status": status,
        "type": kind,
    }


def remember(scope: Scope, bundle: Document) -> None:
    """Keep a bundle with the account that uses it, where ``expand`` finds it."""
    scope.save(bundle)


def check_feature(bundle: Document, feature: str, *, given: bool) -> None:
    """Whether a feature is there that has to be, and not one that cannot.  Raises ApiError 400 (assumed wording)."""
    policy = bundle["features"][feature]
    if given and policy == "unsupported":
        raise invalid(f"The physical bundle {bundle['id']} does not support {feature}.", param=feature)
    if not given and policy == "required":
        raise invalid(
            f"The physical bundle {bundle['id']} requires {feature}.", code="parameter_missing", param=feature
        )
