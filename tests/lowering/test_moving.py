"""From effects of updates to moves and patterns, all of both compared with what was written by hand."""

from __future__ import annotations

from types import SimpleNamespace

import attrs
import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.fusion.effects import OPAQUE, Effect, Linear, Wrapped
from nqx_graph.hilbert import Fock, Qubit, Spin
from nqx_graph.kernel.motion import ADD, GENERAL, TURN, Delta
from nqx_graph.lowering import moving
from nqx_graph.lowering.fusing import fuse
from nqx_graph.lowering.moving import Known, known, motion
from nqx_graph.space import from_states, view

SPIN, FOCK, QUBIT = view(Spin(0.5, N=4)), view(Fock(3, N=4)), view(Qubit(4))
SITES = np.array([[0, 1, 2], [1, 2, 3], [3, 0, 1]], dtype=np.int32)  # three slots, three rows
s = sym.site
n, m = s("i").value, s("j").value


def effect(values, slots=(0, 1)):
    return Effect(SITES[list(slots)], values)


def said(made):
    """Everything a `Known` holds, in lists."""

    def listed(places):
        return [(sites.tolist(), entries.tolist()) for sites, entries in places]

    deltas = None if made.deltas is None else [(d.kind, d.own, d.source, d.a, d.b) for d in made.deltas]
    turned = None if made.turned is None else listed(made.turned)
    return made.n_rows, turned, made.unequal, deltas, [listed(places) for places in made.places]


def of(given, space=FOCK):
    return said(known(given, SITES, (), space, 3))


FIRST, SECOND = ([0, 1, 2], [1, 1, 1]), ([1, 2, 3], [1, 1, 1])


def test_spaces_of_other_states_turn_nothing():
    turn = {0: Linear(0, -1, 1)}
    unlike = from_states(SimpleNamespace(size=4), [[0, 1], [0, 1], [0, 2], [0, 1]], None, None)
    assert of(effect(turn), unlike)[1:4] == (None, None, [("linear", 0, 0, -1, 1)])
    mixed = from_states(SimpleNamespace(size=4), [[0, 1], [0, 1], [0, 1, 2], [0, 1]], None, None)
    assert of(effect(turn), mixed)[1] is None
    alike = from_states(SimpleNamespace(size=4), [[0, 1]] * 4, None, None)
    assert of(effect(turn), alike)[1] == [FIRST]
    halves = from_states(SimpleNamespace(size=4), [[0.5, 1.5]] * 4, None, None)
    assert said(known(OPAQUE, SITES, (), halves, 3)) == (3, None, None, None, [])


def test_nothing_has_no_part_in_either_form():
    assert of(effect({})) == (3, [], None, [], [])


def test_a_mask_turns_what_it_says():
    mask = np.eye(3, 4, dtype=bool)
    made = known(Effect(np.zeros((0, 3), np.int32), {}, mask), SITES, (), QUBIT, 3)
    assert made.turned is mask
    assert (made.n_rows, made.deltas, made.unequal, made.places) == (3, None, None, ())


def test_a_spin_turns_or_gains():
    values = {0: Linear(0, -1, 0)}
    assert of(effect(values), SPIN) == (3, [FIRST], None, [("linear", 0, 0, -1, 0)], [[FIRST]])
    assert of(effect({0: Linear(0, -1, 1)}), SPIN)[1] is None  # 1 - x is no turn where states are -1 and 1
    assert of(effect({0: Linear(0, -1, 1)}), QUBIT)[1] == [FIRST]
    assert of(effect({0: Linear(0, -1, 3)}))[1] is None  # there are more states


def test_two_spins_turn():
    values = {0: Linear(0, -1, 0), 1: Linear(1, -1, 0)}
    both = [FIRST, SECOND]
    deltas = [("linear", 0, 0, -1, 0), ("linear", 1, 1, -1, 0)]
    assert of(effect(values), SPIN) == (3, both, None, deltas, [[FIRST], [SECOND]])
    assert of(effect({**values, 1: Linear(1, 1, 2)}), SPIN)[1] is None


