"""What is compiled and what is data: operators of one structure share one trace."""

from __future__ import annotations

import pickle

import jax
import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.hilbert import Fock, Spin
from nqx_graph.kernel.kernels import trace_count

s = sym.site
FOCK = Fock(3, N=7)  # a size that no other test has, so that nothing is traced before
X = np.arange(7) % 4


def structure(operator):
    return operator.compile(cache=False)._static.structure


def chain(over=((0, 1), (1, 2)), J=1.0, name="chain", shift=1, cut=0, power=2, columns=None, tag=None, hilbert=FOCK):
    return (
        sym.DOperator(hilbert, name)
        .for_each(("i", "j"), over=over, columns=columns)
        .where(s("i") > cut)
        .emit(sym.shift("i", -shift).shift("j", shift), amplitude=J * s("i").value ** power, tag=tag)
        .build()
    )


SAME = {
    "other edges of the same count": chain(over=((4, 6), (5, 0))),
    "other constants": chain(J=2.5),
    "another name": chain(name="other"),
    "another tag": chain(tag="t"),
    "once more": chain(),
}
OTHER = {
    "one more edge": chain(over=((0, 1), (1, 2), (2, 3))),
    "edges that coincide": chain(over=((0, 1), (1, 1))),
    "another step": chain(shift=2),
    "another cut": chain(cut=1),
    "another power": chain(power=3),
    "another space": chain(hilbert=Fock(4, N=7)),
}


@pytest.mark.parametrize("name", SAME)
def test_one_structure(name):
    ours, theirs = structure(chain()), structure(SAME[name])
    assert ours == theirs
    assert hash(ours) == hash(theirs)
    assert ours.token == theirs.token


@pytest.mark.parametrize("name", OTHER)
def test_other_structures(name):
    assert structure(chain()) != structure(OTHER[name])
    assert structure(chain()).token != structure(OTHER[name]).token


def test_columns_are_data():
    def with_column(J):
        return (
            sym.DOperator(FOCK)
            .for_each_site("i", columns={"J": J})
            .emit(amplitude=sym.column("J") * s("i").value)
            .build()
        )

    assert structure(with_column(np.arange(7.0))) == structure(with_column(np.ones(7)))


def test_two_operators_of_one_structure_share_one_trace():
    before = trace_count()
    first = chain().compile(cache=False).get_conn_padded(X)
    assert trace_count() == before + 1
    second = chain(over=((3, 0), (2, 6)), J=0.5).compile(cache=False).get_conn_padded(X)
    assert trace_count() == before + 1
    # X is 0 1 2 3 0 1 2: rows (0, 1) and (1, 2), then (3, 0) and (2, 6)
    assert np.asarray(first[1]).tolist() == [0.0, 1.0]
    assert np.asarray(second[1]).tolist() == [4.5, 2.0]
    chain(power=4).compile(cache=False).get_conn_padded(X)
    assert trace_count() == before + 2


def test_one_trace_as_an_argument_of_jit():
    traced = []

    @jax.jit
    def run(operator, x):
        traced.append(1)
        return operator.get_conn_padded(x)

    operators = [
        chain(over=over, J=J, name=f"{J}") for over in (((0, 1), (1, 2)), ((5, 4), (6, 3))) for J in (1.0, 3.0)
    ]
    totals = [float(run(operator.compile(cache=False), X)[1].sum()) for operator in operators]
    # rows (0, 1) and (1, 2) from 0 and 1; rows (5, 4) and (6, 3) from 1 and 2, of which the second leaves at 3 + 1
    assert totals[:2] == [1.0, 3.0]
    assert np.isnan(totals[2:]).all()
    assert traced == [1]


def test_other_numbers_of_local_states_on_sites():
    ours, theirs = (
        structure(sym.DOperator(space).globally().emit().build()) for space in (Fock(1, N=2), Spin(0.5, N=2))
    )
    assert ours != theirs


def test_structures_pickle():
    made = structure(chain())
    again = pickle.loads(pickle.dumps(made))
    assert again == made
    assert hash(again) == hash(made)


def test_sizes():
    made = structure(sym.DOperator(FOCK).for_each_pair("i", "j").emit().emit().fanout(5).globally().emit().build())
    assert [term.max_fanout for term in made.terms] == [98, 1]
    assert [term.fanout for term in made.terms] == [5, 1]
    assert made.n_slots == 6
    assert made != 6
