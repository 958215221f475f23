"""api-conventions §13: files."""

from __future__ import annotations

import re

import pytest
import stripe

CONTENT = bytes(range(256)) + b"\r\n--not a boundary\r\n"


@pytest.fixture
def uploaded(bench, tmp_path):
    path = tmp_path / "splash.png"
    path.write_bytes(CONTENT)
    with path.open("rb") as handle:
        return bench.client().v1.files.create({"purpose": "terminal_reader_splashscreen", "file": handle})


def test_an_upload_has_its_size_name_and_purpose_and_no_livemode(api, uploaded):
    shown = api.get(f"/v1/files/{uploaded.id}").body
    assert re.fullmatch(r"file_1[0-9A-Za-z]{23}", shown["id"])
    assert (shown["size"], shown["filename"]) == (len(CONTENT), "splash.png")
    assert shown["purpose"] == "terminal_reader_splashscreen"
    assert "livemode" not in shown


def test_contents_are_the_exact_bytes_and_need_the_secret_key(api, uploaded):
    assert api.get(f"/v1/files/{uploaded.id}/contents").raw == CONTENT
    assert api.get(f"/v1/files/{uploaded.id}/contents", key="pk_test_counter").status == 401


def test_files_are_listed_by_purpose(api, uploaded):
    listed = api.get("/v1/files", "purpose=terminal_reader_splashscreen").body["data"]
    assert [item["id"] for item in listed] == [uploaded.id]
    assert api.get("/v1/files", "purpose=dispute_evidence").body["data"] == []


def test_unknown_purpose_and_missing_file_are_refused(api, bench):
    with pytest.raises(stripe.InvalidRequestError):
        bench.client().v1.files.create({"purpose": "holiday_photos", "file": b"x"})
    answer = api.post("/v1/files", "purpose=dispute_evidence")
    assert (answer.status, answer.error["code"], answer.error["param"]) == (400, "parameter_missing", "file")
