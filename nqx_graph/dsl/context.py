"""What an amplitude or predicate given as a function of a context may use."""

from __future__ import annotations

from typing import Any

import attrs

from nqx_graph.dsl import selectors
from nqx_graph.errors import LabelError, nearest
from nqx_graph.ir.expr import AmplitudeExpr
from nqx_graph.ir.types import KBodyIteratorSpec


@attrs.frozen(eq=False)
class ExpressionContext:
    """The names bound where an expression stands; ``emit(amplitude=lambda ctx: ctx.site("i").value)`` is given one."""

    iterator: KBodyIteratorSpec
    hilbert_size: int

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the term."""
        return self.iterator.labels

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the term's columns."""
        return tuple(self.iterator.columns)

    def site(self, label: str) -> selectors.SiteSelector:
        """The labelled site of the source configuration."""
        return selectors.site(self._bound(label))

    def emitted(self, label: str) -> selectors.EmittedSelector:
        """The labelled site of the emitted configuration."""
        return selectors.emitted(self._bound(label))

    def _bound(self, label: str) -> str:
        if label not in self.labels:
            raise LabelError(
                f"the label {label!r} is not bound here; bound are {self.labels}." + nearest(label, self.labels)
            )
        return label

    def symbol(self, name: str, default: Any = None, doc: str = "") -> AmplitudeExpr:
        """A free parameter."""
        return selectors.symbol(name, default, doc)

    def column(self, name: str) -> AmplitudeExpr:
        """The number of a column on this row."""
        return selectors.column(name)

    def dot(self, name: str) -> AmplitudeExpr:
        """Σₖ m[row, k]·x[k]."""
        return selectors.dot(name)

    def prod(self, name: str) -> AmplitudeExpr:
        """Πₖ x[k]^m[row, k]."""
        return selectors.prod(name)

    def source_index(self, k: Any) -> AmplitudeExpr:
        """x at the flat site k."""
        return selectors.source_index(k)

    def target_index(self, k: Any) -> AmplitudeExpr:
        """x' at the flat site k."""
        return selectors.target_index(k)

    def where(self, predicate: Any, a: Any, b: Any) -> AmplitudeExpr:
        """``a`` where the predicate holds, else ``b``."""
        return selectors.where(predicate, a, b)

    def wrap_mod(self, value: Any) -> AmplitudeExpr:
        """``value`` wrapped into the local states."""
        return selectors.wrap_mod(value)
