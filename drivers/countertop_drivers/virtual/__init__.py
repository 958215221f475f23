"""Devices that are not there: what the drivers are tried against, and what can be lent to other hosts.

They take anything that is a :class:`countertop_drivers.link.Card`, and need no emulator.
"""
