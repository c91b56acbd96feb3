"""Whether two reports name the same vehicle or person: pure, explained, never by a name alone.

vehicles       by country and plate, a misread bridged by evidence alone (misreads: how plates come to be alike)
vehicle_pairs  a table of pairs, judged row by row
persons        by document, or by full birth date and a name that agrees across scripts
verdicts       what a comparison says, in words and bits
clusters       who is one, from links between two and from what is separated
index          what is known, found again by keys
"""
