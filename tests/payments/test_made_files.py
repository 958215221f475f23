"""Files that a service makes itself: signatures, with an end to their life."""

from __future__ import annotations

from countertop.api.shape_problems import problems
from countertop.services.core.files import make_file

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


def test_a_file_from_bytes(api, counter, bench):
    inbox = bench.inbox()
    with counter().scope() as scope:
        made = make_file(scope, SVG, "signature.svg", "customer_signature", "svg", scope.now + 60)
    shown = api.get(f"/v1/files/{made['id']}").body
    assert problems("file", shown) == []
    assert (shown["purpose"], shown["type"], shown["size"], shown["filename"]) == (
        "customer_signature", "svg", len(SVG), "signature.svg",
    )  # fmt: skip
    contents = api.get(f"/v1/files/{made['id']}/contents")
    assert contents.raw == SVG
    assert inbox.types == ["file.created"]
    bench.advance(seconds=60)
    assert api.get(f"/v1/files/{made['id']}/contents").status == 404