def test_sites_that_change_places_share_a_delta():
    values = {0: Linear(1, 1, 0), 1: Linear(0, 1, 0)}
    places = [[FIRST, ([1, 2, 3], [-1, -1, -1])]]
    assert of(effect(values), SPIN) == (3, [FIRST, SECOND], (0, 1), [("linear", 0, 1, 1, 0)], places)
    assert of(effect(values)) == (3, None, None, [("linear", 0, 1, 1, 0)], places)


def test_slots_are_those_of_the_term():
    values = {0: Linear(1, 1, 0), 1: Linear(0, 1, 0)}
    made = of(effect(values, (2, 1)), SPIN)
    assert made[2:4] == ((2, 1), [("linear", 2, 1, 1, 0)])
    assert made[1] == [([3, 0, 1], [1, 1, 1]), SECOND]


@pytest.mark.parametrize("other", [Linear(0, 2, 0), Linear(0, 1, 1), Linear(-1, 0, 0), Wrapped(0, 1)])
@pytest.mark.parametrize("swapped", [False, True])
def test_sites_that_only_nearly_change_places_do_not(other, swapped):
    values = {0: Linear(1, 1, 0), 1: other}
    if swapped:  # the odd one first
        values = {0: attrs.evolve(other, source=1) if other != Linear(-1, 0, 0) else other, 1: Linear(0, 1, 0)}
    assert of(effect(values), SPIN)[1:3] == (None, None)
    assert of(effect(values))[4] == [[FIRST], [SECOND]]


def test_three_sites_that_change_places_in_a_ring():
    values = {0: Linear(1, 1, 0), 1: Linear(2, 1, 0), 2: Linear(0, 1, 0)}
    deltas = [("linear", 0, 1, 1, 0), ("linear", 1, 2, 1, 0), ("linear", 2, 0, 1, 0)]
    made = of(effect(values, (0, 1, 2)), SPIN)
    assert made[1:4] == (None, None, deltas)
    assert made[4] == [[FIRST], [SECOND], [([3, 0, 1], [1, 1, 1])]]


def test_two_sites_of_a_pair_and_a_third():
    """Two that change places, one of which a third site is a copy of."""
    values = {0: Linear(1, 1, 0), 1: Linear(0, 1, 0), 2: Linear(0, 1, 0)}
    made = of(effect(values, (0, 1, 2)))
    assert made[3] == [("linear", 0, 1, 1, 0), ("linear", 2, 0, 1, 0)]
    assert made[4] == [[FIRST, ([1, 2, 3], [-1, -1, -1])], [([3, 0, 1], [1, 1, 1])]]


def test_what_sites_gain():
    steps = {0: Linear(0, 1, 3), 1: Linear(1, 1, -2)}
    assert of(effect(steps)) == (
        3,
        None,
        None,
        [("one", -1, -1, 0, 0)],
        [[([0, 1, 2], [3] * 3), ([1, 2, 3], [-2] * 3)]],
    )
    write = {0: Linear(-1, 0, 2), 1: Linear(1, 1, 1)}
    assert of(effect(write))[3] == [("one", -1, -1, 0, 0), ("linear", 0, -1, 0, 2)]
    assert of(effect(write))[4] == [[SECOND], [FIRST]]
    assert of(effect({1: Wrapped(0, 5)}))[3:] == ([("wrapped", 1, 0, 1, 5)], [[SECOND]])
    assert of(effect({1: Linear(0, 1, 0)}))[3:] == ([("linear", 1, 0, 1, 0)], [[SECOND]])
    assert of(effect({0: Linear(0, 2, 1)}))[3:] == ([("linear", 0, 0, 2, 1)], [[FIRST]])


@pytest.mark.parametrize(("count", "known_as_deltas"), [(6, True), (7, False)])
def test_many_deltas_are_none(count, known_as_deltas):
    sites = np.arange(8)[:, None].astype(np.int32)
    space = view(Spin(0.5, N=8))
    made = known(Effect(sites, {k: Linear(k, -1, 0) for k in range(count)}), sites, (), space, 1)
    assert len(made.turned) == count
    assert (made.deltas is not None) is known_as_deltas
    assert len(made.places) == count * known_as_deltas


