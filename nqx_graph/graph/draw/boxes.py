"""The box of a stage: what is written in it, word by word, measured without a font."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Literal

import attrs

from nqx_graph.graph.draw.picture import Node, Picture

Style = Literal["name", "word", "input", "target", "key", "note", "alarm"]

NAME_SIZE, SIZE = 13, 11
LINE = 18
PAD = 10
_CHIP = 5  # the room on each side of a word, which the outline of an input or a target takes
_ROOM = 300  # how wide the words of a box get before they wrap
# The advance of the fixed-width fonts is 0.55 to 0.602 of their size; the rest is for what we have not met.
_ADVANCE = 0.615


def width_of(text: str, size: float = SIZE) -> float:
    """How wide a text is in a fixed-width font."""
    cells = sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )
    return cells * size * _ADVANCE


@attrs.frozen
class Word:
    """A text at its place: ``x`` is its left end, ``y`` its baseline."""

    text: str
    x: float
    y: float
    style: Style = "word"
    size: float = SIZE

    @property
    def width(self) -> float:
        """The room it takes to the right of ``x``."""
        return width_of(self.text, self.size)

    def moved(self, dx: float, dy: float) -> Word:
        """The word elsewhere."""
        return attrs.evolve(self, x=self.x + dx, y=self.y + dy)


@attrs.frozen
class Box:
    """A stage as a rectangle with words, whose places count from its top left corner."""

    node: Node
    width: float
    height: float
    words: tuple[Word, ...]

    def widened(self, width: float) -> Box:
        """The box at least this wide; what stands at its right end stays there."""
        if width <= self.width:
            return self
        words = (word.moved(width - self.width, 0) if word.style == "note" else word for word in self.words)
        return attrs.evolve(self, width=width, words=tuple(words))


def box_of(node: Node, picture: Picture) -> Box:
    """Measure a stage: its name and a note, then its status, then what it reads and writes."""
    note = _note(node, picture)
    name_width = width_of(node.name, NAME_SIZE) + (18 if node.state == "failed" else 0)
    inner = max(name_width + (16 + width_of(note) if note else 0), 120)
    lines = list(_lines(node, picture))
    column = max((width_of(key) for key, _ in lines), default=0) + 12
    room = max(inner, _ROOM)
    words: list[Word] = []
    y = PAD + 10.0
    for key, entries in lines:
        y += LINE
        words.append(Word(key, PAD, y, "key"))
        placed, y = _wrapped(entries, PAD + column, y, PAD + room)
        words += placed
    inner = max([inner, *(word.x + word.width + _CHIP - PAD for word in words)])
    head = [Word(node.name, PAD + name_width - width_of(node.name, NAME_SIZE), PAD + 10, "name", NAME_SIZE)]
    if note:
        head.append(Word(note, PAD + inner - width_of(note), PAD + 10, "note"))
    return Box(node, inner + 2 * PAD, y + PAD, (*head, *words))


def chips(entries: Iterable[tuple[str, Style]], x: float, y: float, right: float) -> tuple[list[Word], float]:
    """Words in outlines, on as many lines as it takes; the baseline of the last line as well."""
    return _wrapped(entries, x, y, right)


def _note(node: Node, picture: Picture) -> str:
    kept = node.note if node.status is None or node.note == "gate" else ""
    return " · ".join(word for word in (kept, picture.time_text(node)) if word)


def _lines(node: Node, picture: Picture) -> Iterator[tuple[str, list[tuple[str, Style]]]]:
    if node.remark:
        style: Style = "alarm" if node.state == "failed" else "word"
        yield "status", [(word, style) for word in node.remark.split()]
    if node.reason:
        yield "reason", [(word, "word") for word in node.reason.split()]
    if node.reads:
        yield "reads", [(name, "input" if name in picture.inputs else "word") for name in node.reads]
    if node.covers:
        yield "covers", [(name, "input" if name in picture.inputs else "word") for name in node.covers]
    if node.writes:
        yield "writes", [(name, "target" if name in picture.targets else "word") for name in node.writes]
    if node.supplies:
        yield (
            "supplies",
            [
                (node.supplies, "target" if node.supplies in picture.targets else "word"),
                ("on", "word"),
                ("a", "word"),
                ("hit", "word"),
            ],
        )


def _wrapped(entries: Iterable[tuple[str, Style]], left: float, y: float, right: float) -> tuple[list[Word], float]:
    words: list[Word] = []
    x = left
    for text, style in entries:
        room = _CHIP if style in ("input", "target") else 0
        end = x + width_of(text) + 2 * room
        if end > right and x > left:
            x, y = left, y + LINE
            end = x + width_of(text) + 2 * room
        words.append(Word(text, x + room, y, style))
        x = end + (6 if room else 7)
    return words, y
