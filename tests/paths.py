"""What a product, an adjoint and their like have to be, from the branches of their factors: sums over ways x -> x' -> x''."""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import Any

import attrs
import numpy as np
import strategies

from nqx_graph.lowering.reference import branches
from nqx_graph.space import view

Entries = dict[tuple[tuple[int, ...], tuple[int, ...]], list[complex]]


def states_of(hilbert: Any) -> list[tuple[int, ...]]:
    """All configurations of local states, whatever a constraint says."""
    return list(itertools.product(sorted(int(state) for state in hilbert.local_states), repeat=hilbert.size))


class Ways:
    """The branches of an operator from every configuration, by the reference interpreter."""

    def __init__(self, operator: Any, dtype: str | None = None) -> None:
        self.operator, self.space = operator, view(operator.hilbert)
        self.ir = attrs.evolve(operator.to_ir(), dtype_str=dtype or operator.to_ir().dtype_str)
        self.values = strategies.missing_parameters(operator)
        self.known: dict[tuple[int, ...], list[Any]] = {}

    def __call__(self, x: tuple[int, ...]) -> list[Any]:
        if x not in self.known:
            self.known[x] = list(branches(self.ir, self.space, np.array(x), self.values))
        return self.known[x]

    def entries(self) -> tuple[Entries, set[tuple[int, ...]]]:
        """All matrix elements, and the x from which a branch leaves."""
        found: Entries = defaultdict(list)
        leaving = set()
        for x in states_of(self.operator.hilbert):
            for branch in self(x):
                if branch.outside:
                    leaving.add(x)
                else:
                    found[x, tuple(map(int, branch.target))].append(complex(branch.mel))
        return found, leaving


def product(a: Any, b: Any) -> tuple[Entries, set[tuple[int, ...]]]:
    """The matrix elements of A B, and the x from which a branch of B leaves after one of A, which must not leave."""
    dtype = np.promote_types(a.to_ir().dtype_str, b.to_ir().dtype_str).name
    first, second = Ways(a, dtype), Ways(b, dtype)
    found: Entries = defaultdict(list)
    leaving = set()
    for x in states_of(a.hilbert):
        for one in first(x):
            assert not one.outside
            for two in second(tuple(map(int, one.target))):
                if two.outside:
                    leaving.add(x)
                else:
                    with np.errstate(all="ignore"):
                        mel = complex(np.complex128(one.mel) * np.complex128(two.mel))
                    found[x, tuple(map(int, two.target))].append(mel)
    return found, leaving


def adjoint(a: Any, conjugate: bool = True) -> tuple[Entries, set[tuple[int, ...]]]:
    """The matrix elements of A†, or of the transpose; no branch of A may leave."""
    found, leaving = Ways(a).entries()
    assert not leaving
    return {(y, x): [m.conjugate() if conjugate else m for m in mels] for (x, y), mels in found.items()}, set()


def assert_same(operator: Any, truth: tuple[Entries, set[tuple[int, ...]]]) -> None:
    """The operator has these matrix elements, to rounding, and leaves where it should."""
    (ours, left), (expected, leaving) = Ways(operator).entries(), truth
    words = f"\n{operator.to_ir()}"
    assert left == leaving, words
    tolerance = 1e-4 if operator.to_ir().dtype_str in ("float32", "complex64") else 1e-11
    for x, y in ours.keys() | expected.keys():
        if x in leaving:
            continue
        a, b = (sum(m.get((x, y), [])) for m in (ours, expected))
        sizes = [abs(v) for m in (ours, expected) for v in m.get((x, y), []) if np.isfinite(v)]
        scale = max(1.0, *sizes) if sizes else 1.0
        same = np.isclose(a, b, rtol=0, atol=tolerance * scale, equal_nan=True)
        if not (np.isfinite(a) or np.isfinite(b)):  # which of infinity and NaN it is depends on the order of factors
            same = True
        assert same, f"<{x}|O|{y}>: {a} is not {b}{words}"


def matrix(operator: Any, dtype: str | None = None) -> Any:
    """The dense matrix over all configurations of local states; no branch may leave."""
    states = states_of(operator.hilbert)
    place = {state: number for number, state in enumerate(states)}
    made = np.zeros((len(states), len(states)), dtype=complex)
    found, leaving = Ways(operator, dtype).entries()
    assert not leaving
    for (x, y), mels in found.items():
        made[place[x], place[y]] = sum(mels)
    return made


def difference(a: tuple[Entries, Any], b: tuple[Entries, Any], sign: int) -> tuple[Entries, set[tuple[int, ...]]]:
    """a + sign · b."""
    made: Entries = defaultdict(list)
    for entries, factor in ((a[0], 1), (b[0], sign)):
        for key, mels in entries.items():
            made[key] += [factor * mel for mel in mels]
    return made, set()
