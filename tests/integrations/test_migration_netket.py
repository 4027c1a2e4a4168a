"""nkDSL's operators and spaces: each row of the page with NetKet's spaces, beside a matrix."""

from __future__ import annotations

import netket as nk
import numpy as np
import pytest
from migration.rows import Rows, dense, rows_of_page
from refusal import refused

import nqx_graph as sym
from nqx_graph import errors

ROWS = Rows()
s = sym.site


def numbers(hilbert):
    """Σᵢ (i + 1) xᵢ, diagonal on any space."""
    return (
        sym.DOperator(hilbert, "numbers").for_each_site("i").emit(amplitude=(s("i").index + 1) * s("i").value).build()
    )


def cycled(hilbert):
    """|x><x'| with two sites of x exchanged."""
    return sym.DOperator(hilbert, "swaps").globally().emit(sym.swap(0, 1), amplitude=1.5).build()


def assert_on(hilbert, *, exchange=True):
    """Both operators on this space, as NetKet's own methods see them."""
    weights = np.arange(1, hilbert.size + 1)
    assert_netket(numbers(hilbert), lambda x: [(x, weights @ x)])
    if exchange:
        assert_netket(cycled(hilbert), lambda x: [([x[1], x[0], *x[2:]], 1.5)])


def assert_netket(operator, branches):
    compiled = operator.compile()
    assert isinstance(compiled, nk.operator.DiscreteJaxOperator)
    np.testing.assert_allclose(compiled.to_dense(), dense(operator.hilbert, branches), rtol=0, atol=1e-12)


@ROWS.of("`SymbolicOperator`")
@ROWS.of("only what is compiled has `get_conn_padded`")
def _():
    symbolic = numbers(nk.hilbert.Qubit(2))
    assert not isinstance(symbolic, nk.operator.DiscreteOperator)
    with refused(errors.UncompiledOperatorError, "get_conn_padded", ".compile()"):
        symbolic.get_conn_padded(np.zeros((1, 2)))


@ROWS.of("`CompiledOperator`, a `DiscreteJaxOperator`")
def _():
    assert isinstance(numbers(nk.hilbert.Qubit(2)).compile(), sym.CompiledOperator)
    assert isinstance(numbers(nk.hilbert.Qubit(2)).compile(), nk.operator.DiscreteJaxOperator)
    assert not isinstance(numbers(sym.hilbert.Qubit(2)).compile(), nk.operator.DiscreteJaxOperator)


@ROWS.of("`netket.hilbert.DiscreteHilbert`")
def _():
    assert_on(nk.hilbert.HomogeneousHilbert(nk.utils.StaticRange(0, 2, 3), 2))


@ROWS.of("`Qubit`")
def _():
    assert_on(nk.hilbert.Qubit(3))


@ROWS.of("`Spin`")
def _():
    assert_on(nk.hilbert.Spin(1, 2))


@ROWS.of("`Fock`")
def _():
    assert_on(nk.hilbert.Fock(3, 2))


@ROWS.of("`SpinOrbitalFermions`")
def _():
    assert_on(nk.hilbert.SpinOrbitalFermions(2, s=1 / 2))


@ROWS.of("`TensorHilbert`")
def _():
    assert_on(nk.hilbert.Fock(2, 1) * nk.hilbert.Spin(1 / 2, 2), exchange=False)


@ROWS.of("`DoubledHilbert`")
def _():
    assert_on(nk.hilbert.DoubledHilbert(nk.hilbert.Spin(1 / 2, 1)))


@ROWS.of("constrained spaces")
def _():
    hilbert = nk.hilbert.Fock(2, 3, n_particles=3)
    assert_on(hilbert)
    leaving = sym.DOperator(hilbert, "leaving").globally().emit(sym.write(0, 0)).build().compile()
    with pytest.raises(errors.CheckError):
        leaving.check(np.array([[1, 1, 1]]))


@ROWS.of("no continuous spaces")
def _():
    with pytest.raises(errors.HilbertError):
        sym.DOperator(nk.experimental.hilbert.Particle(N=2, geometry=nk.experimental.geometry.FreeSpace(d=1)))


@ROWS.of("no symbolic operator where a compiled one is needed")
def _():
    hilbert = nk.hilbert.Qubit(2)
    state = nk.vqs.FullSumState(hilbert, nk.models.RBM())
    with refused(errors.UncompiledOperatorError, "'numbers'", ".compile()"):
        state.expect(numbers(hilbert))


@ROWS.of("matrices need `is_indexable`")
def _():
    hilbert = nk.hilbert.Qubit(80)
    assert not hilbert.is_indexable
    compiled = cycled(hilbert).compile()
    np.testing.assert_array_equal(compiled.get_conn_padded(np.zeros((1, 80), dtype=np.int8))[1], [[1.5]])
    with pytest.raises(errors.HilbertError):
        compiled.to_sparse()


@pytest.mark.parametrize("cell", ROWS)
def test_row(cell):
    ROWS[cell]()


def test_the_page_has_these_rows():
    assert sorted(ROWS) == sorted(rows_of_page("Operators and spaces"))
