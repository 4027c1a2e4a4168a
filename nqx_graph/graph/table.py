"""Aligned columns of text, and numbers as a person reads them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from textwrap import fill
from typing import Any

UNSIZED = "1 value"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> str:
    """Rows under a head, each column as wide as its widest cell; ``right`` lists the columns that end flush.

    A cell may hold several lines; see :func:`wrapped`.
    """
    lines = [
        tuple(head),
        *(line for row in rows for line in zip_longest(*(cell.split("\n") for cell in row), fillvalue="")),
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    lines.insert(1, tuple("-" * width for width in widths))
    flush = set(right)

    def cells(line: Sequence[str]) -> Iterable[str]:
        for column, (cell, width) in enumerate(zip(line, widths, strict=True)):
            yield cell.rjust(width) if column in flush else cell.ljust(width)

    return "\n".join("  ".join(cells(line)).rstrip() for line in lines)


def wrapped(names: Iterable[str], width: int) -> str:
    """Names separated by commas, on as many lines as a column of that width asks for."""
    return "\n".join(fill(", ".join(names), width, break_long_words=False, break_on_hyphens=False).split("\n"))


def shortened(value: Any, width: int = 24) -> str:
    """A value as text, cut where it is long: the whole is in the report's data."""
    text = str(value)
    return text if len(text) <= width else f"{text[: width // 2]}..."


def time_text(nanoseconds: int) -> str:
    """A time to three digits, in the unit that suits it."""
    for unit, size in (("s", 10**9), ("ms", 10**6), ("µs", 10**3)):
        if nanoseconds >= size:
            return (
                f"{nanoseconds / size:.3g} {unit}" if nanoseconds < 999.5 * size else f"{nanoseconds / size:.0f} {unit}"
            )
    return f"{nanoseconds} ns"


def size_text(value: Any) -> str:
    """How large a value is, asked of the value itself: bytes of data, length, or just that there is one."""
    try:
        if isinstance(getattr(value, "nbytes", None), int):
            return f"{value.nbytes} B"
        if isinstance(value, bytes | bytearray):
            return f"{len(value)} B"
        count = len(value)
    except Exception:
        # A value may refuse to be measured, like an array whose buffer was given away.
        return UNSIZED
    noun = "character" if isinstance(value, str) else "item"
    return f"{count} {noun}{'s' if count != 1 else ''}"


def json_safe(value: Any) -> Any:
    """The value in terms of JSON; what JSON cannot say becomes its ``repr``."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if abs(value) < float("inf") else repr(value)
    if isinstance(value, dict):
        return {str(key): json_safe(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_safe(item) for item in value]
    return repr(value)
