"""What must not happen in a drawing, found by comparing everything with everything."""

from __future__ import annotations

from itertools import combinations, pairwise

from nqx_graph.graph.draw.boxes import width_of
from nqx_graph.graph.draw.layout import TITLE, Layout, Rect
from nqx_graph.graph.draw.ports import CONTROL


def faults(placed: Layout) -> list[str]:
    """Every overlap, in words."""
    return [*_rectangles(placed), *_words(placed), *_crossed(placed), *_hidden(placed), *_cluster(placed)]


def meet(first: Rect, second: Rect) -> bool:
    """Whether two rectangles have more than an edge in common."""
    across = first.left < second.right - 0.01 and second.left < first.right - 0.01
    return across and first.top < second.bottom - 0.01 and second.top < first.bottom - 0.01


def _named(placed):
    found = [(f"box {box.node.name}", rect) for box, rect in placed.boxes]
    found += [(f"label {label.word.text!r}", label.rect) for label in placed.labels]
    if placed.title:
        word = placed.title
        found.append(("title", Rect(word.x, word.y - 10, word.x + width_of(TITLE), word.y + 3)))
    return found


def _rectangles(placed):
    for (name, first), (other, second) in combinations(_named(placed), 2):
        if meet(first, second):
            yield f"{name} and {other} overlap"
    for name, rect in _named(placed):
        if rect.left < -0.5 or rect.top < 0 or rect.right > placed.width + 0.5 or rect.bottom > placed.height:
            yield f"{name} is outside"


def _words(placed):
    for box, _ in placed.boxes:
        rects = [Rect(word.x, word.y - word.size + 1, word.x + word.width, word.y + 3) for word in box.words]
        for word, rect in zip(box.words, rects, strict=True):
            if rect.left < 0 or rect.right > box.width or rect.top < 0 or rect.bottom > box.height:
                yield f"{word.text!r} sticks out of {box.node.name}"
        for (word, first), (other, second) in combinations(zip(box.words, rects, strict=True), 2):
            if meet(first, second):
                yield f"{word.text!r} and {other.text!r} overlap in {box.node.name}"


def parts(line):
    """The straight parts of a line as thin rectangles."""
    for (x, y), (u, v) in pairwise(line.points):
        assert x == u or y == v, "lines are straight"
        yield Rect(min(x, u) - 0.5, min(y, v) - 0.5, max(x, u) + 0.5, max(y, v) + 0.5)


def _crossed(placed):
    for name, rect in _named(placed):
        for line in placed.lines:
            for part in parts(line):
                inner = Rect(part.left, part.top + 0.6, part.right, part.bottom - 0.6)
                if meet(rect, inner):
                    yield f"a line of net {line.net} runs through {name}"


def _hidden(placed):
    """Two nets whose lines lie on each other for more than a crossing."""
    lines = [(line.net, part) for line in placed.lines for part in parts(line)]
    for (net, first), (other, second) in combinations(lines, 2):
        if net != other and meet(first, second):
            width = min(first.right, second.right) - max(first.left, second.left)
            height = min(first.bottom, second.bottom) - max(first.top, second.top)
            if max(width, height) > 2:
                yield f"nets {net} and {other} share a line"


def _cluster(placed):
    if placed.cluster is None:
        return
    for box, rect in placed.boxes:
        inside = meet(rect, placed.cluster)
        if inside != box.node.gated:
            yield f"{box.node.name} is {'inside' if inside else 'outside'} the cluster"
    if not any(line.net == CONTROL for line in placed.lines):
        yield "no arrow from the gate"
