"""Why a benchmark, or one system's run in it, gives no figure."""


class BenchError(Exception):
    """Says what went wrong, and what to do where something can be done."""
