"""How many slots each term of an operator takes."""

from __future__ import annotations

from typing import Any, Final

from nqx_graph.errors import OptionTypeError
from nqx_graph.ir.types import SymbolicIRTerm, SymbolicOperatorIR
from nqx_graph.plotting.drawing import INK, axes, bars

MOST_TERMS: Final = 24


def plot_sizes(operator: Any, *, ax: Any = None) -> Any:
    """The slots of each term: index rows times emissions as an outline, filled as far as its fanout promises.

    Of more than 24 terms the largest are drawn, and the others as one.

    Args:
        operator: a symbolic or compiled operator, or the artifact of a compile. The title says how many slots a
            compiled one has in all, which are fewer where branches were merged.
        ax: the axes to draw into; those of a new figure where None.

    Returns:
        The axes. The widths of their first bars are the terms' branches, of the second ones their slots.

    Raises:
        OptionTypeError: for anything else. MissingPackageError: without matplotlib.
    """
    found = getattr(operator, "compiled_operator", operator)
    ir = found.to_ir() if hasattr(found, "to_ir") else getattr(found, "ir", None)
    if not isinstance(ir, SymbolicOperatorIR):
        raise OptionTypeError(f"plot_sizes takes an operator or the artifact of one; it was given {operator!r}.")
    lines = _lines(ir)
    labels, most, slots, notes = zip(*lines, strict=True)
    ax = axes(ax, 6.4, 0.9 + 0.3 * len(lines))
    outline = bars(ax, most, labels, facecolor="none", edgecolor=INK, linewidth=0.9)
    bars(ax, slots, labels, color="0.55")
    ax.bar_label(outline, notes, padding=4, fontsize=8)
    ax.margins(x=0.45)
    ax.set_xlim(left=0)
    ax.set_xlabel("slots of one configuration")
    ax.set_ylabel("term")
    ax.set_title(_title(ir, found), fontsize=10)
    return ax


def _lines(ir: SymbolicOperatorIR) -> list[tuple[str, int, int, str]]:
    """Label, branches, slots and note of every bar."""
    terms = list(enumerate(ir.terms))
    if len(terms) <= MOST_TERMS:
        return [_line(position, term) for position, term in terms]
    largest = sorted(terms, key=lambda pair: -pair[1].fanout)[: MOST_TERMS - 1]
    kept = {position for position, _ in largest}
    others = [term for position, term in terms if position not in kept]
    most, slots = sum(term.max_fanout for term in others), sum(term.fanout for term in others)
    return [*(_line(*pair) for pair in sorted(largest)), (f"{len(others)} others", most, slots, f"{slots}")]


def _line(position: int, term: SymbolicIRTerm) -> tuple[str, int, int, str]:
    rows, emissions = term.iterator.n_iter, len(term.emissions)
    note = f"{term.fanout}" + (f" promised of {term.max_fanout}" if term.fanout < term.max_fanout else "")
    note += f" ({rows} rows × {emissions} emissions)" if emissions > 1 else ""
    label = term.name if term.name == str(position) else f"{position}: {term.name}"
    return label, term.max_fanout, term.fanout, note


def _title(ir: SymbolicOperatorIR, operator: Any) -> str:
    slots = sum(term.fanout for term in ir.terms)
    made = getattr(operator, "max_conn_size", slots) if not hasattr(operator, "to_ir") else slots
    merged = f", merged from {slots}" if made != slots else ""
    return f"{ir.operator_name!r}: {made} slots{merged}"
