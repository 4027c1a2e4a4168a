"""No wrong kernel, no lost branch: random programs through the loops of the reference interpreter and the kernel.

The kernel runs eagerly, see ``tests/eager.py``; two thousand programs are jitted in ``tests/test_differential.py``. Every
promise from 1 to the number of slots is tried on every program.
"""

from __future__ import annotations

import random
from typing import Any

import attrs
import numpy as np
import pytest
import strategies
from comparing import TOLERANCE, assert_same, close, compiled_for, largest
from eager import arrays, connected, on_numpy
from figures import figure, parts

import nqx_graph as sym
from nqx_graph.errors import CheckError
from nqx_graph.kernel.env import Env
from nqx_graph.kernel.run import compact, run_term
from nqx_graph.lowering.reference import ReferenceOperator, branches
from nqx_graph.lowering.reference.configurations import stored
from nqx_graph.space import view

PROGRAMS = figure(20_000, 500_000)
BATCH = 4
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
    """As it was drawn, and its terms under every promise; or under a promise for each term, through the whole compiler."""
    operator = strategies.seeded(seed)
    x, values = samples(seed, operator), strategies.missing_parameters(operator)
    if seed % 2 == 0:
        rng, ir = random.Random(seed), operator.to_ir()
        terms = [attrs.evolve(term, fanout_hint=rng.randint(1, term.max_fanout)) for term in ir.terms]
        operator = sym.SymbolicOperator(operator.hilbert, attrs.evolve(ir, terms=terms))
    left = ("nan", "drop", "trust")[seed % 3]
    ir, space = operator.to_ir(), view(operator.hilbert)
    looped = ReferenceOperator(ir, operator.hilbert, space, on_out_of_domain=left, parameters=values)
    compiled = compiled_for(operator, "jax", on_out_of_domain=left)
    assert_same(operator, x, connected(compiled, x), looped.get_conn_padded(x))
    found = [list(branches(ir, space, sample, values)) for sample in x]
    if seed % 2:
        every_promise(operator, compiled, left, x, found)
    else:
        broken_promises_are_named(compiled, left, x, found)


def every_promise(operator: Any, compiled: Any, left: str, x: Any, found: list[list[Any]]) -> None:
    """What is kept of each term under each promise, against the branches that the loops find."""
    structure, (tables, parameters) = compiled._static.structure, arrays(compiled)
    if len(structure.terms) != compiled.ir.term_count:
        return  # neighbours of one shape were joined; with promises they are not, and half of all programs have some
    for number, term in enumerate(structure.terms):
        made = run_term(Env(structure, term, tables.terms[number], tables.numbers, parameters, np.asarray(x)))
        own = [[b for b in sample if b.term == number and not (b.outside and left == "drop")] for sample in found]
        for k in range(1, term.max_fanout):
            kept, over = compact(made, k, x)
            assert np.asarray(over).tolist() == [len(sample) > k for sample in own]
            for row, sample in enumerate(own):
                front(left, x[row], sample[:k], np.asarray(kept.xp[row]), np.asarray(kept.mels[row]))


def front(left: str, x: Any, own: list[Any], xp: Any, mels: Any) -> None:
    """The branches stand in front, in their order; what follows is x and exactly 0."""
    for branch, target, mel in zip(own, xp, mels, strict=False):
        if branch.outside and left == "nan":
            assert np.isnan(mel)
            assert (target == x).all()
            continue
        assert target.tolist() == [stored(value, x.dtype) for value in branch.target]
        allowed = TOLERANCE[mels.dtype.name]
        scaled = allowed * max(1.0, branch.largest)
        assert close(mel, np.asarray(branch.mel), allowed) or close(mel, np.asarray(branch.mel), scaled)
    assert (xp[len(own) :] == x).all()
    assert not mels[len(own) :].any()


def broken_promises_are_named(compiled: Any, left: str, x: Any, found: list[list[Any]]) -> None:
    """NaN for the whole of a sample, and `check` says which term has how many; others are exact, as was compared."""
    terms = compiled.ir.terms
    for row, sample in enumerate(x):
        counts = np.zeros(len(terms), dtype=int)
        for branch in found[row]:
            counts[branch.term] += not (branch.outside and left == "drop")
        broken = np.flatnonzero(counts > [term.fanout for term in terms])
        if not broken.size:
            continue
        first = terms[broken[0]]
        assert np.isnan(connected(compiled, sample[None])[1]).all()
        with pytest.raises(CheckError) as told:
            compiled.check(sample)
        if hasattr(told.value, "promised"):
            named = (told.value.term, told.value.promised, told.value.active)
            assert named == (first.name, first.fanout, counts[broken[0]])


def test_the_largest_numbers_are_known() -> None:
    operator = strategies.seeded(1)
    assert largest(operator, strategies.samples(operator.hilbert)[0]) >= 0
