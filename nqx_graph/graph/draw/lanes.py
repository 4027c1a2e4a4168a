"""Lanes of a text drawing: each value is a vertical line from where it is written to where it is last read."""

from __future__ import annotations

import attrs

SOLID, IDLE, ORDER = "│", "╎", "┊"
_DASHES = {SOLID: "─", IDLE: "╌", ORDER: "┄"}


@attrs.define
class Lane:
    """One column while a value is alive.

    Attributes:
        key: what it carries.
        readers: who has still to read it.
        line: the character of the column.
    """

    key: tuple[str, ...]
    readers: set[str]
    line: str = SOLID


@attrs.define
class Lanes:
    """The columns, left to right; a free one is taken by the next value, so that one more stage moves few others."""

    columns: list[Lane | None] = attrs.field(factory=list)

    def open(self, lane: Lane) -> int:
        """Give a value the leftmost free column."""
        if None not in self.columns:
            self.columns.append(None)
        column = self.columns.index(None)
        self.columns[column] = lane
        return column

    def through(self) -> str:
        """A line in which nothing happens."""
        return "".join(f"{lane.line if lane else ' '} " for lane in self.columns)

    def birth(self, column: int, width: int) -> str:
        """The line on which a value enters its column, coming from the right."""
        lane = self.columns[column]
        assert lane is not None
        return self._across({column: "╭"}, width, _DASHES[lane.line])

    def read(self, reader: str, dash: str, width: int) -> str:
        """The line on which a stage reads, going to the right; what nobody else reads ends there."""
        marks = {}
        for column, lane in enumerate(self.columns):
            if lane and reader in lane.readers:
                lane.readers.discard(reader)
                marks[column] = "●" if lane.readers else "╰"
        if not marks:
            return self.through().ljust(width)
        line = self._across(marks, width, dash)
        for column, lane in enumerate(self.columns):
            if lane and not lane.readers:
                self.columns[column] = None
        return line

    def rule(self, width: int) -> str:
        """A double line across all columns."""
        return "".join("╪═" if lane else "══" for lane in self.columns).ljust(width, "═")

    def _across(self, marks: dict[int, str], width: int, dash: str) -> str:
        start = min(marks)
        line = ""
        for column, lane in enumerate(self.columns):
            if column < start:
                line += f"{lane.line if lane else ' '} "
            elif column in marks:
                # A corner on the way has a line on its left as well.
                line += ("┴" if column > start and marks[column] == "╰" else marks[column]) + dash
            else:
                line += ("┼" if lane else dash) + dash
        return line.ljust(width, dash)
