"""Whether an operator that is said to be hermitian is."""

from __future__ import annotations

import warnings

import models
import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.errors import CheckError, HermiticityError, HermiticityWarning, OptionError, OptionTypeError
from nqx_graph.hilbert import Fock, Spin

s = sym.site
RING = [(0, 1), (1, 2), (2, 3), (3, 0)]


def hopping(size, n_max, back=True, amplitude=None, dtype=None, hermitian=False):
    """Bosons that hop to the right, and back where asked to."""
    amplitude = (s("i").value * (s("j").value + 1)).sqrt() if amplitude is None else amplitude
    builder = sym.DOperator(Fock(n_max, size), "hops", dtype=dtype, hermitian=hermitian)
    bonds = [(k, k + 1) for k in range(size - 1)]
    rows = bonds + [(j, i) for i, j in bonds] if back else bonds
    return (
        builder.for_each(("i", "j"), over=rows)
        .where((s("i") > 0) & (s("j") < n_max))
        .emit(sym.shift("i", -1).shift("j", 1), amplitude=amplitude)
        .build()
    )


@pytest.mark.parametrize(
    "operator",
    [
        models.ising(Spin(1 / 2, 4), RING, 1.0, 0.5),
        models.heisenberg(Spin(1 / 2, 4, total_sz=0), RING),
        hopping(3, 2),
        hopping(3, 2, dtype="float32"),
        models.bose_hubbard(Fock(3, 3, n_particles=3), 3, [(0, 1), (1, 2)], 1.0, 2.0, phase=0.7),
    ],
    ids=lambda operator: operator.name,
)
def test_what_is_hermitian(operator):
    found = sym.verify_hermitian(operator)
    assert found.exact
    assert found.pairs > 0
    assert sym.verify_hermitian(operator.compile()) == found
    assert sym.verify_hermitian(operator.compile(optimize=True)).exact


