"""Other ways to the same operator: what has to come out equal, compared with itself."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import attrs
import jax
import jax.numpy as jnp
import networkx as nx
import numpy as np
import pytest
import stored
import strategies
from comparing import TOLERANCE, close, compiled_quickly, largest
from eager import connected, on_numpy
from figures import figure, parts

import nqx_graph as sym
from nqx_graph.disk import DiskArtifactStore
from nqx_graph.graph import order
from nqx_graph.hilbert import Fock, Qubit, Spin
from nqx_graph.ir.types import KBodyIteratorSpec
from nqx_graph.lowering.reference import ReferenceOperator
from nqx_graph.space import view

PROGRAMS = figure(80, 10_000)
each_part = pytest.mark.parametrize("part", parts(PROGRAMS, 4), ids=str)
Sums = dict[tuple[Any, ...], Any]
AS_ARGUMENT = jax.jit(lambda operator, x: operator.get_conn_padded(x))


def unpromised(operator: Any) -> sym.SymbolicOperator:
    """The operator without its promises: a broken one makes every matrix element NaN."""
    ir = operator.to_ir()
    return sym.SymbolicOperator(
        operator.hilbert, attrs.evolve(ir, terms=[attrs.evolve(term, fanout_hint=None) for term in ir.terms])
    )


def compiled_of(given: Any, **options: Any) -> Any:
    chosen = sym.SymbolicCompilerOptions(
        **{"strict_validation": False, "cache_enabled": False, "on_out_of_domain": "drop", **options}
    )
    compiled = sym.SymbolicCompiler().compile_operator(given, options=chosen)
    return compiled.with_parameters(**strategies.missing_parameters(given))


def sums(given: Any, x: Any, **options: Any) -> list[Sums]:
    """For each configuration, the sum of the matrix elements of each x'."""
    compiled = compiled_of(given, **options)
    with on_numpy():
        xp, mels = connected(compiled, x)
    found = []
    for targets, elements in zip(xp, mels, strict=True):
        own: Sums = {}
        for target, element in zip(map(tuple, targets.tolist()), elements, strict=True):
            own[target] = own.get(target, 0) + element
        found.append(own)
    return found


def assert_sums(operator: Any, x: Any, ours: list[Sums], truth: list[Sums], scale: float = 1.0) -> None:
    """Equal to rounding; an x' that is left out has the sum 0."""
    tolerance = TOLERANCE[operator.to_ir().dtype_str]
    for sample, own, other in zip(x, ours, truth, strict=True):
        for target in {*own, *other}:
            a, b = np.asarray(own.get(target, 0)), np.asarray(other.get(target, 0))
            if not close(a, b, tolerance):
                allowed = 8 * tolerance * max(1.0, scale * largest(operator, sample))
                assert close(a, b, allowed), f"{sample} -> {target}: {a} and {b}\n{operator.to_ir()}"


def programs(part: range, states: int = 6) -> Iterator[tuple[int, sym.SymbolicOperator, Any]]:
    for seed in part:
        operator = unpromised(strategies.seeded(seed))
        own = strategies.samples(operator.hilbert)
        yield seed, operator, own[np.random.default_rng(seed).integers(0, len(own), states)]


@each_part
def test_sums_and_multiples(part: range) -> None:
    for seed, operator, x in programs(part):
        ir = operator.to_ir()
        if ir.dtype_str == "float32":
            continue
        again = unpromised(strategies.seeded(seed + 10**6, operator.hilbert))
        if again.to_ir().dtype_str != ir.dtype_str:
            continue
        one, other = operator, again
        parts_ = [sums(made, x) for made in (operator, again)]
        if any(not np.isfinite(value) for part_ in parts_ for own in part_ for value in own.values()):
            continue
        for made, a, b in ((one + other, 1, 1), (2 * one - other, 2, -1), (-one / 2, -0.5, 0)):
            expected = [
                {target: a * own.get(target, 0) + b * more.get(target, 0) for target in {*own, *(more if b else ())}}
                for own, more in zip(*parts_, strict=True)
            ]
            scale = 2 * max([1.0, *(largest(again, sample) for sample in x)])
            assert_sums(operator, x, sums(made, x), expected, scale)
        nothing = sums(one - one, x, optimize=True)
        assert_sums(operator, x, nothing, [{}] * len(x))


