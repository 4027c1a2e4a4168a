"""Promises below what can be active, shown by a configuration that breaks them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nqx_graph.diagnostics.diagnostic import Diagnostic
from nqx_graph.diagnostics.evaluate import possible
from nqx_graph.diagnostics.moves import surely_there
from nqx_graph.diagnostics.setting import Array, Setting
from nqx_graph.diagnostics.subject import Place, Shape, Subject
from nqx_graph.diagnostics.totals import Filling, Totals, totals
from nqx_graph.ir.expr import AmplitudeExpr
from nqx_graph.ir.sites import site_numbers
from nqx_graph.ranges.lines import Key

CODE = "NQX008"
_MOST_TRIED = 32  # terms of one shape that a configuration is made for
_MOST_NUMBERS = 2**20  # rows times configurations

State = NDArray[np.int64]


def promises_below(subject: Subject) -> Iterator[Diagnostic]:
    """Promises that a configuration of the space breaks.

    A few configurations are made: every site in one state, and rows in the states that make most of their branches
    active, one row after another as far as their sites are free. A promise that none of them breaks may still be too small.
    """
    kept = totals(subject.space)
    for shape in subject.shapes:
        if shape.term.fanout == shape.term.max_fanout or shape.patterns is None or kept is None:
            continue
        states = _candidates(subject, shape, kept)
        if len(states):
            yield from _broken(subject, shape, states)


def _broken(subject: Subject, shape: Shape, states: State) -> Iterator[Diagnostic]:
    per_row = _active(subject, shape, states)  # [R, C]
    counts = np.add.reduceat(per_row, shape.merged.starts, axis=0)  # [T, C]
    promised = np.array([subject.ir.terms[position].fanout for position in shape.merged.positions])
    bad = np.flatnonzero((counts > promised[:, None]).any(axis=1)).tolist()
    for number in bad[:1]:
        position = shape.merged.positions[number]
        term = subject.ir.terms[position]
        worst = int(np.argmax(counts[number]))
        active, x = int(counts[number, worst]), states[worst].tolist()
        shown = x if len(x) <= 16 else f"[{', '.join(map(str, x[:15]))}, ...]"
        message = (
            f"The term promises at most {term.fanout} active branches, and x = {shown} has {active}: all matrix elements of "
            "such a sample are NaN."
        )
        hint = f"Promise fanout({active}) or more, or leave the promise out."
        facts = {"promised": term.fanout, "active": active, "x": tuple(x)}
        place = Place(position, "term", part=f"fanout={term.fanout}", terms=len(bad))
        yield subject.finding(CODE, "error", message, hint, place, facts)


def _active(subject: Subject, shape: Shape, states: State) -> NDArray[np.int64]:
    """How many branches of each row are surely there, [R, C]."""
    setting = _setting(subject, shape, states)
    held = possible(shape.term.predicate, setting).sure
    count = np.zeros((len(setting.rows), len(states)), dtype=np.int64)
    for emission in shape.term.emissions:
        own = possible(emission.predicate, setting).sure
        count += held & own & surely_there(emission.update_program, setting)
    return count


def _setting(subject: Subject, shape: Shape, states: State) -> Setting:
    iterator, known = shape.term.iterator, {}  # type: Any, dict[Key, Array]

    def site(key: Key) -> Array:
        if key not in known:
            numbers = site_numbers(
                AmplitudeExpr.from_table(key), iterator.labels, iterator.index_sets, subject.space.size
            )
            known[key] = states.T[numbers]
        return known[key]

    rows = np.arange(iterator.n_iter)
    # a symbol without a default leaves it open whether anything is active
    return Setting(shape.term, subject.space, rows, site, shape.symbols, None in subject.ir.symbols.values(), states)


def _candidates(subject: Subject, shape: Shape, kept: Totals) -> State:
    space = subject.space
    made = [space.low + space.step * level for level in range(int(space.count[0]))]
    starts = [*shape.merged.starts.tolist(), shape.term.iterator.n_iter]
    best = _best_states(shape)
    for low, high in list(pairwise(starts))[:_MOST_TRIED]:
        filling = Filling(kept, space)
        for row in range(low, high):
            filling.pin(*best[row])
        filled = filling.filled()
        made += [] if filled is None else [filled]
    most = max(1, _MOST_NUMBERS // max(1, shape.term.iterator.n_iter))
    states = np.array(made[-most:], dtype=np.int64).reshape(-1, space.size)
    return states[_allowed(subject, states)]


def _allowed(subject: Subject, states: State) -> NDArray[np.bool_]:
    contains = subject.space.contains
    if contains is None:
        return np.ones(len(states), dtype=bool)
    return np.array([bool(np.all(np.asarray(contains(state)))) for state in states], dtype=bool)


def _best_states(shape: Shape) -> list[tuple[NDArray[np.int32], State]]:
    """For each row its distinct sites, and states of theirs that make most of its branches active."""
    made: list[Any] = [None] * shape.term.iterator.n_iter
    for pattern, there in shape.may(False) or ():
        active = np.sum(np.broadcast_arrays(*there), axis=0)
        best = np.argmax(active, axis=1)
        for place, row in enumerate(pattern.rows.tolist()):
            chosen = best[place] if pattern.each else best[0]
            made[row] = (pattern.sites[:, place], pattern.states[:, chosen])
    return made