def lowered(update, space, columns=None, over=((0, 1), (1, 2), (2, 0))):
    """The structure of a fused kernel of one stream."""
    operator = sym.DOperator(space).for_each(("i", "j"), over, columns=columns).emit(update, amplitude=1.0).build()
    return fuse(operator.to_ir(), view(space), [[0]], "nan")


def events(update, space=None):
    structure, tables, _ = lowered(update, space or Fock(3, N=4))
    made = structure.motion
    deltas = [(d.kind, d.own, d.b) for term in made.moves for move in term for d in move.deltas]
    return made.form, deltas, [pattern.dense.tolist() for pattern in tables.patterns]


ROWS = {"i": [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]], "j": [[0, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0]]}


def test_every_write_of_what_is_known_as_it_runs_is_a_delta():
    up, both = sym.shift("i", 1), sym.shift("i", 1).shift("j", -1)
    assert events(sym.cond(n > m, up)) == (ADD, [("event", 0, 0)], [ROWS["i"]])
    assert events(sym.cond(n > m, both, sym.write("j", n))) == (
        ADD, [("event", 0, 0), ("event", 1, 1), ("event", 1, 2)], [ROWS["i"], ROWS["j"], ROWS["j"]],
    )  # fmt: skip
    assert events(sym.cond(n > m, sym.invalidate(), up))[:2] == (ADD, [("event", 0, 0)])
    assert events(sym.cond(n > m, sym.cond(n > 1, up, both)).shift("j", 1))[1] == [
        ("event", 0, 0), ("event", 0, 1), ("event", 1, 2), ("event", 1, 3),
    ]  # fmt: skip


def test_what_is_known_as_it_runs_has_six_writes_at_most():
    def chain(count):
        update = sym.cond(n > m, sym.shift("i", 1))
        for _ in range(count - 1):
            update = update.shift("i", 0)
        return update

    assert [events(chain(count))[0] for count in (5, 6, 7)] == [ADD, ADD, GENERAL]


def test_what_may_be_no_whole_number_is_written_out():
    half = sym.affine("i", scale=0.5, bias=0)
    assert events(half)[0] == GENERAL
    for side in ((half,), (sym.shift("i", 1), half)):
        assert events(sym.cond(n > m, *side))[0] == GENERAL
    assert events(sym.cond(n > m, sym.shift("i", 1)), Spin(0.5, N=4))[0] == ADD
    assert lowered(sym.cond(n > m, sym.flip("f")), Qubit(4), {"f": ROWS["i"]})[0].motion.form == GENERAL
    assert lowered(sym.shift("i", 1).flip("f"), Qubit(4), {"f": ROWS["i"]})[0].motion.form == GENERAL


A, B = np.array([0, 1], np.int32), np.array([2, 0], np.int32)
ONES = np.ones(2, dtype=np.int64)
ONE = (Delta("one"),)


def turning(*parts):
    return Known(2, turned=[(sites, ONES) for sites in parts])


def adding(*places, turned=None):
    return Known(2, turned=turned, deltas=ONE * len(places), places=tuple(places))


def patterns(made):
    return [pattern.dense.tolist() for pattern in made[1]]


def test_one_form_serves_all():
    turn, add, neither = turning(A), adding([(A, ONES)]), Known(2)
    either = adding([(A, ONES)], turned=[(A, ONES)])
    for terms, form in [
        ([[turn]], TURN), ([[turn, either]], TURN), ([[either], [turn]], TURN), ([[add]], ADD), ([[either], [add]], ADD),
        ([[turn], [add]], GENERAL), ([[turn, add]], GENERAL), ([[neither]], GENERAL), ([[add], [neither]], GENERAL),
    ]:  # fmt: skip
        made = motion(terms, 1, 3)
        assert (made[0].form, made[0].still) == (form, 1)
        if form == GENERAL:
            assert made[1] == ()


def test_rows_come_as_given_and_emissions_as_written():
    """Two emissions of two rows, then one of three, behind a slot that keeps x."""
    three = Known(3, turned=[(np.array([0, 1, 2], np.int32), np.ones(3, np.int64))])
    made = motion([[turning(A), turning(B, A)], [three]], 1, 3)
    assert patterns(made) == [
        [[0, 0, 0], [-1, 0, 0], [-1, 0, -1], [0, -1, 0], [-1, -1, 0], [-1, 0, 0], [0, -1, 0], [0, 0, -1]]
    ]
    assert made[0].signs
    assert [[move.unequal for move in term] for term in made[0].moves] == [[None, None], [None]]


