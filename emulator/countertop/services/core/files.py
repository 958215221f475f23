"""Files: upload by multipart, retrieve, list, contents (api-conventions §13)."""

from __future__ import annotations

import base64

from countertop.api.errors import invalid
from countertop.api.lists import filters_of, list_objects
from countertop.api.scope import Bytes, Call, Document, Listing, Operations, Scope
from countertop.api.shape import complete

KIND = "file"
CONTENTS = "_file_contents"
# The part of a file's media type that the API shows as `type`.
TYPES = {"jpeg": "jpg", "svg+xml": "svg", "plain": "txt", "octet-stream": "bin"}


def operations() -> Operations:
    """The operations of /v1/files."""
    return {
        "POST /v1/files": create,
        "GET /v1/files": list_files,
        "GET /v1/files/{file}": retrieve,
        "GET /v1/files/{file}/contents": contents,
    }


def create(call: Call) -> Document:
    """POST /v1/files (multipart/form-data): ``file`` and ``purpose``; no ``livemode`` on this object."""
    upload = call.files.get("file")
    if upload is None:
        raise invalid("Missing required param: file.", code="parameter_missing", param="file")
    # Some clients send the whole path that they read the file from.
    filename = upload.filename.replace("\\", "/").rpartition("/")[2]
    return make_file(call, upload.content, filename, call.params["purpose"], upload.content_type)


def make_file(
    scope: Scope, content: bytes, filename: str, purpose: str, content_type: str, expires_at: int | None = None
) -> Document:
    """Keep bytes as a file of the account.  ``expires_at``: Unix seconds, None for a file that stays."""
    suffix = content_type.rpartition("/")[2]
    file_id = scope.new_id(KIND)
    document: Document = {
        "id": file_id,
        "object": KIND,
        "created": scope.now,
        "expires_at": expires_at,
        "filename": filename,
        "links": {"object": "list", "data": [], "has_more": False, "url": f"/v1/file_links?file={file_id}"},
        "purpose": purpose,
        "size": len(content),
        "type": TYPES.get(suffix, suffix),
        "url": f"https://files.stripe.com/v1/files/{file_id}/contents",
    }
    row = {"id": file_id, "content_type": content_type, "base64": base64.b64encode(content).decode("ascii")}
    scope.tx.put(scope.account.id, CONTENTS, row, created=scope.now)
    return scope.save(complete(KIND, document), "file.created")


def list_files(call: Call) -> Listing:
    """GET /v1/files."""
    return list_objects(call, KIND, where=filters_of(call, "purpose"))


def retrieve(call: Call) -> Document:
    """GET /v1/files/{file}."""
    return call.fetch(KIND, call.path["file"], param="id", in_path=True)


def contents(call: Call) -> Bytes:
    """GET /v1/files/{file}/contents, on the files host: the exact bytes that were uploaded."""
    file = call.fetch(KIND, call.path["file"], param="id", in_path=True)
    row = call.tx.get(call.account.id, CONTENTS, file["id"])
    content = base64.b64decode(row["base64"]) if row else b""
    return Bytes(content, row["content_type"] if row else "application/octet-stream")
