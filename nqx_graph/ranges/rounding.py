"""What an arithmetic makes of exact values: rounding, and numbers that it cannot hold."""

from __future__ import annotations

import math

import attrs

from nqx_graph.ir.kinds import INT, dtype_kind
from nqx_graph.ir.table import READS, Row
from nqx_graph.ranges.values import Number, Value

_DYADIC = 1024  # fractions that are multiples of one over this are held by every dtype, if they are small enough


@attrs.frozen
class Arithmetic:
    """Whole numbers up to ``exact`` are held exactly; others within the relative ``margin`` (of a few roundings) and
    ``floor``, below which a number may become 0. What passes ``largest`` may overflow."""

    exact: int
    margin: float
    floor: float
    largest: float
    wraps: bool = False  # what passes the largest comes back at the other end

    def of(self, value: Value) -> Value:
        """A computed value as it is held."""
        if self.holds(value):
            return value
        ends = [abs(end) for end in (value.low, value.high) if not _infinite(end)]
        if max(ends, default=0) > self.largest or (self.wraps and len(ends) < 2):
            return Value(whole=value.whole, undefined=value.undefined or bool(ends))
        low, high = (self._outwards(end, sign) for end, sign in ((value.low, -1), (value.high, 1)))
        return Value(low, high, value.whole, value.undefined)

    def _outwards(self, end: Number, sign: int) -> Number:
        if _infinite(end) or not self.margin:
            return end
        moved = end + sign * (self.margin * abs(end) + self.floor)
        return 0.0 if moved * sign > 0 >= end * sign else moved  # rounding changes no sign

    def holds(self, value: Value) -> bool:
        """Whether every number is held exactly."""
        if value.whole:
            return value.largest <= self.exact
        return value.states is not None and all(
            abs(state) * _DYADIC <= self.exact and float(state * _DYADIC).is_integer() for state in value.states
        )


def _infinite(end: Number) -> bool:
    return isinstance(end, float) and math.isinf(end)


# largest: far enough below overflow that products of two such are still finite here, where they are computed in float64
SINGLE = Arithmetic(2**24, 1e-5, 1e-35, 1e38)
DOUBLE = Arithmetic(2**53, 1e-5, 1e-35, 1e150)
_FLOATS = {
    "float16": Arithmetic(2**11, 1e-2, 1e-3, 6e4),
    "bfloat16": Arithmetic(2**8, 4e-2, 1e-35, 1e38),
    "float32": SINGLE,
    "complex64": SINGLE,
    "float64": DOUBLE,
    "complex128": DOUBLE,
}
# whole numbers of predicates and updates: what passes 64 bits is refused elsewhere, and must only stay a number here
WHOLE = Arithmetic(2**256, 0.0, 0.0, 2.0**256)


def of_dtype(dtype_str: str) -> Arithmetic:
    """The arithmetic of an operator's dtype."""
    if dtype_kind(dtype_str) != INT:
        return _FLOATS[dtype_str]
    largest = 2 ** (int(dtype_str.removeprefix("int")) - 1) - 1
    return Arithmetic(largest, 0.0, 0.0, largest, wraps=True)


def of_lines(rows: tuple[Row, ...], kinds: list[int], amplitude: Arithmetic | None) -> list[Arithmetic]:
    """The arithmetic of every line.

    Args:
        rows: the table.
        kinds: those of the lines.
        amplitude: what the numbers of an amplitude are computed in, but for the conditions of its selects; None for
            predicates and updates. Both where a line is part of both, which the wider of the two covers.
    """
    exact = [WHOLE if kind == INT else SINGLE for kind in kinds]
    if amplitude is None:
        return exact
    computed = _computed(rows)
    return [amplitude if line in computed else own for line, own in enumerate(exact)]


def _computed(rows: tuple[Row, ...]) -> set[int]:
    found, pending = {len(rows) - 1}, [len(rows) - 1]
    while pending:
        row = rows[pending.pop()]
        needed = () if row.op in READS else row.args[1:] if row.op == "select" else row.args
        pending += [arg for arg in needed if arg not in found]
        found.update(needed)
    return found
