"""The embedded Hilbert spaces against lists of all configurations, filtered and sorted."""

from __future__ import annotations

import copy
import itertools
import json
import math
import pickle
import subprocess
import sys
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from refusal import shown

from nqx_graph import errors, hilbert
from nqx_graph.hilbert import Fock, Qubit, Spin

Space = Spin | Qubit | Fock


def unconstrained(local: list[int], size: int) -> np.ndarray:
    """All configurations in the order of the local states, [q**N, N]."""
    return np.array(list(itertools.product(local, repeat=size)))


def with_sum(states: np.ndarray, total: int) -> np.ndarray:
    return states[states.sum(axis=1) == total]


def spin_truth(s2: int, size: int, total_sz2: int | None) -> np.ndarray:
    """NetKet's states of spins: a fixed magnetisation is sorted by value where its special table is the smaller."""
    states = unconstrained(list(range(s2, -s2 - 1, -2)), size)
    if total_sz2 is None:
        return states
    states = with_sum(states, total_sz2)
    work = math.comb(s2 * size, (s2 * size - total_sz2) // 2)
    return np.array(sorted(states.tolist())) if work < (s2 + 1) ** size else states


def spin_case(s2: int, size: int, total_sz2: int | None = None) -> tuple[Space, np.ndarray]:
    total_sz = None if total_sz2 is None else Fraction(total_sz2, 2)
    return Spin(s2 / 2, size, total_sz=total_sz), spin_truth(s2, size, total_sz2)


def fock_case(n_max: int, size: int, n: int | None = None) -> tuple[Space, np.ndarray]:
    states = unconstrained(list(range(n_max + 1)), size)
    return Fock(n_max, size, n), states if n is None else with_sum(states, n)


# Every total of a few spaces, so that those at either end and both orders of fixed magnetisations are among them: the
# order changes from one total to the next in (3, 2), (4, 2) and (2, 5), and is one throughout in (1, 4) and (2, 3).
SMALL = [
    *(spin_case(s2, size) for s2, size in [(1, 1), (1, 6), (2, 4), (3, 3), (4, 2), (5, 1)]),
    *(spin_case(1, size, total_sz2) for size in (1, 4) for total_sz2 in range(-size, size + 1, 2)),
    *(spin_case(2, 3, total_sz2) for total_sz2 in range(-6, 7, 2)),
    *(spin_case(s2, 2, total_sz2) for s2 in (3, 4) for total_sz2 in range(-2 * s2, 2 * s2 + 1, 2)),
    *(spin_case(2, 5, total_sz2) for total_sz2 in (-2, 0, 2)),
    *((Qubit(size), unconstrained([0, 1], size)) for size in (1, 2, 5)),
    *(fock_case(n_max, size) for n_max, size in [(0, 1), (0, 3), (1, 4), (3, 3), (9, 2)]),
    *(fock_case(n_max, size, n) for n_max, size in [(0, 2), (1, 3), (2, 4), (3, 2)] for n in range(n_max * size + 1)),
    *(fock_case(5, 3, n) for n in (1, 7, 14)),
]
CONSERVING = [
    Spin(1 / 2, 4, total_sz=0),
    Spin(1 / 2, 5, total_sz=-3 / 2),
    Spin(1, 4, total_sz=1),
    Spin(3 / 2, 3, total_sz=1 / 2),
    Spin(1, 3, total_sz=-3),
    Fock(3, 3, 4),
    Fock(2, 4, 7),
    Fock(4, 3, 1),
    Fock(4, 3, 0),
    Fock(4, 2, 2),
]
FREE = [Spin(1 / 2, 4), Spin(1, 3), Spin(3 / 2, 2), Qubit(4), Fock(2, 3), Fock(4, 2), Fock(0, 2)]
EVERY = FREE + CONSERVING
named = pytest.mark.parametrize("space", EVERY, ids=shown)
# One space for each way of drawing: freely, as a shuffle, site by site.
FREELY, SHUFFLED, BY_SITE = Spin(1, 3), Spin(1 / 2, 3, total_sz=1 / 2), Fock(3, 3, 4)


# --- states and numbers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("space", "states"), SMALL, ids=[repr(space) for space, _ in SMALL])
def test_states_and_numbers_are_those_of_the_list(space: Space, states: np.ndarray) -> None:
    count = len(states)
    assert space.n_states == count
    assert type(space.n_states) is int
    assert space.is_indexable
    np.testing.assert_array_equal(space.all_states(), states)
    assert space.all_states().dtype == np.int8
    numbers = space.states_to_numbers(states)
    np.testing.assert_array_equal(numbers, np.arange(count))
    assert numbers.dtype == np.int64
    shuffled = np.random.default_rng(0).permutation(count)
    np.testing.assert_array_equal(space.numbers_to_states(shuffled), states[shuffled])


@pytest.mark.parametrize(("space", "states"), SMALL, ids=[repr(space) for space, _ in SMALL])
def test_contains_exactly_the_listed_configurations(space: Space, states: np.ndarray) -> None:
    listed = {tuple(state) for state in states.tolist()}
    lowest, highest = int(space.local_states.min()), int(space.local_states.max())
    around = unconstrained(list(range(lowest - 1, highest + 2)), space.size)
    if len(around) > 2000:
        around = np.concatenate([np.random.default_rng(0).permutation(around)[:1000], states])
    expected = [tuple(state) in listed for state in around.tolist()]
    np.testing.assert_array_equal(space.contains(around), expected)
    np.testing.assert_array_equal(space.contains(around.astype(np.float32)), expected)


@named
def test_batches_of_any_shape(space: Space) -> None:
    numbers = np.arange(space.n_states)[: space.n_states // 2 * 2].reshape(2, -1)
    states = space.numbers_to_states(numbers)
    assert states.shape == (*numbers.shape, space.size)
    np.testing.assert_array_equal(space.states_to_numbers(states), numbers)
    np.testing.assert_array_equal(space.contains(states), np.ones(numbers.shape, bool))
    one = space.numbers_to_states(space.n_states - 1)
    assert one.shape == (space.size,)
    assert space.states_to_numbers(one).shape == ()
    assert space.states_to_numbers(one) == space.n_states - 1
    assert space.contains(one).shape == ()
    assert space.states_to_numbers(np.empty((0, space.size))).shape == (0,)
    assert space.numbers_to_states([]).shape == (0, space.size)


@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.float16, np.float64, np.uint64, jnp.bfloat16, bool])
def test_states_of_every_real_dtype_are_read(dtype: type) -> None:
    space = Qubit(3)
    states = space.all_states().astype(dtype)
    np.testing.assert_array_equal(space.states_to_numbers(states), np.arange(8))


