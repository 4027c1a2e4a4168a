"""Snapshots: what counts as content, where a difference is, what is not fooled."""

import collections
import enum
import fractions
import functools
import random
import threading
from types import MappingProxyType

import attrs
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small

import nqx_graph as sym
from nqx_graph.debug.snapshot import snapshot
from nqx_graph.ir.frozen import FrozenDict


class Plain:
    def __init__(self, **held):
        self.__dict__.update(held)


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


@attrs.define
class Counted:
    n: int
    _cache: object = None

    @functools.cached_property
    def square(self):
        return self.n**2


class Lazy:
    def __init__(self):
        self.n, self._kept = 3, None

    @functools.cached_property
    def public(self):
        return self.n + 1

    def ask(self):
        self._kept = self.n * 2
        self._new = 5


VALUES = [
    lambda: None,
    lambda: True,
    lambda: 1,
    lambda: 1.0,
    lambda: -0.0,
    lambda: 0.0,
    lambda: 1j,
    lambda: "1",
    lambda: b"1",
    lambda: (1, 2),
    lambda: [1, 2],
    lambda: (2, 1),
    lambda: {1, 2},
    lambda: frozenset({1, 2}),
    lambda: {"a": 1},
    lambda: {"a": 1.0},
    lambda: {1: "a"},
    lambda: MappingProxyType({"a": 1}),
    lambda: FrozenDict({"a": 1}),
    lambda: {(1, 2): 3},
    lambda: collections.OrderedDict(a=1),
    lambda: collections.deque([1]),
    lambda: np.arange(3),
    lambda: np.arange(3, dtype=np.int32),
    lambda: np.arange(3.0),
    lambda: np.arange(4).reshape(2, 2),
    lambda: np.arange(4),
    lambda: np.array(["a", None], dtype=object),
    lambda: np.float64(1.0),
    lambda: np.float32(1.0),
    lambda: jnp.arange(3),
    lambda: jnp.arange(3.0),
    lambda: jax.random.key(1),
    lambda: jax.random.key(2),
    lambda: Colour.RED,
    lambda: Colour.BLUE,
    lambda: fractions.Fraction(1, 3),
    lambda: random.Random(1),
    lambda: random.Random(2),
    lambda: np.random.default_rng(1),
    lambda: Plain(a=1),
    lambda: Plain(a=2),
    lambda: Counted(1),
    lambda: Counted(2),
    lambda: int,
    lambda: float,
    lambda: lambda: 1,
    lambda: lambda: 2,
    lambda: functools.partial(int, base=2),
    lambda: small.number(),
    lambda: small.number(weight=2.0),
    lambda: small.FOCK,
    lambda: small.SPIN,
    lambda: list(range(200)),
    lambda: list(range(201)),
]


def test_equal_content_has_equal_snapshots_and_different_content_has_not():
    """Each value against each other one, every value made anew."""
    made = [snapshot(make()) for make in VALUES]
    again = [snapshot(make()) for make in VALUES]
    for i, one in enumerate(made):
        for j, other in enumerate(again):
            same = one.differs(other, "it") is None
            assert same == (i == j), (i, j)
            assert (one.digest == other.digest) == (i == j), (i, j)
            assert not one.unknown("it")


def test_the_order_in_which_a_dict_or_a_set_was_filled_is_no_content():
    assert snapshot({"a": 1, "b": 2}).changed(snapshot({"b": 2, "a": 1}), "it") is None
    words = [f"word{i}" for i in range(50)]
    assert snapshot(set(words)).changed(snapshot({*words[::-1]}), "it") is None


def change_of(value, act):
    before = snapshot(value)
    act()
    return before.changed(snapshot(value), "it")


