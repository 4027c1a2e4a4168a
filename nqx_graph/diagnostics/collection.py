"""All diagnostics of an operator: a sequence, found when it is first looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from textwrap import wrap
from typing import Any, Self, overload

from nqx_graph.diagnostics.diagnostic import Diagnostic, at_least
from nqx_graph.options import SEVERITIES

_COLOURS = {"info": "#2f6fab", "warning": "#b26a00", "error": "#b3261e"}
_WIDTH = 110


class Diagnostics(Sequence[Diagnostic]):
    """The diagnostics of an operator that are at least ``min_severity``, the worst first.

    ``print`` shows a paragraph each, a notebook the same with the offending part marked; ``at_least("info")`` has those
    that are not shown as well.

    Args:
        found: the diagnostics, or what finds them when they are first asked for.
        min_severity: the least severe that this sequence has.
    """

    def __init__(
        self, found: Iterable[Diagnostic] | Callable[[], Iterable[Diagnostic]], min_severity: str = "warning"
    ) -> None:
        self._found, self.min_severity = found, min_severity
        self._all: tuple[Diagnostic, ...] | None = None
        self._items: tuple[Diagnostic, ...] | None = None

    @property
    def everything(self) -> tuple[Diagnostic, ...]:
        """Those below ``min_severity`` too."""
        if self._all is None:
            found = self._found() if callable(self._found) else self._found
            self._all = tuple(sorted(found, key=lambda one: (-SEVERITIES.index(one.severity), one.code)))
            self._found = self._all  # the operator is not needed again
        return self._all

    @property
    def items(self) -> tuple[Diagnostic, ...]:
        """The diagnostics as a tuple."""
        if self._items is None:
            self._items = tuple(one for one in self.everything if at_least(one.severity, self.min_severity))
        return self._items

    def at_least(self, severity: str) -> Self:
        """The diagnostics of that severity and worse."""
        return type(self)(self.everything, severity)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes that occur, each once, sorted."""
        return tuple(sorted({one.code for one in self.items}))

    @property
    def summary(self) -> str:
        """How many there are of each severity, in words."""
        counts = [sum(one.severity == severity for one in self.items) for severity in reversed(SEVERITIES)]
        parts = [_many(n, severity) for n, severity in zip(counts, reversed(SEVERITIES), strict=True) if n]
        hidden = len(self.everything) - len(self.items)
        return (", ".join(parts) or "none") + (f" ({hidden} below {self.min_severity!r} not shown)" if hidden else "")

    @overload
    def __getitem__(self, index: int) -> Diagnostic: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Diagnostic, ...]: ...
    def __getitem__(self, index: int | slice) -> Diagnostic | tuple[Diagnostic, ...]:
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Diagnostics) and (self.everything, self.min_severity) == (
            other.everything,
            other.min_severity,
        )

    __hash__ = None  # type: ignore[assignment]  # compared by what it holds, which is found late

    def __reduce__(self) -> tuple[Any, ...]:
        return Diagnostics, (self.everything, self.min_severity)

    def __repr__(self) -> str:
        return f"<Diagnostics: {self.summary}>"

    def __str__(self) -> str:
        return "\n\n".join([f"diagnostics: {self.summary}", *map(_paragraph, self.items)])

    def _repr_html_(self) -> str:
        rows = "".join(map(_html_row, self.items))
        head = "<tr><th>code</th><th>where</th><th style='text-align:left'>what, and the mend</th></tr>"
        return f"<p>diagnostics: {escape(self.summary)}</p>" + (f"<table>{head}{rows}</table>" if rows else "")


def _many(count: int, severity: str) -> str:
    return f"{count} {severity}{'s' if count > 1 and severity != 'info' else ''}"


def _paragraph(one: Diagnostic) -> str:
    head = f"{one.severity} {one.code} in {one.place}"
    body = wrap(f"{one.message} {one.hint}", _WIDTH, break_long_words=False, break_on_hyphens=False)
    shown = [f"  {text}" for text in one.caret().split("\n") if text]
    return "\n".join([head, *shown, *(f"  {text}" for text in body)])


def _html_row(one: Diagnostic) -> str:
    colour, line = _COLOURS[one.severity], escape(one.line)
    if one.span is not None and one.line:
        start, end = one.span
        parts = [escape(part) for part in (one.line[:start], one.line[start:end], one.line[end:])]
        line = f"{parts[0]}<mark>{parts[1]}</mark>{parts[2]}"
    shown = f"<pre style='margin:0;text-align:left'>{line}</pre>" if line else ""
    return (
        f"<tr><td style='color:{colour}'><b>{one.code}</b><br>{one.severity}</td><td>{escape(one.place)}</td>"
        f"<td style='text-align:left'>{shown}{escape(one.message)} <i>{escape(one.hint)}</i></td></tr>"
    )
