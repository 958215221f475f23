"""The type codes of the data files, and the little that is asked of them.

====================  ==================================================================================
``"s"`` ``"s:40"``    text; at most so many characters (5000 unless told)
``"i"`` ``"i:1"``     whole number; at least so much
``"b" "f" "d" "?"``   boolean, float, decimal text, anything
``"M"`` ``"E"``       metadata (parameters only), uploaded file (parameters only)
``"@name"``           hash: a shape of ``parameters.tsv`` or ``objects.tsv``
``"$kind"``           a whole resource, embedded
``"%name"``           one of the values that ``enums.tsv`` lists under this name
``["e", v…]``         one of these values
``["l", T]``          array
``["m", T]``          hash of anything -> T
``["u", T, T…]``      one of several types
``["x", kind…]``      id of a resource of one of these kinds, or the resource itself once expanded
``["L", T]``          list envelope of T
``"~T"`` ``["~", T]`` null (in resources) or the empty string, which unsets (in parameters), is allowed too
====================  ==================================================================================
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Code = str | list[Any]


def split_optional(code: Code) -> tuple[bool, Code]:
    """Whether a code allows null or '', and the code without that."""
    if isinstance(code, str):
        return (True, code[1:]) if code.startswith("~") else (False, code)
    return (True, code[1]) if code[0] == "~" else (False, code)


def bound_of(code: str) -> int | None:
    """The number behind the colon of ``s:40`` or ``i:1``."""
    _, colon, bound = code.partition(":")
    return int(bound) if colon else None


def kinds_in(code: Code) -> Iterator[str]:
    """The kinds that a value may be the id of: those of ``["x", …]``, also inside arrays and alternatives."""
    _, inner = split_optional(code)
    if isinstance(inner, list):
        if inner[0] == "x":
            yield from inner[1:]
        elif inner[0] in ("l", "u", "L", "m"):
            for part in inner[1:]:
                yield from kinds_in(part)
