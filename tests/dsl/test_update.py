"""Updates as chains of steps."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from refusal import refused, shown

from nqx_graph.dsl import selectors as s
from nqx_graph.dsl import update as u
from nqx_graph.dsl.builder import DOperator
from nqx_graph.errors import DefinitionError, ExpressionError, IRFormatError
from nqx_graph.hilbert import Fock
from nqx_graph.ir.types import UpdateOp, UpdateProgram

I = s.site("i")  # noqa: E741

STEPS: dict[str, tuple[Any, ...]] = {
    "write": ("i", 1), "shift": ("i", 1), "shift_mod": ("i", 1), "affine": ("i", 2, 3), "swap": ("i", "j"),
    "permute": ("i", "j", 0), "scatter": ([0, "i"], [1, I]), "flip": ("m",), "cond": (I > 0, u.shift("i", 1)),
    "invalidate": ("why",),
}  # fmt: skip


@pytest.mark.parametrize("kind", STEPS)
def test_every_step_starts_a_chain_and_goes_on_with_one(kind: str) -> None:
    args = STEPS[kind]
    alone = getattr(u, kind)(*args)
    assert [op.kind for op in alone.program.ops] == [kind]
    assert getattr(u.Update, kind)(*args).program.same_as(alone.program)
    assert getattr(u.Update(), kind)(*args).program.same_as(alone.program)
    chain = getattr(u.shift(0, 1), kind)(*args)
    assert [op.kind for op in chain.program.ops] == ["shift", kind]
    assert chain.program.ops[1].same_as(alone.program.ops[0])


def test_a_step_returns_a_new_update() -> None:
    first = u.shift("i", 1)
    second, third = first.write("i", 0), first.swap("i", "j")
    assert [len(update.program.ops) for update in (first, second, third)] == [1, 2, 2]
    with pytest.raises(AttributeError, match="an update cannot change"):
        first.program = second.program


def test_identity() -> None:
    assert u.identity().program.ops == ()
    assert u.Update().program.same_as(u.identity().program)
    assert u.as_update(u.identity, "here").program.ops == ()


def test_the_ways_to_name_a_site() -> None:
    ways = [u.write("i", 0), u.write(I, 0), u.write(s.emitted("i"), 0), u.write(I.index, 0)]
    assert all(way.program.same_as(ways[0].program) for way in ways)
    assert u.write(2, 0).program.same_as(u.write(np.int32(2), 0).program)


def test_defaults() -> None:
    assert u.affine("i").program.same_as(u.affine("i", scale=1, bias=0).program)
    assert u.cond(I > 0).program.same_as(u.cond(I > 0, if_true=u.identity(), if_false=u.identity).program)
    assert u.invalidate().program.ops[0].params["reason"] == ""


@pytest.mark.parametrize("site", [1.5, None, True, "", [0], 1j], ids=shown)
def test_what_is_no_site(site: Any) -> None:
    for write in (lambda: u.write(site, 0), lambda: u.swap("i", site), lambda: u.scatter([site], [0])):
        with refused(ExpressionError):
            write()


@pytest.mark.parametrize("value", ["1", None, True, [1], float("inf"), I > 0], ids=shown)
def test_what_is_no_value(value: Any) -> None:
    for write in (
        lambda: u.write("i", value), lambda: u.shift("i", value), lambda: u.shift_mod("i", value),
        lambda: u.affine("i", value), lambda: u.affine("i", 1, value), lambda: u.scatter([0], [value]),
    ):  # fmt: skip
        with refused(ExpressionError):
            write()


def test_scatter_takes_two_sequences_of_one_length() -> None:
    array = u.scatter(np.array([0, 1]), np.array([2, 3]))
    assert array.program.same_as(u.scatter([0, 1], (2, 3)).program)
    for wrong in ("ij", 3, None):
        with refused(ExpressionError, "the indices of scatter", repr(wrong)):
            u.scatter(wrong, [1])
        with refused(ExpressionError, "the values of scatter", repr(wrong)):
            u.scatter([1], wrong)
    for indices, values in (([0, 1], [1]), ([], [1]), ([0], [])):
        with refused(DefinitionError, f"{len(indices)} sites and {len(values)} values"):
            u.scatter(indices, values)


def test_names_and_reasons_are_text() -> None:
    with refused(ExpressionError, "flip takes the name of a column", "3"):
        u.flip(3)
    with refused(ExpressionError, "reason of invalidate", "3"):
        u.invalidate(3)


@pytest.mark.parametrize("side", ["if_true", "if_false"])
def test_a_side_of_cond_is_an_update(side: str) -> None:
    for wrong in (1, "shift", u.shift, lambda x: x):
        with refused(ExpressionError, f"{side} of cond must be an update", "sym.shift('i', 1)"):
            u.cond(True, **{side: wrong})


def test_cond_needs_a_predicate() -> None:
    with refused(ExpressionError, "site('i')", "expression != 0"):
        u.cond(I, u.shift("i", 1))


@pytest.mark.parametrize("wrong", [1, 0.5, "shift", None, u.shift, I, lambda x: x], ids=shown)
def test_emit_needs_an_update(wrong: Any) -> None:
    with refused(ExpressionError, "the update of emission #0 of term '0'", type(wrong).__name__, "sym.shift('i', 1)"):
        DOperator(Fock(1, 2)).for_each_site("i").emit(wrong)


def test_an_unknown_step() -> None:
    with pytest.raises(AttributeError, match="shfit"):
        u.shift("i", 1).shfit("i", 1)


def test_pickling() -> None:
    update = u.cond(I > 0, u.shift("i", -1), u.invalidate("no")).scatter([0], [I])
    assert pickle.loads(pickle.dumps(update)).program.same_as(update.program)


def test_ops_as_data_take_exactly_their_parameters() -> None:
    with refused(IRFormatError, "'shfit'", "Did you mean 'shift'?"):
        UpdateOp("shfit", {})
    with refused(IRFormatError, "'flip' takes 'column'", "'colum'"):
        UpdateOp("flip", {"colum": "m"})
    with refused(IRFormatError, "'swap' takes 'sites'", "none"):
        UpdateOp("swap", {})
    with pytest.raises(AttributeError):
        UpdateOp("flip", {"column": "m"}).kind = "swap"


def test_depth() -> None:
    update = u.identity()
    for depth in range(5):
        assert update.program.depth() == depth
        update = u.shift(0, 1).cond(True, if_false=update)
    assert UpdateProgram().depth() == 0
