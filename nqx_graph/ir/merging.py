"""Terms of one shape as one term: their rows one under another, the constants that differ as a column.

Terms have one shape if they differ in nothing but index rows, names, tags, entries of columns, and the constants of
amplitudes that are computed with (not exponents, nor what a condition compares: those decide how the kernel is made).
What holds of the one term holds of them all, so that everything a compile does costs once a shape, not once a term.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import attrs
import jax
import numpy as np
from numpy.typing import NDArray

from nqx_graph.ir.encode import encode
from nqx_graph.ir.expr import AmplitudeExpr
from nqx_graph.ir.kinds import COMPLEX, INT, dtype_kind
from nqx_graph.ir.table import READS, Row, number_key
from nqx_graph.ir.types import EmissionSpec, KBodyIteratorSpec, SymbolicIRTerm, SymbolicOperatorIR

HIDDEN = (
    "#"  # begins the names of the columns that constants become: they are never given anew, and no user's begins so
)


@attrs.frozen(eq=False)
class Merged:
    """Terms of one shape as one. ``positions`` are theirs in the IR, ``starts`` [T] where the rows of each begin."""

    term: SymbolicIRTerm
    positions: tuple[int, ...]
    starts: NDArray[np.int64]

    def origin(self, row: int) -> tuple[int, int]:
        """The position in the IR of the term that a row came from, and its number there."""
        part = int(np.searchsorted(self.starts, row, side="right")) - 1
        return self.positions[part], row - int(self.starts[part])


def shapes(ir: SymbolicOperatorIR) -> tuple[tuple[int, ...], ...]:
    """The positions of the terms of each shape, in order of the first term of it. Remembered."""
    found: tuple[tuple[int, ...], ...] = ir.remember("shapes", lambda: _shapes(ir))
    return found


def _shapes(ir: SymbolicOperatorIR) -> tuple[tuple[int, ...], ...]:
    reader, groups = _Reader(), {}  # type: _Reader, dict[Any, list[int]]
    for position, term in enumerate(ir.terms):
        groups.setdefault(reader.key(term), []).append(position)
    return tuple(map(tuple, groups.values()))


def runs(ir: SymbolicOperatorIR) -> tuple[tuple[int, ...], ...]:
    """Positions of neighbours that may be lowered as one term without reordering a branch. Remembered."""
    found: tuple[tuple[int, ...], ...] = ir.remember("runs", lambda: _runs(ir))
    return found


def _runs(ir: SymbolicOperatorIR) -> tuple[tuple[int, ...], ...]:
    shape_of = {position: number for number, group in enumerate(shapes(ir)) for position in group}
    made: list[list[int]] = []
    before = False
    for position, term in enumerate(ir.terms):
        joins = mergeable(term)
        if before and joins and shape_of[position] == shape_of[position - 1]:
            made[-1].append(position)
        else:
            made.append([position])
        before = joins
    return tuple(map(tuple, made))


def mergeable(term: SymbolicIRTerm) -> bool:
    """Whether a lowerer may make the term part of another.

    A promise is one of its own term, and columns can be given anew, by the term that has them.
    """
    return not term.iterator.columns and (term.fanout_hint is None or term.fanout == term.max_fanout)


def merge(ir: SymbolicOperatorIR, positions: Sequence[int]) -> Merged:
    """The terms at these positions, which have one shape, as one. Remembered."""
    key = ("merge", tuple(positions))
    made: Merged = ir.remember(key, lambda: _merge(ir, key[1]))
    return made


def every_shape(ir: SymbolicOperatorIR) -> list[Merged]:
    """The terms of every shape as one."""
    return [merge(ir, group) for group in shapes(ir)]


def merged_operator(ir: SymbolicOperatorIR, groups: Iterable[Sequence[int]]) -> tuple[SymbolicOperatorIR, list[Merged]]:
    """The operator with every group as one term, and how each came about."""
    made = [merge(ir, group) for group in groups]
    if len(made) == ir.term_count:
        return ir, made
    return attrs.evolve(ir, terms=[part.term for part in made]), made


def _merge(ir: SymbolicOperatorIR, positions: tuple[int, ...]) -> Merged:
    terms = [ir.terms[position] for position in positions]
    first = terms[0]
    if len(terms) == 1:
        return Merged(first, positions, np.zeros(1, dtype=np.int64))
    lengths = [term.iterator.n_iter for term in terms]
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)
    columns = {name: np.concatenate([term.iterator.columns[name] for term in terms]) for name in first.iterator.columns}
    emissions = []
    for number, emission in enumerate(first.emissions):
        amplitude = _amplitude(ir.dtype_str, [term.emissions[number].amplitude for term in terms], lengths, columns)
        emissions.append(attrs.evolve(emission, amplitude=amplitude))
    rows = np.concatenate([term.iterator.index_sets for term in terms])
    iterator = KBodyIteratorSpec(first.iterator.labels, rows, columns)
    hint = None if first.fanout_hint is None else sum(term.fanout for term in terms)
    return Merged(attrs.evolve(first, iterator=iterator, emissions=emissions, fanout_hint=hint), positions, starts)


def _amplitude(
    dtype: str, amplitudes: list[AmplitudeExpr], lengths: list[int], columns: dict[str, NDArray[Any]]
) -> AmplitudeExpr:
    """The amplitude of all; a constant that is not the same for all becomes a column, in the operator's dtype."""
    rows = list(amplitudes[0].table)
    for line in constants(amplitudes[0].table):
        values = [amplitude.table[line].data[0] for amplitude in amplitudes]
        if len(set(map(number_key, values))) > 1:
            name = next(name for k in itertools.count(len(columns)) if (name := f"{HIDDEN}{k}") not in columns)
            columns[name] = np.repeat(_numbers(values, dtype), lengths)
            rows[line] = Row("column", (), (name,))
    return AmplitudeExpr._trusted(tuple(rows))


