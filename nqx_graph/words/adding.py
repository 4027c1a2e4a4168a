"""Words over the index rows of a term: the parts that `DOperator.add` writes into it."""

from __future__ import annotations

import math
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.dsl.drafts import Part
from nqx_graph.dsl.selectors import column, dot, source_index, wrap_mod
from nqx_graph.errors import DefinitionError
from nqx_graph.ir.expr import AmplitudeExpr, leaf
from nqx_graph.ir.expression_rules import Scope
from nqx_graph.ir.kinds import COMPLEX, dtype_kind
from nqx_graph.ir.types import KBodyIteratorSpec
from nqx_graph.space import SpaceView
from nqx_graph.words.contributions import Contribution, contributions, one_order, site_key
from nqx_graph.words.expressions import Names
from nqx_graph.words.patterns import Positions, mode_positions, patterns, site_table, string_masks
from nqx_graph.words.value import Words
from nqx_graph.words.writing import emissions


def parts(
    words: Words, iterator: KBodyIteratorSpec, space: SpaceView, dtype_str: str, where: str, tag: str | None = None
) -> list[Part]:
    """What the words are on the rows: one part for each way in which rows are treated alike.

    Args:
        words: in the convention of kets.
        iterator: labels, rows and columns of the term.
        space: gives the local states.
        dtype_str: the operator's dtype.
        where: what is being made, for messages.
        tag: of all emissions.

    Raises:
        HilbertError: for a word that has no meaning on the local states of its site.
        DefinitionError: for fermions in two mode orders, or on a site that is no mode.
    """
    return _Adding(words, iterator, space, dtype_str, where).parts(tag)


class _Adding:
    def __init__(self, words: Words, iterator: KBodyIteratorSpec, space: SpaceView, dtype_str: str, where: str) -> None:
        self.words, self.iterator, self.space, self.where = words, iterator, space, where
        self.real = dtype_kind(dtype_str) != COMPLEX
        factors = [factor for product in words.products for factor in product.factors]
        self.sites = {site_key(factor.site): factor.site for factor in factors}
        self.places = {key: place for place, key in enumerate(self.sites)}
        self.table = site_table(self.sites, Scope(where, iterator, space.size, dtype_str, space))
        fermionic, order = one_order(words.products, where)
        self.positions = mode_positions(order, space, where) if fermionic else None
        self._check_modes([factor.site for factor in factors if factor.word in ("c", "c_dag")])

    def _check_modes(self, sites: list[AmplitudeExpr]) -> None:
        for site in sites:
            assert self.positions is not None
            numbers = self.table[:, self.places[site_key(site)]]
            missing = numbers[self.positions[numbers] == self.space.size]
            if missing.size:
                raise DefinitionError(
                    f"{self.where}: a fermion acts on site {missing[0]}, which the order of the modes leaves out."
                )

    def parts(self, tag: str | None) -> list[Part]:
        """Patterns that differ by nothing but signs become one part."""
        groups: dict[Any, list[tuple[NDArray[np.int64], list[Contribution]]]] = {}
        for pattern in patterns(self.table, self.space, self.positions):
            found = contributions(self.words.products, self.places, pattern, self.real, self.where)
            if found:
                groups.setdefault(tuple(each.structure() for each in found), []).append((pattern.rows, found))
        return [self._part(group, tag) for group in groups.values()]

    def _part(self, group: list[tuple[NDArray[np.int64], list[Contribution]]], tag: str | None) -> Part:
        rows = np.concatenate([rows for rows, _ in group])
        by_row = np.argsort(rows, kind="stable")
        writer = _Columns(self.iterator, self.table[rows[by_row]], self.positions, self.space, rows[by_row])
        made = []
        for place, each in enumerate(group[0][1]):
            signs = [found[place].sign for _, found in group]
            if len(set(signs)) == 2:
                per_row = np.concatenate([np.full(len(r), s) for (r, _), s in zip(group, signs, strict=True)])
                made.append(attrs.evolve(each, table=each.table * each.sign))
                writer.row_signs[id(made[-1])] = per_row[by_row]
            else:
                made.append(each)
        sites = list(self.sites.values())
        names = Names(lambda slot: _value(sites[slot]), lambda slot: sites[slot], writer.signs)
        written = emissions(made, names, tag)
        return Part(rows[by_row], writer.added, tuple(written))


def _value(site: AmplitudeExpr) -> AmplitudeExpr:
    row = site.table[-1]
    return leaf("site", row.data[0]) if row.op == "index" else source_index(site)


class _Columns:
    """The signs of a part as columns: ±1 on each row, and masks of the modes that a Jordan-Wigner string counts."""

    def __init__(
        self,
        iterator: KBodyIteratorSpec,
        table: NDArray[np.int32],
        positions: Positions | None,
        space: SpaceView,
        rows: NDArray[np.int64],
    ) -> None:
        self.known = {name: array[rows] for name, array in iterator.columns.items()}
        self.table, self.positions, self.space = table, positions, space
        self.added: dict[str, NDArray[Any]] = {}
        self.row_signs: dict[int, NDArray[Any]] = {}

    def signs(self, each: Contribution) -> list[AmplitudeExpr]:
        """The factors ±1 of a contribution; none where they are 1 on all rows."""
        per_row = self.row_signs.get(id(each))
        made = [] if per_row is None else [column(self._name("sign", per_row))]
        if each.motion.string is None or self.positions is None:
            return made
        mask = string_masks(self.table, each.motion.string.odd, each.motion.string.touched, self.positions)
        return [*made, self._parity(self._name("jordan_wigner", mask))] if mask.any() else made

    def _parity(self, name: str) -> AmplitudeExpr:
        if self.space.even and self.space.homogeneous:  # 0 and 1, or there would be no fermions
            return 1 - 2 * wrap_mod(dot(name))
        return (math.pi * dot(name)).cos()

    def _name(self, stem: str, array: NDArray[Any]) -> str:
        """The name of a column of these numbers: one that is there, or a new one."""
        columns = {**self.known, **self.added}
        for name, known in columns.items():
            if name.startswith(stem) and np.array_equal(known, array):
                return name
        name = (
            stem
            if stem not in columns
            else next(f"{stem}_{k}" for k in range(2, len(columns) + 3) if f"{stem}_{k}" not in columns)
        )
        self.added[name] = array.astype(np.int64)
        return name
