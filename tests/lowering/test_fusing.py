"""From the plan of a fused operator to the structure and tables of its kernel."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.hilbert import Fock, Qubit, Spin
from nqx_graph.ir.merging import shapes
from nqx_graph.kernel.motion import ADD, TURN
from nqx_graph.lowering.fusing import fuse
from nqx_graph.space import view

s = sym.site
n, m = s("i").value, s("j").value
RING = [(0, 1), (1, 2), (2, 0)]


def fused(operator, mode="nan"):
    """Structure and tables."""
    ir = operator.to_ir()
    return fuse(ir, view(operator.hilbert), shapes(ir), mode)[:2]


def over(space, *emissions, rows=RING, columns=None, dtype="float64"):
    """One term for each (update, amplitude)."""
    builder = sym.DOperator(space, dtype=dtype)
    for update, amplitude in emissions:
        builder.for_each(("i", "j"), rows, columns=columns).emit(update, amplitude=amplitude)
    return builder.build()


def core_is_whole(amplitude, n_max=3, rows=1):
    """Whether a sum of these over so many rows is held in 32 bits."""
    operator = over(Fock(n_max, N=rows + 1), (sym.identity, amplitude), rows=[(k, k + 1) for k in range(rows)])
    return fused(operator)[0].diagonal[0].whole is not None


@pytest.mark.parametrize(
    ("amplitude", "n_max", "rows", "fits"),
    [
        (n * m, 2**15, 1, True),  # 2**30
        (n * m, 2**15, 2, False),  # 2**31 all in all
        (n * m, 2**15, 3, False),
        (n * m, 2**15 - 1, 2, True),
        (n * m, 46340, 1, True),  # the largest square below 2**31
        (n * m, 46341, 1, False),
        (n * m, 1, 40, True),
        (n + m, 1, 40, True),
        (n.sqrt(), 3, 1, False),
        (n / (m + 1), 3, 1, False),
    ],
)
def test_sums_of_whole_numbers_that_fit(amplitude, n_max, rows, fits):
    assert core_is_whole(amplitude, n_max, rows) is fits


def test_a_core_of_one_is_no_core():
    structure, tables = fused(over(Fock(3, N=3), (sym.identity, 2.5)))
    (stream,) = structure.diagonal
    assert (stream.unit, stream.whole, stream.per_row) == (True, None, False)
    assert tables.diagonal[0].factor == 2.5


def test_factors_of_rows():
    """One number where all rows agree; one for each row where they do not, or where a column multiplies."""
    w = sym.column("w")
    uneven = sym.DOperator(Fock(3, N=3))
    for weight, row in zip((1.0, 2.0, 3.0), RING, strict=True):
        uneven.for_each(("i", "j"), [row]).emit(amplitude=weight * n * m)
    structure, tables = fused(uneven.build())
    assert [stream.per_row for stream in structure.diagonal] == [True]
    np.testing.assert_array_equal(tables.diagonal[0].factor, [1, 2, 3])
    structure, tables = fused(over(Fock(3, N=3), (sym.identity, 2 * w * n), columns={"w": [1.0, 1.0, 4.0]}))
    assert [(stream.per_row, stream.weights, stream.source) for stream in structure.diagonal] == [(True, ("w",), 0)]
    assert tables.diagonal[0].factor == 2
    structure, tables = fused(over(Fock(3, N=3), (sym.identity, 2 * n * m)))
    assert [stream.per_row for stream in structure.diagonal] == [False]
    assert np.shape(tables.diagonal[0].factor) == ()


def test_the_diagonal_slot_is_there_if_it_is_needed():
    flip = sym.shift_mod("i", 2)
    promise = sym.DOperator(Spin(0.5, N=3)).for_each_site("i").where(n > 0).emit(flip, amplitude=1.0).fanout(2).build()
    for operator, slots in [
        (over(Spin(0.5, N=3), (flip, 1.0)), (False, 3)),
        (over(Spin(0.5, N=3), (flip, 1.0), (sym.identity, n)), (True, 4)),
        (over(Spin(0.5, N=3), (sym.identity, n)), (True, 1)),
        (promise, (False, 2)),
        (over(Spin(0.5, N=3), (flip, 1.0)) - over(Spin(0.5, N=3), (flip, 1.0)), (True, 1)),
    ]:
        structure, _ = fused(operator)
        assert (structure.has_diagonal, structure.n_slots) == slots
        assert structure.motion.still == slots[0]
    assert fused(promise)[0].promised_sources == (0,)


def test_what_is_added_to_a_block():
    two = over(Fock(3, N=3), (sym.shift_mod("i", 1), n), (sym.shift_mod("i", -3), m))
    structure, tables = fused(two)
    assert [len(block.additions) for block in structure.blocks] == [1]
    assert tables.blocks[0].places == (None,)
    some = over(Fock(3, N=3), (sym.shift_mod("i", 1), n)) + over(
        Fock(3, N=3), (sym.shift_mod("i", 1), m), rows=[(2, 1)]
    )
    structure, tables = fused(some)
    assert [len(block.additions) for block in structure.blocks] == [1]
    assert [place.tolist() for place in tables.blocks[0].places] == [[-1, -1, 0]]


def test_columns_that_decided_slots_are_settled():
    masks = {"f": np.eye(3, dtype=int), "w": [1.0, 2.0, 3.0], "g": [[1, 1, 0], [0, 0, 0], [0, 1, 1]]}
    operator = over(Qubit(3), (sym.flip("f"), sym.column("w")), columns=masks)
    assert fused(operator)[0].settled == ("f",)
    both = operator + over(Qubit(3), (sym.flip("g"), n), columns=masks)
    assert fused(both)[0].settled == ("f", "g")
    # rows of an addition and rows that flip nothing, too
    same = over(Qubit(3), (sym.flip("f"), n), columns=masks) + over(
        Qubit(3), (sym.flip("g"), n), columns={**masks, "g": masks["f"]}
    )
    assert fused(same)[0].settled == ("f", "g")
    nothing = over(Qubit(3), (sym.flip("f"), n), columns={"f": np.zeros((3, 3), int)})
    assert fused(nothing)[0].settled == ("f",)
    # with something else it runs, and is never compared
    mixed = over(Qubit(3), (sym.flip("f").shift_mod("i", 1), n), columns=masks)
    assert fused(mixed)[0].settled == ()
    assert fused(over(Qubit(3), (sym.shift_mod("i", 1), n)))[0].settled == ()


def test_branches_that_may_leave_cancel_only_if_they_are_dropped():
    leaving = over(Fock(3, N=3), (sym.shift("i", 1), n))
    kept, dropped = (fused(leaving - leaving, mode)[0] for mode in ("nan", "drop"))
    assert (len(kept.blocks), len(dropped.blocks)) == (1, 0)
    undefined = over(Fock(3, N=3), (sym.shift_mod("i", 1), n.log()))
    assert [len(fused(undefined - undefined, mode)[0].blocks) for mode in ("nan", "drop")] == [1, 1]
    staying = over(Fock(3, N=3), (sym.shift_mod("i", 1), n))
    assert [len(fused(staying - staying, mode)[0].blocks) for mode in ("nan", "drop")] == [0, 0]


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
def test_the_arrays(dtype):
    operator = over(Fock(3, N=3), (sym.identity, 3 * n * m + 5), (sym.shift_mod("i", 1), (n + 7.0).sqrt()), dtype=dtype)
    structure, tables = fused(operator)
    assert (structure.size, structure.dtype_str, structure.on_out_of_domain) == (3, dtype, "nan")
    assert (tables.numbers.dtype, tables.whole.dtype) == (jnp.dtype(dtype), np.int32)
    assert 7.0 in tables.numbers
    assert (tables.mark.dtype, tables.mark.tolist()) == (np.int8, [-1] * 9)
    assert structure.motion.form == ADD
    assert fused(over(Spin(0.5, N=3), (sym.shift_mod("i", 2), n)))[0].motion.form == TURN
    assert fused(operator, "drop")[0].on_out_of_domain == "drop"