@pytest.mark.parametrize(
    ("value", "act", "at"),
    [
        ({"a": [1, {"b": 2}]}, lambda v: v["a"][1].update(b=3), "it['a'][1]['b']"),
        ({"a": 1}, lambda v: v.update(c=1), "it['c']"),
        ({"a": 1}, lambda v: v.pop("a"), "it['a']"),
        ([1, 2], lambda v: v.append(3), "it[2]"),
        (list(range(500)), lambda v: v.append(3), "it"),
        (np.zeros(3), lambda v: v.__setitem__(1, 2.0), "it"),
        (Plain(a=np.zeros(3)), lambda v: v.a.__setitem__(1, 2.0), "it.a"),
        (Plain(a=1), lambda v: setattr(v, "b", 2), "it.b"),
        (Plain(_a=1), lambda v: setattr(v, "_a", 2), "it._a"),
        (Plain(_a=1), lambda v: delattr(v, "_a"), "it._a"),
        (Counted(1), lambda v: setattr(v, "n", 2), "it.n"),
        (collections.deque([1]), lambda v: v.append(2), "it[1]"),
        ({1, 2}, lambda v: v.add(3), "it"),
        (bytearray(b"a"), lambda v: v.extend(b"b"), "it"),
    ],
)
def test_a_change_is_placed(value, act, at):
    assert (change_of(value, lambda: act(value)) or "").startswith(at)


def test_drawing_from_a_generator_changes_it():
    for rng in (random.Random(0), np.random.default_rng(0)):
        assert change_of(rng, rng.random) is not None


def test_what_is_kept_on_the_way_is_no_content():
    lazy = Lazy()
    assert change_of(lazy, lambda: (lazy.public, lazy.ask())) is None
    assert change_of(lazy, lambda: setattr(lazy, "_kept", 7)) == "it._kept"
    counted = Counted(2)
    assert change_of(counted, lambda: counted.square) is None
    operator = small.number()
    assert change_of(operator, lambda: operator.to_ir().static_fingerprint()) is None
    compiled = operator.compile(cache=False)
    assert change_of(compiled, lambda: (hash(compiled), compiled.get_conn_padded(np.zeros(3, int)))) is None


def test_functions_count_by_their_code_and_what_they_close_over():
    def close_over(value):
        return lambda: value

    assert snapshot(close_over(1)).differs(snapshot(close_over(1)), "f") is None
    assert snapshot(close_over(1)).differs(snapshot(close_over(2)), "f") == "f.<value>"
    assert snapshot(small.FOCK.contains).differs(snapshot(small.SPIN.contains), "f") is not None
    held = []
    kept = close_over(held)
    assert change_of(kept, lambda: held.append(2)) == "it.<value>[0]"
    assert snapshot(jax.jit(close_over(1))).differs(snapshot(jax.jit(close_over(2))), "f") is not None


def test_locks_hold_nothing_and_observers_are_told_apart_by_identity():
    assert snapshot(Plain(lock=threading.Lock())).differs(snapshot(Plain(lock=threading.Lock())), "it") is None
    assert not snapshot(sym.default_registry()).unknown("registry")
    one, other = sym.graph.CallRecord(), sym.graph.CallRecord()
    assert snapshot(one).changed(snapshot(other), "it") == "it"
    assert snapshot(one).changed(snapshot(one), "it") is None


def test_circles_and_shared_parts():
    one, other = [], []
    one.append(one)
    other.append(other)
    assert snapshot(one).changed(snapshot(other), "it") is None
    shared = [1]
    assert snapshot([shared, shared]).differs(snapshot([[1], [1]]), "it") is None
    doubled = [1]
    for _ in range(200):
        doubled = [doubled, doubled]
    assert snapshot(doubled).changed(snapshot(doubled), "it") is None  # 2**200 ways to the 1


def test_what_says_nothing_is_known_by_identity_and_said_to_be():
    a, b = (number for number in range(1)), (number for number in range(1))
    one, other = snapshot({"a": a}), snapshot({"a": b})
    assert one.unknown("it") == ["it['a'] (a generator)"]
    assert one.changed(snapshot({"a": a}), "it") is None
    assert one.changed(other, "it") == "it['a']"
    assert one.differs(other, "it") is None
    deleted = jnp.arange(3)
    deleted.delete()
    assert snapshot(deleted).unknown("it")


def test_a_value_nested_without_end_is_known_by_identity():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert snapshot(deep).unknown("it") == ["it (a list)"]
    while deep:
        deep = deep[0]
