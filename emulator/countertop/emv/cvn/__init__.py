"""Cryptogram versions: which key and which data make a cryptogram, how its issuer answers, how scripts are sealed.

:data:`CVNS` is the table of those that there are (card-hardware.md G.3 to G.5).  The card and its issuer use the same
:class:`Cvn`, each from its side.
"""

from __future__ import annotations

from countertop.emv.cvn.scripts import ScriptKeys
from countertop.emv.cvn.table import CVNS, cvn_of
from countertop.emv.cvn.version import Cvn

__all__ = ["CVNS", "Cvn", "ScriptKeys", "cvn_of"]
