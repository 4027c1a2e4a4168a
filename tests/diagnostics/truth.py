"""What diagnostics may never claim or miss, told by the loops of the reference interpreter on every state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import attrs
import numpy as np
from ranges.truth import all_local

from nqx_graph.diagnostics import Diagnostics, diagnose
from nqx_graph.diagnostics.rules.padding import most_active
from nqx_graph.diagnostics.subject import Subject
from nqx_graph.ir.merging import shapes
from nqx_graph.lowering.reference import arithmetic
from nqx_graph.lowering.reference.arithmetic import Exact, InDtype
from nqx_graph.lowering.reference.configurations import is_local_state, is_state
from nqx_graph.lowering.reference.expressions import Place, evaluate
from nqx_graph.lowering.reference.loop import _place
from nqx_graph.lowering.reference.parameters import symbol_values
from nqx_graph.lowering.reference.updates import updated
from nqx_graph.options import SymbolicCompilerOptions
from nqx_graph.ranges import operator_ranges
from nqx_graph.space import view


@attrs.frozen(eq=False)
class Branch:
    """An active branch, and whether its amplitude divided by zero."""

    source: tuple[Any, ...]
    term: int
    row: int
    emission: int
    target: tuple[Any, ...]
    mel: Any
    divided: bool
    outside: bool
    possible: bool  # whether the source is in the space, constraint included


@contextmanager
def divisions() -> Iterator[list[bool]]:
    """A list that grows by one for every division by zero of the reference interpreter."""
    seen: list[bool] = []
    table = arithmetic._FUNCTIONS
    kept = table["div"], table["pow"]

    def divide(a: Any, b: Any) -> Any:
        seen.extend([True] * bool(b == 0))
        return kept[0](a, b)

    def power(a: Any, b: Any) -> Any:
        seen.extend([True] * bool(a == 0 and np.real(b) < 0))
        return kept[1](a, b)

    table["div"], table["pow"] = divide, power
    try:
        yield seen
    finally:
        table["div"], table["pow"] = kept


@np.errstate(all="ignore")
def every_branch(operator: Any, parameters: Any = None) -> list[Branch]:
    """The active branches of all combinations of local states."""
    ir, space = operator.to_ir(), view(operator.hilbert)
    symbols, dtype = symbol_values(ir, parameters or {}), np.dtype(ir.dtype_str)
    made = []
    for source in all_local(space):
        possible = is_state(space, source)
        for number, term in enumerate(ir.terms):
            for row in range(term.iterator.n_iter):
                place = _place(term, row, source, symbols, space, np.dtype(np.float64))
                for position, emission in enumerate(term.emissions if place.holds(term.predicate) else ()):
                    target = updated(emission.update_program, place) if place.holds(emission.predicate) else None
                    if target is None:
                        continue
                    with divisions() as zeros:
                        mel = evaluate(emission.amplitude, InDtype(dtype), attrs.evolve(place, after=target))
                    outside = not all(is_local_state(space, site, value) for site, value in enumerate(target))
                    made.append(Branch(source, number, row, position, target, mel, bool(zeros), outside, possible))
    return made


def contradictions(operator: Any, parameters: Any = None) -> list[str]:
    """Every claim of the diagnostics, silence included, that some state denies."""
    found = diagnose(operator, min_severity="info")
    branches = every_branch(operator, parameters)
    return [
        *_constant(operator, found, parameters),
        *_unreachable(operator, found, branches),
        *_divisions(operator, found, branches),
        *_leaving(operator, found, branches),
        *_promises(operator, found, branches),
        *_padding(operator, branches),
    ]


def _told(operator: Any, found: Diagnostics, code: str) -> set[tuple[int, int]]:
    """Terms and emissions with that code; -1 for a whole term. What is told of a shape holds of all terms of it."""
    groups = shapes(operator.to_ir())
    told = set()
    for one in found:
        if one.code == code:
            alike = next(group for group in groups if one.position in group) if one.terms > 1 else (one.position,)
            told |= {(position, -1 if one.emission is None else one.emission) for position in alike}
    return told


@np.errstate(all="ignore")
def _constant(operator: Any, found: Diagnostics, parameters: Any) -> Iterator[str]:
    ir, space = operator.to_ir(), view(operator.hilbert)
    symbols = symbol_values(ir, parameters or {})
    for one in found:
        if one.code != "NQX002" or any(row.op in ("emitted", "target") for row in one.facts["predicate"].table):
            continue
        term = ir.terms[one.position]
        for source in all_local(space):
            for row in range(term.iterator.n_iter):
                place: Place = _place(term, row, source, symbols, space, np.dtype(np.float64))
                emission = None if one.emission is None else term.emissions[one.emission]
                asked = not one.line.startswith("amplitude") or (
                    place.holds(term.predicate) and (emission is None or place.holds(emission.predicate))
                )
                held = evaluate(one.facts["predicate"], Exact(np.dtype(np.float64)), place)
                if asked and bool(held) != one.facts["always"]:
                    yield f"{one.facts['predicate']!r} is {held} at {source}"


def _unreachable(operator: Any, found: Diagnostics, branches: list[Branch]) -> Iterator[str]:
    lost = _told(operator, found, "NQX003")
    for branch in branches:
        if (branch.term, branch.emission) in lost or (branch.term, -1) in lost:
            yield f"{branch} is said to be unreachable"


def _divisions(operator: Any, found: Diagnostics, branches: list[Branch]) -> Iterator[str]:
    if "NQX001" in found.codes:  # without a value of every symbol nobody knows
        return
    told = [one for one in found if one.code == "NQX005"]
    places = _told(operator, found, "NQX005")
    for branch in branches:
        if branch.divided and (branch.term, branch.emission) not in places:
            yield f"{branch} divides by zero and nothing was told"
    for one in told:
        own = [b for b in branches if (b.term, b.emission) == (one.position, one.emission)]
        if one.line.startswith("amplitude") and "as for" in one.message and not any(b.divided for b in own):
            yield f"{one} never happens"


def _leaving(operator: Any, found: Diagnostics, branches: list[Branch]) -> Iterator[str]:
    space = view(operator.hilbert)
    told, broken = _told(operator, found, "NQX006"), _told(operator, found, "NQX007")
    for branch in branches:
        at = branch.term, branch.emission
        if branch.outside and at not in told:
            yield f"{branch} leaves and nothing was told"
        inside = branch.possible and not branch.outside
        if inside and branch.mel != 0 and not is_state(space, branch.target) and at not in broken:
            yield f"{branch} breaks the constraint and nothing was told"
    for one in found:
        own = [b for b in branches if (b.term, b.emission) == (one.position, one.emission)]
        known = not operator.to_ir().symbols
        if one.code == "NQX006" and one.severity != "info" and known and not any(b.outside for b in own):
            yield f"{one} never happens"
        if one.code == "NQX006" and one.severity == "error" and not all(b.outside for b in own):
            yield f"{one} does not always happen"
        conditional = "wherever" in one.message
        moved = any(sum(b.target) != sum(b.source) and (conditional or b.mel != 0) for b in own)
        if one.code == "NQX007" and one.severity != "info" and known and not moved:
            yield f"{one} never happens"


def _promises(operator: Any, found: Diagnostics, branches: list[Branch]) -> Iterator[str]:
    space = view(operator.hilbert)
    for one in found:
        if one.code == "NQX008":
            x = tuple(one.facts["x"])
            active = sum(branch.source == x and branch.term == one.position for branch in branches)
            promised = operator.to_ir().terms[one.position].fanout
            if active != one.facts["active"] or active <= promised or not is_state(space, x):
                yield f"{one}: {active} are active"


def _padding(operator: Any, branches: list[Branch]) -> Iterator[str]:
    """The bound is tried for every term, whether it is far from the slots or not."""
    ir, space = operator.to_ir(), view(operator.hilbert)
    subject = Subject.of(ir, space, operator_ranges(ir, space), SymbolicCompilerOptions())
    for shape in subject.shapes:
        most, counts = most_active(subject, shape), {}  # type: Any, dict[Any, int]
        for branch in branches:
            if branch.term in shape.merged.positions and branch.possible:
                counts[branch.source] = counts.get(branch.source, 0) + 1
        if most is not None and max(counts.values(), default=0) > most:
            yield f"{max(counts.values())} branches of {shape.first.name!r} are active, and the bound is {most}"
