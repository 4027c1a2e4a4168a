"""x' as expressions of x: an update run on expressions, and what then becomes of expressions that read x'.

On rows on which the same sites coincide (`coincidence.patterns`) every read of x' is the value that one step wrote, or what
x holds there. ``dot`` and ``prod`` over x' part into the sites that were written, whose entries become columns, and the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nqx_graph.errors import DefinitionError
from nqx_graph.ir.stored import Expr
from nqx_graph.ir.table import Node, unflatten
from nqx_graph.ir.types import KBodyIteratorSpec, UpdateOp, UpdateProgram
from nqx_graph.operators.coincidence import Sites, key_of
from nqx_graph.operators.folding import Folder, constant
from nqx_graph.ranges.lines import Key, read_key
from nqx_graph.space import SpaceView

Adapt = Callable[[Node], Node]
_UNKNOWN = "unknown"  # stands for a value that no expression gives


class Moved:
    """x' after the steps that `run` was given, on the rows of ``iterator``, in expressions of x.

    ``columns`` are those of the iterator and those that were made on the way; ``values`` are what was written, by the
    number of its site on the first row.
    """

    def __init__(self, name: str, iterator: KBodyIteratorSpec, space: SpaceView, folder: Folder) -> None:
        self.name, self.space, self.folder = name, space, folder
        self.sites = Sites(iterator, space.size)
        self.columns: dict[str, NDArray[Any]] = dict(iterator.columns)
        self.derived = False
        self.values: dict[int, Node] = {}
        self.turned: NDArray[np.bool_] | None = None  # [M, N], the sites that flips turned
        self._keys: dict[int, Key] = {}
        self._over: dict[Any, Node] = {}

    def fresh(self) -> Moved:
        """x' = x, on the same rows."""
        return Moved(self.name, self.sites.iterator, self.space, self.folder)

    def run(self, program: UpdateProgram, value: Callable[[Any], Node] | None = None) -> None:
        """Go on with an update without conds; ``value`` makes a node of what it computes with."""
        read = value or self.plain
        for op in program.ops:
            self._step(op, read)

    def plain(self, expr: Expr) -> Node:
        """An expression of x, folded."""
        return rewritten(expr, read_of, read_of, lambda op, name: Node(op, (), (name,)), self.folder.node)

    def put(self, key: Key, value: Node) -> None:
        """Write a value."""
        number = self.sites.first(key)
        self.values[number] = value
        self._keys[number] = key

    def read(self, key: Key) -> Node:
        """What x' holds at a site."""
        number = self.sites.first(key)
        if number in self.values:
            value = self.values[number]
            if value.op == _UNKNOWN:
                raise self.refusal(value.data[0])
            return value
        own = read_of(key)
        if self.turned is None:
            return own
        self.derived = True  # the answer follows from what a column holds
        return self._other(own) if self.turned[0, number] else own

    def _step(self, op: UpdateOp, read: Callable[[Any], Node]) -> None:
        p = op.params
        if op.kind == "flip":
            return self._flip(p["column"])
        keys = [key_of(site) for site in (p["sites"] if "sites" in p else (p["site"],))]
        old = [self.read(key) for key in keys]
        if op.kind in ("swap", "permute"):
            new = [*old[1:], old[0]]
        elif op.kind == "scatter":
            new = [read(expr) for expr in p["values"]]
        elif op.kind == "write":
            new = [read(p["value"])]
        elif op.kind == "affine":
            scaled = self.folder.node("mul", (old[0], read(p["scale"])))
            new = [self.folder.node("add", (scaled, read(p["bias"])))]
        else:
            moved = self.folder.node("add", (old[0], read(p["delta"])))
            new = [moved if op.kind == "shift" else self._wrapped(moved)]
        for key, value in zip(keys, new, strict=True):
            self.put(key, value)
        return None

    def _wrapped(self, moved: Node) -> Node:
        if not (self.space.even and self.space.homogeneous):
            return Node(_UNKNOWN, (), ("shift_mod on sites with different local states",))
        inner = moved
        if moved.op == "add" and moved.args[0].op == "wrap_mod":
            inner = self.folder.node("add", (moved.args[0].args[0], moved.args[1]))
        return self.folder.node("wrap_mod", (inner,))

    def _other(self, value: Node) -> Node:
        """The other local state of a site."""
        if not (self.space.homogeneous and self.space.integer):
            raise self.refusal("flip on sites with different local states, or such that are no whole numbers")
        return self.folder.node("sub", (constant(int(2 * self.space.low[0] + self.space.step[0])), value))

    def _flip(self, name: str) -> None:
        mask = self.columns[name] == 1
        self.derived |= bool(self.values)
        for number, value in list(self.values.items()):
            if mask[0, number]:
                self.values[number] = self._other(value)
        self.turned = mask if self.turned is None else self.turned ^ mask

    def refusal(self, what: str) -> DefinitionError:
        """That what the term does cannot be followed."""
        return DefinitionError(
            f"term {self.name!r} has {what}, and what x' holds there is read by a product or an adjoint; that cannot be "
            "followed. Write it as a term of its own."
        )

    def over_sites(self, op: str, name: str, adapt: Adapt | None, join: Callable[..., Node]) -> Node:
        """``dot`` or ``prod`` of a column over x'.

        Args:
            op: which.
            name: the column.
            adapt: makes a written value fit to stand there; None where x' is the target and can be read.
            join: writes sums and products of the parts.
        """
        if not self.values and self.turned is None:
            return Node(op, (), (name,))
        key = (op, name, adapt)
        if key not in self._over:
            parts = self._dot(name, adapt) if op == "dot" else self._prod(name, adapt)
            made = parts[0]
            for part in parts[1:]:
                made = join("add" if op == "dot" else "mul", (made, part))
            self._over[key] = made
        return self._over[key]

    def _dot(self, name: str, adapt: Adapt | None) -> list[Node]:
        """Σ m x' = Σ over sites left alone m x + Σ turned m (L - x) + Σ written m · value, L = lowest + highest state."""
        column = _wide(self.columns[name])
        rest, every = self._rest(column), np.arange(len(column))
        parts: list[Node] = []
        if self.turned is not None:
            turned = np.where(self.turned, rest, 0)
            both = turned @ _wide(2 * self.space.low + self.space.step)
            rest = rest - 2 * turned
            parts += [self.column(both)] * bool(np.any(both))
        parts.insert(0, self.column(rest, "dot"))
        for number in self.values:
            entries = column[every, self.sites(self._keys[number])]
            if np.any(entries):
                parts.append(Node("mul", (self.column(entries), self._written(number, adapt))))
        return parts

    def _prod(self, name: str, adapt: Adapt | None) -> list[Node]:
        """Π x'^m; which of the written sites are in the mask is the same on every row."""
        column = self.columns[name]
        rest = self._rest(column)
        parts: list[Node] = []
        if self.turned is not None and np.any(self.turned & (rest == 1)):
            rest, parts = self._turned_product(rest, self.turned & (rest == 1))
        parts.insert(0, self.column(rest, "prod"))
        return parts + [self._written(number, adapt) for number in self.values if column[0, number] == 1]

    def _written(self, number: int, adapt: Adapt | None) -> Node:
        key = self._keys[number]
        return target_of(key) if adapt is None else adapt(self.read(key))

    def _turned_product(self, mask: NDArray[Any], turned: NDArray[np.bool_]) -> tuple[NDArray[Any], list[Node]]:
        """Π over turned sites of L - x: a sign where states are -1 and 1; where they are 0 and 1, whether all are 0."""
        states = self.folder.states
        if states == (-1, 1):
            return mask, [self.column(1 - 2 * (turned.sum(axis=1) % 2))]
        if states == (0, 1):
            total = self.column(turned.astype(np.int64), "dot")
            return np.where(turned, 0, mask), [
                Node("select", (Node("eq", (total, constant(0))), constant(1), constant(0)))
            ]
        raise self.refusal("flip on local states other than 0 and 1 or -1 and 1 under a prod")

    def _rest(self, column: NDArray[Any]) -> NDArray[Any]:
        """The column without the entries of written sites."""
        rest = np.array(column)
        for key in self._keys.values():
            rest[np.arange(len(rest)), self.sites(key)] = 0
        return rest

    def column(self, entries: NDArray[Any], read: str = "column") -> Node:
        """A read of new numbers per row; of one number that is the same on every row, the number."""
        self.derived = True
        if read == "column" and np.all(entries == entries[0]):
            return constant(entries[0].item())
        name = f"#c{len(self.columns)}"
        self.columns[name] = entries
        return Node(read, (), (name,))


