"""Reading the numbers that a space is made of."""

from __future__ import annotations

import math
import numbers
from fractions import Fraction

from nqx_graph.errors import HilbertError


def whole(value: object, *, least: int) -> int | None:
    """``value`` as an int, or None where it is not an integer from ``least`` on; True is not 1 here."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or int(value) < least:
        return None
    return int(value)


def sites(space: str, value: object) -> int:
    """A number of sites, or the refusal of it in the name of the space."""
    size = whole(value, least=1)
    if size is None:
        raise HilbertError(f"{space} takes a positive integer N, but N is {value!r}.", N=value)
    return size


def twice(value: object) -> int | None:
    """Twice an integer or half-integer, or None for everything else."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not math.isfinite(value):
        return None
    exact = Fraction(value) if isinstance(value, numbers.Rational) else Fraction(float(value))
    return int(2 * exact) if (2 * exact).denominator == 1 else None


def lowered_spins(s2: int, size: int, total_sz: object) -> int:
    """The sum of places of the states with this magnetisation: a place is a lowering of its spin by one."""
    space, total_sz2 = f"Spin(s={Fraction(s2, 2)}, N={size})", twice(total_sz)
    if total_sz2 is None:
        raise HilbertError(
            f"{space} takes an integer or half-integer total_sz, but it is {total_sz!r}.", total_sz=total_sz
        )
    if abs(total_sz2) > s2 * size:
        raise HilbertError(
            f"{space} has no state with total_sz={total_sz}: it reaches from {Fraction(-s2 * size, 2)} to "
            f"{Fraction(s2 * size, 2)}.",
            total_sz=total_sz,
        )
    if (s2 * size - total_sz2) % 2:
        kind = "half-integers" if s2 * size % 2 else "integers"
        raise HilbertError(
            f"{space} has no state with total_sz={total_sz}: its magnetisations are {kind}.", total_sz=total_sz
        )
    return (s2 * size - total_sz2) // 2
