"""The logo of a design: a PNG of 1000 by 200 pixels (issuing.md §4.2); its colours are for the review to judge."""

from __future__ import annotations

import base64
import struct

from countertop.api.errors import invalid, missing_resource
from countertop.api.scope import Call
from countertop.services.core.files import CONTENTS
from countertop.services.core.files import KIND as FILE

PURPOSE = "issuing_logo"
SIZE = (1000, 200)
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def check_logo(call: Call, name: str) -> None:
    """Whether a file can be a logo.  Raises ApiError 400."""
    file = call.get(FILE, name)
    if file is None:
        raise missing_resource("file", name, param="card_logo")
    if file["purpose"] != PURPOSE:
        raise invalid(f"The file {name} has the purpose {file['purpose']}; a logo has {PURPOSE}.", param="card_logo")
    size = _size_of_png(content_of(call, name))
    if size != SIZE:
        found = "no PNG" if size is None else f"{size[0]} by {size[1]} pixels"
        raise invalid(f"A logo is a PNG of {SIZE[0]} by {SIZE[1]} pixels; this is {found}.", param="card_logo")


def content_of(call: Call, name: str) -> bytes:
    """The bytes of a file; none for one that was loaded without them."""
    row = call.tx.get(call.account.id, CONTENTS, name)
    return base64.b64decode(row["base64"]) if row is not None else b""


def _size_of_png(content: bytes) -> tuple[int, int] | None:
    if len(content) < 24 or content[:8] != _SIGNATURE or content[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height
