"""What updates do, as read from their text, against what the reference interpreter makes of them."""

from __future__ import annotations

import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.fusion.effects import Effect, Linear, Wrapped, effects
from nqx_graph.fusion.streams import split
from nqx_graph.hilbert import Fock, Qubit, Spin
from nqx_graph.lowering.reference import branches
from nqx_graph.space import view

s = sym.site
n, m = s("i").value, s("j").value
U = sym.Update
FOCK, SPIN, QUBIT = Fock(3, N=3), Spin(0.5, N=3), Qubit(3)
ROWS = [(0, 1), (1, 2), (1, 1), (2, 0), (2, 1)]


def operator_of(update, hilbert, columns=None):
    return sym.DOperator(hilbert, "o").for_each(("i", "j"), ROWS, columns=columns).emit(update).build()


def parts_of(update, hilbert, columns=None):
    """The parts of the only stream, and the operator."""
    operator = operator_of(update, hilbert, columns)
    (stream,), _ = split(operator.to_ir(), [(0,)], lambda _: False)
    return effects(stream, view(hilbert)), operator


def applied(effect, row, x, hilbert):
    """x' of one row of an effect, by the words of its docstring."""
    space = view(hilbert)
    low, span = int(space.low[0]), int(space.step[0] * space.count[0])
    made = x.copy()
    if effect.flipped is not None:
        return np.where(effect.flipped[row], 2 * low + space.step[0] - x, x)
    for name, value in effect.values.items():
        source = 0 if value.source < 0 else x[effect.sites[value.source, row]]
        if isinstance(value, Linear):
            made[effect.sites[name, row]] = value.a * source + value.b
        else:
            made[effect.sites[name, row]] = (source + value.d - low) % span + low
    return made


def truth(operator, x):
    """x' of every row as the reference interpreter runs the update, (without a look at the local states)."""
    return [np.array(branch.target) for branch in branches(operator.to_ir(), view(operator.hilbert), x, {})]


KNOWN = {
    "shift": U.shift("i", 1),
    "shift twice": U.shift("i", 1).shift("i", 1).shift("j", -1),
    "shift and back": U.shift("i", 2).shift("i", -2),
    "wrapped": U.shift_mod("i", 3),
    "wrapped twice": U.shift_mod("i", 3).shift_mod("i", 5),
    "all the way round": U.shift_mod("i", 2).shift_mod("i", 6),
    "swap": U.swap("i", "j"),
    "swap and back": U.swap("i", "j").swap("j", "i"),
    "swap, then shift": U.swap("i", "j").shift("i", 1),
    "shift, then swap": U.shift("i", 1).swap("i", "j"),
    "wrapped, then swapped": U.shift_mod("i", 2).swap("i", "j"),
    "swapped, then wrapped": U.swap("i", "j").shift_mod("i", 2),
    "permute": U.permute("i", "j", 0),
    "permute with a site twice": U.permute("i", "j", "i"),
    "affine": U.affine("i", scale=-1, bias=3),
    "affine of affine": U.affine("i", scale=2, bias=1).affine("i", scale=-1, bias=3),
    "affine to a constant": U.shift("i", 1).affine("i", scale=0, bias=2),
    "write": U.write("i", 2),
    "write another": U.write("i", m),
    "write both": U.write("i", m).write("j", n),
    "write what is there": U.write("i", n),
    "write twice what is there, less once": U.write("i", 2 * n - n),
    "read in x": U.shift("i", 1).write("j", n),
    "a flat site": U.write(0, sym.source_index(2)),
    "an index": U.write((s("i").index + 1) * 0 + 2, 1 - n),
    "scatter": U.scatter(["i", "j"], [m, n]),
    "scatter on one site": U.scatter(["i", "i"], [m, 1]),
    "nothing": sym.identity,
}
UNKNOWN = {
    "a sum that is none": U.write("i", n + m - m),
    "cond": U.cond(n > 0, sym.shift("i", 1)),
    "a product": U.write("i", n * m),
    "two sites": U.write("i", n + m),
    "a number of a site": U.write("i", s("i").index),
    "a choice": U.write("i", sym.where(n > 0, 1, 0)),
    "a float": U.shift("i", 1.0),
    "a shift by what is there": U.shift("i", m),
    "a shift of what was wrapped": U.shift_mod("i", 1).shift("i", 1),
    "wrapped after a shift": U.shift("i", 1).shift_mod("i", 1),
    "wrap_mod": U.write("i", sym.wrap_mod(n + 1)),
}


