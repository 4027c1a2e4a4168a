"""Branches without a way back, as far as updates tell: what an operator that is hermitian cannot have.

Only operators all of whose moves are shifts by constants are judged: ``x[site] + d`` needs a branch with
``x[site] - d``. A branch that is never taken, or whose matrix element is 0, needs none, so that this is a suspicion.
"""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.fusion.effects import Effect, Linear, effects
from nqx_graph.fusion.streams import Stream
from nqx_graph.ir.merging import Merged, merged_operator, runs
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.space import SpaceView


def one_way(ir: SymbolicOperatorIR, space: SpaceView) -> tuple[int, int, int] | None:
    """Term, row and emission of a shift that no other undoes; None where there is none, or where it cannot be told."""
    weights = np.random.default_rng(0).integers(2**63, size=space.size, dtype=np.uint64)
    found: list[tuple[Merged, int, NDArray[np.int64], NDArray[np.uint64]]] = []
    for merged in merged_operator(ir, runs(ir))[1]:
        for number, emission in enumerate(merged.term.emissions):
            alone = attrs.evolve(merged.term, emissions=(emission,))
            rows = np.arange(alone.iterator.n_iter, dtype=np.int32)
            whole = Stream(alone, np.ones(len(rows)), (), order=rows)
            for part, effect in effects(whole, space):
                if effect.nothing:
                    continue
                codes = _codes(effect, weights, part.n_rows)
                if codes is None or part.order is None:
                    return None
                found.append((merged, number, part.order.astype(np.int64), codes))
    if not found:
        return None
    known = np.unique(np.concatenate([codes for *_, codes in found]))
    for merged, number, places, codes in found:
        lost = np.flatnonzero(~np.isin(-codes, known))
        if lost.size:
            return (*merged.origin(int(places[lost[0]])), number)
    return None


def _codes(effect: Effect, weights: NDArray[np.uint64], n_rows: int) -> NDArray[np.uint64] | None:
    """A number for what each row adds to x, whose negative stands for the opposite; None for what is no shift."""
    codes = np.zeros(n_rows, dtype=np.uint64)
    if effect.opaque or effect.flipped is not None:
        return None
    for site, value in effect.values.items():
        if not isinstance(value, Linear) or value.source != site or value.a != 1:
            return None
        codes += weights[effect.sites[site]] * np.uint64(value.b % 2**64)
    return codes
