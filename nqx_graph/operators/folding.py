"""Expressions of predicates and updates, written in the shortest form that is the same number.

Only what is exact is folded: whole numbers, truths, and ``a · x[j] + b`` with whole ``a`` and ``b``. Amplitudes are
computed in the operator's dtype, where the same steps may round, and are left as they are.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import attrs

from nqx_graph.ir.table import COMPARISONS, Node, number_key
from nqx_graph.space import SpaceView

MOST_STATES = 256
_LIMIT = 2**62
TRUE, FALSE = Node("truth", (), (True,)), Node("truth", (), (False,))
_WHOLE: dict[str, Callable[..., int]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "neg": operator.neg,
    "abs": abs,
}
_MIRRORED = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le", "eq": "eq", "ne": "ne"}


def constant(number: int | float | complex) -> Node:
    """A number as an expression."""
    return Node("const", (), (number,))


def whole(node: Node) -> int | None:
    """The whole number that a node is, where it is one."""
    return node.data[0] if node.op == "const" and type(node.data[0]) is int else None


@attrs.frozen(eq=False)
class Line:
    """a · read + b; ``read`` is None where a is 0."""

    read: Node | None
    a: int
    b: int

    def node(self) -> Node:
        """The line as an expression."""
        if self.read is None:
            return constant(self.b)
        scaled = self.read if self.a == 1 else Node("mul", (self.read, constant(self.a)))
        return scaled if self.b == 0 else Node("add", (scaled, constant(self.b)))


class Folder:
    """Writes nodes over the local states of one space."""

    def __init__(self, space: SpaceView) -> None:
        self.space = space
        self.states = common_states(space) or ()
        self.wraps = bool(self.states) and space.even
        self.span = int(space.step[0]) * len(self.states)

    def node(self, op: str, args: tuple[Node, ...], data: tuple[Any, ...] = ()) -> Node:
        """The operation on expressions that are folded already."""
        numbers = [whole(arg) for arg in args]
        if op in COMPARISONS:
            return self._comparison(op, args[0], args[1])
        if op in _WHOLE and all(number is not None for number in numbers):
            made = _WHOLE[op](*numbers)
            return constant(made) if abs(made) < _LIMIT else Node(op, args, data)
        if op in ("and", "or", "not"):
            return _logic(op, args)
        if op == "wrap_mod" and numbers[0] is not None and self.wraps:
            return constant((numbers[0] - self.states[0]) % self.span + self.states[0])
        if op == "select" and args[0].op == "truth":
            return args[1] if args[0].data[0] else args[2]
        if op == "select" and same(args[1], args[2]):
            return args[1]
        made_line = self._combined(op, args)
        return Node(op, args, data) if made_line is None else made_line.node()

    def line(self, node: Node) -> Line | None:
        """The node as a · read + b, where it is written so."""
        number = whole(node)
        if number is not None:
            return Line(None, 0, number)
        if not self.space.integer:
            return None
        if node.op in ("site", "source"):
            return Line(node, 1, 0)
        if node.op == "mul" and node.args[0].op in ("site", "source"):
            a = whole(node.args[1])
            return None if a is None else Line(node.args[0], a, 0)
        if node.op == "add" and (b := whole(node.args[1])) is not None:
            inner = self.line(node.args[0]) if node.args[0].op in ("site", "source", "mul") else None
            return None if inner is None or inner.read is None else Line(inner.read, inner.a, b)
        return None

    def _combined(self, op: str, args: tuple[Node, ...]) -> Line | None:
        if op not in ("add", "sub", "mul", "neg"):
            return None
        lines = [self.line(arg) for arg in args]
        if any(line is None for line in lines):
            return None
        made = _combined(op, *[line for line in lines if line is not None])
        return None if made is None or max(abs(made.a), abs(made.b)) >= _LIMIT else made

    def _comparison(self, op: str, left: Node, right: Node) -> Node:
        if whole(left) is not None and whole(right) is None:
            op, left, right = _MIRRORED[op], right, left
        number, line = whole(right), self.line(left)
        if number is None or line is None:
            return Node(op, (left, right))
        if line.read is None:
            return TRUE if getattr(operator, op)(line.b, number) else FALSE
        if line.a == -1:
            op, line, number = _MIRRORED[op], Line(line.read, 1, -line.b), -number
        if line.a == 1:
            left, number = line.read or left, number - line.b
            line = Line(left, 1, 0)
        if self.states:
            found = {bool(getattr(operator, op)(line.a * state + line.b, number)) for state in self.states}
            if len(found) == 1:
                return TRUE if found.pop() else FALSE
        return Node(op, (left, constant(number)))


def common_states(space: SpaceView) -> tuple[int, ...] | None:
    """The local states of every site, where all sites have the same few whole ones."""
    if not (space.homogeneous and space.integer) or not 0 < space.count[0] <= MOST_STATES:
        return None
    if space.table is not None:
        return tuple(sorted({int(state) for state in space.table[0]}))
    return tuple(int(space.low[0] + space.step[0] * k) for k in range(int(space.count[0])))


def same(a: Node, b: Node) -> bool:
    """Whether two short expressions are written the same; of long ones only whether they are one object."""
    if a is b:
        return True
    if a.op != b.op or len(a.args) != len(b.args) or list(map(number_key, a.data)) != list(map(number_key, b.data)):
        return False
    return all(p is q or (not p.args and same(p, q)) for p, q in zip(a.args, b.args, strict=True))


def _combined(op: str, left: Line, right: Line | None = None) -> Line | None:
    if op == "neg" or right is None:
        return Line(left.read, -left.a, -left.b)
    if op == "mul":
        if left.read is not None and right.read is not None:
            return None
        line, factor = (left, right.b) if left.read is not None else (right, left.b)
        return Line(line.read if factor else None, factor * line.a, factor * line.b)
    if left.read is not None and right.read is not None and not same(left.read, right.read):
        return None
    sign = 1 if op == "add" else -1
    a = left.a + sign * right.a
    return Line((left.read or right.read) if a else None, a, left.b + sign * right.b)


def _logic(op: str, args: tuple[Node, ...]) -> Node:
    if op == "not":
        if args[0].op == "truth":
            return FALSE if args[0].data[0] else TRUE
        return args[0].args[0] if args[0].op == "not" else Node("not", args)
    left, right = args
    absorbing = op == "or"  # True or p, False and p
    for one, other in ((left, right), (right, left)):
        if one.op == "truth":
            return one if one.data[0] == absorbing else other
    return left if same(left, right) else Node(op, args)
