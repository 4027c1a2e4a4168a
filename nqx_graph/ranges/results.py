"""What an analysis of a term says: of its expressions, of its emissions, of itself."""

from __future__ import annotations

from typing import Any

import attrs

from nqx_graph.ranges.lines import Truth
from nqx_graph.ranges.values import Value


@attrs.frozen(eq=False)
class ExprRanges:
    """The value or truth of every line of an expression, and how many bits hold its whole numbers (32, 64 or 128)."""

    lines: tuple[Value | Truth, ...]
    width: int

    @property
    def root(self) -> Any:
        """The value or truth of the whole."""
        return self.lines[-1]

    @property
    def always(self) -> bool:
        """Whether a predicate is proved to be true."""
        return isinstance(self.root, Truth) and not self.root.false

    @property
    def never(self) -> bool:
        """Whether a predicate is proved to be false."""
        return isinstance(self.root, Truth) and not self.root.true


@attrs.frozen(eq=False)
class EmissionRanges:
    """What is known of one emission where its branch is there.

    ``never`` says that it never is. ``leaves`` is False only where every x' stays in the local states; ``written`` are the
    values at the sites that are written. ``updates`` are the ranges of the update's expressions in the order of
    `nqx_graph.ir.types.update_expressions`; ``update_width`` bits hold every value of x' on the way. ``always_leaves`` says
    that no x' stays in the local states.
    """

    predicate: ExprRanges
    amplitude: ExprRanges
    updates: tuple[ExprRanges, ...]
    never: bool
    leaves: bool
    written: tuple[Value, ...]
    update_width: int
    always_leaves: bool


@attrs.frozen(eq=False)
class TermRanges:
    """Ranges of a term, emission by emission."""

    predicate: ExprRanges
    emissions: tuple[EmissionRanges, ...]
