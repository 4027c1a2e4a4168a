"""How an expression is stored: a flat post-order table, shared nodes shared.

The whole grammar (``A`` an amplitude, ``P`` a predicate; the payload in brackets)::

    A = const[number] | site[label] | index[label] | emitted[label] | symbol[name, default, doc]
      | column[name] | dot[name] | prod[name] | source(A) | target(A) | wrap_mod(A)
      | neg(A) | abs(A) | conj(A) | sqrt(A) | exp(A) | log(A) | sin(A) | cos(A)
      | add(A, A) | sub(A, A) | mul(A, A) | div(A, A) | pow(A, A) | select(P, A, A)
      | call[name, version, code](A…)
    P = truth[bool] | eq(A, A) | ne(A, A) | lt(A, A) | le(A, A) | gt(A, A) | ge(A, A)
      | and(P, P) | or(P, P) | not(P)

``site`` is the value of the labelled site in the source x, ``emitted`` in x', ``index`` its flat number; ``source(k)``
and ``target(k)`` read x and x' at flat site k. ``call`` is a function that a user registered, see
`nqx_graph.ir.functions`; all other operations are in ``SIGNATURES``.
"""

from __future__ import annotations

import struct
from typing import Any

import attrs

from nqx_graph.errors import IRFormatError, nearest
from nqx_graph.ir.functions import CALL, known

LEAVES: dict[str, int] = {
    "const": 1,
    "site": 1,
    "index": 1,
    "emitted": 1,
    "symbol": 3,
    "column": 1,
    "dot": 1,
    "prod": 1,
}
UNARY = ("neg", "abs", "conj", "sqrt", "exp", "log", "sin", "cos")
BINARY = ("add", "sub", "mul", "div", "pow")
READS = ("source", "target")
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")

# op -> (kinds of its arguments, kind of its result, number of payload entries)
SIGNATURES: dict[str, tuple[str, str, int]] = {
    **{op: ("", "A", payload) for op, payload in LEAVES.items()},
    **dict.fromkeys((*UNARY, *READS, "wrap_mod"), ("A", "A", 0)),
    **dict.fromkeys(BINARY, ("AA", "A", 0)),
    "select": ("PAA", "A", 0),
    "truth": ("", "P", 1),
    **dict.fromkeys(COMPARISONS, ("AA", "P", 0)),
    "and": ("PP", "P", 0),
    "or": ("PP", "P", 0),
    "not": ("P", "P", 0),
}


@attrs.frozen(eq=False)
class Node:
    """One operation while an expression is being written; shared by reference."""

    op: str
    args: tuple[Node, ...] = ()
    data: tuple[Any, ...] = ()


@attrs.frozen
class Row:
    """One line of a table: the operation, the lines of its arguments, its payload."""

    op: str
    args: tuple[int, ...] = ()
    data: tuple[Any, ...] = ()


def number_key(value: Any) -> Any:
    """A key that tells 1, 1.0, True, 0.0 and -0.0 apart."""
    if isinstance(value, float):
        return "f", struct.pack("<d", value)
    if isinstance(value, complex):
        return "c", struct.pack("<dd", value.real, value.imag)
    return type(value).__name__, value


def flatten(root: Node) -> tuple[Row, ...]:
    """The table of an expression: arguments before their users, equal nodes once, the root last. Iterative."""
    rows: list[Row] = []
    line_of: dict[Any, int] = {}
    done: dict[int, int] = {}
    stack = [root]
    while stack:
        node = stack[-1]
        if id(node) in done:
            stack.pop()
            continue
        waiting = [arg for arg in reversed(node.args) if id(arg) not in done]
        if waiting:
            stack.extend(waiting)
            continue
        stack.pop()
        args = tuple([done[id(arg)] for arg in node.args])
        key = (node.op, args, tuple(map(number_key, node.data)))
        line = line_of.get(key)
        if line is None:
            line = line_of[key] = len(rows)
            rows.append(Row(node.op, args, node.data))
        done[id(node)] = line
    return tuple(rows)


def unflatten(rows: tuple[Row, ...]) -> Node:
    """The root of a table, to go on writing with."""
    return every_node(rows)[-1]


def every_node(rows: tuple[Row, ...]) -> list[Node]:
    """The node of every line of a table."""
    nodes: list[Node] = []
    for row in rows:
        nodes.append(Node(row.op, tuple(nodes[arg] for arg in row.args), row.data))
    return nodes


def reachable(rows: tuple[Row, ...], roots: set[int], *, reads: bool = False) -> set[int]:
    """The given lines and all that they are made of; the insides of site numbers with ``reads`` only."""
    found, pending = set(roots), list(roots)
    while pending:
        row = rows[pending.pop()]
        needed = [arg for arg in row.args if arg not in found and (reads or row.op not in READS)]
        found.update(needed)
        pending.extend(needed)
    return found


def cone(rows: tuple[Row, ...], root: int) -> tuple[Row, ...]:
    """The table of one line, with what it is made of."""
    lines = sorted(reachable(rows, {root}, reads=True))
    place = {line: position for position, line in enumerate(lines)}
    return tuple(Row(rows[line].op, tuple(place[arg] for arg in rows[line].args), rows[line].data) for line in lines)


def check_rows(rows: tuple[Row, ...], kind: str) -> None:
    """Refuse rows that are not a table of the grammar above ending in ``kind`` ("A" or "P").

    Raises:
        IRFormatError: naming the line and what is wrong with it.
    """
    kinds: list[str] = []
    for line, row in enumerate(rows):
        if row.op not in SIGNATURES and row.op != CALL:
            raise IRFormatError(
                f"line {line} of an expression has the unknown operation {row.op!r}." + nearest(row.op, SIGNATURES)
            )
        wanted, result, payload = ("A" * known(row.data).n_args, "A", 3) if row.op == CALL else SIGNATURES[row.op]
        if any(type(arg) is not int or not 0 <= arg < line for arg in row.args):
            raise IRFormatError(f"line {line} ({row.op}) must refer to earlier lines; it refers to {row.args}.")
        given = "".join(kinds[arg] for arg in row.args)
        if given != wanted or len(row.data) != payload:
            raise IRFormatError(
                f"line {line} ({row.op}) takes arguments {wanted or 'none'!r} and {payload} payload entries; "
                f"it has {given or 'none'!r} and {len(row.data)}."
            )
        _check_payload(line, row)
        kinds.append(result)
    if not kinds or kinds[-1] != kind:
        noun = "an amplitude" if kind == "A" else "a predicate"
        raise IRFormatError(
            f"{noun} expression must end in {noun}; its table ends in {rows[-1].op if rows else 'nothing'!r}."
        )


def _check_payload(line: int, row: Row) -> None:
    if row.op == "const":
        good = is_number(row.data[0])
    elif row.op == "truth":
        good = isinstance(row.data[0], bool)
    elif row.op == "symbol":
        name, default, doc = row.data
        good = (
            isinstance(name, str)
            and name.isidentifier()
            and (default is None or is_number(default))
            and isinstance(doc, str)
        )
    else:
        good = all(isinstance(entry, str) for entry in row.data)
    if not good:
        raise IRFormatError(f"line {line} ({row.op}) cannot hold {row.data!r}; numbers are finite, names are text.")


def is_number(value: Any) -> bool:
    """A finite Python int, float or complex (no bool); ints within 64 bits."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    return isinstance(value, float | complex) and value - value == 0
