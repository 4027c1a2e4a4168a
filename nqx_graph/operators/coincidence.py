"""Which sites of an index row are one site: rows on which the same ones coincide are looked at together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nqx_graph.fusion.rows import grouped
from nqx_graph.ir.expr import AmplitudeExpr
from nqx_graph.ir.sites import site_numbers
from nqx_graph.ir.stored import Expr
from nqx_graph.ir.types import KBodyIteratorSpec, UpdateProgram
from nqx_graph.ranges.lines import Key, read_key

Rows = NDArray[np.int64]


class Sites:
    """The flat numbers of sites, given by the tables of their expressions, on the rows of an iterator."""

    def __init__(self, iterator: KBodyIteratorSpec, size: int) -> None:
        self.iterator, self.size = iterator, size
        self._known: dict[Key, NDArray[np.int32]] = {}

    def __call__(self, key: Key) -> NDArray[np.int32]:
        """The number on every row, [M]."""
        if key not in self._known:
            of = self.iterator
            self._known[key] = site_numbers(AmplitudeExpr.from_table(key), of.labels, of.index_sets, self.size)
        return self._known[key]

    def first(self, key: Key) -> int:
        """The number on the first row."""
        return int(self(key)[0])


def source_reads(exprs: Iterable[Expr]) -> list[Key]:
    """The sites that are read in x, each once."""
    return _reads(exprs, ("site", "source"))


def target_reads(exprs: Iterable[Expr]) -> list[Key]:
    """The sites that are read in x', each once."""
    return _reads(exprs, ("emitted", "target"))


def _reads(exprs: Iterable[Expr], ops: tuple[str, ...]) -> list[Key]:
    found: dict[Key, None] = {}
    for expr in exprs:
        for row in expr.table:
            if row.op in ops:
                key = read_key(expr.table, row)
                assert key is not None
                found[key] = None
    return list(found)


def columns_read(exprs: Iterable[Expr], *ops: str) -> list[str]:
    """The columns that lines of these operations read, each once."""
    return list(dict.fromkeys(row.data[0] for expr in exprs for row in expr.table if row.op in ops))


def written_sites(program: UpdateProgram) -> list[Key]:
    """The sites that an update without conds writes, each once."""
    found: dict[Key, None] = {}
    for op in program.ops:
        for site in op.params["sites"] if "sites" in op.params else (op.params["site"],) if "site" in op.params else ():
            found[key_of(site)] = None
    return list(found)


def key_of(site: Expr) -> Key:
    """What reads of this site share."""
    return site.table


def flipped_columns(program: UpdateProgram) -> list[str]:
    """The columns that an update without conds flips, in order."""
    return [op.params["column"] for op in program.ops if op.kind == "flip"]


def patterns(
    sites: Sites, written: Sequence[Key], read: Sequence[Key], masks: Sequence[tuple[str, Sequence[Key]]]
) -> list[Rows]:
    """The rows in groups, on each of which the same facts hold.

    The facts: which of the written sites are one, which of the sites that are read are written, and what the masks hold
    at the sites given with them.
    """
    n_rows = sites.iterator.n_iter
    facts: list[Any] = []
    for position, a in enumerate(written):
        facts += [sites(a) == sites(b) for b in written[:position]]
    facts += [sites(a) == sites(b) for a in read for b in written if a != b]
    every = np.arange(n_rows)
    for name, keys in masks:
        facts += [sites.iterator.columns[name][every, sites(key)] != 0 for key in keys]
    if not facts:
        return [every]
    group, firsts = grouped(np.stack(facts, axis=1).astype(np.int8))
    if len(firsts) == 1:
        return [every]
    order = np.argsort(group, kind="stable")
    return list(np.split(order, np.cumsum(np.bincount(group))[:-1]))
