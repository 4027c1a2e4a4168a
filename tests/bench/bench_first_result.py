"""From a built operator to its first result: pipeline, trace, XLA and run, with JAX's caches emptied and a new compiler
each time.
"""

from __future__ import annotations

import contextlib

import jax
import models
import netket as nk
import numpy as np
import ours
import peers
import pytest
from agreement import assert_same_operator
from measuring import Contender, interleaved
from page import Bar, Curve

import nqx_graph as sym

SECTION = "First results"
PLOTS = {"terms": ("First result of one-bond terms with constants of their own", "terms")}
SITES, BATCH = 40, 4
EXACT, OPTIMISED, THEIRS = "jax_symbolic_v1", "optimised", "nkDSL"
REALISATIONS, THEIR_REALISATIONS = 100, 5


def some_bonds(count, seed=0):
    """Pairs of different sites, and a weight for each."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, SITES, count)
    second = (first + rng.integers(1, SITES, count)) % SITES
    return list(zip(first.tolist(), second.tolist(), strict=True)), rng.normal(size=count)


def first_result(operator, x, optimize):
    """What a user waits for; the compiler is new."""
    return jax.block_until_ready(ours.compiled(operator, optimize=optimize).get_conn_padded(x))


def from_nothing(build, x, optimize, rounds=None):
    """The operator is built anew each time, untimed: nothing is remembered of it."""

    def prepare():
        jax.clear_caches()
        return build()

    return Contender(lambda operator: first_result(operator, x, optimize), prepare=prepare, rounds=rounds)


def test_terms(benchmark, record_table):
    hilbert = nk.hilbert.Spin(1 / 2, SITES)
    x = peers.samples(hilbert, BATCH)
    counts = {50: None, 200: None, 800: None, 5000: 3, 20_000: 4}  # with how often they run

    def build(count):
        return lambda: ours.bonds(hilbert, *some_bonds(count))

    for count in (50, 800):
        assert_same_operator(first_result(build(count)(), x, True), first_result(build(count)(), x, False))
    theirs_of_50 = peers.nkdsl_compile(peers.nkdsl_bonds(hilbert, *some_bonds(50)))
    assert_same_operator(first_result(build(50)(), x, True), theirs_of_50.get_conn_padded(x))

    def their_first(operator):
        return lambda: jax.block_until_ready(peers.nkdsl_compile(operator).get_conn_padded(x))

    def theirs(count, rounds):
        operator = peers.nkdsl_bonds(hilbert, *some_bonds(count))
        return Contender(their_first(operator), prepare=jax.clear_caches, rounds=rounds)

    names = {(800, True): "optimised, 800 terms", (800, False): "jax_symbolic_v1, 800 terms"}
    contenders = {names[800, True]: from_nothing(build(800), x, True)}
    for count, often in counts.items():
        for optimize in (True, False):
            name = names.setdefault((count, optimize), f"{OPTIMISED if optimize else EXACT}, {count:,} terms")
            contenders.setdefault(name, from_nothing(build(count), x, optimize, often))
    contenders["nkDSL, 50 terms"] = theirs(50, 3)
    contenders["nkDSL, 200 terms"] = theirs(200, 2)
    contenders["nkDSL, 800 terms"] = theirs(800, 2)
    contenders["building the 800 terms"] = Contender(build(800))
    contenders["building the 20,000 terms"] = Contender(build(20_000), rounds=3)
    times = interleaved(benchmark, contenders, rounds=7)
    bars = []
    for optimize in (True, False):
        small, large = names[800, optimize], names[20_000, optimize]
        how = OPTIMISED if optimize else EXACT
        bars.append(Bar(f"first result of 800 one-bond terms, {how}", 1 / 30, ("nkDSL, 800 terms",), whose=small))
        bars.append(Bar(f"first result of 20,000 such terms, {how}", 3.0, (small,), whose=large))
    record_table(f"One-bond terms with a constant of their own, {SITES} sites", times, bars=bars)
    for count in counts:
        lines = {names[count, True]: OPTIMISED, names[count, False]: EXACT}
        if f"nkDSL, {count} terms" in times:
            lines[f"nkDSL, {count} terms"] = THEIRS
        record_table.curve(Curve("terms", count, lines), times)


@contextlib.contextmanager
def counted(event, seen):
    """How often JAX did something, appended to ``seen``."""
    from jax._src import monitoring

    count = 0

    def listen(name, *_, **__):
        nonlocal count
        count += name == event

    jax.monitoring.register_event_duration_secs_listener(listen)
    try:
        yield
    finally:
        seen.append(count)
        monitoring.unregister_event_duration_listener(listen)


@pytest.mark.parametrize("written", ["a column of couplings", "one term for each bond"])
def test_disorder(written, benchmark, record_table):
    size = 16
    hilbert, edges = nk.hilbert.Spin(1 / 2, size), ours.ring(size)
    x = peers.samples(hilbert, BATCH)
    couplings = np.random.default_rng(3).normal(size=(REALISATIONS, size))
    build = models.ising if written == "a column of couplings" else ours.ising_by_bonds

    def own(realisations):
        compiler, options = sym.SymbolicCompiler(), ours.options(optimize=True)
        for J in realisations:
            compiled = compiler.compile_operator(build(hilbert, edges, J, 0.7), options=options)
            made = jax.block_until_ready(compiled.get_conn_padded(x))
        return made

    def theirs(realisations):
        for J in realisations:
            made = jax.block_until_ready(
                peers.nkdsl_compile(peers.nkdsl_ising(hilbert, edges, J, 0.7)).get_conn_padded(x)
            )
        return made

    assert_same_operator(own(couplings[:1]), theirs(couplings[:1]))
    jax.clear_caches()
    compiled, first = [], couplings[:1]
    with counted("/jax/core/compile/backend_compile_duration", compiled):
        own(first)
    with counted("/jax/core/compile/jaxpr_trace_duration", compiled):
        own(couplings[1:])
    with counted("/jax/core/compile/backend_compile_duration", compiled):
        own(couplings)
    contenders = {
        f"ours, {REALISATIONS} realisations": Contender(lambda: own(couplings), prepare=jax.clear_caches),
        "nkDSL": Contender(
            lambda: theirs(couplings[:THEIR_REALISATIONS]),
            prepare=jax.clear_caches,
            times=REALISATIONS / THEIR_REALISATIONS,
            rounds=3,
        ),
    }
    times = interleaved(benchmark, contenders, rounds=9)
    note = (
        f"nkDSL ran {THEIR_REALISATIONS} realisations, its time is multiplied by {REALISATIONS // THEIR_REALISATIONS}. "
        f"XLA compiles for the first realisation: {compiled[0]}; traces for the {REALISATIONS - 1} others: {compiled[1]}, "
        f"XLA compiles for all of them once more: {compiled[2]}."
    )
    record_table(
        f"{REALISATIONS} disorder realisations of an Ising ring, N={size}, {written}",
        times,
        bars=[Bar(f"{REALISATIONS} disorder realisations, {written}", 1 / 50, ("nkDSL",))],
        note=note,
    )
