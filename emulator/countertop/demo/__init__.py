"""``countertop demo``: two accounts, two readers, three sales, told as a story that really happens."""

from countertop.demo.command import main

__all__ = ["main"]
