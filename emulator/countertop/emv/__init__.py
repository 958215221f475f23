"""EMV: data objects, data authentication, cryptograms, and the terminal's kernel.

Bytes in, bytes out: nothing here asks a clock or draws randomness by itself, and nothing does input or output but
:mod:`countertop.emv.issuer_keys` and :mod:`countertop.emv.capk`, which read the committed test keys.
"""
