"""The form in which a kernel moves x, from what the updates of its emissions do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.fusion.effects import Effect, Linear, Wrapped
from nqx_graph.ir.kinds import INT
from nqx_graph.kernel.motion import ADD, GENERAL, TURN, Delta, Motion, Move, Pattern
from nqx_graph.kernel.structure import Step
from nqx_graph.space import SpaceView

DENSE = 2**24  # entries of a pattern that is kept as it is; larger ones are made in the kernel
MOST_DELTAS = 6

Places = list[tuple[NDArray[np.int32], NDArray[Any]]]  # sites [M] and what is added to them [M], of one delta


@attrs.frozen(eq=False)
class Known:
    """How the emission of a stream moves x: as turned sites, or by deltas, each with where it goes; or neither."""

    n_rows: int
    turned: NDArray[np.bool_] | Places | None = None
    unequal: tuple[int, int] | None = None
    deltas: tuple[Delta, ...] | None = None
    places: tuple[Places, ...] = ()


def known(effect: Effect, sites: NDArray[np.int32], steps: tuple[Step, ...], space: SpaceView, n_rows: int) -> Known:
    """How an emission moves x on its rows; ``sites`` [S, M] are the slots that ``steps`` name."""
    if effect.nothing:
        return Known(n_rows, turned=[], deltas=())
    if effect.flipped is not None:
        return Known(n_rows, turned=effect.flipped)
    if effect.opaque:
        return _events(sites, steps, space, n_rows)
    slot = [next(k for k, row in enumerate(sites) if np.array_equal(row, own)) for own in effect.sites]
    turns = _turned(effect, slot, space, n_rows)
    deltas, places = _deltas(effect, slot)
    if len(deltas) > MOST_DELTAS:
        return turns
    return attrs.evolve(turns, deltas=tuple(deltas), places=tuple(places))


def _events(sites: NDArray[np.int32], steps: tuple[Step, ...], space: SpaceView, n_rows: int) -> Known:
    """Every write of an update that is only known as it runs is a delta of its own."""
    slots = _written_slots(steps)
    if not space.integer or slots is None or len(slots) > MOST_DELTAS:
        return Known(n_rows)
    ones = np.ones(n_rows, dtype=np.int64)
    deltas = tuple(Delta("event", own=slot, b=number) for number, slot in enumerate(slots))
    return Known(n_rows, deltas=deltas, places=tuple([(sites[slot], ones)] for slot in slots))


def _turned(effect: Effect, slot: list[int], space: SpaceView, n_rows: int) -> Known:
    """The effect as turned sites of a two-state space, where it is that."""
    if not (space.two_state and space.homogeneous):
        return Known(n_rows)
    total = int(2 * space.low[0] + space.step[0])
    ones = np.ones(n_rows, dtype=np.int64)
    names = list(effect.values)
    turned: Places = [(effect.sites[name], ones) for name in names]
    if all(value == Linear(name, -1, total) for name, value in effect.values.items()):
        return Known(n_rows, turned=turned)
    if len(names) == 2 and all(effect.values[a] == Linear(b, 1, 0) for a, b in (names, names[::-1])):
        # two sites change places: both turn where they differ
        return Known(n_rows, turned=turned, unequal=(slot[names[0]], slot[names[1]]))
    return Known(n_rows)


def _deltas(effect: Effect, slot: list[int]) -> tuple[list[Delta], list[Places]]:
    """What the written sites gain, and where: constants share one delta, two sites that change places as well."""
    ones = np.ones(effect.sites.shape[1], dtype=np.int64)
    deltas: list[Delta] = []
    places: list[Places] = []
    constant = [
        (name, value.b)
        for name, value in effect.values.items()
        if isinstance(value, Linear) and (value.source, value.a) == (name, 1)
    ]
    if constant:
        deltas.append(Delta("one"))
        places.append([(effect.sites[name], gain * ones) for name, gain in constant])
    done = {name for name, _ in constant}
    for name, value in effect.values.items():
        if name in done:
            continue
        done.add(name)
        where = [(effect.sites[name], ones)]
        other = value.source
        if value == Linear(other, 1, 0) and other not in done and effect.values.get(other) == Linear(name, 1, 0):
            done.add(other)
            where.append((effect.sites[other], -ones))
        if isinstance(value, Wrapped):
            deltas.append(Delta("wrapped", slot[name], slot[value.source], 1, value.d))
        else:
            source = slot[value.source] if value.source >= 0 else -1
            deltas.append(Delta("linear", slot[name], source, value.a, value.b))
        places.append(where)
    return deltas, places


def _written_slots(steps: tuple[Step, ...]) -> list[int] | None:
    """The slot of every write, in the order in which `Target` runs them.

    None where a column is flipped, or where a value on the way may be no whole number: what one write adds would be rounded.
    """
    found: list[int] = []
    for step in steps:
        if step.kind == "flip" or any(value.kinds[value.root] != INT for value in step.values):
            return None
        if step.kind == "cond":
            for side in (step.if_true, step.if_false):
                inner = _written_slots(side)
                if inner is None:
                    return None
                found += inner
        elif step.kind != "invalidate":
            found += step.slots
    return found


def motion(terms: Sequence[Sequence[Known]], still: int, size: int) -> tuple[Motion, tuple[Pattern, ...]]:
    """The form that serves all emissions, and its patterns.

    Args:
        terms: the emissions of every term, in the order of slots; those of one term have the same rows.
        still: how many slots before the first keep x.
        size: the number of sites.
    """
    flat = [emission for term in terms for emission in term]
    if all(emission.turned is not None for emission in flat):
        form = TURN
    elif all(emission.deltas is not None for emission in flat):
        form = ADD
    else:
        return Motion(GENERAL, still=still), ()
    places, total = [], still
    for term in terms:
        rows, count = term[0].n_rows, len(term)
        places += [total + number + count * np.arange(rows) for number in range(count)]
        total += rows * count
    if form == TURN:
        patterns = [_pattern([emission.turned for emission in flat], places, total, size, -1)]
    else:
        most = max(len(emission.places) for emission in flat)
        patterns = [
            _pattern([e.places[k] if k < len(e.places) else [] for e in flat], places, total, size, 1)
            for k in range(most)
        ]
    moves = tuple(tuple(_move(emission, form) for emission in term) for term in terms)
    return Motion(form, all(map(_signs_only, patterns)), moves, still), tuple(patterns)


def _move(emission: Known, form: str) -> Move:
    return Move(unequal=emission.unequal) if form == TURN else Move(deltas=emission.deltas or ())


def _pattern(parts: list[Any], places: list[NDArray[Any]], total: int, size: int, sign: int) -> Pattern:
    """Entries of every part at its slots, times ``sign``."""
    if total * size <= DENSE or any(isinstance(part, np.ndarray) for part in parts):
        made = np.zeros((total, size), dtype=np.int32)
        for slots, part in zip(places, parts, strict=True):
            if isinstance(part, np.ndarray):
                made[slots] = part
            else:
                for sites, entries in part:
                    np.add.at(made, (slots, sites), entries)
        return Pattern(_narrowed(sign * made), None, None)
    width = max(len(part) for part in parts)
    sites_table = np.zeros((width, total), dtype=np.int32)
    entries_table = np.zeros((width, total), dtype=np.int64)
    for slots, part in zip(places, parts, strict=True):
        for k, (sites, entries) in enumerate(part):
            sites_table[k, slots] = sites
            entries_table[k, slots] = sign * entries
    return Pattern(None, tuple(sites_table), tuple(_narrowed(entries_table)))


def _signs_only(pattern: Pattern) -> bool:
    """Whether the pattern holds -1, 0 and 1 only; one that is made in the kernel may add up to more."""
    return pattern.dense is not None and int(np.abs(pattern.dense).max(initial=0)) <= 1


def _narrowed(array: NDArray[Any]) -> NDArray[Any]:
    largest = int(np.abs(array).max(initial=0))
    dtype = next(dtype for dtype in (np.int8, np.int16, np.int32, np.int64) if largest <= np.iinfo(dtype).max)
    return array.astype(dtype)
