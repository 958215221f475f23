"""Snapshots of the screens as SVG files, beside the tests."""

from __future__ import annotations

import pytest
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode


class SvgFile(SingleFileSnapshotExtension):
    """One picture, one file."""

    _write_mode = WriteMode.TEXT
    file_extension = "svg"


@pytest.fixture
def picture(snapshot):
    """Compares a picture with the one that was looked at; ``pytest --snapshot-update`` takes it anew."""
    return snapshot.use_extension(SvgFile)
