"""A real device as the card slot of a virtual reader: the process that has the device, and speaks to the server.

It knows the server only by its address and drivers only by what they do (:mod:`countertop.attach.ports`).
"""