def test_states_of_jax_are_read() -> None:
    space = Spin(1, 3, total_sz=0)
    np.testing.assert_array_equal(space.states_to_numbers(jnp.asarray(space.all_states())), np.arange(space.n_states))


def test_the_dtype_grows_with_the_local_states() -> None:
    assert Fock(127, 1).all_states().dtype == np.int8
    assert Fock(128, 1).all_states().dtype == np.int16
    assert Spin(64, 1).all_states().dtype == np.int16
    assert Fock(2**15, 1).all_states().dtype == np.int32
    np.testing.assert_array_equal(Spin(64, 1).all_states()[:, 0], np.arange(128, -129, -2))


def test_sizes_and_shapes() -> None:
    space = Spin(3 / 2, 3)
    assert (space.size, space.local_size, space.shape, space.constrained) == (3, 4, (4, 4, 4), False)
    assert Spin(1 / 2, 2, total_sz=0).constrained
    assert Spin(1 / 2).size == Qubit().size == Fock(3).size == 1
    np.testing.assert_array_equal(space.local_states, [3, 1, -1, -3])
    np.testing.assert_array_equal(Qubit(1).local_states, [0, 1])
    np.testing.assert_array_equal(Fock(3, 1).local_states, [0, 1, 2, 3])
    assert np.issubdtype(space.local_states.dtype, np.integer)
    with pytest.raises(ValueError, match="read-only"):
        space.local_states[0] = 1
    assert (Fock(3, 2, 4).n_max, Fock(3, 2, 4).n_particles, Fock(3, 2).n_particles) == (3, 4, None)


