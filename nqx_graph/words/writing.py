"""Contributions as emissions: when, how x becomes x', and with what matrix element."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np

from nqx_graph.dsl.selectors import where as either
from nqx_graph.dsl.update import Update
from nqx_graph.ir.expr import TRUE, AmplitudeExpr, PredicateExpr, all_of
from nqx_graph.ir.types import EmissionSpec
from nqx_graph.words import expressions
from nqx_graph.words.contributions import Contribution, site_key
from nqx_graph.words.expressions import Names
from nqx_graph.words.tables import Peeled, Table, peel


@attrs.frozen(eq=False)
class _Branch:
    """One contribution written down."""

    predicate: PredicateExpr
    update: Update
    amplitude: AmplitudeExpr


def emissions(found: Sequence[Contribution], names: Names, tag: str | None) -> list[EmissionSpec]:
    """One emission for everything diagonal, and one for each way to move under each condition."""
    branches: dict[Any, list[_Branch]] = {}
    for each in found:
        branch = _diagonal(each, names) if each.motion.diagonal else _moving(each, names)
        key = branch.update.program.encoded(), None if each.motion.diagonal else site_key(branch.predicate)
        branches.setdefault(key, []).append(branch)
    return [_together(same, tag) for same in branches.values()]


def _together(same: list[_Branch], tag: str | None) -> EmissionSpec:
    predicate, terms = same[0].predicate, [branch.amplitude for branch in same]
    if not all(branch.predicate.same_as(predicate) for branch in same):
        terms = [_where(branch) for branch in same]
        predicate = TRUE
    return EmissionSpec(predicate.sealed(), same[0].update.program, expressions.total(terms).sealed(), tag)


def _where(branch: _Branch) -> AmplitudeExpr:
    return branch.amplitude if branch.predicate.same_as(TRUE) else either(branch.predicate, branch.amplitude, 0)


def _diagonal(each: Contribution, names: Names) -> _Branch:
    """Zeros of the table are zeros of the amplitude: the slot is there for other rows of x anyway."""
    predicate, ladders = expressions.ladders(each, names)
    peeled = peel(each.table)
    indicators = {axis: (complex(1 - entry), complex(entry)) for axis, entry in peeled.fixed.items()}
    peeled = attrs.evolve(peeled, factors={**peeled.factors, **indicators})
    return _Branch(predicate, Update(), _amplitude(peeled, each, names, ladders))


def _moving(each: Contribution, names: Names) -> _Branch:
    """Zeros of the table are excluded by a predicate: no slot moves for nothing."""
    predicate, ladders = expressions.ladders(each, names)
    peeled, x = peel(each.table), [names.value(slot) for slot in each.slots]
    for axis, entry in sorted(peeled.fixed.items()):
        predicate = all_of(predicate, x[axis] == expressions.states(each.kinds[axis])[entry])
    there, rest, unequal = _rest(peeled, each, names)
    update = _update(each, names, peeled, unequal)
    return _Branch(all_of(predicate, there), update, _amplitude(rest, each, names, ladders))


def _rest(peeled: Peeled, each: Contribution, names: Names) -> tuple[PredicateExpr, Peeled, bool]:
    """Where the rest is not zero, what it is there, and whether that is where two sites differ."""
    unequal = _pair(peeled, each)
    if unequal is None:
        there = expressions.support(peeled, each, names)
        rest = attrs.evolve(peeled, rest=_known_to_be_there(peeled.rest))
    else:
        first, second = (names.value(each.slots[axis]) for axis in peeled.axes)
        there = first != second if unequal else first == second
        others = np.array([1, 0] if unequal else [0, 1])  # the second site, given the first
        rest = attrs.evolve(peeled, axes=peeled.axes[:1], rest=peeled.rest[np.arange(2), others])
    constant = not np.any(rest.rest != rest.rest.flat[0])
    return there, _one_number(rest) if constant else rest, bool(unequal)


def _known_to_be_there(rest: Table) -> Table:
    """Where all numbers but zeros are one, that one: the zeros are excluded."""
    numbers = np.unique(rest[rest != 0])
    return np.full_like(rest, numbers[0]) if len(numbers) == 1 else rest


def _one_number(rest: Peeled) -> Peeled:
    return attrs.evolve(rest, number=rest.number * rest.rest.flat[0], axes=(), rest=np.ones((), dtype=np.complex128))


def _pair(peeled: Peeled, each: Contribution) -> bool | None:
    """True where the rest is there only for two unequal sites, False only for two equal ones, else None."""
    if len(peeled.axes) != 2 or len({each.kinds[axis] for axis in peeled.axes}) != 1:
        return None
    there = peeled.rest != 0
    if np.array_equal(there, ~np.eye(2, dtype=bool)):
        return True
    return False if np.array_equal(there, np.eye(2, dtype=bool)) else None


def _update(each: Contribution, names: Names, peeled: Peeled, unequal: bool) -> Update:
    """Two turned sites that are known to differ are exchanged, which keeps every total; others are turned by themselves."""
    turned, kinds = list(each.motion.turned), dict(zip(each.slots, each.kinds, strict=True))
    update = Update()
    for a, b in _differing(each, peeled, unequal):
        if a in turned and b in turned and kinds[a] == kinds[b]:
            update = update.swap(names.site(min(a, b)), names.site(max(a, b)))
            turned = [slot for slot in turned if slot not in (a, b)]
    for slot in turned:
        update = update.affine(names.site(slot), scale=-1, bias=sum(expressions.states(kinds[slot])))
    for slot, span in each.motion.ladders:
        update = update.shift(names.site(slot), int(span.shift)) if span.shift else update
    return update


def _differing(each: Contribution, peeled: Peeled, unequal: bool) -> list[tuple[int, int]]:
    if unequal:
        first, second = peeled.axes
        return [(each.slots[first], each.slots[second])]
    held = {each.slots[axis]: entry for axis, entry in peeled.fixed.items() if each.slots[axis] in each.motion.turned}
    return list(zip(*([slot for slot, entry in held.items() if entry == side] for side in (1, 0)), strict=False))


def _amplitude(peeled: Peeled, each: Contribution, names: Names, ladders: list[AmplitudeExpr]) -> AmplitudeExpr:
    number, sites = expressions.pulled(peeled, each, names)
    scales = [scale.conj() if conjugated else scale for scale, conjugated in each.scales]
    return expressions.multiple(number, [*scales, *names.signs(each), *sites, *ladders])