@pytest.mark.parametrize("hilbert", [FOCK, SPIN, QUBIT], ids=repr)
@pytest.mark.parametrize("name", [*KNOWN, *UNKNOWN])
def test_an_effect_is_what_the_update_does(name, hilbert):
    parts, operator = parts_of({**KNOWN, **UNKNOWN}[name], hilbert)
    assert sum(stream.n_rows for stream, _ in parts) == len(ROWS)
    known = [(stream, effect) for stream, effect in parts if not effect.opaque]
    assert known or name in UNKNOWN
    for x in np.asarray(hilbert.all_states()).astype(np.int64):
        expected = dict(zip(ROWS, truth(operator, x), strict=True))
        for stream, effect in known:
            for row, sites in enumerate(map(tuple, stream.term.iterator.index_sets.tolist())):
                np.testing.assert_array_equal(applied(effect, row, x, hilbert), expected[sites], err_msg=f"{sites} {x}")


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_has_no_form_is_opaque(name):
    parts, _ = parts_of(UNKNOWN[name], FOCK)
    assert any(effect.opaque for _, effect in parts)
    assert not any(effect.nothing for _, effect in parts if effect.opaque)


@pytest.mark.parametrize(
    "name", ["shift and back", "all the way round", "swap and back", "write what is there", "nothing"]
)
def test_what_does_nothing_is_nothing(name):
    parts, _ = parts_of(KNOWN[name], FOCK)
    assert all(effect.nothing for _, effect in parts)


def test_rows_on_which_sites_coincide_are_a_part_of_their_own():
    parts, _ = parts_of(sym.swap("i", "j"), FOCK)
    assert [stream.term.iterator.index_sets.tolist() for stream, _ in parts] == [
        [list(row) for row in ROWS if row != (1, 1)],
        [[1, 1]],
    ]
    assert [effect.nothing for _, effect in parts] == [False, True]


def test_the_other_of_two_states_is_one_thing_however_it_is_written():
    for hilbert, total in ((QUBIT, 1), (SPIN, 0)):
        step = 2 if hilbert is SPIN else 1
        for update in (
            sym.shift_mod("i", step),
            sym.shift_mod("i", -step),
            sym.affine("i", -1, total),
            sym.write("i", total - n),
        ):
            parts, _ = parts_of(update, hilbert)
            assert [effect.values for _, effect in parts] == [{0: Linear(0, -1, total)}] * len(parts)
    assert parts_of(sym.shift_mod("i", 1), FOCK)[0][0][1].values == {0: Wrapped(0, 1)}


def test_masks():
    masks = np.array([[1, 0, 1], [0, 0, 0], [1, 1, 1], [0, 1, 0], [0, 0, 0]])
    parts, operator = parts_of(sym.flip("m"), SPIN, {"m": masks})
    assert [stream.order.tolist() for stream, _ in parts] == [[1, 4], [0, 2, 3]]
    assert parts[0][1].nothing
    assert parts[1][1].flipped.astype(int).tolist() == masks[[0, 2, 3]].tolist()
    both, _ = parts_of(sym.flip("m").flip("k"), SPIN, {"m": masks, "k": masks[::-1]})
    assert both[-1][1].flipped.astype(int).tolist() == [r for r in (masks ^ masks[::-1]).tolist() if any(r)]
    mixed, _ = parts_of(sym.flip("m").shift("i", 2), SPIN, {"m": masks})
    assert [effect.opaque for _, effect in mixed] == [True]
    x = np.array([1, -1, 1])
    assert [applied(parts[1][1], k, x, SPIN).tolist() for k in range(3)] == [
        truth(operator, x)[row].tolist() for row in (0, 2, 3)
    ]


def test_spaces_whose_states_are_no_whole_numbers_are_opaque():
    class Halves:
        size, local_states = 3, (-0.5, 0.5)

    parts, _ = parts_of(sym.shift("i", 1), Halves())
    assert [effect.opaque for _, effect in parts] == [True]
    parts, _ = parts_of(sym.identity, Halves())
    assert [effect.nothing for _, effect in parts] == [True]


def test_an_effect_that_is_not_known_is_not_nothing():
    assert Effect(np.zeros((0, 2), np.int32), {}).nothing
    assert not Effect(np.zeros((0, 2), np.int32), {}, None, True).nothing
