"""Branches that leave the local states, or the constraint of the space."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import numpy as np

from nqx_graph.diagnostics.diagnostic import Diagnostic
from nqx_graph.diagnostics.evaluate import lines
from nqx_graph.diagnostics.excerpt import site_text, state_text
from nqx_graph.diagnostics.moves import Move, move
from nqx_graph.diagnostics.patterns import Pattern
from nqx_graph.diagnostics.setting import Array, any_numbers
from nqx_graph.diagnostics.subject import Shape, Subject, reads_all
from nqx_graph.diagnostics.totals import Totals, totals
from nqx_graph.ranges.lines import Key
from nqx_graph.space import SpaceView

SPACE, CONSTRAINT = "NQX006", "NQX007"
_COLUMN = "a column"  # no name of a symbol


@attrs.frozen(eq=False)
class _Seen:
    """An emission on a pattern: where it may be there, what it does, and where x' holds no local state."""

    pattern: Pattern
    there: Array
    moved: Move
    outside: list[Array | None]


def leaves_space(subject: Subject) -> Iterator[Diagnostic]:
    """Branches that some configuration of local states leads out of them; nothing where the option says to drop those."""
    if subject.options.on_out_of_domain == "drop":
        return
    for shape in subject.shapes:
        for number, own in enumerate(shape.ranges.emissions):
            if own.never or not own.leaves:
                continue
            seen = _seen(shape, number)
            found = None if seen is None else _left(seen)
            if seen is None or found == "" or (found and shape.unsure(number)):
                yield _untold(subject, shape, number, SPACE, "the local states")
            elif found is not None:
                yield _leaving(subject, shape, number, found, "error" if own.always_leaves else "warning")


def _untold(subject: Subject, shape: Shape, number: int, code: str, what: str) -> Diagnostic:
    message = (
        f"It is not proved that this branch stays in {what}; what it does depends on more than the sites of a row, or on "
        "too many states of them."
    )
    hint = "Look with compiled.check(x)."
    return subject.finding(code, "info", message, hint, shape.place("update", number))


def _seen(shape: Shape, number: int) -> list[_Seen] | None:
    found = shape.may(False)
    if found is None:
        return None
    made = []
    for pattern, there in found:
        moved = move(shape.term.emissions[number].update_program, pattern, shape.setting(pattern, False))
        outside = [None if value is None else _outside(value, shape.space) for value in moved.after]
        made.append(_Seen(pattern, there[number] & moved.alive, moved, outside))
    return made


def _outside(value: Array, space: SpaceView) -> Array:
    low, step, count = (array[0].item() for array in (space.low, space.step, space.count))
    place = (value - low) / step
    return np.asarray(~((place == np.floor(place)) & (place >= 0) & (place < count)))


def _left(seen: list[_Seen]) -> str | None:
    """Where a branch leaves in words, an empty text where that is not known, None where it does not."""
    untold = None
    for one in seen:
        for site, outside in enumerate(one.outside):
            if outside is None:
                untold = "" if one.there.any() else untold
                continue
            bad = np.argwhere(np.atleast_2d(outside & one.there))
            if len(bad):
                after = one.moved.after[site]
                assert after is not None
                value = np.broadcast_to(after, np.broadcast_shapes(after.shape, (1, 1), one.there.shape))[tuple(bad[0])]
                name = site_text(_key_of(one.pattern, site)).replace("x[", "x'[", 1)
                return f"from {state_text(one.pattern, int(bad[0][1]))} it writes {name} = {value}"
    return untold


def _key_of(pattern: Pattern, site: int) -> Key:
    return next(key for key, place in pattern.names.items() if place == site)


def _leaving(subject: Subject, shape: Shape, number: int, found: str, severity: str) -> Diagnostic:
    becomes = (
        "its matrix element is NaN" if subject.options.on_out_of_domain == "nan" else "your network is given that x'"
    )
    message = f"This branch leaves the local states, {subject.space.local_states_text()}: {found}, and {becomes}."
    hint = (
        "Exclude it with where(...) or emit_if(...), wrap it with shift_mod, or choose on_out_of_domain='drop' if it is "
        "meant to be left out."
    )
    return subject.finding(SPACE, severity, message, hint, shape.place("update", number))


def leaves_constraint(subject: Subject) -> Iterator[Diagnostic]:
    """Branches that change a total that the space fixes, with a matrix element that is not 0."""
    kept = totals(subject.space)
    if kept is not None and not kept.sums:
        return
    for shape in subject.shapes:
        for number, own in enumerate(shape.ranges.emissions):
            if own.never or not shape.term.emissions[number].update_program.ops:
                continue
            seen = None if kept is None else _seen(shape, number)
            found = None if seen is None or kept is None else _changed(subject, shape, number, seen, kept)
            if seen is None or found == "" or (found and shape.unsure(number)):
                yield _untold(subject, shape, number, CONSTRAINT, "the constraint")
            elif found is not None:
                open_ = reads_all(shape.term.emissions[number].amplitude)
                unless = ", wherever its matrix element is not 0" if open_ else ""
                message = f"This branch changes a total that the space fixes: {found}{unless}."
                hint = (
                    "Write the move that undoes it in the same update, as in shift(i, -1).shift(j, +1), exclude the rows "
                    "and states that change the total, or take a space without the constraint."
                )
                yield subject.finding(CONSTRAINT, "warning", message, hint, shape.place("update", number))


def _changed(subject: Subject, shape: Shape, number: int, seen: list[_Seen], kept: Totals) -> str | None:
    """How a branch changes a total in words; see `_left`."""
    untold = None
    for one in seen:
        if not one.there.any():
            continue
        if one.moved.everywhere or any(value is None for value in one.moved.after):
            untold = ""
            continue
        there = one.there & ~_zero(subject, shape, number, one)
        for outside in one.outside:
            there = there if outside is None else there & ~outside
        for change in _changes(one, kept):
            bad = np.argwhere(np.atleast_2d((change != 0) & there))
            if len(bad):
                value = np.broadcast_to(change, np.broadcast_shapes(change.shape, there.shape))[tuple(bad[0])]
                return f"from {state_text(one.pattern, int(bad[0][1])) or 'any state'} by {value:+}"
    return untold


def _zero(subject: Subject, shape: Shape, number: int, one: _Seen) -> Array:
    """Where the matrix element is 0, with symbols, and columns of rows that are too many, that make nothing vanish."""
    given = any_numbers((*subject.ir.symbols, _COLUMN))
    setting = attrs.evolve(shape.setting(one.pattern, False), symbols=given, stand_in=given[_COLUMN])
    amplitude = shape.term.emissions[number].amplitude
    value = lines(amplitude, setting, one.moved.target(one.pattern), subject.dtype)[-1]
    return np.asarray(False if value is None else value == 0)


def _changes(one: _Seen, kept: Totals) -> Iterator[Array]:
    """What is added to the total of each group by each row and state."""
    groups = kept.group[one.pattern.sites]  # [D, R]
    choices = [groups]
    if not groups.size or (groups == groups[:, :1]).all():
        choices = [groups[:, :1]]
    elif not one.pattern.each:
        choices = [choice[:, None] for choice in np.unique(groups, axis=1).T]
    for number in range(len(kept.sums)):
        for choice in choices:
            total = np.zeros((1, 1), dtype=np.int64)
            for site, after in enumerate(one.moved.after):
                assert after is not None
                total = total + np.where(choice[site][:, None] == number, after - one.pattern.states[site], 0)
            yield total