WRONG = {
    "one way": (hopping(3, 2, back=False), "<x'|O|x> is 0.0"),
    "the factor of the wrong side": (hopping(3, 2, amplitude=s("i").value.sqrt()), "each has to be"),
    "a phase that is not turned": (hopping(3, 2, amplitude=1j + 0 * s("i").value, dtype="complex128"), "1j"),
    "a diagonal that is not real": (
        sym.DOperator(Spin(1 / 2, 2), "d", dtype="complex128").for_each_site("i").emit(amplitude=1j).build(),
        "2j",
    ),
    "NaN": (sym.DOperator(Spin(1 / 2, 2), "n").for_each_site("i").emit(amplitude=(s("i").value).log()).build(), "nan"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not(name):
    operator, words = WRONG[name]
    with pytest.raises(HermiticityError) as told:
        sym.verify_hermitian(operator)
    error = told.value
    assert words in error.message
    matrix = operator.compile().to_dense()
    row, column = (operator.hilbert.states_to_numbers(np.array([state]))[0] for state in (error.x, error.x_prime))
    np.testing.assert_allclose(matrix[row, column], error.forward)
    np.testing.assert_allclose(matrix[column, row], error.backward)
    assert not np.isclose(error.forward, np.conj(error.backward))


def test_large_spaces_are_sampled():
    found = sym.verify_hermitian(hopping(12, 3), n_samples=20)
    assert not found.exact
    assert found.pairs > 20
    with pytest.raises(HermiticityError) as told:
        sym.verify_hermitian(hopping(12, 3, back=False), n_samples=20)
    assert sum(told.value.x) == sum(told.value.x_prime)
    assert len(told.value.x) == 12


def test_the_same_seed_finds_the_same_pair():
    found = []
    for _ in range(2):
        with pytest.raises(HermiticityError) as told:
            sym.verify_hermitian(hopping(12, 3, back=False), n_samples=5, seed=3)
        found.append((told.value.x, told.value.x_prime))
    assert found[0] == found[1]


def test_what_leaves_the_space_is_told_by_check():
    operator = sym.DOperator(Fock(2, 2), "out").for_each_site("i").emit(sym.shift("i", 1)).build()
    with pytest.raises(CheckError, match="leaves the local states"):
        sym.verify_hermitian(operator)


@pytest.mark.parametrize("n", [0, -1, 1.5, True])
def test_samples(n):
    with pytest.raises(OptionError, match="n_samples"):
        sym.verify_hermitian(hopping(2, 1), n_samples=n)


def test_what_is_no_operator():
    with pytest.raises(OptionTypeError, match="takes an operator"):
        sym.verify_hermitian(3)


# --- said to be hermitian ---


def test_a_small_operator_that_is_said_to_be_and_is_not_is_refused():
    with pytest.raises(sym.SymbolicCompilerError, match="is not hermitian") as told:
        hopping(2, 2, back=False, hermitian=True).compile(cache=False)
    assert told.value.stage == "symbolic_hermiticity"
    assert isinstance(told.value.__cause__, HermiticityError)


def test_without_strict_validation_it_is_recorded():
    options = sym.SymbolicCompilerOptions(strict_validation=False, cache_enabled=False)
    artifact = sym.SymbolicCompiler(options=options).compile(hopping(2, 2, back=False, hermitian=True))
    assert artifact.analyses["hermiticity"].startswith("false: 'hops' is not hermitian")


def test_a_large_one_is_warned_of_with_the_command():
    with pytest.warns(HermiticityWarning, match=r"verify_hermitian\(operator\)") as told:
        hopping(12, 3, back=False, hermitian=True).compile(cache=False)
    assert len(told) == 1
    assert "row 0, emission #0" in str(told[0].message)


@pytest.mark.parametrize(
    "operator",
    [
        hopping(12, 3, hermitian=True),
        hopping(2, 2, hermitian=True),
        models.heisenberg(Spin(1 / 2, 16), [(i, (i + 1) % 16) for i in range(16)]),
        models.ising(Spin(1 / 2, 16), [(i, (i + 1) % 16) for i in range(16)], 1.0, 0.5),
        models.clock(Fock(2, 12), 3, [(i, i + 1) for i in range(11)], 0.9, 0.4),
        models.bose_hubbard(Fock(5, 9), 5, [(i, i + 1) for i in range(8)], 1.0, 2.0, phase=0.7),
        models.all_pairs_hopping(Fock(2, 9), 2, 0.1),
    ],
    ids=lambda operator: operator.name,
)
@pytest.mark.parametrize("optimize", [False, True])
def test_what_is_right_is_neither_refused_nor_warned_of(operator, optimize):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        operator.compile(cache=False, optimize=optimize)


def test_numbers_as_large_as_they_come():
    huge = 1.5e308 * (1 + 1j)
    operator = (
        sym.DOperator(Spin(1 / 2, 1), "huge", dtype="complex128", hermitian=True)
        .for_each_site("i")
        .emit_if(s("i") > 0, sym.write("i", -1), amplitude=huge)
        .emit_if(s("i") < 0, sym.write("i", 1), amplitude=huge.conjugate())
        .build()
    )
    artifact = sym.SymbolicCompiler().compile(operator)
    assert artifact.analyses["hermiticity"] == "compared on all states"


def test_one_that_is_not_said_to_be_is_not_looked_at():
    artifact = sym.SymbolicCompiler().compile(hopping(2, 2, back=False))
    assert artifact.analyses["hermiticity"] == "not declared"


def test_a_branch_out_of_the_constraint_is_no_difference():
    """It is for check to tell."""
    flips = sym.DOperator(Spin(1 / 2, 2, total_sz=0), "flips", hermitian=True).for_each_site("i")
    made = flips.emit(sym.affine("i", scale=-1), amplitude=1.0).build().compile()
    with pytest.raises(CheckError, match="constraint"):
        made.check(np.array([-1, 1]))
    with pytest.raises(CheckError, match="constraint"):
        sym.verify_hermitian(made)


@pytest.mark.parametrize(
    "wrong", [{"seed": "a"}, {"seed": -1}, {"seed": 1.5}, {"seed": 2**70}, {"tolerance": "a"}, {"tolerance": -1.0}]
)
def test_arguments(wrong):
    with pytest.raises(OptionError, match=next(iter(wrong))):
        sym.verify_hermitian(hopping(3, 2), **wrong)
