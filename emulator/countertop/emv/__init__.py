"""EMV: data objects, data authentication, cryptograms, and the terminal's kernel.

Bytes in, bytes out: nothing here does input or output, asks a clock or draws randomness by itself.
"""