@each_part
def test_a_term_split_in_two(part: range) -> None:
    for seed, operator, x in programs(part):
        rng, terms = random.Random(seed), []
        for term in operator.to_ir().terms:
            rows = term.iterator.n_iter
            if rows < 2:
                terms.append(term)
                continue
            at, spec = rng.randrange(1, rows), term.iterator
            for piece in (slice(0, at), slice(at, rows)):
                columns = {name: array[piece] for name, array in spec.columns.items()}
                iterator = KBodyIteratorSpec(spec.labels, spec.index_sets[piece], columns)
                terms.append(attrs.evolve(term, iterator=iterator, name=f"{term.name} {piece.start}"))
        split = sym.SymbolicOperator(operator.hilbert, attrs.evolve(operator.to_ir(), terms=terms))
        ours, theirs = (compiled_of(made) for made in (split, operator))
        with on_numpy():
            pairs = [connected(made, x) for made in (ours, theirs)]
        np.testing.assert_array_equal(pairs[0][0], pairs[1][0])
        assert close(pairs[0][1], pairs[1][1], 1e-5 if operator.to_ir().dtype_str == "float32" else 1e-12), (
            operator.to_ir()
        )


@each_part
def test_branches_that_are_never_taken(part: range) -> None:
    for _, operator, x in programs(part):
        builder = sym.DOperator(operator.hilbert, dtype=operator.to_ir().dtype_str)
        dead = builder.for_each_site("i").where(False).emit(sym.shift("i", 1), amplitude=sym.site("i").value).build()
        more = sym.SymbolicOperator(
            operator.hilbert, attrs.evolve(operator.to_ir(), terms=(*dead.to_ir().terms, *operator.to_ir().terms))
        )
        for optimize in (False, True):
            assert_sums(operator, x, sums(more, x, optimize=optimize), sums(operator, x))


@each_part
def test_json_and_back(part: range) -> None:
    for _, operator, x in programs(part):
        again = sym.SymbolicOperator(operator.hilbert, sym.SymbolicOperatorIR.from_dict(operator.to_ir().as_dict()))
        assert again.to_ir().static_fingerprint() == operator.to_ir().static_fingerprint()
        pair = [compiled_of(made) for made in (again, operator)]
        with on_numpy():
            for ours, theirs in zip(*(connected(made, x) for made in pair), strict=True):
                np.testing.assert_array_equal(ours, theirs)


@each_part
def test_batches_in_parts_and_dtypes_of_samples(part: range) -> None:
    for _, operator, x in programs(part):
        compiled = compiled_of(operator)
        with on_numpy():
            xp, mels = connected(compiled, x)
            for piece in (slice(0, 2), slice(2, 2), slice(2, None)):
                some = connected(compiled, x[piece])
                np.testing.assert_array_equal(some[0], xp[piece])
                np.testing.assert_array_equal(some[1], mels[piece])
            for dtype in (np.int16, np.int64, np.float32, np.float64):
                wide = connected(compiled, x.astype(dtype))
                assert wide[0].dtype == dtype
                np.testing.assert_array_equal(wide[0], xp)
                np.testing.assert_array_equal(wide[1], mels)


@pytest.mark.parametrize("part", parts(figure(16, 1_000), 2), ids=str)
@pytest.mark.parametrize("optimize", [False, True])
def test_eager_jitted_mapped(part: range, optimize: bool) -> None:
    with compiled_quickly():
        _eager_jitted_mapped(part, optimize)


def _eager_jitted_mapped(part: range, optimize: bool) -> None:
    for _, operator, x in programs(part):
        compiled = compiled_of(operator, optimize=optimize)
        with on_numpy():
            eager = connected(compiled, x)
        ways: list[Callable[[Any], Any]] = [
            compiled.get_conn_padded,
            jax.vmap(compiled.get_conn_padded),
            partial(AS_ARGUMENT, compiled),
        ]
        for way in ways:
            xp, mels = way(jnp.asarray(x))
            np.testing.assert_array_equal(xp, eager[0])
            scale = max(1.0, *(largest(operator, sample) for sample in x))
            assert close(np.asarray(mels), np.asarray(eager[1]), scale * TOLERANCE[operator.to_ir().dtype_str])


