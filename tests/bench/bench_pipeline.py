"""The pipeline without JAX: a cold compile of all ordered pairs of sites, and hits."""

from __future__ import annotations

import models
import netket as nk
import ours
import peers
import pytest
from agreement import assert_same_operator
from measuring import Contender, interleaved
from page import Bar, Curve

import nqx_graph as sym

SECTION = "The pipeline, cold and on a hit"
PLOTS = {
    "pipeline": ("Cold pipeline of all ordered pairs", "rows"),
    "hit": ("Hit on an equal operator built anew, all ordered pairs", "rows"),
}
SIZES = (64, 128, 256, 512)
WHO = ("ours", "ours, optimised", "nkDSL", "nkDSL, checks off")


def rows(size):
    return size * (size - 1)


def named(size, who):
    return f"{who}, {rows(size):,} rows"


def cold(build, optimize=False):
    """A compiler whose store is empty, and an operator built anew, untimed: nothing is remembered of it."""

    def compiled(operator):
        ours.compiled(operator, optimize=optimize)

    return Contender(compiled, prepare=build)


def test_cold_pipeline(benchmark, record_table):
    spaces = {size: nk.hilbert.Fock(2, size) for size in SIZES}

    def build(size):
        return lambda: ours.all_pairs(spaces[size], 2, 1.0)

    small = nk.hilbert.Fock(2, 12)
    x = peers.samples(small, 64)
    own, theirs = ours.all_pairs(small, 2, 1.0), peers.nkdsl_all_pairs(small, 2, 1.0)
    expected = peers.nkdsl_compile(theirs).get_conn_padded(x)
    for optimize in (False, True):
        made = ours.compiled(own, optimize=optimize).get_conn_padded(x)
        assert_same_operator(made, expected, tolerance=1e-7)  # nkDSL's square roots are those of float32
    their_operators = {size: peers.nkdsl_all_pairs(spaces[size], 2, 1.0) for size in SIZES[:2]}

    def call(operator, rounds, compile_it):
        return Contender(lambda: compile_it(operator), rounds=rounds)

    contenders = {named(512, "ours"): cold(build(512))}
    contenders |= {named(size, "ours"): cold(build(size)) for size in SIZES[:-1]}
    contenders |= {named(size, "ours, optimised"): cold(build(size), optimize=True) for size in SIZES}
    for size, operator in their_operators.items():
        contenders[named(size, "nkDSL")] = call(operator, 2, peers.nkdsl_compile_by_default)
        contenders[named(size, "nkDSL, checks off")] = call(operator, None, peers.nkdsl_compile)
    contenders["building the 261,632 rows"] = Contender(build(512))
    times = interleaved(benchmark, contenders, rounds=15)
    bars = [
        Bar("cold pipeline, 261,632 rows / nkDSL at 16,256", 1 / 20, (named(128, "nkDSL"),), whose=named(512, "ours")),
        Bar(
            "cold optimised pipeline, 261,632 rows / nkDSL at 16,256",
            1 / 20,
            (named(128, "nkDSL"),),
            whose=named(512, "ours, optimised"),
        ),
        Bar("growth from 65,280 to 261,632 rows, 4.0 in rows", 4.4, (named(256, "ours"),), whose=named(512, "ours")),
    ]
    note = (
        "nkDSL by its defaults, and without its deduplication and diagnostics, which it needs most of its time for. The bar "
        "refers to its defaults."
    )
    record_table("Cold pipeline of all ordered pairs", times, bars=bars, note=note)
    for size in SIZES:
        lines = {named(size, who): who for who in WHO if named(size, who) in times}
        record_table.curve(Curve("pipeline", rows(size), lines), times)


OPERATORS = {
    "Ising ring, N=20": lambda: models.ising(nk.hilbert.Spin(1 / 2, 20), ours.ring(20), 1.0, 0.7),
    "800 terms": lambda: ours.bonds(
        nk.hilbert.Spin(1 / 2, 40),
        [(i % 40, (i + 1 + i // 40) % 40) for i in range(800)],
        [0.1 * i for i in range(800)],
    ),
    "20,000 terms": lambda: ours.bonds(
        nk.hilbert.Spin(1 / 2, 200), [(i % 200, (i + 1 + i // 200) % 200) for i in range(20_000)], [0.1] * 20_000
    ),
    "261,632 rows": lambda: ours.all_pairs(nk.hilbert.Fock(2, 512), 2, 1.0),
}


@pytest.mark.parametrize("optimize", [False, True], ids=["exact", "optimised"])
def test_hits(optimize, benchmark, record_table):
    options = ours.options(optimize)
    contenders = {}
    for name, build in OPERATORS.items():
        compiler, operator = sym.SymbolicCompiler(), build()
        first = compiler.compile(operator, options=options)
        again = compiler.compile(operator, options=options)
        assert again.report.outcome == "hit" and again.compiled_operator is first.compiled_operator

        def hit(compiler=compiler, operator=operator):
            compiler.compile_operator(operator, options=options)

        contenders[f"{name}, the same object"] = Contender(hit, calls=20)
        contenders[f"{name}, an equal one"] = Contender(
            lambda made, compiler=compiler: compiler.compile_operator(made, options=options), prepare=build, rounds=9
        )
    times = interleaved(benchmark, contenders, rounds=31)
    how = "optimised" if optimize else "exact"
    bars = [
        Bar(f"hit on the same operator object, {name}, {how}", 100e-6, whose=f"{name}, the same object")
        for name in OPERATORS
    ]
    record_table(
        f"Hits, {how}", times, bars=bars, note="An equal one is built anew each time, outside of what is timed."
    )


def test_equal_operators_built_anew(benchmark, record_table):
    contenders = {}
    for size in SIZES[::-1]:
        space, compiler = nk.hilbert.Fock(2, size), sym.SymbolicCompiler()

        def build(space=space):
            return ours.all_pairs(space, 2, 1.0)

        compiler.compile(build())
        assert compiler.compile(build()).report.outcome == "hit"
        contenders[named(size, "equal")] = Contender(compiler.compile_operator, prepare=build)
    times = interleaved(benchmark, contenders, rounds=21)
    whose, of = named(512, "equal"), named(256, "equal")
    bars = [
        Bar("hit on an equal operator built anew, from 65,280 to 261,632 rows, 4.0 in bytes", 4.4, (of,), whose=whose)
    ]
    record_table("Hits on an equal operator built anew", times, bars=bars)
    for size in SIZES:
        record_table.curve(Curve("hit", rows(size), {named(size, "equal"): "hit"}), times)