# --- large spaces ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [0, 1, 7, 20, 33, 40])
def test_counting_agrees_with_polynomial_multiplication(n: int) -> None:
    # The number of states with n bosons is the coefficient of z**n in (1 + z + … + z**n_max)**N.
    product = [1]
    for _ in range(20):
        product = [sum(product[max(0, k - 2) : k + 1]) for k in range(len(product) + 2)]
    assert Fock(2, 20, n).n_states == product[n]


def test_large_spaces_are_counted_exactly() -> None:
    assert Spin(1 / 2, 200).n_states == 2**200
    assert Spin(1 / 2, 200, total_sz=0).n_states == math.comb(200, 100)
    assert Fock(50, 30, 50).n_states == math.comb(50 + 29, 29)
    assert Fock(1000, 5, 4999).n_states == 5
    assert not Spin(1 / 2, 200).is_indexable
    assert Qubit(30).is_indexable
    assert not Qubit(31).is_indexable


@pytest.mark.parametrize(
    "space",
    [
        Spin(1 / 2, 62),
        Spin(1 / 2, 60, total_sz=0),
        Spin(1, 35, total_sz=3),
        Spin(5, 12, total_sz=-20),
        Fock(3, 30, 45),
        Fock(10**5, 3, 10**5),
        Spin(1 / 2, 1000, total_sz=498),
        Spin(1 / 2, 300, total_sz=-148),
    ],
    ids=shown,
)
def test_states_of_large_spaces_round_trip_in_order(space: Space) -> None:
    rng = np.random.default_rng(1)
    numbers = np.sort(np.append(rng.integers(0, space.n_states, size=200), [0, space.n_states - 1]))
    states = space.numbers_to_states(numbers)
    assert space.contains(states).all()
    np.testing.assert_array_equal(space.states_to_numbers(states), numbers)
    rows = states.tolist()
    assert rows == sorted(rows) or rows == sorted(rows, reverse=True)


def test_too_large_to_list_or_to_number() -> None:
    with pytest.raises(errors.HilbertError, match=r"Qubit\(N=40\) has 2\*\*31 states or more, .* too many to list"):
        Qubit(40).all_states()
    np.testing.assert_array_equal(Qubit(40).numbers_to_states(5)[-3:], [1, 0, 1])
    for call in (Qubit(20_000).states_to_numbers, Qubit(20_000).numbers_to_states):
        with pytest.raises(errors.HilbertError, match=r"has 2\*\*63 states or more, so that they cannot be numbered"):
            call([0])


# --- random states ---------------------------------------------------------------------------------------------------


# JAX compiles for every shape anew, so these have three sites each and one number of draws.
DRAWS = 6000


@pytest.mark.parametrize(
    "space",
    [
        FREELY,
        SHUFFLED,
        Fock(4, 3, 0),  # a shuffle too: no site holds more than one boson
        Fock(4, 3, 1),
        Fock(4, 3, 2),  # site by site, of the three levels that two bosons reach
        BY_SITE,
        Spin(3 / 2, 3, total_sz=1 / 2),
        Spin(1, 3, total_sz=-2),  # one short of the fullest
    ],
    ids=shown,
)
def test_random_states_are_uniform(space: Space) -> None:
    states = np.asarray(space.random_state(jax.random.key(7), DRAWS))
    assert states.shape == (DRAWS, 3)
    counts = np.bincount(space.states_to_numbers(states), minlength=space.n_states)
    expected = DRAWS / space.n_states
    chi2 = float(((counts - expected) ** 2 / expected).sum())
    # Mean n - 1 and variance 2 (n - 1): five standard deviations, and the key is fixed.
    assert chi2 <= space.n_states - 1 + 5 * math.sqrt(2 * space.n_states)


@pytest.mark.parametrize("space", [FREELY, SHUFFLED, BY_SITE], ids=shown)
def test_random_states_have_the_shape_and_dtype_asked_for(space: Space) -> None:
    key = jax.random.key(0)
    for shape, rows in ((5, (5,)), (np.int64(5), (5,)), ((2, 3), (2, 3)), ((0,), (0,))):
        like = jax.eval_shape(partial(space.random_state, shape=shape), key)
        assert (like.shape, like.dtype) == ((*rows, space.size), jnp.int8)
    state = space.random_state(key)
    assert isinstance(state, jax.Array)
    assert (state.shape, state.dtype) == ((space.size,), jnp.int8)
    assert space.contains(state)


