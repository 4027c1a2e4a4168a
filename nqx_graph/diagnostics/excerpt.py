"""The offending line, as the text of the IR shows it, and the part of it that a diagnostic is about."""

from __future__ import annotations

from nqx_graph.diagnostics.patterns import Pattern
from nqx_graph.ir.expr import AmplitudeExpr, PredicateExpr
from nqx_graph.ir.stored import Expr
from nqx_graph.ir.table import SIGNATURES, Row
from nqx_graph.ir.text import emission_lines, term_lines
from nqx_graph.ir.types import SymbolicIRTerm
from nqx_graph.ranges.lines import Key

_WIDEST = 160  # a longer line is cut to what is around the part

Span = tuple[int, int]


def excerpt(
    term: SymbolicIRTerm, position: int, field: str, emission: int | None, part: str
) -> tuple[str, Span | None]:
    """A line of the text of a term, without indentation, and a span of it.

    Args:
        term: as it was written.
        position: its number in the operator.
        field: the word that the line starts with.
        emission: the emission that the line belongs to; None for a line of the term itself.
        part: what is found in the line; all of it where this is empty or is not there.
    """
    found = term_lines(position, term) if emission is None else emission_lines(emission, term.emissions[emission])
    line = next((text.strip() for text in found if text.strip().startswith(field)), "")
    if not line:
        return "", None
    start = line.find(part) if part else -1
    if start < 0:
        start = len(line) - len(line.partition(":")[2].lstrip()) if ":" in line[:-1] else 0
        part = line[start:]
    return _cut(line, start, start + len(part))


def part_of(expr: Expr, line: int) -> Expr:
    """The expression that a line of a table is, with all that it is made of, the insides of site numbers included."""
    rows, found, pending = expr.table, {line}, [line]
    while pending:
        new = [arg for arg in rows[pending.pop()].args if arg not in found]
        found.update(new)
        pending += new
    kept = sorted(found)
    place = {old: new for new, old in enumerate(kept)}
    table = tuple(Row(rows[k].op, tuple(place[arg] for arg in rows[k].args), rows[k].data) for k in kept)
    kind = PredicateExpr if SIGNATURES[rows[line].op][1] == "P" else AmplitudeExpr
    return kind.from_table(table)


def state_text(pattern: Pattern, state: int) -> str:
    """A joint state in words, each site by the first of its names."""
    names: dict[int, str] = {}
    for key, place in pattern.names.items():
        names.setdefault(place, site_text(key))
    return ", ".join(f"{name} = {pattern.states[place][state]}" for place, name in names.items())


def site_text(key: Key) -> str:
    """What a site holds, as the text of the IR writes it."""
    return f"x[{AmplitudeExpr.from_table(key)!r}]"


def _cut(line: str, start: int, end: int) -> tuple[str, Span]:
    """A long line without what is far from the part; the word that it starts with stays."""
    if len(line) <= _WIDEST:
        return line, (start, end)
    low = max(0, min(start - 40, len(line) - _WIDEST))
    high = low + _WIDEST
    head = f"{line.partition(':')[0]}: ... " if low else ""
    shown = f"{head}{line[low:high]}{' ...' if high < len(line) else ''}"
    return shown, (start - low + len(head), min(end, high) - low + len(head))
