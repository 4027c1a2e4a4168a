"""OpenFermion's operators, read from stand-ins that carry the same ``terms``, against what OpenFermion made of H2."""

import json
from pathlib import Path

import numpy as np
import pytest
from refusal import refused

import nqx_graph as sym
from exchange import dense, h2
from nqx_graph import errors

BY_OPENFERMION = json.loads(Path(__file__).with_name("h2_matrix.json").read_text(encoding="utf-8"))


def stand_in(kind, terms, module="openfermion.ops.operators"):
    """An object whose class has the name of one of OpenFermion's."""
    return type(kind, (), {"__module__": module, "terms": terms})()


FERMIONS = stand_in("FermionOperator", h2.terms())
QUBITS = stand_in(
    "QubitOperator",
    {
        tuple((int(factor[1:]), factor[0]) for factor in string.split()): weight
        for string, weight in BY_OPENFERMION["jordan_wigner"].items()
    },
)


def h2_matrix():
    matrix = np.zeros((16, 16))
    for row, col, value in BY_OPENFERMION["matrix"]:
        matrix[row, col] = value
    return matrix


@pytest.mark.parametrize("operator", [FERMIONS, QUBITS], ids=["fermions", "qubits"])
def test_h2_is_openfermion_s_matrix(operator):
    ours = sym.from_openfermion(operator)
    assert ours.hilbert == sym.hilbert.Qubit(4)
    assert ours.is_hermitian
    assert ours.dtype == np.float64
    np.testing.assert_allclose(ours.compile(cache=False).to_dense(), h2_matrix(), rtol=0, atol=1e-14)


def test_h2_has_the_published_energy():
    """Full configuration interaction in STO-3G at 1.401 bohr: -1.1373 hartree, with the repulsion of the nuclei."""
    two = sym.hilbert.Fock(1, 4, n_particles=2)
    compiled = sym.from_openfermion(FERMIONS, two).compile(cache=False)
    compiled.check(two.all_states())
    assert round(float(np.linalg.eigvalsh(compiled.to_dense())[0]) + h2.NUCLEAR, 4) == -1.1373


def test_h2_has_the_published_pauli_strings():
    """J. T. Seeley, M. J. Richard and P. J. Love, J. Chem. Phys. 137, 224109 (2012), arXiv:1208.5986, in hartree."""
    published = {"IIII": -0.81261, "ZIII": 0.171201, "IZII": 0.171201, "IIZI": -0.2227965, "IIIZ": -0.2227965}
    published |= {"ZZII": 0.16862325, "ZIZI": 0.12054625, "IZZI": 0.165868, "ZIIZ": 0.165868, "IZIZ": 0.12054625}
    published |= {"IIZZ": 0.17434925, "XXYY": -0.04532175, "YYXX": -0.04532175, "XYYX": 0.04532175, "YXXY": 0.04532175}
    strings, weights = sym.to_pauli_strings(sym.from_openfermion(FERMIONS))
    assert dict(zip(strings, weights.round(8).tolist(), strict=True)) == published


def test_mode_and_qubit_numbers_are_site_numbers():
    number = sym.from_openfermion(stand_in("FermionOperator", {((2, 1), (2, 0)): 1.0}), n_qubits=4)
    states = number.hilbert.all_states()
    assert np.array_equal(np.diag(number.compile(cache=False).to_dense()), states[:, 2])
    turned = sym.from_openfermion(stand_in("QubitOperator", {((1, "Y"),): 0.5}), n_qubits=3)
    assert np.array_equal(turned.compile(cache=False).to_dense(), dense.pauli_sum(["IYI"], [0.5], 3))


def test_names_sizes_and_dtypes():
    constant = sym.from_openfermion(stand_in("FermionOperator", {(): 2.0}), name="energy", dtype="complex64")
    assert (constant.hilbert, constant.name, constant.dtype) == (sym.hilbert.Qubit(1), "energy", np.complex64)
    nothing = sym.from_openfermion(stand_in("QubitOperator", {}), n_qubits=2)
    assert (nothing.name, nothing.is_hermitian) == ("qubit operator", True)


class Sympy:
    """A coefficient that is no number."""


@pytest.mark.parametrize(
    ("operator", "given", "kind", "facts"),
    [
        (stand_in("BosonOperator", {}), {}, errors.ConversionError, ("BosonOperator", "get_fermion_operator")),
        (stand_in("FermionOperator", {}, "elsewhere"), {}, errors.ConversionError, ("elsewhere.FermionOperator",)),
        (3, {}, errors.ConversionError, ("builtins.int",)),
        (FERMIONS, {"n_qubits": 3}, errors.ConversionError, ("number 3", "0 to 2")),
        (FERMIONS, {"hilbert": sym.hilbert.Qubit(2)}, errors.ConversionError, ("number 3", "0 to 1")),
        (FERMIONS, {"hilbert": sym.hilbert.Qubit(4), "n_qubits": 4}, errors.ConversionError, ("both were given",)),
        (FERMIONS, {"hilbert": sym.hilbert.Fock(2, 4)}, errors.HilbertError, ("a FermionOperator", "Fock")),
        (stand_in("QubitOperator", {(): Sympy()}), {}, errors.ConversionError, ("must be numbers",)),
        (stand_in("FermionOperator", {(): Sympy()}), {}, errors.ConversionError, ("must be numbers",)),
    ],
)
def test_what_is_refused(operator, given, kind, facts):
    with refused(kind, *facts):
        sym.from_openfermion(operator, **given)
