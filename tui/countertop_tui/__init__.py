"""Screens for the terminal.  They talk to a running server through :mod:`countertop.client` and nothing else."""
