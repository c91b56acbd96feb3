"""Whether two reports name the same vehicle or person: pure, explained, never by a name alone.

vehicles   by country and plate, misreads bridged by evidence (misreads: how plates come to be alike)
verdicts   what a comparison says, in words and bits
persons    by document, or by full birth date and a name that agrees across scripts
"""