def test_emissions_with_fewer_deltas_have_no_part_in_later_patterns():
    made = motion([[adding([(A, 3 * ONES)]), adding([(B, ONES)], [(A, -ONES), (B, ONES)])]], 0, 3)
    assert patterns(made) == [
        [[3, 0, 0], [0, 0, 1], [0, 3, 0], [1, 0, 0]],
        [[0, 0, 0], [-1, 0, 1], [0, 0, 0], [1, -1, 0]],
    ]
    assert not made[0].signs
    assert [len(move.deltas) for move in made[0].moves[0]] == [1, 2]
    assert motion([[adding([(A, -ONES)])]], 0, 3)[0].signs
    assert [pattern.sites for pattern in made[1]] == [None, None]


def test_nothing_that_moves_has_no_pattern_to_add():
    made = motion([[Known(2, deltas=())]], 0, 3)
    assert (made[0].form, made[0].signs, made[1]) == (ADD, True, ())
    assert patterns(motion([[Known(2, turned=[])]], 0, 3)) == [[[0, 0, 0]] * 2]
    assert patterns(motion([], 1, 3)) == [[[0, 0, 0]]]


def test_sites_met_twice_add_up():
    assert patterns(motion([[adding([(A, ONES), (A, 2 * ONES)])]], 0, 3)) == [[[3, 0, 0], [0, 3, 0]]]


def test_a_mask_is_negated():
    made = motion([[Known(2, turned=np.array([[True, False, True], [False, True, False]]))]], 0, 3)
    assert patterns(made) == [[[-1, 0, -1], [0, -1, 0]]]


@pytest.mark.parametrize(
    ("largest", "dtype"),
    [(1, "int8"), (127, "int8"), (128, "int16"), (2**15 - 1, "int16"), (2**15, "int32"), (2**31 - 1, "int32")],
)
def test_a_pattern_is_as_narrow_as_its_entries(largest, dtype, monkeypatch):
    given = [[adding([(A, np.array([largest, 0]))])]]
    dense = motion(given, 0, 3)[1][0].dense
    assert (dense.dtype, dense.tolist()) == (dtype, [[largest, 0, 0], [0, 0, 0]])
    monkeypatch.setattr(moving, "DENSE", 0)
    (entries,) = motion(given, 0, 3)[1][0].entries
    assert (entries.dtype, entries.tolist()) == (dtype, [largest, 0])


def test_large_patterns_are_made_in_the_kernel(monkeypatch):
    """Of two slots before, two rows and three sites: twelve entries."""
    given = [[adding([(A, 3 * ONES), (B, -ONES)])]]
    monkeypatch.setattr(moving, "DENSE", 12)
    assert motion(given, 2, 3)[1][0].dense is not None
    monkeypatch.setattr(moving, "DENSE", 11)
    made, (pattern,) = motion(given, 2, 3)
    assert pattern.dense is None
    assert [sites.tolist() for sites in pattern.sites] == [[0, 0, 0, 1], [0, 0, 2, 0]]
    assert [entries.tolist() for entries in pattern.entries] == [[0, 0, 3, 3], [0, 0, -1, -1]]
    assert not made.signs
    turned, (pattern,) = motion([[Known(2, turned=[(A, 3 * ONES)])]], 2, 3)
    assert [entries.tolist() for entries in pattern.entries] == [[0, 0, -3, -3]]
    assert not turned.signs  # entries of one site may add up
    assert motion([[Known(2, turned=[])]], 2, 3)[1][0].sites == ()
    mask = [[Known(2, turned=np.eye(2, 3, dtype=bool))], [turning(B)]]
    assert patterns(motion(mask, 2, 3))[0][4] == [0, 0, -1]  # masks are kept as they are


def test_patterns_of_sixteen_million_entries_are_kept():
    assert moving.DENSE == 16 * 1024 * 1024


def test_opaque_effects_of_no_steps():
    assert said(known(OPAQUE, SITES, (), FOCK, 3)) == (3, None, None, [], [])
