"""Parcels on the bench's clock: cards, and terminal hardware, on their way to somebody (issuing.md §3.4, §3.6).

A parcel is the ``shipping`` member of what is in it; this room knows how it moves, and nothing of what that is.
"""
