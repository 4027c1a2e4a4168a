"""How two values of one place in an operator differ, in words: rows, columns, expressions, updates, plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.ir.encode import encode
from nqx_graph.ir.frozen import thaw_json
from nqx_graph.ir.stored import Expr
from nqx_graph.ir.table import Row
from nqx_graph.ir.text import update_text

_MOST_SHOWN: Final = 4  # rows that are named one by one
_LONGEST: Final = 240  # characters of a text
_BEFORE: Final = 40  # of these, characters before the first that differs


@attrs.frozen(eq=False)
class Changed:
    """Something that both operators have a place for, and how it differs.

    Attributes:
        what: its name, such as ``amplitude of emit #0``.
        before: what the first operator has there; None where it has nothing.
        after: what the second has.
        how: the difference in words; of one line, or a line of each side.
    """

    what: str
    before: Any
    after: Any
    how: tuple[str, ...]

    def lines(self) -> list[str]:
        """The difference as it is printed."""
        if len(self.how) == 1:
            return [f"{self.what}: {self.how[0]}"]
        return [f"{self.what}:", *(f"  {line}" for line in self.how)]


def value(what: str, before: Any, after: Any, show: Callable[[Any], str] = repr) -> Iterator[Changed]:
    """Values that may be of any kind that the IR holds, to the bit."""
    if encode(before) != encode(after):
        yield Changed(what, before, after, _sides("none" if before is None else show(before), show(after)))


def mapping(what: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Changed]:
    """Free-form data, key by key."""
    for name in sorted({*before, *after}):
        old, new = (side.get(name) for side in (before, after))
        if (name in before) != (name in after):
            sides = ("none" if name not in side else repr(thaw_json(side[name])) for side in (before, after))
            yield Changed(f"{what} {name!r}", old, new, _sides(*sides))
        else:
            yield from value(f"{what} {name!r}", old, new, lambda item: repr(thaw_json(item)))


def rows(before: NDArray[Any], after: NDArray[Any]) -> Iterator[Changed]:
    """Index rows [M, K]: which were added and removed."""
    if encode(before) == encode(after):
        return
    old, new = (Counter(map(tuple, side.tolist())) for side in (before, after))
    parts = [f"{len(before)} -> {len(after)}"] if len(before) != len(after) else []
    for sign, some in (("added", new - old), ("removed", old - new)):
        named = list(some.elements())
        if named:
            more = ", ..." if len(named) > _MOST_SHOWN else ""
            parts.append(f"{len(named)} {sign}: {', '.join(map(str, named[:_MOST_SHOWN]))}{more}")
    yield Changed("rows", before, after, ("; ".join(parts) or f"the same {len(before)} in another order",))


def columns(before: Mapping[str, NDArray[Any]], after: Mapping[str, NDArray[Any]]) -> Iterator[Changed]:
    """Columns by name: added, removed, of another shape or dtype, or with other entries."""
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            sides = ("none" if side is None else _form(side) for side in (old, new))
            yield Changed(f"column {name}", old, new, _sides(*sides))
        elif encode(old) != encode(new):
            yield Changed(f"column {name}", old, new, (_entries(old, new),))


def _form(array: NDArray[Any]) -> str:
    return f"{array.dtype.name} {list(array.shape)}"


def _entries(old: NDArray[Any], new: NDArray[Any]) -> str:
    parts = [f"{_form(old)} -> {_form(new)}"] if _form(old) != _form(new) else []
    if old.shape == new.shape:
        other = old != new
        if old.dtype == new.dtype:  # to the bit, which tells 0.0 and -0.0 apart
            other = np.any(_bytes(old) != _bytes(new), axis=-1)
        pairs = list(zip(old[other].tolist(), new[other].tolist(), strict=True))
        if pairs:
            sizes = [_distance(*pair) for pair in pairs]
            place = max(range(len(sizes)), key=sizes.__getitem__)
            at, (was, now) = np.argwhere(other)[place].tolist(), pairs[place]
            largest = f"the largest change {sizes[place]} at {at}: {was!r} -> {now!r}"
            parts.append(f"{len(pairs)} of {old.size} entries, {largest}")
    return "; ".join(parts)


def _bytes(array: NDArray[Any]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(array).view(np.uint8).reshape(*array.shape, array.dtype.itemsize)


def _distance(old: Any, new: Any) -> Any:
    """In Python's numbers: whole ones do not wrap, and what is too large is infinity."""
    step = new - old
    return float(np.hypot(step.real, step.imag)) if isinstance(step, complex) else abs(step)


def bare(expr: Expr) -> tuple[Row, ...]:
    """The lines of an expression without the defaults and docs of its symbols, which are compared once for all."""
    return tuple(Row(row.op, row.args, row.data[:1]) if row.op == "symbol" else row for row in expr.table)


def expression(what: str, before: Expr, after: Expr) -> Iterator[Changed]:
    """Amplitudes or predicates."""
    if encode(bare(before)) != encode(bare(after)):
        yield Changed(what, before, after, _sides(repr(before), repr(after)))


def update(what: str, before: Any, after: Any) -> Iterator[Changed]:
    """Update programs."""
    return value(what, before, after, update_text)


def _sides(old: str, new: str) -> tuple[str, ...]:
    """Both texts, on one line where they fit; of long ones what is around the first difference."""
    if old == new:
        return (f"{_cut(old, 0)} in both, stored in another way",)
    start = next((place for place, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    short = [_cut(text, start) for text in (old, new)]
    if sum(map(len, short)) <= 60:
        return (" -> ".join(short),)
    return (f"- {short[0]}", f"+ {short[1]}")


def _cut(text: str, start: int) -> str:
    if len(text) <= _LONGEST:
        return text
    first = min(max(start - _BEFORE, 0), len(text) - 1)
    end = first + _LONGEST
    return ("..." if first else "") + text[first:end] + ("..." if end < len(text) else "")
