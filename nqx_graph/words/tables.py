"""Numbers that depend on two-state sites: tables [2, …, 2], and what they are as expressions.

The first entry of an axis is that of the lower local state.
"""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.complex128]
_EPS = 8 * np.finfo(np.float64).eps


@attrs.frozen(eq=False)
class Peeled:
    """number · Π factors · rest, where the ``fixed`` axes hold what they are said to hold.

    Args:
        number: what everything is multiplied by.
        fixed: the entry of each axis outside of which the table is zero.
        factors: the two values of each axis that can be pulled out.
        axes: the axes of ``rest``, in order.
        rest: what cannot be taken apart.
    """

    number: complex
    fixed: dict[int, int]
    factors: dict[int, tuple[complex, complex]]
    axes: tuple[int, ...]
    rest: Table


def cleaned(table: Table, size: NDArray[np.float64]) -> Table:
    """The table without what is left where numbers of the given size cancel."""
    real = np.where(np.abs(table.real) <= _EPS * size, 0, table.real)
    return np.asarray(real + 1j * np.where(np.abs(table.imag) <= _EPS * size, 0, table.imag))


def peel(table: Table) -> Peeled:
    """The table taken apart as far as it is a product over axes."""
    fixed: dict[int, int] = {}
    factors: dict[int, tuple[complex, complex]] = {}
    axes, k = list(range(table.ndim)), 0
    while k < len(axes):
        low, high = np.take(table, 0, axis=k), np.take(table, 1, axis=k)
        ratio = _ratio(low, high)
        if not np.any(low) or not np.any(high):
            fixed[axes[k]] = int(np.any(high))
        elif ratio is None:
            k += 1
            continue
        elif ratio != 1:
            factors[axes[k]] = (1, ratio)
        table = low if np.any(low) else high
        del axes[k]
        k = 0  # an axis that stood in the way of another is gone
    if not axes:
        return Peeled(complex(table), fixed, factors, (), np.ones((), dtype=np.complex128))
    return Peeled(1, fixed, factors, tuple(axes), table)


def _ratio(low: Table, high: Table) -> complex | None:
    """high / low where that is one number."""
    if not np.array_equal(low != 0, high != 0) or not np.any(low):
        return None
    at = np.unravel_index(np.argmax(np.abs(low)), low.shape)
    ratio = complex(high[at] / low[at])
    ratio = complex(round(ratio.real)) if abs(ratio - round(ratio.real)) < _EPS else ratio
    return ratio if np.allclose(high, ratio * low, rtol=_EPS, atol=0) else None


def moebius(table: Table) -> Table:
    """Coefficients of the monomials Π nₐ over the axes that have index 1, for n = 0 at the lower state and 1 at the higher."""
    for axis in range(table.ndim):
        low, high = np.split(table, 2, axis=axis)
        table = np.concatenate([low, high - low], axis=axis)
    return table


def walsh(table: Table, signs: tuple[int, ...]) -> Table:
    """Coefficients of the monomials Π zₐ over the axes that have index 1; z is ``sign`` at the higher state, else -sign."""
    for axis, sign in enumerate(signs):
        low, high = np.split(table, 2, axis=axis)
        table = np.concatenate([(low + high) / 2, sign * (high - low) / 2], axis=axis)
    return table


def monomials(coefficients: Table) -> list[tuple[complex, tuple[int, ...]]]:
    """The nonzero coefficients, each with the axes of its monomial; what rounding leaves of zero is left out."""
    size = float(np.max(np.abs(coefficients), initial=0))
    kept = cleaned(coefficients, np.full(coefficients.shape, size))
    return [(complex(kept[at]), tuple(np.flatnonzero(at).tolist())) for at in map(tuple, np.argwhere(kept))]
