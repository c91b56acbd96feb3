"""How long work says how far it is."""

from collections.abc import Callable

OnProgress = Callable[[int, int | None, str], None]
"""Called with what is done, of how much (None: not known), and what it is; from any thread."""