@each_part
def test_cold_warm_and_from_disk(part: range, tmp_path: Any) -> None:
    for _, operator, x in programs(part):
        for optimize in (False, True):
            options = sym.SymbolicCompilerOptions(strict_validation=False, optimize=optimize)
            first, later = (
                sym.SymbolicCompiler(artifact_store=DiskArtifactStore(tmp_path), options=options) for _ in range(2)
            )
            made = [first.compile(operator), first.compile(operator), later.compile(operator), later.compile(operator)]
            assert [artifact.report.outcome for artifact in made] == ["miss", "hit", "hit", "hit"]
            cold, *warm = (artifact.compiled_operator for artifact in made)
            for other in warm:
                assert other == cold
            values = strategies.missing_parameters(operator)
            pair = [one.with_parameters(**values) for one in (cold, warm[1])]
            with on_numpy():
                pairs = [connected(one, x) for one in pair]
            np.testing.assert_array_equal(pairs[0][0], pairs[1][0])
            np.testing.assert_array_equal(pairs[0][1], pairs[1][1])


# --- the adjoint, and sites under other numbers ---


def hops(rng: np.random.Generator, hilbert: Any, adjoint: bool, place: Any = None) -> Any:
    """Σ w f(nᵢ, nⱼ) of hops from i to j over random bonds, or its adjoint, written out; sites renumbered by ``place``."""
    s, size, n_max = sym.site, hilbert.size, int(hilbert.local_states[-1])
    rows = np.array([rng.choice(size, 2, replace=False) for _ in range(6)])
    weights = rng.normal(size=6) + 1j * rng.normal(size=6)
    a, b, c = rng.normal(size=3)
    rows = rows if place is None else place[rows]

    def f(n: Any, m: Any) -> Any:
        return a + b * n * m + 1j * c * (n + 1).sqrt()

    builder = sym.DOperator(hilbert, dtype="complex128").for_each(("i", "j"), over=rows, columns={"w": weights})
    if adjoint:
        builder.where((s("j") > 0) & (s("i") < n_max))
        amplitude = (sym.column("w") * f(sym.emitted("i").value, sym.emitted("j").value)).conj()
        return builder.emit(sym.shift("i", 1).shift("j", -1), amplitude=amplitude).build()
    builder.where((s("i") > 0) & (s("j") < n_max))
    return builder.emit(
        sym.shift("i", -1).shift("j", 1), amplitude=sym.column("w") * f(s("i").value, s("j").value)
    ).build()


HOPPING = [Fock(2, 4), Fock(3, 4, n_particles=3), Fock(1, 5)]


@pytest.mark.parametrize("hilbert", HOPPING, ids=repr)
@pytest.mark.parametrize("seed", range(figure(4, 200)))
def test_the_adjoint(hilbert: Any, seed: int) -> None:
    forth, back = (hops(np.random.default_rng(seed), hilbert, adjoint) for adjoint in (False, True))
    matrix = forth.compile(cache=False).to_dense()
    assert np.abs(matrix).max() > 0
    np.testing.assert_allclose(back.compile(cache=False).to_dense(), matrix.conj().T, atol=1e-12)
    both = (forth + back).compile(cache=False, optimize=bool(seed % 2))
    assert sym.verify_hermitian(both).exact
    if np.abs(matrix - matrix.conj().T).max() > 1e-6:
        with pytest.raises(sym.errors.HermiticityError):
            sym.verify_hermitian(forth)


