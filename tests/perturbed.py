"""Operators with one field changed: the IR as data, the way to each of its fields, and another value there."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

import attrs
import numpy as np
import stored
import strategies

import nqx_graph as sym
from nqx_graph.ir.frozen import FrozenDict


def places(data: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every number, text and list of the IR as data."""
    if isinstance(data, dict):
        for key, value in data.items():
            if at or key not in ("format", "version", "mode"):
                yield from places(value, (*at, key))
    elif isinstance(data, list):
        if data and at[-1] not in ("shape",):
            yield at
        for place, value in enumerate(data):
            yield from places(value, (*at, place))
    elif data is not None or at[-1] in ("branch_tag", "fanout_hint"):
        yield at


def changed(data: Any, at: tuple[Any, ...], rng: random.Random) -> Any:
    """A copy with another value there."""
    made = copy.deepcopy(data)
    inner = made
    for step in at[:-1]:
        inner = inner[step]
    old = inner[at[-1]]
    if isinstance(old, bool):
        new: Any = not old
    elif isinstance(old, int):
        new = old + rng.choice((1, -1, 2, 7))
    elif isinstance(old, float):
        new = rng.choice((float(np.nextafter(old, 9e9)), -old if old else 1.0, old + 1))
    elif isinstance(old, str):
        new = rng.choice((old + "'", old[:-1] or "x", old.swapcase() if old.swapcase() != old else old + "_"))
    elif isinstance(old, list):
        new = rng.choice((old[:-1], [*old, old[-1]], old[::-1] if old[::-1] != old else old[1:]))
    else:
        new = {"branch_tag": "tag", "fanout_hint": 1}.get(at[-1], 0)
    inner[at[-1]] = new
    return made


def rich(programs: int) -> list[Any]:
    """Operators that have every field: tags, defaults, docs, metadata, columns, promises, nested updates; and random ones."""
    found = []
    for operator in (*stored.operators(), *map(strategies.seeded, range(programs))):
        ir = operator.to_ir()
        first = attrs.evolve(ir.terms[0], metadata=FrozenDict({"paper": "1", "page": 3}))
        made = attrs.evolve(ir, terms=(first, *ir.terms[1:]), metadata=FrozenDict({"by": ["me", 2.5]}))
        found.append(sym.SymbolicOperator(operator.hilbert, made))
    return found
