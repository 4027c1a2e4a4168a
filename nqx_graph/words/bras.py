"""From kets to rows: the one place where words are turned into NetKet's ``<x|O|x'>`` with x given.

O|v> = α(v) |v + d> is the matrix element <x|O|x'> = α(x') with x' = x - d. In a product O₁O₂… the given x is met by the
leftmost factor first: <x|O₁O₂|x'> = Σ_y <x|O₁|y> <y|O₂|x'>.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.words.kets import Ket, Kind, Line


@attrs.frozen
class Span:
    """A row of a ladder: x' = x + shift for low <= x <= high, with Π factors(x) · √Π radicands(x); None: no such bound."""

    shift: float
    low: float | None
    high: float | None
    factors: tuple[Line, ...]
    radicands: tuple[Line, ...]


def matrix(kets: Sequence[Ket], kind: Kind) -> NDArray[np.complex128]:
    """The matrix [x, x'] of a word on a site with two states, the lower first."""
    made, states = np.zeros((2, 2), dtype=np.complex128), (kind.low, kind.high)
    for ket, v in itertools.product(kets, states):
        if v + ket.shift in states:
            made[states.index(v + ket.shift), states.index(v)] += ket.element(v)
    return made


def two_state_rows(product: NDArray[np.complex128]) -> dict[bool, NDArray[np.complex128]]:
    """Whether x' is the other state, and <x|O|x'> for x the lower and the higher state; rows of zeros left out."""
    rows = {False: np.diagonal(product), True: np.array([product[0, 1], product[1, 0]])}
    return {other: row for other, row in rows.items() if np.any(row)}


def ladder_row(kets: Sequence[Ket], kind: Kind) -> tuple[complex, Span] | None:
    """The row of a product of kets, leftmost first, on one site; None where it is zero for every x."""
    offset, low, high = 0.0, kind.low, kind.high
    coefficient, factors, radicands = complex(1), list[Line](), list[Line]()
    for ket in kets:
        offset -= ket.shift  # the state that this factor found in the ket, counted from x
        low, high = max(low, kind.low - offset), min(high, kind.high - offset)
        if ket.only is not None:
            low, high = max(low, ket.only - offset), min(high, ket.only - offset)
        coefficient *= ket.coefficient
        factors += [(a, b + a * offset) for a, b in ket.factors]
        radicands += [(a, b + a * offset) for a, b in ket.radicands]
    if low > high:
        return None
    squares, rest = _pairs(radicands)
    if low == high:  # x is known, and so are all numbers
        number = coefficient * _at([*factors, *squares], low) * math.sqrt(_at(rest, low))
        state = None if kind.count == 1 else low
        return None if number == 0 else (number, Span(offset, state, state, (), ()))
    span = Span(offset, *_bounds(low, high, kind), tuple(sorted([*factors, *squares])), tuple(sorted(rest)))
    return coefficient, _without_needless_bounds(span, kind)


def _at(lines: Sequence[Line], x: float) -> float:
    return math.prod(a * x + b for a, b in lines)


def _pairs(radicands: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    """√(n·n) is n: what stands twice under the root leaves it. It is not negative within the bounds."""
    outside, rest = list[Line](), list[Line]()
    for line in radicands:
        if line in rest:
            rest.remove(line)
            outside.append(line)
        else:
            rest.append(line)
    return outside, rest


def _bounds(low: float, high: float, kind: Kind) -> tuple[float | None, float | None]:
    return None if low == kind.low else low, None if high == kind.high else high


def _without_needless_bounds(span: Span, kind: Kind) -> Span:
    """A diagonal row needs no bound where its factors are zero anyway: a†a is n for n = 0 as well."""
    if span.shift != 0 or span.radicands:
        return span
    if span.low is not None and all(_at(span.factors, x) == 0 for x in np.arange(kind.low, span.low, kind.step)):
        span = attrs.evolve(span, low=None)
    if span.high is not None and math.isfinite(kind.high):
        beyond = np.arange(span.high + kind.step, kind.high + kind.step, kind.step)
        if all(_at(span.factors, x) == 0 for x in beyond):
            span = attrs.evolve(span, high=None)
    return span
