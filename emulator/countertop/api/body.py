"""Reading the parameters of a request: query, form body, multipart body (api-conventions §1, §3, §13)."""

from __future__ import annotations

from collections.abc import Mapping
from email.parser import BytesParser
from email.policy import HTTP

from countertop.api import form
from countertop.api.errors import invalid
from countertop.api.http import Request
from countertop.api.scope import UploadedFile

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
MOST_FILE_BYTES = 16 * 1024 * 1024


def read_tree(request: Request) -> tuple[form.Tree, Mapping[str, UploadedFile]]:
    """All parameters of a request as a tree of strings (the body wins over the query), and its files.

    Raises ApiError 400 for a body that is neither a form nor multipart, 413 for one that is too large.
    """
    tree: form.Tree = form.decode(request.query) if request.query else {}
    if not request.body:
        return tree, {}
    header = request.headers.get("content-type", FORM)
    media = header.partition(";")[0].strip().lower()
    if media == FORM or not media:
        return form.decode_body(request.body, tree), {}
    if media == MULTIPART:
        return _multipart(request, header, tree)
    raise invalid(
        f"Invalid request body: this API takes {FORM}, you sent {media[:80]}.",
        keep=False,
    )


def _multipart(request: Request, header: str, tree: form.Tree) -> tuple[form.Tree, Mapping[str, UploadedFile]]:
    form.check_size(request.body, MOST_FILE_BYTES)
    head = b"Content-Type: " + header.encode("latin-1", "replace") + b"\r\n\r\n"
    message = BytesParser(policy=HTTP).parsebytes(head + request.body)
    if not message.is_multipart():
        raise invalid("Invalid request body: the multipart body has no parts.", keep=False)
    files: dict[str, UploadedFile] = {}
    for part in list(message.iter_parts())[: form.MOST_PAIRS]:
        name = part.get_param("name", header="content-disposition")
        if not isinstance(name, str):
            continue
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes):
            continue
        filename = part.get_filename()
        if filename is None:
            form.place(tree, name, form.utf8(content))
        else:
            files[name] = UploadedFile(filename, part.get_content_type(), content)
    return tree, files
