"""Padded sizes much above what is ever active."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nqx_graph.diagnostics.diagnostic import Diagnostic
from nqx_graph.diagnostics.patterns import Pattern
from nqx_graph.diagnostics.setting import Array
from nqx_graph.diagnostics.subject import Shape, Subject
from nqx_graph.diagnostics.totals import totals

CODE = "NQX010"
_TIMES = 4  # as many slots as can be active
_FEWEST = 16  # slots; below nobody waits for them


def padded_size(subject: Subject) -> Iterator[Diagnostic]:
    """Terms with four times the slots, or more, that can be active at once, whatever symbols and columns are given."""
    for shape in () if subject.options.optimize else subject.shapes:  # which lowers in its own number of slots
        slots = shape.term.fanout
        if slots < _FEWEST or not shape.guarded:
            continue
        most = most_active(subject, shape)
        if most and slots >= _TIMES * most:
            yield _padded(subject, shape, slots, most)


def _padded(subject: Subject, shape: Shape, slots: int, most: int) -> Diagnostic:
    count = len(shape.merged.positions)
    own = "This term has" if count == 1 else f"These {count} terms have"
    message = f"{own} {slots} slots in the padded output, and at most {most} branches can be active at once."
    promise = f"fanout({most})" if count == 1 else "fanout(k) with the most that one of them can have active"
    hint = f"Promise {promise}, give only the rows that can be active, or compile with optimize=True where branches share x'."
    return subject.finding(CODE, "warning", message, hint, shape.place("term"), {"slots": slots, "most": most})


def most_active(subject: Subject, shape: Shape) -> int | None:
    """A number of branches that is never exceeded; None where none is known."""
    found = shape.may(True)
    if found is None:
        return None
    per_row = np.zeros(shape.term.iterator.n_iter, dtype=np.int64)
    least = np.zeros(len(per_row))
    for pattern, there in found:
        active = np.sum(np.broadcast_arrays(*there), axis=0)  # [R or 1, G]
        per_row[pattern.rows] = active.max(axis=1)
        least[pattern.rows] = _least_excess(subject, pattern, active)
    free = int(per_row.sum())
    return min(free, _within_total(subject, shape, per_row, least, found)) if per_row.any() else free


def _least_excess(subject: Subject, pattern: Pattern, active: Array) -> Array:
    """How far above the lowest states the sites of a row are together, at least, where it is active."""
    above = (pattern.states - subject.space.low[0]).sum(axis=0)
    return np.asarray(np.where(active > 0, above, np.inf).min(axis=1))


def _within_total(
    subject: Subject, shape: Shape, per_row: Array, least: Array, found: list[tuple[Pattern, list[Array]]]
) -> int:
    """What a fixed total of all sites leaves: every site that is above its lowest state is part of few rows."""
    kept = totals(subject.space)
    unbounded = int(per_row.sum())
    if kept is None or len(kept.sums) != 1 or (kept.group != 0).any():
        return unbounded
    wanted = per_row > 0
    smallest = least[wanted].min()
    if not smallest > 0:
        return unbounded
    uses = np.zeros(subject.space.size, dtype=np.int64)
    for pattern, _ in found:
        for sites in pattern.sites:
            np.add.at(uses, sites[wanted[pattern.rows]], 1)
    excess = kept.sums[0] - int(subject.space.low.sum())
    rows = int(uses.max() * excess // smallest)
    return int(np.sort(per_row[wanted])[::-1][:rows].sum())
