"""One diagnostic: what is wrong where, and the mend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from nqx_graph.ir.frozen import FrozenDict
from nqx_graph.options import SEVERITIES


def at_least(severity: str, least: str) -> bool:
    """Whether a severity is that one or worse."""
    return SEVERITIES.index(severity) >= SEVERITIES.index(least)


@attrs.frozen
class Diagnostic:
    """A finding about an operator.

    Args:
        code: such as ``"NQX003"``; each has a section in the reference.
        severity: ``"info"``, ``"warning"`` or ``"error"``.
        message: what was found, a finished sentence.
        hint: the mend, a finished sentence.
        term: the name of the term, None where the finding is about the whole operator.
        position: where that term stands in the operator.
        emission: the number of the emission in its term; None where it is about the whole term.
        tag: that of the emission.
        row: the number of an index row that shows it.
        terms: how many terms it holds of that differ in nothing but index rows, names and constants; this is the first.
        line: the offending line, as ``print(operator.to_ir())`` shows it.
        span: where in that line, from and to.
        facts: what the sentence was made of.
    """

    code: str
    severity: str = attrs.field(validator=attrs.validators.in_(SEVERITIES))
    message: str
    hint: str
    term: str | None = None
    position: int | None = None
    emission: int | None = None
    tag: str | None = None
    row: int | None = None
    terms: int = 1
    line: str = ""
    span: tuple[int, int] | None = None
    facts: Mapping[str, Any] = attrs.field(factory=FrozenDict, converter=FrozenDict, eq=False, repr=False)

    @property
    def docs(self) -> str:
        """Where the reference explains it: a page of the documentation with the anchor of the code."""
        return f"reference/diagnostics.html#{self.code.lower()}"

    @property
    def place(self) -> str:
        """The term and emission in words."""
        if self.term is None:
            return "the operator"
        emission = "" if self.emission is None else f", emission #{self.emission}"
        tag = "" if self.tag is None else f" ({self.tag!r})"
        row = "" if self.row is None else f", row {self.row}"
        more = "" if self.terms == 1 else f" and {self.terms - 1} more"
        return f"term #{self.position} {self.term!r}{emission}{tag}{row}{more}"

    def caret(self) -> str:
        """The offending line with the part that it is about underlined; empty where no line shows it."""
        if not self.line or self.span is None:
            return self.line
        start, end = self.span
        return f"{self.line}\n{' ' * start}{'^' * max(1, end - start)}"

    def __str__(self) -> str:
        shown = "".join(f"\n    {text}" for text in self.caret().split("\n") if text)
        return f"{self.severity} {self.code} in {self.place}: {self.message} {self.hint}{shown}"
