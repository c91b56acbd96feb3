"""Whether two reports name the same vehicle or person: pure, explained, never by a name alone.

vehicles   by country and plate
persons    by document, or by full birth date and a name that agrees across scripts
"""
