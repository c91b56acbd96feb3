"""A slow brute force of the contract: from events to the open alerts, and to who must hold them.

Written from the contract alone. It imports nothing of the product, works on plain dictionaries and
finds groups as connected components over all pairs, where the engine keeps sorted chains.
"""

from oracle.alerts import Found, OpenAlert, addressed
from oracle.handling import held, visible
from oracle.judgement import find, open_alerts

__all__ = ["Found", "OpenAlert", "addressed", "find", "held", "open_alerts", "visible"]
