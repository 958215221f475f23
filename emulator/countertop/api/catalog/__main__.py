"""``python -m countertop.api.catalog check``: do the committed files match the installed SDK?"""

from __future__ import annotations

import sys

from countertop.api.catalog.catalog import DATA, load
from countertop.api.catalog.compiler import compile_files
from countertop.errors import MissingExtra

OVERLAY = DATA.parent / "overlay"
USAGE = "usage: python -m countertop.api.catalog check"


def main(arguments: list[str]) -> int:
    """0: they match; 1: they do not, or it cannot be told; 2: wrong usage.  Prints one line."""
    if arguments != ["check"]:
        print(USAGE, file=sys.stderr)
        return 2
    try:
        compiled = compile_files(OVERLAY)
    except MissingExtra as error:
        print(error, file=sys.stderr)
        return 1
    committed = {path.name: path.read_text(encoding="utf-8") for path in DATA.iterdir()}
    different = sorted(name for name in compiled.keys() | committed.keys() if compiled.get(name) != committed.get(name))
    if different:
        names = ", ".join(different)
        print(f"The catalog differs from the installed SDK in {names}: run scripts/compile_catalog.py.")
        return 1
    catalog = load()
    print(
        f"The catalog matches stripe {catalog.sdk_version} (API {catalog.api_version}): "
        f"{len(catalog.endpoints)} endpoints, {len(catalog.kinds)} object types."
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
