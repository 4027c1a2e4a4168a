"""The stock lowerers, called as a contributor would: with a context of one's own."""

from __future__ import annotations

import attrs
import jax
import numpy as np
import pytest
import small

import nqx_graph as sym
from nqx_graph.errors import UndeclaredReadError
from nqx_graph.hilbert import Qubit
from nqx_graph.lowering.jax_symbolic_v1 import artifact_metadata, ordered
from nqx_graph.lowering.restoring import operator_class
from nqx_graph.space import view


def three_terms():
    n = sym.site("i").value
    builder = sym.DOperator(small.FOCK, "three", dtype="float32")
    for weight in (1, 10, 100):
        builder = builder.for_each_site("i").named(f"w{weight}").emit(amplitude=weight * n)
    return builder.build()


def context_of(operator, order=None, fanouts=None, backend="jax", **options):
    ir = operator.to_ir()
    return sym.SymbolicCompilationContext(
        {
            "ir": ir,
            "space": view(operator.hilbert),
            "options": sym.SymbolicCompilerOptions(**options),
            "resolved_backend": backend,
            "term_order": tuple(range(ir.term_count)) if order is None else order,
            "term_fanouts": tuple(term.fanout for term in ir.terms) if fanouts is None else fanouts,
        }
    )


@pytest.mark.parametrize(
    ("lowerer", "backend"), [(sym.JaxSymbolicV1Lowerer, "jax"), (sym.NumpyReferenceLowerer, "numpy")]
)
def test_name_backend_and_what_it_supports(lowerer, backend):
    made = lowerer()
    assert made.backend == backend
    assert made.name == {"jax": "jax_symbolic_v1", "numpy": "numpy_reference"}[backend]
    for other in ("jax", "numpy", "julia"):
        assert made.supports(context_of(small.number(), backend=other)) is (other == backend)
    assert made == lowerer()


@pytest.mark.parametrize("lowerer", [sym.JaxSymbolicV1Lowerer(), sym.NumpyReferenceLowerer()])
def test_the_artifact(lowerer):
    artifact = lowerer.lower(context_of(three_terms(), backend=lowerer.backend))
    assert (artifact.backend, artifact.lowerer_name) == (lowerer.backend, lowerer.name)
    assert artifact.metadata_map() == {
        "total_padded_size": 9, "term_count": 3, "dtype_str": "float32", "hilbert_size": 3,
    }  # fmt: skip
    assert artifact.cache_key is None
    assert artifact.cache_token() is None
    assert artifact.pass_reports == ()
    assert dict(artifact.analyses) == {}
    xp, mels = artifact.compiled_operator.get_conn_padded(np.array([1, 2, 3], dtype=np.int8))
    assert np.asarray(mels).tolist() == [1, 2, 3, 10, 20, 30, 100, 200, 300]
    assert np.asarray(mels).dtype == np.float32
    assert np.asarray(xp).tolist() == [[1, 2, 3]] * 9
    assert np.asarray(xp).dtype == np.int8


@pytest.mark.parametrize("lowerer", [sym.JaxSymbolicV1Lowerer(), sym.NumpyReferenceLowerer()])
def test_terms_come_in_the_order_of_term_order(lowerer):
    context = context_of(three_terms(), order=(2, 0, 1), backend=lowerer.backend)
    artifact = lowerer.lower(context)
    mels = artifact.compiled_operator.get_conn_padded(np.array([1, 2, 3], dtype=np.int8))[1]
    assert np.asarray(mels).tolist() == [100, 200, 300, 1, 2, 3, 10, 20, 30]


def test_ordered_puts_fanouts_beside_their_terms():
    ir, fanouts = ordered(context_of(three_terms(), order=(2, 0, 1), fanouts=(3, 2, 1)))
    assert [term.name for term in ir.terms] == ["w100", "w1", "w10"]
    assert fanouts == (1, 3, 2)
    operator = three_terms()
    assert ordered(context_of(operator))[0] is operator.to_ir()


