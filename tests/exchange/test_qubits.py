"""Which local state is |0>, what a mask's sign is, and which spaces are refused."""

import numpy as np
import pytest
from refusal import refused

import nqx_graph as sym
from nqx_graph import errors
from nqx_graph.exchange.qubits import qubits

ALL = {"qubit": sym.hilbert.Qubit(3), "spin": sym.hilbert.Spin(1 / 2, 3), "fock": sym.hilbert.Fock(1, 3)}
each_space = pytest.mark.parametrize("hilbert", ALL.values(), ids=ALL)


class DownFirst:
    """A space that lists the spin that is down first, as NetKet's does with inverted_ordering=True."""

    size, local_states = 2, (-1, 1)


@pytest.mark.parametrize(
    ("hilbert", "first", "second"),
    [(ALL["qubit"], 0, 1), (ALL["spin"], 1, -1), (ALL["fock"], 0, 1), (DownFirst(), -1, 1)],
)
def test_the_first_local_state_that_the_space_lists_is_zero(hilbert, first, second):
    space = qubits(hilbert, "it")
    assert (space.first, space.second) == (first, second)
    assert space.bits(np.array([[first, second]])).tolist() == [[0, 1]]


@each_space
def test_a_pattern_is_met_by_exactly_the_states_that_have_it(hilbert):
    space = qubits(hilbert, "it")
    wanted = np.array(np.meshgrid(*[[-1, 0, 1]] * 3)).reshape(3, -1).T
    column, count = space.pattern(wanted)
    states = hilbert.all_states()
    met = states.astype(np.int64) @ column.T == count
    bits = space.bits(states)
    assert np.array_equal(met, ((wanted < 0) | (bits[:, None] == wanted)).all(axis=-1))


def test_the_sign_that_is_lacking_where_down_is_listed_first():
    masks = np.array([[0, 0], [1, 0], [1, 1]])
    assert qubits(DownFirst(), "it").constant_sign(masks).tolist() == [1, -1, 1]
    assert qubits(sym.hilbert.Spin(1 / 2, 2), "it").constant_sign(masks).tolist() == [1, 1, 1]


@pytest.mark.parametrize("hilbert", [sym.hilbert.Spin(1, 2), sym.hilbert.Fock(2, 2), sym.hilbert.Fock(0, 2)])
def test_a_space_of_other_sites_is_refused(hilbert):
    with refused(errors.HilbertError, "a Pauli string", repr(hilbert), "Qubit(N)"):
        sym.from_pauli_strings(hilbert, ["XX"])