def _numbers(values: list[Any], dtype: str) -> NDArray[Any]:
    """The constants as a kernel holds them; as they are where the dtype cannot hold them, so that validation sees it."""
    given = np.array(values)
    if np.iscomplexobj(given) and dtype_kind(dtype) != COMPLEX:
        return given
    if dtype_kind(dtype) == INT and not all(float(value).is_integer() for value in values):
        return given
    try:
        with np.errstate(over="ignore"):
            return np.array(values, dtype=jax.numpy.dtype(dtype))
    except OverflowError:
        return given


def constants(rows: tuple[Row, ...]) -> tuple[int, ...]:
    """The lines that hold a constant which the amplitude is computed with and which nothing else depends on."""
    computed, literal = {len(rows) - 1}, set()
    for line in range(len(rows) - 1, -1, -1):
        row = rows[line]
        if line not in computed:
            continue
        if row.op in READS:
            literal.add(line)
        elif row.op == "select":
            literal.add(row.args[0])
            computed.update(row.args[1:])
        elif row.op == "pow" and rows[row.args[1]].op == "const":
            literal.add(row.args[1])
            computed.add(row.args[0])
        else:
            computed.update(row.args)
    for line in range(len(rows) - 1, -1, -1):  # what those are made of, the insides of site numbers included
        if line in literal:
            literal.update(rows[line].args)
    return tuple(
        line for line, row in enumerate(rows) if row.op == "const" and line in computed and line not in literal
    )


class _Reader:
    """Keys of shapes; what is met many times is looked at once."""

    def __init__(self) -> None:
        self._constants: dict[Any, tuple[int, ...]] = {}

    def key(self, term: SymbolicIRTerm) -> Any:
        """Equal for terms of one shape and for no others."""
        iterator = term.iterator
        rows = iterator.index_sets.shape
        # rows and columns that fit no operator must not hide among others that do
        columns = tuple(
            (name, array.dtype.str, array.shape[1:], array.shape[:1] == rows[:1])
            for name, array in iterator.columns.items()
        )
        emissions = tuple(map(self._emission, term.emissions))
        where = (iterator.labels, rows[0] == 0, rows[1:], term.fanout == term.max_fanout)
        return where, columns, encode(term.predicate), emissions

    def _emission(self, emission: EmissionSpec) -> Any:
        rows = emission.amplitude.table
        bare = tuple([(row.op, row.args, None if row.op == "const" else row.data) for row in rows])
        known = self._constants.get(bare)
        if known is None:
            known = self._constants[bare] = constants(rows)
        # symbols hold numbers as well: the keys of all numbers that are no free constant tell 1, 1.0 and True apart
        kept = tuple(
            [
                tuple(map(number_key, row.data))
                for line, row in enumerate(rows)
                if row.op == "symbol" or (row.op == "const" and line not in known)
            ]
        )
        return encode(emission.predicate), encode(emission.update_program), bare, kept
