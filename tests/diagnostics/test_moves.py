"""Joint states of a row: where a branch is there and what it writes, as the reference interpreter has it on each of them."""

import numpy as np
import pytest
import strategies

import nqx_graph as sym
from nqx_graph.diagnostics.moves import move
from nqx_graph.diagnostics.patterns import patterns
from nqx_graph.diagnostics.subject import Subject
from nqx_graph.lowering.reference.loop import _place
from nqx_graph.lowering.reference.parameters import symbol_values
from nqx_graph.lowering.reference.updates import updated
from nqx_graph.options import SymbolicCompilerOptions
from nqx_graph.ranges import operator_ranges
from nqx_graph.space import view

SPACES = [space for space in strategies.SPACES if len(space.local_states) ** space.size <= 27]
S = sym.site


def subject_of(operator):
    ir, space = operator.to_ir(), view(operator.hilbert)
    return Subject.of(ir, space, operator_ranges(ir, space), SymbolicCompilerOptions())


def compared(operator):
    """How many joint states of an operator were compared with the interpreter."""
    subject, count = subject_of(operator), 0
    if None in subject.ir.symbols.values():
        return 0
    for shape in subject.shapes:
        for pattern, there in shape.may(False) or ():
            for number in range(len(there)):
                if not shape.unsure(number):
                    count += at_every_state(subject, shape, pattern, there[number], number)
    return count


def at_every_state(subject, shape, pattern, there, number):
    emission = shape.term.emissions[number]
    moved = move(emission.update_program, pattern, shape.setting(pattern, False))
    for place, row in enumerate(pattern.used.tolist()):
        for state in range(pattern.states.shape[1]):
            x = subject.space.low.copy()
            x[pattern.sites[:, place]] = pattern.states[:, state]
            here = at(subject, shape, x, row)
            held = here.holds(shape.term.predicate) and here.holds(emission.predicate)
            after = updated(emission.update_program, here) if held else None
            assert np.broadcast_to(there, (len(pattern.used), pattern.states.shape[1]))[place, state] == (
                after is not None
            )
            for site, value in enumerate(moved.after if after is not None and not moved.everywhere else ()):
                one = np.broadcast_to(value, (len(pattern.used), pattern.states.shape[1]))[place, state]
                assert one == after[pattern.sites[site, place]]
    return pattern.states.shape[1]


def at(subject, shape, x, row):
    return _place(
        shape.term, row, tuple(x.tolist()), symbol_values(subject.ir, {}), subject.space, np.dtype(np.float64)
    )


@pytest.mark.parametrize("part", range(4))
def test_random_programs(part):
    counts = [compared(strategies.seeded(seed, SPACES[seed % len(SPACES)])) for seed in range(part, 100, 4)]
    assert sum(counts) > 100


def term(builder):
    return builder.build().to_ir().terms[0]


def test_rows_are_grouped_by_which_of_their_sites_are_the_same():
    space = sym.hilbert.Fock(2, 4)
    builder = sym.DOperator(space).for_each(("i", "j"), over=[(0, 1), (2, 2), (3, 1), (1, 1)]).emit(sym.swap("i", "j"))
    found = patterns(term(builder), view(space), True)
    assert [pattern.rows.tolist() for pattern in found] == [[0, 2], [1, 3]]
    assert [pattern.states.shape for pattern in found] == [(2, 9), (1, 3)]
    assert found[0].sites.tolist() == [[0, 3], [1, 1]]
    assert [pattern.used.tolist() for pattern in found] == [[0], [1]]


def test_rows_are_looked_at_one_by_one_where_their_numbers_count():
    space = sym.hilbert.Fock(2, 4)
    builder = sym.DOperator(space).for_each_site("i").where(S("i").index > 1).emit()
    assert [pattern.used.tolist() for pattern in patterns(term(builder), view(space), True)] == [[0, 1, 2, 3]]


@pytest.mark.parametrize("space", [sym.hilbert.Fock(300, 3), sym.hilbert.Spin(1 / 2, 20)])
def test_too_many_joint_states_are_not_looked_at(space):
    builder = sym.DOperator(space).globally()
    total = sum(sym.source_index(site) for site in range(space.size))
    assert patterns(term(builder.where(total > 0).emit()), view(space), True) is None
