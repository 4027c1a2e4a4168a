"""What can never be right is refused; what may be right is not."""

import numpy as np
import pytest

import nqx_graph as sym
from ranges.asking import FOCK, S, ask

N = S("i").value
Z = N * 0


def refusals(amplitude, where=True, dtype="float64"):
    builder = sym.DOperator(FOCK, dtype=dtype).for_each_site("i").named("odd").where(where)
    return [str(error) for error in ask(builder.emit(tag="one").emit(amplitude=amplitude)).refusals]


NEVER_RIGHT = {
    "1 / 0": (1 / Z, "divides by 0"),
    "inside a sum and a product": (1 - 2 * (N / Z), "divides by 0"),
    "log(0)": (Z.log(), "takes the logarithm of 0"),
    "log(-1 - n)": ((-1 - N).log(), "takes the logarithm of a negative number"),
    "sqrt(-1 - n)": (3 * (-1 - N).sqrt(), "takes the square root of a negative number"),
    "both sides": (sym.where(N > 1, 1 / Z, Z.log()), "divides by 0"),
}
MAY_BE_RIGHT = {
    "1 / n": 1 / N,
    "sqrt(n - 2)": (N - 2).sqrt(),
    "one side": sym.where(N > 1, 1 / Z, 1.0),
    "a side not taken": sym.where(N > 5, 1 / Z, 1.0),
    "1 / (1 / 0) is 0": 1 / (1 / Z),
    "exp of log of 0": Z.log().exp(),
}


@pytest.mark.parametrize("name", NEVER_RIGHT)
def test_undefined_wherever_the_branch_is_there(name):
    amplitude, why = NEVER_RIGHT[name]
    (text,) = refusals(amplitude)
    assert "emission #1 of term 'odd'" in text and why in text and "leave the emission out" in text


@pytest.mark.parametrize("name", MAY_BE_RIGHT)
def test_what_may_be_defined_is_left_alone(name):
    assert refusals(MAY_BE_RIGHT[name]) == []


def test_only_in_real_dtypes_and_only_where_the_branch_may_be_there():
    assert refusals((-1 - N).sqrt(), dtype="complex128") == []
    assert refusals(1 / Z, dtype="complex128") != []
    assert refusals(1 / Z, where=N > 5) == []
    assert refusals(1 / N, where=N == 0) != []


def compiled(amplitude, **options):
    builder = sym.DOperator(FOCK, dtype="float64").for_each_site("i").emit(amplitude=amplitude)
    return builder.build().compile(cache=False, options=sym.SymbolicCompilerOptions(**options))


def test_the_compile_stops_where_validation_is_strict():
    with pytest.raises(
        sym.SymbolicCompilerError, match="square root of a negative number wherever the branch is there"
    ):
        compiled((-1 - N).sqrt())
    assert compiled((-1 - N).sqrt(), strict_validation=False).max_conn_size == 4


def test_numbers_beyond_all_floats_compile():
    mels = compiled((Z + 1e200) * 1e200).get_conn_padded(np.zeros(4, dtype=np.int8))[1]
    assert np.all(np.isinf(mels))
