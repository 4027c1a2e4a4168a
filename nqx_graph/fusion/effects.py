"""What an update does, as far as its text tells: which sites it writes, and with what, for every x.

The written sites of a row get values of the forms ``a · x[j] + b`` (`Linear`) or ``(x[j] + d) wrapped`` (`Wrapped`), or
the update as a whole changes a set of two-state sites. Anything else is opaque: it runs, and is never compared.
"""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.fusion.rows import grouped
from nqx_graph.fusion.streams import Stream
from nqx_graph.ir.expr import AmplitudeExpr
from nqx_graph.ir.sites import site_numbers
from nqx_graph.ir.stored import Expr
from nqx_graph.ir.table import Row, cone
from nqx_graph.ir.types import UpdateOp, UpdateProgram
from nqx_graph.space import SpaceView

MOST_PATTERNS = 16


@attrs.frozen
class Linear:
    """a · x[source] + b; ``source`` counts sites of the effect, -1 where a is 0."""

    source: int
    a: int
    b: int


@attrs.frozen
class Wrapped:
    """(x[source] + d - low) mod span + low."""

    source: int
    d: int


@attrs.frozen(eq=False)
class Effect:
    """What the update of a stream does on its rows.

    ``sites`` [S, M] are the sites of a row, distinct on every row; ``values`` says which of them are written, and with
    what. ``flipped`` [M, N] is the set of sites that change state, where that is all that happens. ``opaque`` where
    neither is known.
    """

    sites: NDArray[np.int32]
    values: dict[int, Linear | Wrapped]
    flipped: NDArray[np.bool_] | None = None
    opaque: bool = False

    @property
    def nothing(self) -> bool:
        """Whether x' = x on every row."""
        return not self.opaque and self.flipped is None and not self.values


OPAQUE = Effect(np.zeros((0, 0), dtype=np.int32), {}, None, True)


def effects(stream: Stream, space: SpaceView) -> list[tuple[Stream, Effect]]:
    """The stream in parts on each of which the update has one effect, in order of their first rows."""
    if _has_flips(stream.update):
        return _masked(stream, space)
    expressions = _site_expressions(stream.update)
    if expressions is None or not space.integer:
        if not stream.update.ops:
            return [(stream, Effect(np.zeros((0, stream.n_rows), dtype=np.int32), {}))]
        return [(stream, OPAQUE)]
    iterator = stream.term.iterator
    sites = [site_numbers(e, iterator.labels, iterator.index_sets, space.size) for e in expressions]
    patterns = _patterns(sites, stream.n_rows)
    if len(patterns) > MOST_PATTERNS:
        return [(stream, OPAQUE)]
    made = []
    for rows, names in patterns:
        reader = _Interpreter({e.table: name for e, name in zip(expressions, names, strict=True)}, space)
        effect = reader.effect(stream.update)
        part = stream.take(rows)
        if effect is None:
            made.append((part, OPAQUE))
        else:
            chosen = [names.index(name) for name in sorted(set(names))]
            table = np.stack([sites[k][rows] for k in chosen]) if chosen else np.zeros((0, len(rows)), np.int32)
            made.append((part, Effect(table, effect)))
    return made


def _patterns(sites: list[NDArray[np.int32]], n_rows: int) -> list[tuple[NDArray[Any], list[int]]]:
    """Rows by which of their sites are equal: the rows, and for each site expression the number of its site."""
    count = len(sites)
    pairs = [(a, b) for a in range(count) for b in range(a)]
    if not pairs:
        return [(np.arange(n_rows), list(range(count)))]
    equal = np.stack([sites[a] == sites[b] for a, b in pairs], axis=1)
    if not equal.any():
        return [(np.arange(n_rows), list(range(count)))]
    group, firsts = grouped(equal.astype(np.int8))
    made = []
    for number, first in enumerate(firsts):
        names: list[int] = []
        for a in range(count):
            same = [names[b] for b in range(a) if sites[a][first] == sites[b][first]]
            names.append(same[0] if same else max(names, default=-1) + 1)
        made.append((np.flatnonzero(group == number), names))
    return made


def _has_flips(program: UpdateProgram) -> bool:
    return any(op.kind == "flip" for op in program.ops)


def _masked(stream: Stream, space: SpaceView) -> list[tuple[Stream, Effect]]:
    """Updates that do nothing but flip columns; rows whose masks cancel do nothing."""
    if any(op.kind != "flip" for op in stream.update.ops):
        return [(stream, OPAQUE)]
    flipped = np.zeros((stream.n_rows, space.size), dtype=bool)
    for op in stream.update.ops:
        column = stream.term.iterator.columns[op.params["column"]]
        flipped ^= (column if stream.order is None else column[stream.order]) == 1
    still = ~flipped.any(axis=1)
    made = []
    nowhere = np.zeros((0, int(still.sum())), dtype=np.int32)
    if still.any():
        made.append((stream.take(np.flatnonzero(still)), Effect(nowhere, {})))
    if not still.all():
        moving = np.flatnonzero(~still)
        made.append((stream.take(moving), Effect(np.zeros((0, len(moving)), np.int32), {}, flipped[moving])))
    return made