@pytest.mark.parametrize("dtype", [jnp.int32, jnp.float32, jnp.float64, jnp.bfloat16, "float16"])
def test_random_states_are_the_same_in_every_dtype(dtype: Any) -> None:
    wide = SHUFFLED.random_state(0, dtype=dtype)
    assert wide.dtype == jnp.dtype(dtype)
    np.testing.assert_array_equal(np.asarray(wide, int), np.asarray(SHUFFLED.random_state(0), int))


def test_random_states_take_seeds_and_both_kinds_of_key() -> None:
    states = [BY_SITE.random_state(key) for key in (11, np.int64(11), jax.random.key(11), jax.random.PRNGKey(11))]
    np.testing.assert_array_equal(states, [states[0]] * 4)
    assert not np.array_equal(states[0], BY_SITE.random_state(12))


@pytest.mark.parametrize("space", [SHUFFLED, BY_SITE], ids=shown)
def test_random_states_under_jit_and_vmap(space: Space) -> None:
    keys = jax.random.split(jax.random.key(3), 4)
    states = jax.jit(jax.vmap(space.random_state))(keys)
    np.testing.assert_array_equal(states, [space.random_state(key) for key in keys])


def test_random_states_without_64_bit_numbers() -> None:
    with jax.enable_x64(False):
        states = jax.jit(partial(BY_SITE.random_state, shape=(1, 2), dtype=np.float32))(jax.random.key(0))
        assert states.dtype == np.float32
        assert BY_SITE.contains(states).all()


def test_random_states_of_a_space_too_large_to_number() -> None:
    space = Spin(1 / 2, 2000, total_sz=0)
    states = [np.asarray(space.random_state(seed)) for seed in (2, 3)]
    assert space.contains(states).all()
    assert not np.array_equal(*states)


def test_random_states_of_a_large_space_have_the_exact_marginal() -> None:
    # Every site holds d bosons in as many states as the others share the rest.
    space = Fock(4, 32, 48)
    assert space.n_states > 2**63
    states = np.asarray(space.random_state(jax.random.key(5), 4000))
    assert space.contains(states).all()
    exact = np.array([Fock(4, 31, 48 - d).n_states / space.n_states for d in range(5)])
    for site in (0, 15, 31):
        found = np.bincount(states[:, site], minlength=5) / 4000
        np.testing.assert_allclose(found, exact, atol=5 * math.sqrt(0.25 / 4000))


@pytest.mark.parametrize("dtype", [np.uint8, bool, "U1", object])
def test_random_states_in_a_dtype_without_the_local_states_are_refused(dtype: object) -> None:
    with pytest.raises(errors.SampleTypeError, match=r"cannot hold the local states 1, -1 of Spin.*; int8 can\.$"):
        Spin(1 / 2, 2).random_state(0, dtype=dtype)


def test_random_states_in_a_dtype_that_rounds_are_refused() -> None:
    with pytest.raises(errors.SampleTypeError, match="float16 cannot hold the local states 0, 1, …, 5000"):
        Fock(5000, 2).random_state(0, dtype=np.float16)
    with pytest.raises(errors.SampleTypeError, match=r"int8 cannot hold .* int16 can"):
        Fock(200, 2).random_state(0, dtype=np.int8)


# --- refused configurations ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("space", "states", "message"),
    [
        (
            Spin(1 / 2, 4, total_sz=0),
            [[1, 1, -1, -1], [1, 1, 1, -1], [0, 0, 0, 0]],
            "Row 1 of the states, [ 1  1  1 -1], is not in Spin(s=1/2, N=4, total_sz=0): its sites sum to 2, and every "
            "state of the space to 0.",
        ),
        (
            Spin(1, 2),
            [[[2, 0]], [[2, 1]]],
            "Row (1, 0) of the states, [2 1], is not in Spin(s=1, N=2): site 1 holds 1, and the local states are "
            "2, 0, -2.",
        ),
        (
            Fock(9, 2, 3),
            [1, 10],
            "The state, [ 1 10], is not in Fock(n_max=9, N=2, n_particles=3): site 1 holds 10, and the local states "
            "are 0, 1, …, 9.",
        ),
        (
            Qubit(2),
            [[0.0, math.nan]],
            "Row 0 of the states, [ 0. nan], is not in Qubit(N=2): site 1 holds nan, and the local states are 0, 1.",
        ),
    ],
)
def test_foreign_states_are_refused_by_row_and_reason(space: Space, states: object, message: str) -> None:
    with pytest.raises(errors.StateError) as caught:
        space.states_to_numbers(states)
    assert caught.value.message == message
    assert pickle.loads(pickle.dumps(caught.value)).message == message


