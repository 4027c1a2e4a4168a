"""The flat table: arguments before users, equal nodes once, the root last."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refusal import refused

from nqx_graph.errors import IRFormatError
from nqx_graph.ir.table import SIGNATURES, Node, Row, check_rows, flatten, is_number, number_key, unflatten


def const(value: Any) -> Node:
    return Node("const", (), (value,))


def test_arguments_come_first_from_left_to_right() -> None:
    root = Node("sub", (Node("mul", (const(1), const(2))), const(3)))
    assert flatten(root) == (
        Row("const", (), (1,)),
        Row("const", (), (2,)),
        Row("mul", (0, 1)),
        Row("const", (), (3,)),
        Row("sub", (2, 3)),
    )


def test_equal_nodes_are_stored_once() -> None:
    assert flatten(Node("add", (const(1), const(1)))) == (Row("const", (), (1,)), Row("add", (0, 0)))
    left, right = Node("neg", (const(2),)), Node("neg", (const(2),))
    assert len(flatten(Node("mul", (left, right)))) == 3


def test_numbers_that_differ_in_type_or_sign_are_not_equal() -> None:
    values = [1, 1.0, 1 + 0j, 0.0, -0.0, 0, 0j, complex(0.0, -0.0), complex(-0.0, 0.0), True, False, "1", None]
    assert len({number_key(value) for value in values}) == len(values)
    assert len(flatten(Node("add", (const(1), const(1.0))))) == 3
    assert len(flatten(Node("add", (const(0.0), const(-0.0))))) == 3


def test_sharing_sixty_times_needs_sixty_lines() -> None:
    node = const(2)
    for _ in range(60):
        node = Node("mul", (node, node))
    rows = flatten(node)
    assert rows == (Row("const", (), (2,)), *(Row("mul", (k, k)) for k in range(60)))
    assert flatten(unflatten(rows)) == rows


def tables() -> st.SearchStrategy[tuple[Row, ...]]:
    """Valid tables of amplitudes, without unused lines."""

    @st.composite
    def draw_node(draw: st.DrawFn) -> Node:
        nodes = [const(draw(st.integers(-3, 3) | st.floats(allow_nan=False, allow_infinity=False)))]
        for _ in range(draw(st.integers(0, 12))):
            op = draw(st.sampled_from(["add", "mul", "neg", "select", "site"]))
            pick = st.sampled_from(nodes)
            if op == "site":
                nodes.append(Node("site", (), (draw(st.sampled_from("ij")),)))
            elif op == "select":
                nodes.append(Node("select", (Node("lt", (draw(pick), draw(pick))), draw(pick), draw(pick))))
            else:
                nodes.append(Node(op, tuple(draw(pick) for _ in SIGNATURES[op][0])))
        return nodes[-1]

    return draw_node().map(flatten)


@settings(max_examples=200, deadline=None)
@given(tables())
def test_flatten_undoes_unflatten(rows: tuple[Row, ...]) -> None:
    check_rows(rows, "A")
    assert flatten(unflatten(rows)) == rows
    assert all(arg < line for line, row in enumerate(rows) for arg in row.args)
    used = {arg for row in rows for arg in row.args}
    assert used == set(range(len(rows) - 1))
    assert len({(row.op, row.args, tuple(map(number_key, row.data))) for row in rows}) == len(rows)


BAD: dict[str, tuple[tuple[Row, ...], str, tuple[str, ...]]] = {
    "nothing": ((), "A", ("an amplitude", "'nothing'")),
    "unknown": ((Row("conts", (), (1,)),), "A", ("line 0", "'conts'", "Did you mean 'const'?")),
    "itself": ((Row("neg", (0,)),), "A", ("line 0 (neg)", "earlier lines", "(0,)")),
    "later": ((Row("const", (), (1,)), Row("add", (0, 2))), "A", ("line 1 (add)", "(0, 2)")),
    "negative": ((Row("const", (), (1,)), Row("neg", (-1,))), "A", ("line 1 (neg)", "(-1,)")),
    "few": ((Row("const", (), (1,)), Row("add", (0,))), "A", ("line 1 (add)", "'AA'", "it has 'A'")),
    "kind": ((Row("const", (), (1,)), Row("not", (0,))), "P", ("line 1 (not)", "'P'", "it has 'A'")),
    "select": ((Row("const", (), (1,)), Row("select", (0, 0, 0))), "A", ("'PAA'", "it has 'AAA'")),
    "payload": ((Row("site", (), ()),), "A", ("line 0 (site)", "1 payload entries", "0")),
    "payload of an operation": ((Row("const", (), (1,)), Row("neg", (0,), (1,))), "A", ("0 payload entries",)),
    "label": ((Row("site", (), (1,)),), "A", ("line 0 (site)", "names are text")),
    "number": ((Row("const", (), ("1",)),), "A", ("line 0 (const)", "numbers are finite")),
    "truth": ((Row("truth", (), (1,)),), "P", ("line 0 (truth)", "(1,)")),
    "symbol": ((Row("symbol", (), ("", None, "")),), "A", ("line 0 (symbol)",)),
    "ends in a predicate": ((Row("truth", (), (True,)),), "A", ("an amplitude", "'truth'")),
    "ends in an amplitude": ((Row("const", (), (1,)),), "P", ("a predicate", "'const'")),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_table(case: str) -> None:
    rows, kind, facts = BAD[case]
    with refused(IRFormatError, *facts):
        check_rows(rows, kind)


@pytest.mark.parametrize("value", [0, -(2**63), 2**63 - 1, 1.5, -0.0, 1e308, 2j])
def test_numbers(value: Any) -> None:
    assert is_number(value)


@pytest.mark.parametrize(
    "value", [True, 2**63, -(2**63) - 1, float("nan"), float("inf"), complex("nanj"), complex("inf"), "1", None, ()]
)
def test_no_numbers(value: Any) -> None:
    assert not is_number(value)