@pytest.mark.parametrize("lowerer", [sym.JaxSymbolicV1Lowerer(), sym.NumpyReferenceLowerer()])
def test_the_fanouts_of_the_analysis_size_the_output(lowerer):
    operator = sym.DOperator(small.FOCK).for_each_site("i").where(sym.site("i") > 1).emit().build()
    artifact = lowerer.lower(context_of(operator, fanouts=(2,), backend=lowerer.backend))
    assert artifact.metadata["total_padded_size"] == 2
    made = artifact.compiled_operator
    xp, mels = made.get_conn_padded(np.array([[0, 1, 2], [2, 0, 3], [2, 2, 2]], dtype=np.int8))
    assert np.asarray(xp).shape == (3, 2, 3)
    assert np.asarray(mels)[:2].tolist() == [[1, 0], [1, 1]]
    assert np.isnan(np.asarray(mels)[2]).all()


def test_on_out_of_domain_reaches_the_kernel():
    x = np.array([3, 0, 0], dtype=np.int8)
    lowerer = sym.JaxSymbolicV1Lowerer()
    first = {
        mode: np.asarray(
            lowerer.lower(context_of(small.raising(), on_out_of_domain=mode)).compiled_operator.get_conn_padded(x)[1]
        )[0]
        for mode in ("nan", "drop", "trust")
    }
    assert np.isnan(first["nan"])
    assert (first["drop"], first["trust"]) == (0, 1)


def test_the_class_is_that_of_the_space_where_it_has_one():
    class Mine(sym.CompiledOperator):
        pass

    context = context_of(small.number())
    assert operator_class(context.space) is sym.CompiledOperator
    context = context.with_values({"space": attrs.evolve(context.space, operator_class=Mine)})
    assert operator_class(context.space) is Mine
    assert type(sym.JaxSymbolicV1Lowerer().lower(context).compiled_operator) is Mine


def test_metadata_says_what_an_artifact_is():
    assert artifact_metadata(three_terms().to_ir(), 7) == {
        "total_padded_size": 7, "term_count": 3, "dtype_str": "float32", "hilbert_size": 3,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("hilbert", "update", "form"),
    [
        (Qubit(3), sym.shift_mod("i", 1), "turn"),
        (small.FOCK, sym.shift_mod("i", 1), "add"),
        (small.FOCK, sym.affine("i", scale=0.5, bias=0), None),
        (Qubit(3), sym.flip("f"), None),  # another mask may be given, which a pattern would not know
    ],
)
def test_one_expression_moves_x_where_updates_have_one_form(hilbert, update, form):
    operator = sym.DOperator(hilbert).for_each_site("i", columns={"f": np.eye(3, dtype=int)}).emit(update).build()
    made = sym.JaxSymbolicV1Lowerer().lower(context_of(operator)).compiled_operator
    motion = made._static.structure.motion
    assert (motion and motion.form) == form
    if motion:
        assert (made._tables.mark.dtype, made._tables.mark[0]) == (np.int8, -1)
        assert motion.still == 0
    x = np.array([[0, 1, 0], [1, 1, 0]], dtype=np.int8)
    truth = sym.NumpyReferenceLowerer().lower(context_of(operator, backend="numpy")).compiled_operator
    for ours, theirs in zip(made.get_conn_padded(x), truth.get_conn_padded(x), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_promised_branches_are_written_out():
    operator = sym.DOperator(Qubit(3)).for_each_site("i").where(sym.site("i") > 0).emit(sym.shift_mod("i", 1)).build()
    for fanout, moved in [(3, True), (2, False)]:
        made = sym.JaxSymbolicV1Lowerer().lower(context_of(operator, fanouts=(fanout,))).compiled_operator
        assert (made._static.structure.motion is not None) is moved


@pytest.mark.parametrize(("x64", "dtype"), [(True, "float64"), (False, "float32")])
def test_the_reference_reads_numbers_as_the_kernels_do(x64, dtype):
    with jax.enable_x64(x64):
        context = context_of(small.number(), backend="numpy")
        assert sym.NumpyReferenceLowerer().lower(context).compiled_operator.float_dtype == dtype


def test_it_reads_no_more_than_it_needs():
    values = dict(context_of(small.number()).values)
    for name in ("ir", "space", "options", "term_order", "term_fanouts"):
        context = sym.SymbolicCompilationContext({key: v for key, v in values.items() if key != name})
        with pytest.raises((UndeclaredReadError, KeyError), match=name):
            sym.JaxSymbolicV1Lowerer().lower(context)
