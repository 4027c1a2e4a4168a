"""How many bits the whole numbers of predicates and updates need."""

import pytest

import nqx_graph as sym
from ranges.asking import FOCK, S, ask, emission

N = S("i").value


def width(expr):
    return ask(sym.DOperator(FOCK).for_each_site("i").where(expr > 5).emit()).shapes[0].predicate.width


@pytest.mark.parametrize(
    ("expr", "bits"),
    [
        (N, 32),
        (N * 7 * 10**8, 32),  # 2.1e9
        (N * 8 * 10**8, 64),  # 2.4e9
        (N * -8 * 10**8, 64),
        (N * 8e8, 32),  # floating point has no width
        (N**19, 32),  # 1.16e9
        (N**20, 64),
        (N**39, 64),
        (N**40, 128),  # 1.2e19: refused by the validation
        (N**64 * N**64 * N**64 * N**64, 128),
        (sym.wrap_mod(N * 7 * 10**8 + 2**25), 32),
        (sym.wrap_mod(N * 7 * 10**8 + 47_483_645), 64),  # wrapping adds to it on the way
    ],
)
def test_the_least_width(expr, bits):
    assert width(expr) == bits


def test_values_on_the_way_of_an_update_count():
    assert emission(FOCK, sym.shift("i", 2**30).shift("i", -(2**30))).update_width == 32
    assert emission(FOCK, sym.shift("i", 2**31).shift("i", -(2**31))).update_width == 64
    assert emission(FOCK, sym.affine("i", scale=2**40)).update_width == 64


def test_widths_hold_where_the_branch_is_not():
    # the kernel computes the update on every row, active or not
    assert emission(FOCK, sym.write("i", N * 10**9), N == 1).updates[1].width == 64


def test_an_expression_may_be_an_amplitude_and_be_written():
    shared = N * 2**15 * 2**15
    known = emission(FOCK, sym.write("i", shared), amplitude=shared, dtype="float16")
    assert known.amplitude.root.undefined and known.updates[1].root.states is not None
