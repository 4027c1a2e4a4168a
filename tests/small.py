"""Small operators, spaces, stages and lowerers that the tests of the compiler share."""

from __future__ import annotations

import itertools
import json
from typing import Any

import jax
import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph import Analysis, stage
from nqx_graph.errors import SymbolicCompilerError

FOCK = sym.hilbert.Fock(3, N=3)
SPIN = sym.hilbert.Spin(0.5, N=3)


class LoadedSpace:
    """A space that the package does not know: it has no digest and no form as data."""

    size = 2
    local_states = (0, 1, 5)

    def all_states(self) -> np.ndarray:
        return np.array(list(itertools.product(self.local_states, repeat=2)), dtype=np.int8)

    def states_to_numbers(self, states: np.ndarray) -> np.ndarray:
        places = np.searchsorted(self.local_states, states)
        return places[..., 0] * 3 + places[..., 1]


def number(hilbert: Any = FOCK, name: str = "number", weight: Any = 1.0, **options: Any) -> Any:
    """Σ w·nᵢ: one row a site, diagonal."""
    n = sym.site("i").value
    return sym.DOperator(hilbert, name, **options).for_each_site("i").emit(amplitude=weight * n).build()


def raising(hilbert: Any = FOCK, **options: Any) -> Any:
    """One branch a site, one particle more, without a restriction: it leaves the space at the top."""
    return sym.DOperator(hilbert, "raising", **options).for_each_site("i").emit(sym.shift("i", 1), tag="up").build()


class Given:
    """Anything with ``to_ir()`` and ``hilbert`` can be compiled."""

    def __init__(self, ir: Any, hilbert: Any = FOCK) -> None:
        self.ir, self.hilbert = ir, hilbert

    def to_ir(self) -> Any:
        return self.ir


def counting(name: str = "counting", **declared: Any) -> tuple[Any, list[int]]:
    """A stage that reads ``term_fanouts``, which only a miss computes, and the list that it writes its runs in."""
    runs: list[int] = []
    seen = Analysis(name + "_seen", int, "How many terms were seen.")

    @stage(writes=seen, name=name, **declared)
    def count(term_fanouts):
        runs.append(len(term_fanouts))
        return len(term_fanouts)

    return count, runs


class Lowerer:
    """A lowerer made of a function of the context."""

    def __init__(self, name: str, lower: Any, *, reads: tuple[str, ...] = (), version: str | None = None) -> None:
        self.name, self.backend, self.lower = name, "jax", lower
        self.reads, self.version = reads, version

    def supports(self, context: Any) -> bool:
        return bool(context.selected_backend == "jax")


def registry(*lowerers: Any) -> sym.SymbolicLowererRegistry:
    return sym.SymbolicLowererRegistry(lowerers)


def run(operator: Any, x: Any, **options: Any) -> tuple[np.ndarray, np.ndarray]:
    """xp and mels of a fresh compile, as NumPy arrays."""
    compiled = operator.compile(cache=False, options=sym.SymbolicCompilerOptions(**options))
    xp, mels = compiled.get_conn_padded(np.asarray(x))
    return np.asarray(xp), np.asarray(mels)


def primitives(jaxpr: Any) -> set[str]:
    """The names of all primitives of a jaxpr, nested ones included."""
    found = set()
    for equation in jaxpr.eqns:
        found.add(equation.primitive.name)
        for value in jax.tree.leaves(list(equation.params.values()), is_leaf=lambda v: hasattr(v, "eqns")):
            inner = getattr(value, "jaxpr", value)
            if hasattr(inner, "eqns"):
                found |= primitives(inner)
    return found


STOCK = [
    "extraction", "symbolic_validation", "symbolic_normalization", "key_derivation", "cache_lookup",
    "symbolic_fanout_analysis", "symbolic_fusion_planning", "symbolic_hermiticity", "symbolic_range_analysis",
    "symbolic_diagnostics", "lowering", "finalisation", "cache_store",
]  # fmt: skip
UNCACHED = sym.SymbolicCompilerOptions(cache_enabled=False)


class LoggingStore:
    """A store that is nothing but an object with the methods of one."""

    def __init__(self) -> None:
        self.kept: dict[Any, Any] = {}
        self.calls: list[tuple[str, str]] = []

    def get(self, key: Any) -> Any:
        self.calls.append(("get", key.token))
        return self.kept.get(key)

    def put(self, key: Any, artifact: Any) -> None:
        self.calls.append(("put", key.token))
        self.kept[key] = artifact

    def clear(self) -> None:
        self.kept.clear()

    def __len__(self) -> int:
        return len(self.kept)


def fails(compiler: Any, operator: Any, name: str, kind: type, *facts: str, **arguments: Any) -> Any:
    """The compile fails in the stage ``name``: the cause is chained, and the report goes up to there."""
    with pytest.raises(SymbolicCompilerError) as caught:
        compiler.compile(operator, **arguments)
    error = caught.value
    assert isinstance(error, RuntimeError)
    assert error.stage == error.report.failed == name
    assert type(error.__cause__) is kind
    assert f"failed in stage {name!r}: {error.__cause__}" in str(error)
    for fact in facts:
        assert fact in str(error), str(error)
    found = [(row.name, row.status) for row in error.report.rows]
    place = found.index((name, "failed"))
    assert {status for _, status in found[:place]} <= {"ran", "skipped: cache off"}
    assert {status for _, status in found[place + 1 :]} <= {"not reached"}
    assert json.loads(json.dumps(error.report.to_dict()))["failed"] == name
    assert error.report.overhead_ns >= 0
    return error