def test_foreign_states_carry_their_row() -> None:
    with pytest.raises(errors.StateError) as caught:
        Qubit(2).states_to_numbers([[0, 1], [0, 2]])
    assert caught.value.facts["row"] == (1,)
    assert caught.value.facts["state"] == [0, 2]


@pytest.mark.parametrize(
    "value", [math.inf, -math.inf, math.nan, 0.5, 2**63 - 1, -(2**63), np.uint64(2**64 - 1), -1, 3, 1e300]
)
@pytest.mark.parametrize("space", [Spin(1, 2), Fock(2, 2, 2)], ids=shown)
def test_strange_values_are_not_local_states(space: Space, value: float) -> None:
    states = np.array([[value, value]])
    assert not space.contains(states).any()
    with pytest.raises(errors.StateError, match="site 0 holds"):
        space.states_to_numbers(states)


@pytest.mark.parametrize("method", ["states_to_numbers", "contains"])
def test_what_is_not_rows_of_numbers_is_refused(method: str) -> None:
    call = getattr(Qubit(3), method)
    with pytest.raises(errors.StateError, match=r"have 3 sites in their last axis, but the shape is \(2,\)\.$"):
        call([0, 1])
    with pytest.raises(errors.StateError, match=r"the shape is \(\)"):
        call(0)
    with pytest.raises(errors.StateError, match="real numbers, not complex128"):
        call([0j, 0, 0])
    with pytest.raises(errors.StateError, match="real numbers, not <U1"):
        call(["0", "1", "0"])
    with pytest.raises(errors.StateError, match="real numbers, not object"):
        call([None, 0, 1])


@pytest.mark.parametrize("number", [-1, 6, np.uint64(2**64 - 1), [0, 6], np.array([6], np.int8)])
def test_numbers_of_no_state_are_refused(number: object) -> None:
    with pytest.raises(errors.StateError, match=r"There is no state number -?\d+ in Fock.* numbered from 0 to 5\.$"):
        Fock(2, 3, 2).numbers_to_states(number)


@pytest.mark.parametrize("number", [0.0, True, "0", None, [1.5]])
def test_numbers_that_are_not_integers_are_refused(number: object) -> None:
    with pytest.raises(errors.StateError, match="The numbers of states are integers, not"):
        Qubit(2).numbers_to_states(number)


# --- refused arguments -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("s", [0, -1 / 2, 1 / 3, 0.75, True, "1/2", None, math.nan, math.inf, 1j, 2**31])
def test_spins_that_do_not_exist_are_refused(s: object) -> None:
    with pytest.raises(errors.HilbertError, match="positive integer or half-integer s, but s is ") as caught:
        Spin(s, 2)
    assert repr(s) in caught.value.message
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("size", [0, -1, 1.0, True, np.True_, "3", None])
@pytest.mark.parametrize("make", [partial(Spin, 1 / 2), Qubit, partial(Fock, 2)], ids=["Spin", "Qubit", "Fock"])
def test_sizes_that_are_not_positive_integers_are_refused(make: object, size: object) -> None:
    with pytest.raises(errors.HilbertError, match=r"^(Spin|Qubit|Fock) takes a positive integer N, but N is "):
        make(size)


@pytest.mark.parametrize("n_max", [-1, 1.0, True, "3", math.inf, 2**31 - 1])
def test_occupations_that_are_not_finite_integers_are_refused(n_max: object) -> None:
    with pytest.raises(errors.HilbertError, match=r"finite n_max, an integer from 0 to 2\*\*31 - 2, but n_max is "):
        Fock(n_max, 2)