@pytest.mark.parametrize("hilbert", HOPPING, ids=repr)
@pytest.mark.parametrize("seed", range(figure(4, 200)))
def test_sites_under_other_numbers(hilbert: Any, seed: int) -> None:
    place = np.random.default_rng(100 + seed).permutation(hilbert.size)
    one, other = (hops(np.random.default_rng(seed), hilbert, False, at).compile(cache=False) for at in (None, place))
    x = np.asarray(hilbert.all_states())
    moved = np.empty_like(x)
    moved[:, place] = x
    (xp, mels), (xp_moved, mels_moved) = (made.get_conn_padded(at) for made, at in ((one, x), (other, moved)))
    np.testing.assert_array_equal(np.asarray(xp_moved)[..., place], xp)
    np.testing.assert_array_equal(mels_moved, mels)


# --- stages in every order ---


def test_every_order_of_the_stages_that_their_reads_allow(monkeypatch: Any) -> None:
    seen: set[tuple[str, ...]] = set()
    operator = stored.operators()[4]
    reference = {optimize: operator.compile(cache=False, optimize=optimize) for optimize in (False, True)}
    number = 0
    while True:
        orders: list[tuple[str, ...]] = []

        def sort(needs: nx.DiGraph, number: int = number, orders: list[Any] = orders) -> tuple[str, ...]:
            found = tuple(map(tuple, nx.all_topological_sorts(needs)))
            orders.extend(found)
            return found[number]

        with monkeypatch.context() as patch:
            patch.setattr(order, "_sorted", sort)
            graph = attrs.evolve(sym.default_graph())
        seen.add(graph.miss_plan)
        for optimize, truth in reference.items():
            options = sym.SymbolicCompilerOptions(optimize=optimize)
            artifact = sym.SymbolicCompiler(graph=graph, options=options).compile(operator)
            assert artifact.compiled_operator == truth
        number += 1
        if number == len(orders):
            break
    assert len(seen) == number >= 24


# --- all states of larger spaces ---

LARGE = [Spin(1 / 2, 12), Qubit(10), Fock(3, 6), Fock(7, 4), Spin(1 / 2, 12, total_sz=0), Fock(4, 6, n_particles=6)]


@pytest.mark.parametrize("hilbert", LARGE, ids=repr)
@pytest.mark.parametrize("number", range(figure(2, 100)))
def test_matrices_over_all_states(hilbert: Any, number: int) -> None:
    """The exact and the fused kernel as matrices over up to 4,096 states, and rows of them from the loops."""
    states = np.asarray(hilbert.all_states())
    assert 400 < len(states) <= 4096
    operator = unpromised(strategies.seeded(10_000 + 97 * number + len(states), hilbert))
    values = strategies.missing_parameters(operator)
    found = []
    for optimize in (False, True):
        xp, mels = map(np.asarray, compiled_of(operator, optimize=optimize).get_conn_padded(states))
        found.append(matrix(xp, mels))
    tolerance = TOLERANCE[operator.to_ir().dtype_str]
    rows = np.random.default_rng(number).choice(len(states), 6, replace=False)
    looped = ReferenceOperator(
        operator.to_ir(), hilbert, view(hilbert), on_out_of_domain="drop", parameters=values
    ).get_conn_padded(states[rows])
    scale = max([1.0, *(largest(operator, states[row]) for row in rows)])
    for row, own in zip(rows, matrix(*looped), strict=True):
        for made in found:
            for target in {*own, *made[row]}:
                pair = (np.asarray(half.get(target, 0)) for half in (own, made[row]))
                assert close(*pair, 8 * tolerance * scale), (states[row], target, operator.to_ir())
    for one, other in zip(*found, strict=True):
        for target in one.keys() | other.keys():
            a, b = (np.asarray(half.get(target, 0)) for half in (one, other))
            size = np.nan_to_num(np.abs(a), posinf=0.0)
            assert close(a, b, 64 * tolerance * max(scale, float(size))), (target, operator.to_ir())


def matrix(xp: Any, mels: Any) -> list[Sums]:
    """Row by row, the sum for each x' that differs from 0, under the bytes of x'."""
    made: list[Sums] = []
    for targets, elements in zip(xp, mels, strict=True):
        own: Sums = {}
        for slot in np.flatnonzero(elements):
            target = (targets[slot].tobytes(),)
            own[target] = own.get(target, 0) + elements[slot]
        made.append(own)
    return made
