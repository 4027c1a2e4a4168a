"""What pictures of an operator take, and what they refuse."""

import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.errors import CheckError, OptionTypeError, ParameterError, StateError
from nqx_graph.plotting import plot_sparsity, plot_spectrum

FOCK = sym.hilbert.Fock(2, N=2)
n = sym.site("i").value
PICTURES = pytest.mark.parametrize("draw", [plot_sparsity, plot_spectrum])


def written(update, amplitude):
    return sym.DOperator(FOCK, "o").for_each_site("i").emit(update, amplitude=amplitude).build()


@PICTURES
def test_symbolic_compiled_reference_and_artifact(draw):
    operator = written(sym.identity(), n)
    compiler = sym.SymbolicCompiler()
    looped = operator.compile(cache=False, options=sym.SymbolicCompilerOptions(backend_preference="numpy"))
    drawn = [draw(given) for given in (operator, operator.compile(), looped, compiler.compile(operator))]
    data = [(ax.images or ax.lines)[0] for ax in drawn]
    arrays = [np.ma.filled(d.get_array() if hasattr(d, "get_array") else d.get_ydata(), 0) for d in data]
    for array in arrays[1:]:
        np.testing.assert_array_equal(array, arrays[0])


@PICTURES
def test_no_operator(draw):
    with pytest.raises(
        OptionTypeError, match=f"{draw.__name__} takes an operator or the artifact of one; it was given 3"
    ):
        draw(3)


@PICTURES
def test_nan_has_no_picture(draw):
    with pytest.raises(CheckError, match=r"3 matrix elements of 'o' are NaN or infinite") as caught:
        draw(sym.DOperator(FOCK, "o").globally().emit(amplitude=1 / sym.source_index(1)).build())
    assert caught.value.odd == 3


@PICTURES
def test_a_branch_that_leaves_and_a_symbol_without_value(draw):
    options = sym.SymbolicCompilerOptions(on_out_of_domain="trust")
    with pytest.raises(StateError, match="which is not in Fock"):
        draw(written(sym.shift("i", 1), 1.0).compile(options=options))
    with pytest.raises(ParameterError, match="no value for 'g'"):
        draw(written(sym.identity(), sym.symbol("g")))