def _wide(column: NDArray[Any]) -> NDArray[Any]:
    """Whole numbers as 64 bits, so that sums of them fit."""
    return column.astype(np.int64) if column.dtype.kind in "iu" else column


def read_of(key: Key) -> Node:
    """A read of a site in x."""
    if len(key) == 1 and key[0].op == "index":
        return Node("site", (), key[0].data)
    return Node("source", (unflatten(key),))


def target_of(key: Key) -> Node:
    """A read of a site in x'."""
    if len(key) == 1 and key[0].op == "index":
        return Node("emitted", (), key[0].data)
    return Node("target", (unflatten(key),))


def rewritten(
    expr: Expr,
    source: Callable[[Key], Node],
    target: Callable[[Key], Node],
    over_sites: Callable[[str, str], Node],
    join: Callable[..., Node] = Node,
) -> Node:
    """The expression with its reads of x, of x' and over all sites replaced."""
    made: list[Node] = []
    for row in expr.table:
        args = tuple(made[arg] for arg in row.args)
        if row.op in ("site", "source", "emitted", "target"):
            key = read_key(expr.table, row)
            assert key is not None
            made.append(source(key) if row.op in ("site", "source") else target(key))
        elif row.op in ("dot", "prod"):
            made.append(over_sites(row.op, row.data[0]))
        else:
            made.append(join(row.op, args, row.data))
    return made[-1]