def _site_expressions(program: UpdateProgram) -> list[Expr] | None:
    """Every site expression that is written or read by the update, each once; None where it holds more than sites."""
    found: dict[tuple[Row, ...], Expr] = {}
    for op in program.ops:
        if op.kind in ("cond", "invalidate", "flip"):
            return None
        for site in _op_sites(op):
            found.setdefault(site.table, site)
        for value in _op_values(op):
            for row in value.table:
                read = _read(value.table, row)
                if read is not None:
                    found.setdefault(read.table, read)
    return list(found.values())


def _op_sites(op: UpdateOp) -> tuple[Expr, ...]:
    sites: tuple[Expr, ...] = op.params["sites"] if "sites" in op.params else (op.params["site"],)
    return sites


def _op_values(op: UpdateOp) -> tuple[Expr, ...]:
    named = [op.params[name] for name in ("value", "delta", "scale", "bias") if name in op.params]
    return (*op.params.get("values", ()), *named)


def _read(rows: tuple[Row, ...], row: Row) -> Expr | None:
    """The site expression of a line that reads x."""
    if row.op == "site":
        return AmplitudeExpr.from_table((Row("index", (), row.data),))
    if row.op == "source":
        return AmplitudeExpr.from_table(cone(rows, row.args[0]))
    return None


class _Interpreter:
    """Runs an update on names of sites instead of sites."""

    def __init__(self, names: dict[tuple[Row, ...], int], space: SpaceView) -> None:
        self.names, self.space = names, space
        self.even = space.homogeneous and space.even
        self.low, self.step, self.count = (int(a[0]) for a in (space.low, space.step, space.count))
        self.current: dict[int, Linear | Wrapped] = {}

    def effect(self, program: UpdateProgram) -> dict[int, Linear | Wrapped] | None:
        """The values written; None where one of them has no form here."""
        for op in program.ops:
            if not self._run(op):
                return None
        return {name: v for name, value in self.current.items() if (v := self._plain(name, value)) is not None}

    def _at(self, name: int) -> Linear | Wrapped:
        return self.current.get(name, Linear(name, 1, 0))

    def _run(self, op: UpdateOp) -> bool:
        names = [self.names[site.table] for site in _op_sites(op)]
        if op.kind in ("swap", "permute"):
            old = [self._at(name) for name in names]
            self.current.update(zip(names, [*old[1:], old[0]], strict=True))
            return True
        values = [self._linear(value) for value in _op_values(op)]
        for value, name in zip(values, names if op.kind == "scatter" else names * len(values), strict=True):
            if value is None:
                return False
            new = value if op.kind in ("write", "scatter") else self._moved(op.kind, self._at(name), value, values)
            if new is None:
                return False
            self.current[name] = new
            if op.kind == "affine":
                return True
        return True

    def _moved(self, kind: str, old: Any, value: Linear, values: list[Any]) -> Linear | Wrapped | None:
        if value.a:
            return None
        if kind == "shift_mod":
            if not self.even or (isinstance(old, Linear) and (old.a != 1 or old.b)):
                return None
            so_far = old.d if isinstance(old, Wrapped) else 0
            return Wrapped(old.source, (so_far + value.b) % (self.count * self.step))
        if isinstance(old, Wrapped):
            return None
        if kind == "shift":
            return Linear(old.source, old.a, old.b + value.b)
        bias = values[1]
        if bias is None or bias.a:
            return None
        a = value.b * old.a
        return Linear(old.source if a else -1, a, value.b * old.b + bias.b)

    def _linear(self, expr: Expr) -> Linear | None:
        """The expression as a · x[j] + b with whole a and b, where it is one."""
        made: list[Linear | None] = []
        for row in expr.table:
            made.append(self._line(expr.table, row, [made[arg] for arg in row.args]))
        return made[-1]

    def _line(self, rows: tuple[Row, ...], row: Row, given: list[Linear | None]) -> Linear | None:
        if row.op == "const":
            return Linear(-1, 0, row.data[0]) if type(row.data[0]) is int else None
        read = _read(rows, row)
        if read is not None:
            return Linear(self.names[read.table], 1, 0)
        if row.op not in ("add", "sub", "mul", "neg") or any(value is None for value in given):
            return None
        left = given[0]
        right = given[1] if len(given) > 1 else None
        assert left is not None
        if row.op == "neg":
            return Linear(left.source, -left.a, -left.b)
        assert right is not None
        if row.op == "mul":
            if left.a and right.a:
                return None
            line, factor = (left, right.b) if left.a else (right, left.b)
            return Linear(line.source if factor * line.a else -1, factor * line.a, factor * line.b)
        if left.a and right.a and left.source != right.source:
            return None
        sign = 1 if row.op == "add" else -1
        a = left.a + sign * right.a
        source = left.source if left.a else right.source
        return Linear(source if a else -1, a, left.b + sign * right.b)

    def _plain(self, name: int, value: Linear | Wrapped) -> Linear | Wrapped | None:
        """The value in the form that equal ones share; None where the site keeps its value."""
        if isinstance(value, Wrapped) and value.d == 0:
            value = Linear(value.source, 1, 0)
        if self.even and self.count == 2 and value.source == name:
            low, high = self.low, self.low + self.step
            sent = [self._of(value, state) for state in (low, high)]
            if sent == [low, high]:
                return None
            if sent == [high, low]:
                return Linear(name, -1, low + high)
        return None if value == Linear(name, 1, 0) else value

    def _of(self, value: Linear | Wrapped, state: int) -> int:
        if isinstance(value, Wrapped):
            return (state + value.d - self.low) % (self.count * self.step) + self.low
        return value.a * state + value.b
