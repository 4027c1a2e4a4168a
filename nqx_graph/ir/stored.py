"""What an expression is as data: a flat table, or the nodes it is being written with."""

from __future__ import annotations

from typing import Any, Self

from nqx_graph.ir.table import Node, Row, check_rows, flatten, number_key, unflatten


class Expr:
    """What amplitudes and predicates share: storage as a flat table, pickling, comparison as data."""

    __slots__ = ("_encoded", "_node", "_table")
    _kind = ""
    _encoded: bytes | None  # what `nqx_graph.ir.encode` made of the table, once it did
    _node: Node | None
    _table: tuple[Row, ...] | None
    __hash__ = object.__hash__

    def __init__(self, node: Node) -> None:
        object.__setattr__(self, "_node", node)
        object.__setattr__(self, "_table", None)
        object.__setattr__(self, "_encoded", None)

    @classmethod
    def from_table(cls, rows: tuple[Row, ...]) -> Self:
        """The expression that a table stores.

        Raises:
            IRFormatError: if the rows are not such a table.
        """
        check_rows(rows, cls._kind)
        return cls._trusted(rows)

    @classmethod
    def _trusted(cls, rows: tuple[Row, ...]) -> Self:
        made = cls.__new__(cls)
        object.__setattr__(made, "_node", None)
        object.__setattr__(made, "_table", rows)
        object.__setattr__(made, "_encoded", None)
        return made

    @property
    def table(self) -> tuple[Row, ...]:
        """The flat post-order table: arguments before users, equal nodes once, the root last."""
        if self._table is None:
            assert self._node is not None
            object.__setattr__(self, "_table", flatten(self._node))
        assert self._table is not None
        return self._table

    @property
    def node(self) -> Node:
        """The root, to build on."""
        if self._node is None:
            assert self._table is not None
            object.__setattr__(self, "_node", unflatten(self._table))
        assert self._node is not None
        return self._node

    def sealed(self) -> Self:
        """The same expression holding its table only."""
        return self._trusted(self.table)

    def same_as(self, other: object) -> bool:
        """Whether both are the same expression as data: same operations, names, and numbers to the bit."""
        return type(other) is type(self) and isinstance(other, Expr) and _table_key(self) == _table_key(other)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"an expression cannot change; {name!r} was to be set")

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickle, (type(self), tuple((row.op, row.args, row.data) for row in self.table))

    def __repr__(self) -> str:
        from nqx_graph.ir.text import expression_text

        return expression_text(self)


def _table_key(expr: Expr) -> tuple[Any, ...]:
    return tuple((row.op, row.args, tuple(map(number_key, row.data))) for row in expr.table)


def _unpickle(cls: type[Expr], rows: tuple[tuple[str, tuple[int, ...], tuple[Any, ...]], ...]) -> Expr:
    return cls.from_table(tuple(Row(*row) for row in rows))
