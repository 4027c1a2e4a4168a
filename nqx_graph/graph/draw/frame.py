"""What stands around the drawing: what goes in and comes out, what became of a call, and what the marks mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from nqx_graph.graph.draw import colours
from nqx_graph.graph.draw.boxes import LINE, NAME_SIZE, Style, Word, chips, width_of
from nqx_graph.graph.draw.picture import Picture
from nqx_graph.graph.table import shortened, time_text

_COLUMN = 64.0
_LEAST = 560.0


@attrs.frozen
class Sample:
    """A mark of the legend, in the look of what it explains."""

    x: float
    y: float
    look: Mapping[str, object]


@attrs.frozen
class Frame:
    """Words above and below a drawing; ``foot`` and ``samples`` count from its lower edge."""

    head: tuple[Word, ...]
    foot: tuple[Word, ...]
    samples: tuple[Sample, ...]
    width: float
    top: float
    bottom: float


def frame(picture: Picture, width: float) -> Frame:
    """The frame for a drawing of this width."""
    width = max(width, _LEAST)
    head: list[Word] = []
    y = 4.0
    if picture.outcome is not None:
        y += LINE / 2
        head.append(Word(f"{picture.outcome} · {time_text(picture.total_ns or 0)}", 0, y, "name", NAME_SIZE))
        y += 4
        if picture.error:
            y += LINE
            head.append(Word(shortened(picture.error, int(width / width_of("x"))), 0, y, "alarm"))
            y += 4
    rows: tuple[tuple[str, tuple[str, ...], Style], ...] = (
        ("inputs", picture.inputs, "input"),
        ("targets", picture.targets, "target"),
    )
    for word, names, style in rows:
        if names:
            y += LINE
            head.append(Word(word, 0, y, "key"))
            placed, y = chips([(name, style) for name in names], _COLUMN, y, width)
            head += placed
            y += 4
    if picture.unread:
        y += LINE
        head += [Word("unread", 0, y, "key"), Word(", ".join(picture.unread), _COLUMN, y)]
    foot, samples, bottom = _legend(picture, width)
    right = max((word.x + word.width for word in (*head, *foot)), default=0)
    return Frame(tuple(head), tuple(foot), tuple(samples), right, y + LINE, bottom)


def _marks(picture: Picture) -> Iterator[tuple[str, dict[str, object]]]:
    states = {node.state for node in picture.nodes}
    plain: dict[str, object] = {"stroke": colours.INK, "stroke_width": 1.1}
    for share in (0.02, 0.3, 1.0):
        yield f"{share:.0%} of the time", {"fill": colours.shade(share), **plain}
    dashed = {"fill": colours.PAPER, "stroke": colours.FAINT, "stroke_width": 1.1, "stroke_dasharray": "5 4"}
    if "skipped" in states:
        yield "skipped", dashed
    if "not reached" in states:
        yield "not reached", dashed
    if "failed" in states:
        yield "failed", {"fill": colours.PAPER, "stroke": colours.FAILED, "stroke_width": 3.5}


def _legend(picture: Picture, width: float) -> tuple[list[Word], list[Sample], float]:
    if picture.outcome is None:
        return [], [], 0
    words: list[Word] = []
    samples: list[Sample] = []
    x, y = 0.0, 34.0
    for text, look in _marks(picture):
        if x + 32 + width_of(text) > width and x:
            x, y = 0.0, y + LINE + 2
        samples.append(Sample(x, y - 11, look))
        words.append(Word(text, x + 32, y, "key"))
        x += 32 + width_of(text) + 20
    return words, samples, y + 4
