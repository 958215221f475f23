"""The local links of the readers: where a point of sale (POS) reaches one directly (terminal.md §4.1).

One TLS listener on loopback serves them all.  They are told apart by the name that a client asks for in its TLS
greeting, ``<serial in lower case>.reader.localhost``; one wildcard certificate of the bench's own authority names them.
What a command means is the reader's business (:mod:`countertop.readers.pos`).
"""

from __future__ import annotations

from countertop.server.reader_link.link import DEFAULT_PORT, ReaderLink, link_domain, listen_for_pos

__all__ = ["DEFAULT_PORT", "ReaderLink", "link_domain", "listen_for_pos"]
