"""The joint states of the sites that a row of a term reads or writes, for rows whose sites coincide in one way.

What a branch does depends on few sites, so that all their joint states are few as well, whatever the size of the space.
A conserved total is not used here: these are all states that the local states allow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.diagnostics.setting import Array, Setting
from nqx_graph.ir.expr import AmplitudeExpr
from nqx_graph.ir.sites import site_numbers
from nqx_graph.ir.stored import Expr
from nqx_graph.ir.types import SymbolicIRTerm, UpdateProgram
from nqx_graph.ranges.lines import Key, read_key
from nqx_graph.space import SpaceView

MOST_NUMBERS = 2**16  # rows times joint states: a millisecond an operation at most
_MOST_SITES, _MOST_PATTERNS = 12, 16


@attrs.frozen(eq=False)
class Pattern:
    """Rows [R] whose sites coincide in one way: ``names`` counts the distinct ones (D), ``states`` [D, G] are all joint
    states of theirs, ``sites`` [D, R] the sites themselves. ``each`` says that the rows are looked at one by one."""

    rows: NDArray[np.intp]
    names: Mapping[Key, int]
    states: Array
    sites: NDArray[np.int32]
    each: bool

    @property
    def used(self) -> NDArray[np.intp]:
        """The rows that are evaluated: one stands for all that differ in nothing that is read."""
        return self.rows if self.each else self.rows[:1]

    def setting(self, term: SymbolicIRTerm, space: SpaceView, symbols: Mapping[str, Any], free: bool) -> Setting:
        """What the leaves of the term hold here."""

        def site(key: Key) -> Array | None:
            place = self.names.get(key)
            return None if place is None else self.states[place][None]

        return Setting(term, space, self.used, site, symbols, free, each=self.each)


def patterns(term: SymbolicIRTerm, space: SpaceView, amplitudes: bool) -> list[Pattern] | None:
    """The patterns of a term; None where they are too many, or local states differ from site to site or have no end.

    Args:
        term: rows and columns included.
        space: gives the local states.
        amplitudes: whether the sites that amplitudes read count.
    """
    if not (space.integer and space.homogeneous and space.even):
        return None
    exprs = _expressions(term, amplitudes)
    keys = _keys(term, exprs)
    if len(keys) > _MOST_SITES:
        return None
    iterator = term.iterator
    numbers = [site_numbers(_site(key), iterator.labels, iterator.index_sets, space.size) for key in keys]
    groups = _groups(numbers, iterator.n_iter)
    each = any(row.op in ("index", "column") for expr in exprs for row in _leaves(expr))
    if len(groups) > _MOST_PATTERNS:
        return None
    made = [_pattern(keys, numbers, rows, space, each) for rows in groups]
    return None if any(pattern is None for pattern in made) else [pattern for pattern in made if pattern]


def _pattern(
    keys: list[Key], numbers: list[NDArray[np.int32]], rows: NDArray[np.intp], space: SpaceView, each: bool
) -> Pattern | None:
    first, names, chosen = rows[0], {}, []  # type: Any, dict[Key, int], list[int]
    place: dict[int, int] = {}
    for position, key in enumerate(keys):
        number = int(numbers[position][first])
        if number not in place:
            place[number] = len(chosen)
            chosen.append(position)
        names[key] = place[number]
    count = int(space.count[0])
    if count ** len(chosen) * (len(rows) if each else 1) > MOST_NUMBERS:
        return None
    states = _joint(int(space.low[0]), int(space.step[0]), count, len(chosen))
    sites = np.stack([numbers[position][rows] for position in chosen]) if chosen else np.zeros((0, len(rows)), np.int32)
    return Pattern(rows, names, states, sites, each)


@lru_cache(maxsize=64)
def _joint(low: int, step: int, count: int, sites: int) -> Array:
    """All joint states of so many sites, [D, G]."""
    local = low + step * np.arange(count, dtype=np.int64)
    axes = np.meshgrid(*[local] * sites, indexing="ij")
    made = np.stack([axis.ravel() for axis in axes]) if sites else np.zeros((0, 1), dtype=np.int64)
    made.flags.writeable = False
    return made


def _groups(numbers: list[NDArray[np.int32]], n_rows: int) -> list[NDArray[np.intp]]:
    """Rows by which of their sites are the same, in order of their first rows."""
    code = np.zeros(n_rows, dtype=np.int64)
    for position, own in enumerate(numbers):
        earliest = np.full(n_rows, position)
        for before in range(position - 1, -1, -1):
            earliest[numbers[before] == own] = before
        code = code * (position + 1) + earliest  # below 12!, so that it fits
    if not n_rows or (code == code[0]).all():
        return [np.arange(n_rows)]
    _, firsts, group = np.unique(code, return_index=True, return_inverse=True)
    return [np.flatnonzero(group == number) for number in np.argsort(firsts)]


def _expressions(term: SymbolicIRTerm, amplitudes: bool) -> list[Expr]:
    found: list[Expr] = [term.predicate]
    for emission in term.emissions:
        found += [emission.predicate, *written_values(emission.update_program)]
        # an amplitude that reads every site is not known by those of a row
        if amplitudes and not any(row.op in ("dot", "prod") for row in emission.amplitude.table):
            found.append(emission.amplitude)
    return found


def written_values(program: UpdateProgram) -> list[Expr]:
    """The expressions that an update computes, in order: its numbers of sites are none."""
    found: list[Expr] = []
    for op in program.ops:
        p = op.params
        found += [p[name] for name in ("predicate", "value", "delta", "scale", "bias") if name in p]
        found += p.get("values", ())
        if op.kind == "cond":
            found += [*written_values(p["if_true"]), *written_values(p["if_false"])]
    return found


def _written(program: UpdateProgram) -> Iterable[Expr]:
    for op in program.ops:
        if op.kind == "cond":
            yield from (*_written(op.params["if_true"]), *_written(op.params["if_false"]))
        yield from op.params.get("sites", ())
        yield from (op.params["site"],) if "site" in op.params else ()


def _keys(term: SymbolicIRTerm, exprs: list[Expr]) -> list[Key]:
    found: dict[Key, None] = {}
    for emission in term.emissions:
        found.update(dict.fromkeys(site.table for site in _written(emission.update_program)))
    for expr in exprs:
        keys = (read_key(expr.table, row) for row in expr.table)
        found.update(dict.fromkeys(key for key in keys if key is not None))
    return list(found)


def _site(key: Key) -> Expr:
    return AmplitudeExpr.from_table(key)


def _leaves(expr: Expr) -> Iterable[Any]:
    """The lines that are computed; a label inside of a site's number makes no value differ from row to row."""
    rows = expr.table
    needed, pending = {len(rows) - 1}, [len(rows) - 1]
    while pending:
        row = rows[pending.pop()]
        yield row
        new = [arg for arg in row.args if arg not in needed and row.op not in ("source", "target")]
        needed.update(new)
        pending += new
