"""A term while it is being written, and the terms that it becomes."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.ir.expr import TRUE, PredicateExpr
from nqx_graph.ir.types import EmissionSpec, KBodyIteratorSpec, SymbolicIRTerm


@attrs.frozen(eq=False)
class Part:
    """What words are on some rows of a term: the numbers of the rows, columns over these rows, and emissions."""

    rows: NDArray[np.int64]
    columns: dict[str, NDArray[Any]]
    emissions: tuple[EmissionSpec, ...]

    def iterator(self, of: KBodyIteratorSpec) -> KBodyIteratorSpec:
        """The rows of the part, with the columns that they have and those that the part brings."""
        columns = {name: array[self.rows] for name, array in of.columns.items()}
        return KBodyIteratorSpec(of.labels, of.index_sets[self.rows], {**columns, **self.columns})


@attrs.define(eq=False)
class Draft:
    """A term while it is being written.

    ``otherwise`` is "all before were false" of the open emit_if chain; None where no chain is open. ``splits`` are emissions
    that words have on some of the rows only, with the rows as iterators of their own. ``has_words`` says that words were
    added, which may be zero on all rows.
    """

    name: str
    iterator: KBodyIteratorSpec
    predicate: PredicateExpr = TRUE
    emissions: list[EmissionSpec] = attrs.Factory(list)
    fanout: int | None = None
    otherwise: PredicateExpr | None = None
    splits: list[tuple[KBodyIteratorSpec, tuple[EmissionSpec, ...]]] = attrs.Factory(list)
    has_words: bool = False

    def take(self, part: Part) -> None:
        """Write down a part: into the term itself where it is on all rows, else beside it."""
        iterator = part.iterator(self.iterator)
        if iterator.n_iter == self.iterator.n_iter:
            self.iterator = iterator
            self.emissions += part.emissions
        else:
            self.splits.append((iterator, part.emissions))

    def terms(self) -> list[SymbolicIRTerm]:
        """The term, and one more for each split; all with the predicate and the promise of the term."""
        made = []
        if self.emissions or not self.has_words:
            made.append(SymbolicIRTerm(self.name, self.iterator, self.predicate, tuple(self.emissions), self.fanout))
        for number, (iterator, emissions) in enumerate(self.splits, 1):
            most = None if self.fanout is None else min(self.fanout, iterator.n_iter * len(emissions))
            made.append(SymbolicIRTerm(f"{self.name}.{number}", iterator, self.predicate, emissions, most))
        return made
