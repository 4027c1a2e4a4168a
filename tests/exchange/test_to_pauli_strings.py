"""Back to strings: the inverse of `from_pauli_strings`, and what a matrix is in the Pauli basis."""

import numpy as np
import pytest
from refusal import refused

import nqx_graph as sym
from exchange import dense
from nqx_graph import errors

s = sym.site


@pytest.mark.parametrize("hilbert", [sym.hilbert.Qubit(4), sym.hilbert.Spin(1 / 2, 4)], ids=["qubit", "spin"])
def test_there_and_back(hilbert):
    given = sorted(set(dense.random_strings(4, 30, seed=7)), key=lambda text: ["IZXY".index(letter) for letter in text])
    weights = np.random.default_rng(8).normal(size=(len(given), 2)) @ [1, 1j]
    strings, found = sym.to_pauli_strings(sym.from_pauli_strings(hilbert, given, weights))
    assert strings == given
    np.testing.assert_allclose(found, weights, rtol=0, atol=1e-14)


def test_an_operator_that_was_written_in_other_words():
    hilbert = sym.hilbert.Spin(1 / 2, 3)
    exchange = (
        sym.DOperator(hilbert, hermitian=True)
        .for_each(("i", "j"), over=[(0, 2)])
        .emit_if(s("i") != s("j"), sym.swap("i", "j"), amplitude=2 * sym.symbol("J", 0.5))
        .build()
    )
    assert dict(zip(*sym.to_pauli_strings(exchange), strict=True)) == {"XIX": 0.5, "YIY": 0.5}
    strings, weights = sym.to_pauli_strings(exchange.compile(cache=False).with_parameters(J=2.0))
    assert (strings, weights.tolist(), weights.dtype) == (["XIX", "YIY"], [2.0, 2.0], np.float64)


def test_lowering_is_x_plus_iy():
    lower = sym.DOperator(sym.hilbert.Qubit(1)).for_each_site("i").where(s("i") == 0).emit(sym.write("i", 1)).build()
    assert dict(zip(*sym.to_pauli_strings(lower), strict=True)) == {"X": 0.5, "Y": 0.5j}  # |0><1|


def test_what_rounding_leaves_is_no_string():
    strings = ["XXI", "YYI", "ZZI", "IZX"]
    operator = sym.from_pauli_strings(sym.hilbert.Qubit(3), strings, [0.1, 0.7, 1 / 3, 1e-3])
    assert set(sym.to_pauli_strings(operator)[0]) == set(strings)


def test_weights_as_large_as_they_come():
    for strings in (["XX"], ["ZZ"], ["YI"]):
        operator = sym.from_pauli_strings(sym.hilbert.Qubit(2), strings, [1e308])
        back, weights = sym.to_pauli_strings(operator)
        assert (back, weights.tolist()) == (strings, [1e308])


def test_the_operator_that_is_zero_has_no_strings():
    strings, weights = sym.to_pauli_strings(sym.from_pauli_strings(sym.hilbert.Qubit(2), []))
    assert (strings, weights.tolist()) == ([], [])


def test_whole_numbers():
    number = sym.DOperator(sym.hilbert.Qubit(2), dtype=int).for_each_site("i").emit(amplitude=s("i").value).build()
    assert dict(zip(*sym.to_pauli_strings(number), strict=True)) == {"II": 1.0, "ZI": -0.5, "IZ": -0.5}


class Unlisted:
    """Qubits that cannot be listed."""

    size, local_states = 2, (0, 1)


def test_what_is_refused():
    with refused(errors.HilbertError, "at most 14 sites", "Qubit(N=15)"):
        sym.to_pauli_strings(sym.from_pauli_strings(sym.hilbert.Qubit(15), ["Z" * 15]))
    fixed = sym.hilbert.Spin(1 / 2, 4, total_sz=0)
    with refused(errors.HilbertError, "2^N = 16", "lists 6"):
        sym.to_pauli_strings(sym.from_pauli_strings(fixed, ["ZZII"]))
    with refused(errors.HilbertError, "2^N = 4", "Unlisted", "lists 0"):
        sym.to_pauli_strings(sym.from_pauli_strings(Unlisted(), ["ZZ"]))
    with refused(errors.ConversionError, "3"):
        sym.to_pauli_strings(3)
    open_symbol = sym.symbol("g") * sym.from_pauli_strings(sym.hilbert.Qubit(2), ["ZZ"])
    with pytest.raises(errors.ParameterError, match="g"):
        sym.to_pauli_strings(open_symbol)
