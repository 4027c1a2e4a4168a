"""A branch and its way back, on the sites of one row: what tells a forgotten h.c. of an operator of any size.

One row of each shape and each of its emissions is run where its sites hold whatever they can and all others the lowest
state. For an x' that it reaches, ``<x|O|x'>`` and ``<x'|O|x>`` are added up over all rows that can write the sites in which
x and x' differ, so that a difference is one of the operator itself.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import attrs
import numpy as np

from nqx_graph.errors import NqxError
from nqx_graph.ir.merging import merged_operator, runs
from nqx_graph.ir.types import SymbolicIRTerm, SymbolicOperatorIR, UpdateProgram
from nqx_graph.lowering.reference.hermiticity import differ
from nqx_graph.lowering.reference.loop import branches
from nqx_graph.space import SpaceView

MOST_STATES = 81  # of the sites of a row
MOST_ROWS = 64  # that can lead back
MOST_MOVES = 4  # of an emission


@attrs.frozen
class Lost:
    """Where a branch stands, and the two elements that should be conjugate."""

    position: int
    row: int
    emission: int
    there: complex
    back: complex


@np.errstate(all="ignore")
def lost_way_back(ir: SymbolicOperatorIR, space: SpaceView) -> Lost | None:
    """The first branch whose way back has another matrix element; None where none is found, or it cannot be told."""
    shapes = merged_operator(ir, runs(ir))[1]
    values = {name: 0.75 + number for number, name in enumerate(ir.symbols) if ir.symbols[name] is None}
    terms = [shape.term for shape in shapes]
    for shape in shapes:
        for emission in range(len(shape.term.emissions)):
            try:
                for x, target in itertools.islice(_moves(ir, shape.term, emission, space, values), MOST_MOVES):
                    changed = [site for site, pair in enumerate(zip(x, target, strict=True)) if pair[0] != pair[1]]
                    near = _that_write(terms, changed)
                    if near is None:
                        return None
                    local = attrs.evolve(ir, terms=near)
                    there, back = (_element(local, space, *pair, values) for pair in ((x, target), (target, x)))
                    if differ(there, back, ir.dtype_str):
                        return Lost(*shape.origin(0), emission, there, back)
            except NqxError:  # what is wrong otherwise is told by others
                return None
    return None


def _moves(
    ir: SymbolicOperatorIR, term: SymbolicIRTerm, emission: int, space: SpaceView, values: dict[str, float]
) -> Iterator[tuple[Any, Any]]:
    """Configurations that the first row of an emission leads away from, and where to."""
    alone = attrs.evolve(
        term, emissions=(term.emissions[emission],), iterator=_rows(term, np.array([0])), fanout_hint=None
    )
    own, sites = attrs.evolve(ir, terms=[alone]), sorted(set(term.iterator.index_sets[0].tolist()))
    held = [_local_states(space, site) for site in sites]
    for states in itertools.islice(itertools.product(*held), MOST_STATES):
        x = np.array([_local_states(space, site)[0] for site in range(space.size)])
        x[sites] = states
        for branch in branches(own, space, x, values):
            target = tuple(branch.target)
            if not branch.outside and target != tuple(x.tolist()) and np.isfinite(branch.mel) and branch.mel != 0:
                yield tuple(x.tolist()), target


def _local_states(space: SpaceView, site: int) -> list[Any]:
    if space.table is not None:
        return sorted(set(space.table[site].tolist()))
    count = int(space.count[site])
    return [space.low[site].item() + k * space.step[site].item() for k in range(count if count > 0 else 3)]


def _that_write(terms: list[SymbolicIRTerm], sites: list[int]) -> list[SymbolicIRTerm] | None:
    """The terms with the rows that can write all of these sites; None where they are too many to be run in loops."""
    found, total = [], 0
    for term in terms:
        rows = np.arange(term.iterator.n_iter)
        if all(_writes_labels(emission.update_program) for emission in term.emissions):
            held = [np.any(term.iterator.index_sets == site, axis=1) for site in sites]
            rows = np.flatnonzero(np.all(held, axis=0))
        total += len(rows)
        if total > MOST_ROWS:
            return None
        if len(rows):
            found.append(attrs.evolve(term, iterator=_rows(term, rows), fanout_hint=None))
    return found


def _rows(term: SymbolicIRTerm, rows: Any) -> Any:
    columns = {name: array[rows] for name, array in term.iterator.columns.items()}
    return attrs.evolve(term.iterator, index_sets=term.iterator.index_sets[rows], columns=columns)


def _writes_labels(program: UpdateProgram) -> bool:
    """Whether what an update writes are sites of labels, and no others."""
    for op in program.ops:
        if op.kind == "cond":
            if not (_writes_labels(op.params["if_true"]) and _writes_labels(op.params["if_false"])):
                return False
        elif op.kind != "invalidate":
            sites = op.params["sites"] if "sites" in op.params else (op.params.get("site"),)
            if any(site is None or [row.op for row in site.table] != ["index"] for site in sites):
                return False
    return True


def _element(ir: SymbolicOperatorIR, space: SpaceView, x: Any, target: Any, values: dict[str, float]) -> complex:
    """<x|O|x'> of these terms."""
    found = branches(ir, space, np.array(x), values)
    return complex(sum(complex(branch.mel) for branch in found if tuple(branch.target) == target))
