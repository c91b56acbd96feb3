"""How many are more than usual: a quantile of the counts that came before, by a negative binomial.

Counts of incidents scatter more than a Poisson distribution allows, so that the negative binomial is fitted
by its moments; where they do not scatter more, the Poisson distribution with their mean stands.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import accumulate, count


def usual_limit(counts: Sequence[int], level: float) -> int:
    """Return the least number that a count exceeds with a probability of at most 1 - `level`; 0 if all are 0.

    Mean and variance are those of the counts themselves (divided by their number), reckoned in whole numbers,
    so that their order does not matter.
    """
    total, squares = sum(counts), sum(one * one for one in counts)
    if total == 0:
        return 0
    mean = total / len(counts)
    scatter = (len(counts) * squares - total * total) / len(counts) ** 2
    chances = _negative_binomial(mean, scatter) if scatter > mean else _poisson(mean)
    return next(number for number, reached in enumerate(accumulate(chances)) if reached >= level)


def _poisson(mean: float) -> Iterator[float]:
    """Yield the probability of 0, of 1, of 2 and so on."""
    return (math.exp(number * math.log(mean) - mean - math.lgamma(number + 1)) for number in count())


def _negative_binomial(mean: float, variance: float) -> Iterator[float]:
    """Yield the probability of 0, of 1, of 2 and so on."""
    success = mean / variance
    size = mean * success / (1 - success)
    for number in count():
        ways = math.lgamma(number + size) - math.lgamma(number + 1) - math.lgamma(size)
        yield math.exp(ways + size * math.log(success) + number * math.log1p(-success))
