"""From the IR to slots, tables and literals."""

from __future__ import annotations

import numpy as np

import nqx_graph as sym
from nqx_graph.hilbert import Fock, Spin
from nqx_graph.kernel.from_ir import lower_operator
from nqx_graph.kernel.structure import MIXED, NEVER, SAME
from nqx_graph.space import view

s = sym.site
n = s("i").value


def lowered(builder, mode="nan"):
    operator = builder.build()
    ir = operator.to_ir()
    return lower_operator(ir, view(operator.hilbert), tuple(term.fanout for term in ir.terms), mode)


def test_constants_of_amplitudes_are_numbers_and_others_are_literals():
    structure, tables = lowered(
        sym.DOperator(Fock(3, N=3), dtype="float32")
        .for_each_site("i")
        .where(n > 7)
        .emit(sym.write("i", 3), amplitude=0.5 * n**2 + sym.where(n == 6, 2.5, 3))
    )
    assert tables.numbers.dtype == np.float32
    assert sorted(tables.numbers.tolist()) == [0.5, 2.5, 3.0]
    (emission,) = structure.terms[0].emissions
    literals = {row.data[1] for row in emission.amplitude.rows if row.op == "const"} - {None}
    assert literals == {2, 6}


def test_slots_are_the_distinct_sites():
    structure, tables = lowered(
        sym.DOperator(Fock(3, N=4))
        .for_each(("i", "j"), over=[(0, 1), (2, 2), (1, 3)])
        .emit(sym.shift("i", 1).shift(s("i").index, 1).write(3, s("j")), amplitude=sym.source_index(3 - s("j").index))
    )
    sites = tables.terms[0].sites
    assert sites.dtype == np.int32
    assert sites.tolist() == [[0, 2, 1], [3, 3, 3], [1, 2, 3], [2, 1, 0]]
    assert structure.terms[0].relation == (
        (SAME, NEVER, MIXED, NEVER),
        (NEVER, SAME, MIXED, NEVER),
        (MIXED, MIXED, SAME, NEVER),
        (NEVER, NEVER, NEVER, SAME),
    )


def test_columns_that_only_amplitudes_read_are_in_the_operators_dtype():
    builder = sym.DOperator(Spin(0.5, N=2), dtype="complex64").for_each_site(
        "i", columns={"a": [1, 2], "b": [1, 2], "c": [0.5, 1.5], "m": [[1, 0], [0, 1]], "unread": [1, 2]}
    )
    _, tables = lowered(
        builder.where(sym.column("b") > 0).emit(sym.flip("m"), amplitude=sym.column("a") + sym.column("c"))
    )
    dtypes = {name: str(array.dtype) for name, array in tables.terms[0].columns.items()}
    assert dtypes == {"a": "complex64", "b": "int64", "c": "complex64", "m": "int64", "unread": "complex64"}


def guarded(update, mode="nan"):
    structure, _ = lowered(sym.DOperator(Fock(3, N=3)).for_each_site("i").emit(update), mode)
    return structure.terms[0].emissions[0].guarded


def test_what_is_tested_against_the_local_states():
    assert guarded(sym.shift("i", 1)) == guarded(sym.shift("i", 1), "drop") == (0,)
    assert guarded(sym.shift("i", 1), "trust") == ()
    assert guarded(sym.shift_mod("i", 1)) == guarded(sym.swap("i", 0)) == guarded(sym.write("i", 2)) == ()
    assert guarded(sym.cond(n > 0, sym.shift("i", 1), sym.write(2, 0))) == (0, 1)


def test_masks_are_the_columns_that_prod_and_flip_read():
    columns = {"m": np.eye(2, dtype=int), "p": np.eye(2, dtype=int), "d": np.eye(2, dtype=int)}
    structure, _ = lowered(
        sym.DOperator(Spin(0.5, N=2))
        .for_each_site("i", columns=columns)
        .emit(sym.cond(n > 0, sym.flip("m")), amplitude=sym.prod("p") + sym.dot("d"))
    )
    assert structure.terms[0].masks == ("m", "p")


def test_local_states_are_kept_once_where_all_sites_agree():
    structure, _ = lowered(sym.DOperator(Spin(1.5, N=4)).globally().emit())
    states = structure.states
    assert (states.low.tolist(), states.step.tolist(), states.count.tolist()) == ([-3], [2], [4])
    assert states.integer
    assert states.table is None


def test_labels_without_reads_take_no_slot():
    structure, tables = lowered(sym.DOperator(Fock(3, N=3)).for_each_pair("i", "j").emit())
    assert tables.terms[0].sites.shape == (0, 9)
    assert structure.terms[0].n_rows == 9
