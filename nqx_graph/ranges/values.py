"""What a number may be: a finite set where it is small, else an interval; and whether it is whole, and defined."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import attrs
import numpy as np

MOST_STATES = 256
_MOST_PAIRS = 4096
Number = int | float


@attrs.frozen(eq=False)
class Value:
    """All numbers that a line may be, over every configuration and index row.

    ``low`` and ``high`` bound it (infinite where nothing is known); ``states`` are the numbers themselves where they are
    few. ``whole`` says that every one is a whole number, ``undefined`` that it may be NaN or infinite. A complex value
    has no bounds.
    """

    low: Number = -math.inf
    high: Number = math.inf
    whole: bool = False
    undefined: bool = False
    states: frozenset[Number] | None = None

    @property
    def bounded(self) -> bool:
        """Whether both bounds are finite."""
        return not any(isinstance(end, float) and math.isinf(end) for end in (self.low, self.high))

    @property
    def largest(self) -> Number:
        """The largest magnitude."""
        return max(abs(self.low), abs(self.high))

    def contains(self, number: Any) -> bool:
        """Whether a number may be one of these."""
        if isinstance(number, complex):
            return self.low == -math.inf and self.high == math.inf and not self.whole
        if isinstance(number, float) and not math.isfinite(number):
            return self.undefined
        if self.states is not None:
            return number in self.states
        return self.low <= number <= self.high and (not self.whole or isinstance(number, int) or number.is_integer())


ANY = Value()
UNDEFINED = Value(undefined=True)


def of(numbers: Iterable[Number], undefined: bool = False) -> Value:
    """The value that is one of the numbers."""
    states = frozenset(_plain(number) for number in numbers)
    whole = all(isinstance(number, int) for number in states)
    kept = states if len(states) <= MOST_STATES else None
    return Value(min(states), max(states), whole, undefined, kept)


def _plain(number: Number) -> Number:
    return int(number) if isinstance(number, int | np.integer) or float(number).is_integer() else float(number)


def of_array(array: Any) -> Value:
    """The value of the entries of an array."""
    if np.iscomplexobj(array) or not array.size:
        return ANY
    low, high = array.min(), array.max()
    if array.size <= MOST_STATES or (array.dtype.kind in "iu" and int(high) - int(low) < MOST_STATES):
        return of(np.unique(array).tolist())
    whole = array.dtype.kind in "iub" or bool(np.all(array == np.floor(array)))
    return Value(low.item(), high.item(), whole)


def union(a: Value, b: Value) -> Value:
    """Either of two."""
    undefined = a.undefined or b.undefined
    if a.states is not None and b.states is not None and len(a.states | b.states) <= MOST_STATES:
        return of(a.states | b.states, undefined)
    return Value(min(a.low, b.low), max(a.high, b.high), a.whole and b.whole, undefined)


def mapped(
    fn: Callable[..., Number], args: tuple[Value, ...], otherwise: Callable[[], Value], *, whole: bool = False
) -> Value:
    """``fn`` of every combination of few numbers, else what ``otherwise`` says.

    ``whole`` numbers only: rounding makes the numbers of floating point others than these, so they keep an interval.
    """
    if whole or all(arg.whole for arg in args):
        sets = [arg.states for arg in args]
        if all(states is not None for states in sets) and math.prod(len(s or ()) for s in sets) <= _MOST_PAIRS:
            found: set[Number] = set()
            for combination in _product([tuple(s or ()) for s in sets]):
                found.add(fn(*combination))
            return of(found, any(arg.undefined for arg in args))
    return otherwise()


def _product(sets: list[tuple[Number, ...]]) -> Iterable[tuple[Number, ...]]:
    if len(sets) == 1:
        return ((number,) for number in sets[0])
    return ((a, b) for a in sets[0] for b in sets[1])


def add(a: Value, b: Value, sign: int = 1) -> Value:
    """``a + sign · b``."""
    low, high = (b.low, b.high) if sign > 0 else (-b.high, -b.low)
    return mapped(lambda p, q: p + sign * q, (a, b), lambda: _interval(a, b, lambda: (a.low + low, a.high + high)))


def multiply(a: Value, b: Value) -> Value:
    """``a · b``."""

    def ends() -> tuple[Number, Number]:
        if not (a.bounded and b.bounded):
            return -math.inf, math.inf
        corners = [p * q for p in (a.low, a.high) for q in (b.low, b.high)]
        return min(corners), max(corners)

    return mapped(lambda p, q: p * q, (a, b), lambda: _interval(a, b, ends))


def _interval(a: Value, b: Value, ends: Callable[[], tuple[Number, Number]]) -> Value:
    """Between two ends; undefined where bounded numbers have none, because one overflows."""
    whole, undefined = a.whole and b.whole, a.undefined or b.undefined
    try:
        made = wider(*ends(), whole, undefined)
    except OverflowError:  # an int too large for a float
        return Value(whole=whole, undefined=True)
    if a.bounded and b.bounded and not made.bounded:
        return Value(whole=whole, undefined=True)
    return made


def wider(low: Number, high: Number, whole: bool, undefined: bool) -> Value:
    """An interval; outside of whole numbers made wider by what rounding may add."""
    if any(isinstance(end, float) and math.isnan(end) for end in (low, high)):
        return Value(whole=whole, undefined=undefined)
    if whole:
        return Value(low, high, True, undefined)
    margin = 1e-5 * max(abs(low), abs(high), 1e-30)  # float32 has 24 bits; every step of it is far below this
    return Value(low - margin, high + margin, False, undefined)


def monotone(fn: Callable[[float], float], a: Value, low: float, high: float) -> Value:
    """A rising function on an interval inside ``[low, high]``; undefined where the value may be outside of it."""
    undefined = a.undefined or a.low < low or a.high > high
    try:
        bounds = [fn(float(min(max(end, low), high))) for end in (a.low, a.high)]
    except (ValueError, OverflowError):
        return UNDEFINED
    made = wider(bounds[0], bounds[1], False, undefined)
    return made if not undefined else Value(undefined=True)