def test_unbounded_modes_are_refused() -> None:
    with pytest.raises(errors.HilbertError, match=r"needs a finite n_max: .* of a mode, as in Fock\(n_max=3, N=4\)\.$"):
        Fock()
    with pytest.raises(errors.HilbertError, match=r"needs a finite n_max: .*\(n_max=2 excludes nothing here\)"):
        Fock(N=3, n_particles=2)


@pytest.mark.parametrize(
    ("s", "size", "total_sz", "message"),
    [
        (1 / 2, 4, 3, r"Spin\(s=1/2, N=4\) has no state with total_sz=3: it reaches from -2 to 2\."),
        (3 / 2, 1, -5 / 2, "reaches from -3/2 to 3/2"),
        (1 / 2, 4, 1 / 2, r"no state with total_sz=0\.5: its magnetisations are integers\."),
        (1 / 2, 3, 0, "no state with total_sz=0: its magnetisations are half-integers"),
        (3 / 2, 2, 1 / 2, "magnetisations are integers"),
        (1, 3, 1 / 2, "magnetisations are integers"),
        (1 / 2, 4, 0.3, r"integer or half-integer total_sz, but it is 0\.3"),
        (1 / 2, 4, True, "half-integer total_sz, but it is True"),
        (1 / 2, 4, "0", "half-integer total_sz, but it is '0'"),
        (1 / 2, 4, math.nan, "half-integer total_sz, but it is nan"),
    ],
)
def test_magnetisations_that_no_state_has_are_refused(s: float, size: int, total_sz: object, message: str) -> None:
    with pytest.raises(errors.HilbertError, match=message):
        Spin(s, size, total_sz=total_sz)


@pytest.mark.parametrize("n_particles", [-1, 7, 1.0, True, "2"])
def test_bosons_that_do_not_fit_are_refused(n_particles: object) -> None:
    with pytest.raises(errors.HilbertError, match=r"integer n_particles from 0 to N \* n_max = 6, but n_particles is "):
        Fock(2, 3, n_particles)


def test_numbers_of_numpy_and_fractions_are_arguments_too() -> None:
    assert Spin(Fraction(1, 2), np.int64(3), total_sz=np.float32(0.5)) == Spin(0.5, 3, total_sz=1 / 2)
    assert Fock(np.int8(2), np.int32(3), np.uint8(4)) == Fock(2, 3, 4)
    assert type(Fock(np.int8(2), np.int32(3), np.uint8(4)).size) is int


# --- identity and data -----------------------------------------------------------------------------------------------


@named
def test_spaces_survive_repr_pickle_copy_and_data(space: Space) -> None:
    again = [
        eval(repr(space)),
        pickle.loads(pickle.dumps(space)),
        copy.deepcopy(space),
        hilbert.from_data(json.loads(json.dumps(space.to_data()))),
    ]
    for other in again:
        assert type(other) is type(space)
        assert other == space
        assert hash(other) == hash(space)
        assert repr(other) == repr(space)
        assert other.digest() == space.digest()
        np.testing.assert_array_equal(other.all_states(), space.all_states())


def test_different_spaces_differ() -> None:
    spaces = [*EVERY, Spin(1 / 2, 4, total_sz=1), Spin(1 / 2, 1), Qubit(1), Fock(1, 1), Fock(1, 4), Spin(1 / 2, 5)]
    assert len(set(spaces)) == len({space.digest() for space in spaces}) == len({repr(s) for s in spaces})
    for one, other in itertools.combinations(spaces, 2):
        assert one != other
    assert Qubit(2) != "Qubit(N=2)"


def test_reprs() -> None:
    assert repr(Spin(1 / 2, 4, total_sz=0)) == "Spin(s=1/2, N=4, total_sz=0)"
    assert repr(Spin(1, 3)) == "Spin(s=1, N=3)"
    assert repr(Spin(1.5, 3, total_sz=-0.5)) == "Spin(s=3/2, N=3, total_sz=-1/2)"
    assert repr(Fock(3, N=4, n_particles=2)) == "Fock(n_max=3, N=4, n_particles=2)"
    assert repr(Fock(3)) == "Fock(n_max=3, N=1)"
    assert repr(Qubit(7)) == "Qubit(N=7)"


