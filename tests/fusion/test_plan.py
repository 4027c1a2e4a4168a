"""Which branches share a slot, against a comparison of x' for every x."""

from __future__ import annotations

import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.fusion.effects import effects
from nqx_graph.fusion.plan import plan
from nqx_graph.fusion.streams import split
from nqx_graph.hilbert import Fock, Qubit, Spin
from nqx_graph.ir.merging import shapes
from nqx_graph.space import view

from .test_effects import KNOWN, applied

s = sym.site
n, m = s("i").value, s("j").value
FOCK, SPIN, QUBIT = Fock(3, N=3), Spin(0.5, N=3), Qubit(3)


def plan_of(hilbert, *terms, may_vanish=True):
    builder = sym.DOperator(hilbert, "o")
    for term in terms:
        term(builder)
    ir = builder.build().to_ir()
    return plan(*split(ir, shapes(ir), lambda _: may_vanish), view(hilbert))


def at(update, amplitude=1.0, over=((0, 1), (1, 2)), where=True, columns=None):
    return lambda b: b.for_each(("i", "j"), over, columns=columns).where(where).emit(update, amplitude=amplitude)


def slots(made):
    """Rows of every block, and of what is added to it: the rows of every slot."""
    return [(block.stream.n_rows, [rows_of(addition) for addition in block.additions]) for block in made.blocks]


def rows_of(addition):
    """The row of every slot, or its rows; None where rows are slots."""
    if addition.group is None:
        return None if addition.place is None else addition.place.tolist()
    return [addition.group[place].tolist() if place >= 0 else [] for place in addition.place.tolist()]


SAME = {
    "two ways to turn a spin": (SPIN, sym.shift_mod("i", 2), sym.affine("i", scale=-1)),
    "two ways to turn a qubit": (QUBIT, sym.write("i", 1 - n), sym.shift_mod("i", 1)),
    "two ways to swap": (FOCK, sym.swap("i", "j"), sym.write("j", n).write("i", m)),
    "both ways round": (FOCK, sym.swap("i", "j"), sym.permute("j", "i")),
    "steps": (FOCK, sym.shift("i", 1).shift("j", -1), sym.shift("j", -2).shift("i", 1).shift("j", 1)),
    "the long way round": (FOCK, sym.shift_mod("i", 1), sym.shift_mod("i", -3)),
    "a constant": (FOCK, sym.write("i", 2), sym.affine("i", scale=0, bias=2)),
}


@pytest.mark.parametrize("name", SAME)
def test_one_slot_for_one_target(name):
    hilbert, first, second = SAME[name]
    made = plan_of(hilbert, at(first), at(second, amplitude=n))
    assert slots(made) == [(2, [None])]
    assert made.diagonal == ()
    # of some rows only, and in another order
    made = plan_of(hilbert, at(first, over=((0, 1), (1, 2), (2, 0))), at(second, n, over=((2, 0), (0, 1))))
    assert slots(made) == [(3, [[1, -1, 0]])]
    made = plan_of(hilbert, at(first, over=((0, 1), (1, 2))), at(second, n, over=((2, 0), (1, 2), (0, 1))))
    assert slots(made) == [(2, [None]), (1, [])]
    assert made.blocks[0].additions[0].stream.term.iterator.index_sets.tolist() == [[0, 1], [1, 2]]


@pytest.mark.parametrize(
    ("hilbert", "first", "second"),
    [
        (FOCK, sym.shift("i", 1), sym.shift_mod("i", 1)),
        (FOCK, sym.shift("i", 1), sym.shift("i", 2)),
        (FOCK, sym.write("i", 0), sym.write("i", 1)),
        (FOCK, sym.permute("i", "j", 2), sym.permute(2, "j", "i")),
        (FOCK, sym.write("i", m), sym.write("j", n)),
        (FOCK, sym.swap("i", "j"), sym.swap("i", 2)),
    ],
)
def test_other_targets_have_slots_of_their_own(hilbert, first, second):
    assert slots(plan_of(hilbert, at(first, over=((0, 1),)), at(second, n, over=((0, 1),)))) == [(1, []), (1, [])]


