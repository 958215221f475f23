"""The contactless kernels behind one entry point (EMV Contactless Books A to C; card-hardware.md F).

:func:`contactless` is a transaction over the air, :func:`with_pin` the same one once more with the PIN that its issuer
asked for.
"""

from countertop.emv.kernel.contactless.entry_point import contactless
from countertop.emv.kernel.contactless.online import with_pin

__all__ = ["contactless", "with_pin"]