def test_data_and_digest_are_these() -> None:
    assert Spin(1 / 2, 4, total_sz=0).to_data() == {"kind": "nqx_graph.Spin", "s2": 1, "N": 4, "total_sz2": 0}
    assert Spin(3 / 2, 3, total_sz=-1 / 2).to_data()["total_sz2"] == -1
    assert Spin(1, 2).to_data() == {"kind": "nqx_graph.Spin", "s2": 2, "N": 2, "total_sz2": None}
    assert Qubit(3).to_data() == {"kind": "nqx_graph.Qubit", "N": 3}
    assert Fock(3, 2, 4).to_data() == {"kind": "nqx_graph.Fock", "n_max": 3, "N": 2, "n_particles": 4}
    # sha256 of {"N":3,"kind":"nqx_graph.Qubit"}: stored caches depend on it.
    assert Qubit(3).digest() == "d0867ef7ccc8afab5b9e42be4d8dc2849fbe74809a31c91c440b9e55977e52cb"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "is a dict, not NoneType"),
        ([("kind", "nqx_graph.Qubit")], "is a dict, not list"),
        ({}, "no embedded Hilbert space of kind None; there are 'nqx_graph.Spin', 'nqx_graph.Qubit'"),
        ({"kind": "netket.Spin"}, "of kind 'netket.Spin'"),
        ({"kind": ["nqx_graph.Qubit"], "N": 1}, "of kind"),
        ({"kind": "nqx_graph.Qubit"}, "has the fields 'kind', 'N', but these were given: 'kind'"),
        ({"kind": "nqx_graph.Qubit", "N": 1, "M": 2}, "but these were given: 'kind', 'N', 'M'"),
        ({"kind": "nqx_graph.Spin", "s2": 1, "N": 2}, "has the fields 'kind', 's2', 'N', 'total_sz2'"),
        ({"kind": "nqx_graph.Qubit", "N": 1.0}, "'N' of a nqx_graph.Qubit is an integer, not 1.0"),
        ({"kind": "nqx_graph.Qubit", "N": True}, "is an integer, not True"),
        ({"kind": "nqx_graph.Qubit", "N": None}, "is an integer, not None"),
        ({"kind": "nqx_graph.Spin", "s2": 1, "N": 2, "total_sz2": "0"}, "'total_sz2' of a .* not '0'"),
        ({"kind": "nqx_graph.Fock", "n_max": None, "N": 2, "n_particles": 1}, "'n_max' of a .* not None"),
        ({"kind": "nqx_graph.Qubit", "N": 0}, "no Hilbert space. Qubit takes a positive integer N"),
        ({"kind": "nqx_graph.Spin", "s2": 1, "N": 2, "total_sz2": 1}, "no Hilbert space. .* no state with"),
        ({"kind": "nqx_graph.Fock", "n_max": 1, "N": 2, "n_particles": 3}, "no Hilbert space. .* n_particles"),
    ],
)
def test_other_data_is_refused(data: object, message: str) -> None:
    with pytest.raises(errors.IRFormatError, match=message):
        hilbert.from_data(data)


@named
def test_spaces_are_frozen(space: Space) -> None:
    for name in ("size", "_size", "colour"):
        with pytest.raises(AttributeError):
            setattr(space, name, 3)
    with pytest.raises(AttributeError):
        del space._size


@pytest.mark.parametrize("kind", [Spin, Qubit, Fock])
def test_spaces_take_no_subclasses(kind: type) -> None:
    with pytest.raises(TypeError, match="Mine cannot be made: the embedded Hilbert spaces take no subclasses"):
        type("Mine", (kind,), {"__module__": "mine"})


def test_importing_the_spaces_imports_no_jax() -> None:
    # In place of the package, which imports JAX itself, stands one with nothing in it but the path.
    code = f"""if True:
        import sys, types
        package = sys.modules["nqx_graph"] = types.ModuleType("nqx_graph")
        package.__path__ = [{str(Path(hilbert.__file__).parent.parent)!r}]
        import nqx_graph.hilbert
        assert nqx_graph.hilbert.Qubit(2).n_states == 4
        print(*{{name.split(".")[0] for name in sys.modules}})
    """
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"jax", "jaxlib", "ml_dtypes", "netket"}.intersection(found)
