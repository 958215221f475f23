"""Files: upload by multipart, retrieve, list, contents (api-conventions §13)."""

from __future__ import annotations

import base64

from countertop.api.errors import invalid, missing_resource
from countertop.api.lists import filters_of, list_objects
from countertop.api.scope import Bytes, Call, Document, Listing, Operations, Scope
from countertop.api.shape import complete

KIND = "file"
CONTENTS = "_file_contents"
# The part of a file's media type that the API shows as `type`.
TYPES = {"jpeg": "jpg", "svg+xml": "svg", "plain": "txt", "octet-stream": "bin"}
MEDIA_TYPES = {
    "gif": "image/gif",
    "jpg": "image/jpeg",
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
    "txt": "text/plain",
}


def operations() -> Operations:
    """The operations of /v1/files."""
    return {
        "POST /v1/files": create,
        "GET /v1/files": list_files,
        "GET /v1/files/{file}": retrieve,
        "GET /v1/files/{file}/contents": contents,
    }


def create(call: Call) -> Document:
    """POST /v1/files (multipart/form-data): ``file`` and ``purpose``."""
    upload = call.files.get("file")
    if upload is None:
        raise invalid("Missing required param: file.", code="parameter_missing", param="file")
    suffix = upload.content_type.rpartition("/")[2]
    # Some clients send the whole path that they read the file from.
    filename = upload.filename.replace("\\", "/").rpartition("/")[2]
    return _write(
        call,
        upload.content,
        filename=filename,
        purpose=call.params["purpose"],
        shown_type=TYPES.get(suffix, suffix),
        content_type=upload.content_type,
    )


def make_file(
    scope: Scope, content: bytes, filename: str, purpose: str, type: str, expires_at: int | None = None
) -> Document:
    """A File that a service made itself, such as a signature.

    ``type`` is the API's short word (``svg``, ``png``); ``expires_at`` is in Unix seconds, None for never.
    """
    return _write(
        scope,
        content,
        filename=filename,
        purpose=purpose,
        shown_type=type,
        content_type=MEDIA_TYPES.get(type, "application/octet-stream"),
        expires_at=expires_at,
    )


def list_files(call: Call) -> Listing:
    """GET /v1/files."""
    return list_objects(call, KIND, where=filters_of(call, "purpose"))


def retrieve(call: Call) -> Document:
    """GET /v1/files/{file}."""
    return call.fetch(KIND, call.path["file"], param="id", in_path=True)


def contents(call: Call) -> Bytes:
    """GET /v1/files/{file}/contents, on the files host: the exact bytes, until the file has expired."""
    file = call.fetch(KIND, call.path["file"], param="id", in_path=True)
    if file["expires_at"] is not None and file["expires_at"] <= call.now:
        raise missing_resource(KIND, file["id"], param="id", in_path=True)
    row = call.tx.get(call.account.id, CONTENTS, file["id"])
    content = base64.b64decode(row["base64"]) if row else b""
    return Bytes(content, row["content_type"] if row else "application/octet-stream")


def _write(
    scope: Scope,
    content: bytes,
    *,
    filename: str,
    purpose: str,
    shown_type: str,
    content_type: str,
    expires_at: int | None = None,
) -> Document:
    """Store a file and its contents; there is no ``livemode`` on this object."""
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
        "type": shown_type,
        "url": f"https://files.stripe.com/v1/files/{file_id}/contents",
    }
    row = {"id": file_id, "content_type": content_type, "base64": base64.b64encode(content).decode("ascii")}
    scope.tx.put(scope.account.id, CONTENTS, row, created=scope.now)
    return scope.save(complete(KIND, document), "file.created")
