"""Ranges of an operator: one analysis for all terms of one shape, and what can never be right."""

from __future__ import annotations

import attrs

from nqx_graph.errors import DefinitionError, NqxError
from nqx_graph.ir.merging import Merged, every_shape
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.ranges.refusals import lost
from nqx_graph.ranges.results import TermRanges
from nqx_graph.ranges.terms import term_ranges
from nqx_graph.space import SpaceView


@attrs.frozen(eq=False)
class OperatorRanges:
    """The ranges of every shape of term, in order of the first term of it, and what is refused."""

    shapes: tuple[TermRanges, ...]
    refusals: tuple[NqxError, ...]

    @property
    def proved(self) -> int:
        """How many emissions cannot leave the local states."""
        return sum(not emission.leaves for term in self.shapes for emission in term.emissions)

    @property
    def guarded(self) -> int:
        """How many emissions are tested when the kernel runs."""
        return sum(emission.leaves for term in self.shapes for emission in term.emissions)

    @property
    def width(self) -> int:
        """How many bits hold every whole number of predicates and updates."""
        parts = [part for term in self.shapes for part in (term.predicate, *(e.predicate for e in term.emissions))]
        widths = [part.width for part in parts]
        widths += [emission.update_width for term in self.shapes for emission in term.emissions]
        return max(widths, default=32)


def operator_ranges(ir: SymbolicOperatorIR, space: SpaceView) -> OperatorRanges:
    """What the numbers of an operator may be."""
    shapes = every_shape(ir)
    ranges = tuple(term_ranges(merged.term, space, ir.dtype_str) for merged in shapes)
    return OperatorRanges(ranges, tuple(_refusals(ir, shapes, ranges)))


def _refusals(ir: SymbolicOperatorIR, shapes: list[Merged], ranges: tuple[TermRanges, ...]) -> list[NqxError]:
    """Amplitudes that are undefined wherever the branch is there."""
    found: list[NqxError] = []
    for merged, term in zip(shapes, ranges, strict=True):
        name = ir.terms[merged.positions[0]].name
        for number, (emission, own) in enumerate(zip(merged.term.emissions, term.emissions, strict=True)):
            if own.never:
                continue
            reason = lost(emission.amplitude.table, own.amplitude, ir.dtype_str)
            if reason is not None:
                mend = " give the operator a complex dtype," if "negative" in reason else ""
                found.append(
                    DefinitionError(
                        f"the amplitude of emission #{number} of term {name!r}, {emission.amplitude!r}, {reason} wherever the "
                        f"branch is there; it can never be right. Write another amplitude,{mend} or leave the emission out."
                    )
                )
    return found