def test_what_is_only_known_as_it_runs_shares_nothing():
    cond = sym.cond(n > 0, sym.shift("i", -1))
    assert slots(plan_of(FOCK, at(cond), at(cond, amplitude=n))) == [(2, []), (2, [])]
    assert slots(plan_of(FOCK, at(cond), at(cond, amplitude=2.0))) == [(2, [])]  # of one stream, rows add up


def test_everything_that_keeps_x_is_diagonal():
    made = plan_of(
        FOCK, at(sym.identity, n), at(sym.swap("i", "i"), m), at(sym.shift("i", 1).shift("i", -1), 0.5),
        at(sym.swap("i", "j"), over=((1, 1), (0, 1))),
    )  # fmt: skip
    assert [stream.n_rows for stream in made.diagonal] == [2, 2, 2, 1]
    assert slots(made) == [(1, [])]


def test_two_rows_of_one_stream_that_reach_one_target():
    made = plan_of(FOCK, at(sym.swap("i", "j"), over=((0, 1), (1, 0), (1, 2), (1, 0))))
    assert slots(made) == [(2, [[0, -1]])]
    assert made.blocks[0].additions[0].stream.factor.tolist() == [2.0]


def test_many_rows_of_one_stream_that_reach_one_target():
    """Of six, one opens the slot, one is added by itself, two together, and two of the next four."""
    mask = [[1, 0, 0]] * 3 + [[0, 1, 0], [1, 1, 0]] + [[1, 0, 0]] * 3 + [[0, 1, 0]]
    columns = {"m": mask, "w": np.arange(9.0)}
    made = plan_of(QUBIT, at(sym.flip("m"), sym.column("w") * n, over=[(0, 1)] * 9, columns=columns))
    assert slots(made) == [(3, [[0, 1, -1], [[0, 1], [], []], [[0, 1], [], []]])]
    (block,) = made.blocks
    # by groups: what is added up before has nothing to do with the slots that have no such row
    assert [a.group if a.group is None else a.group.shape for a in block.additions] == [None, (1, 2), (1, 2)]
    rows = [stream.order.tolist() for stream in (block.stream, *(a.stream for a in block.additions))]
    assert rows == [[0, 3, 4], [1, 8], [2, 5], [6, 7]]


def test_masks_and_sites_reach_one_target():
    for hilbert, turn in ((SPIN, sym.affine("i", scale=-1)), (QUBIT, sym.shift_mod("i", 1))):
        mask = {"m": [[1, 0, 0], [0, 1, 0], [1, 1, 0]]}
        made = plan_of(hilbert, at(turn), at(sym.flip("m"), n, over=((0, 0), (0, 0), (0, 0)), columns=mask))
        assert slots(made) == [(2, [None]), (1, [])]


def test_opposite_constants_leave_nothing():
    made = plan_of(SPIN, at(sym.shift_mod("i", 2), 0.5), at(sym.shift_mod("i", 2), -0.5))
    assert (made.diagonal, made.blocks, made.promised) == ((), (), ())


@pytest.mark.parametrize("hilbert", [FOCK, QUBIT, SPIN], ids=repr)
@pytest.mark.parametrize("seed", range(3))
def test_shared_slots_reach_one_target_for_every_x(hilbert, seed):
    """Every branch of a slot, and of no other slot of streams that are known, has the x' of the slot."""
    rng = np.random.default_rng(seed)
    states = np.asarray(hilbert.all_states()).astype(np.int64)
    names = rng.permutation(list(KNOWN))[:12]
    terms = [at(KNOWN[name], 1.0 + k * n, over=rng.integers(0, 3, size=(3, 2))) for k, name in enumerate(names)]
    made = plan_of(hilbert, *terms)
    seen = {}
    for block in made.blocks:
        for row in range(block.stream.n_rows):
            table = np.stack([applied(block.effect, row, x, hilbert) for x in states])
            assert not np.array_equal(table, states), block.stream.update
            seen[table.tobytes()] = seen.get(table.tobytes(), 0) + 1
            for addition in block.additions:
                rows = np.atleast_1d(row if addition.place is None else rows_of(addition)[row])
                for at_row in rows[rows >= 0].astype(int):
                    ((_, effect),) = effects(addition.stream.take(np.array([at_row])), view(hilbert))
                    np.testing.assert_array_equal(np.stack([applied(effect, 0, x, hilbert) for x in states]), table)
    assert set(seen.values()) <= {1}
