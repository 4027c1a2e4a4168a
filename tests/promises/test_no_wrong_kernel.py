"""No wrong kernel, no lost branch: random programs through the loops of the reference interpreter and the kernel.

The kernel runs eagerly, see ``tests/eager.py``; two thousand programs are jitted in ``tests/test_differential.py``. Every
promise from 1 to the number of slots is tried on every program.
"""

from __future__ import annotations

import random
from typing import Any
from unittest import mock

import attrs
import numpy as np
import pytest
import strategies
from comparing import TOLERANCE, assert_same
from eager import on_numpy
from figures import figure, parts

import nqx_graph as sym
from nqx_graph.errors import CheckError
from nqx_graph.kernel.env import Env
from nqx_graph.kernel.from_ir import lower_operator
from nqx_graph.kernel.run import compact, connected, run_term
from nqx_graph.lowering.jax_symbolic_v1 import in_runs, with_motion
from nqx_graph.lowering.reference import ReferenceOperator, branches
from nqx_graph.lowering.reference import operator as reference_operator
from nqx_graph.lowering.reference.configurations import stored
from nqx_graph.operators.check import check
from nqx_graph.space import view

PROGRAMS = figure(20_000, 500_000)
BATCH = 2
DTYPES = (np.int8, np.int64, np.float64, np.int16)


def samples(seed: int, operator: Any) -> Any:
    """Always as many states, so that eager operations meet shapes that they have met before."""
    states = strategies.samples(operator.hilbert, DTYPES[seed % len(DTYPES)])
    return states[np.random.default_rng(seed).integers(0, len(states), BATCH)]


@pytest.mark.parametrize("part", parts(PROGRAMS, 32), ids=str)
def test_random_programs(part: range) -> None:
    with on_numpy():
        for seed in part:
            try:
                one_program(seed)
            except BaseException as error:
                error.add_note(f"strategies.seeded({seed})")
                raise


def one_program(seed: int) -> None:
    """As it was drawn, and its terms under every promise; or with a promise for each term."""
    operator = strategies.seeded(seed)
    ir, space, left = operator.to_ir(), view(operator.hilbert), ("nan", "drop", "trust")[seed % 3]
    if seed % 2 == 0:
        rng = random.Random(seed)
        terms = [attrs.evolve(term, fanout_hint=rng.randint(1, term.max_fanout)) for term in ir.terms]
        ir = attrs.evolve(ir, terms=terms)
        operator = sym.SymbolicOperator(operator.hilbert, ir)
    x, values = samples(seed, operator), strategies.missing_parameters(operator)
    found = [list(branches(ir, space, sample, values)) for sample in x]
    if left == "trust" and any(branch.outside for sample in found for branch in sample):
        left = "nan"  # it was trusted that none does
    looped = ReferenceOperator(ir, operator.hilbert, space, on_out_of_domain=left, parameters=values)
    fanouts = tuple(term.fanout for term in ir.terms)
    merged, own = in_runs(ir, fanouts)
    structure, tables = with_motion(*lower_operator(merged, space, own, left), merged, space)
    parameters = {name: np.asarray(value) for name, value in looped.parameters.items()}
    with mock.patch.object(reference_operator, "branches", again(x, found)):
        expected = looped.get_conn_padded(x)
    assert_same(operator, x, connected(structure, tables, parameters, x), expected)
    if seed % 2:
        if len(merged.terms) < ir.term_count:  # neighbours of one shape were joined; with promises they are not
            structure, tables = lower_operator(ir, space, fanouts, left)
        for number, term in enumerate(structure.terms):
            env = Env(structure, term, tables.terms[number], tables.numbers, parameters, x)
            of_term = [[b for b in s if b.term == number and not (b.outside and left == "drop")] for s in found]
            every_promise(run_term(env), term.max_fanout, left, x, of_term)
    else:
        broken_promises_are_named(ir, space, structure, tables, parameters, x, found)


def again(x: Any, found: list[list[Any]]) -> Any:
    """`branches` that were found already: the loops are what takes longest."""
    known = {sample.tobytes(): own for sample, own in zip(x, found, strict=True)}
    return lambda ir, space, sample, *_, **__: known[sample.tobytes()]


def every_promise(made: Any, slots: int, left: str, x: Any, found: list[list[Any]]) -> None:
    """What each promise keeps of a term: the largest against the branches that the loops find, the others against it."""
    if slots == 1:
        return
    active, (largest, _) = np.array([len(sample) for sample in found]), compact(made, slots - 1, x)
    for row, sample in enumerate(found):
        front(left, x[row], sample[: slots - 1], largest.xp[row], largest.mels[row])
    for k in range(1, slots):
        kept, over = compact(made, k, x)
        held = np.arange(k) < active[:, None]
        assert np.array_equal(over, active > k)
        assert np.array_equal(kept.xp, np.where(held[..., None], largest.xp[:, :k], x[:, None]))
        assert np.array_equal(kept.mels, np.where(held, largest.mels[:, :k], 0), equal_nan=True)


def front(left: str, x: Any, own: list[Any], xp: Any, mels: Any) -> None:
    """The branches stand in front, in their order; what follows is x and exactly 0."""
    for branch, target, mel in zip(own, xp, mels, strict=False):
        if branch.outside and left == "nan":
            assert np.isnan(mel)
            assert (target == x).all()
            continue
        assert target.tolist() == [stored(value, x.dtype) for value in branch.target]
        allowed = TOLERANCE[mels.dtype.name] * max(1.0, branch.largest)
        both_nan = np.isnan(mel) and np.isnan(branch.mel)
        assert mel == branch.mel or both_nan or abs(mel - branch.mel) <= allowed
    assert (xp[len(own) :] == x).all()
    assert not mels[len(own) :].any()


def broken_promises_are_named(
    ir: Any, space: Any, structure: Any, tables: Any, parameters: Any, x: Any, found: list[list[Any]]
) -> None:
    """NaN for the whole of a sample, and `check` says which term has how many; others are exact, as was compared."""
    fanouts = [term.fanout for term in ir.terms]
    for row, sample in enumerate(x):
        counts = np.zeros(len(fanouts), dtype=int)
        for branch in found[row]:
            counts[branch.term] += not (branch.outside and structure.on_out_of_domain == "drop")
        broken = np.flatnonzero(counts > fanouts)
        if not broken.size:
            continue
        assert np.isnan(connected(structure, tables, parameters, sample[None])[1]).all()
        with pytest.raises(CheckError) as told:
            check(ir, space, structure, tables, parameters, sample)
        if hasattr(told.value, "promised"):  # a term before it may have a branch that leaves
            first = broken[0]
            named = (told.value.term, told.value.promised, told.value.active)
            assert named == (ir.terms[first].name, fanouts[first], counts[first])
