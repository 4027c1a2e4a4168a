"""No two compiles that could differ share a key; one compile has one key, in every process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import attrs
import jax
import numpy as np
import pytest
import small

import nqx_graph as sym
from nqx_graph import Analysis, stage
from nqx_graph.cache.key import ONLY_HERE
from nqx_graph.errors import OptionTypeError
from nqx_graph.hilbert import Fock, Qubit, Spin

s = sym.site
EDGES = [(0, 1), (1, 2), (2, 3)]
J, M = [0.5, 1.5, 2.5], [[0, 1, 0, 1], [1, 1, 0, 0], [0, 0, 0, 1]]


def build(
    hilbert=None, name="base", dtype="float64", hermitian=False, labels=("i", "j"), over=EDGES, J=J, M=M, columns=("J", "m"),
    term="hop", where=None, fanout=None, update=None, amplitude=None, tag="t", emit_if=None, symbol="g", default=1.0,
    doc="", global_amplitude=2, extra=(),
):  # fmt: skip
    """One operator; each argument is something that a key must see."""
    i, j = labels
    jname, mname = columns
    builder = sym.DOperator(hilbert or Fock(3, N=4), name, dtype=dtype, hermitian=hermitian)
    builder.for_each(labels, over=over, columns={jname: J, mname: M}).named(term)
    builder.where(s(i) > 0 if where is None else where)
    if fanout is not None:
        builder.fanout(fanout)
    free = sym.symbol(symbol, default, doc)
    amplitude = sym.column(jname) * free * s(i).value + sym.dot(mname) if amplitude is None else amplitude
    update = sym.shift(i, -1).shift(j, +1) if update is None else update
    if emit_if is None:
        builder.emit(update, amplitude=amplitude, tag=tag)
    else:
        builder.emit_if(emit_if, update, amplitude=amplitude, tag=tag)
    builder.globally().emit(amplitude=global_amplitude)
    for position in extra:
        builder.globally().emit(amplitude=position)
    return builder.build()


def column(*changes):
    J2, M2 = list(J), [list(row) for row in M]
    for place, value in changes:
        if isinstance(place, int):
            J2[place] = value
        else:
            M2[place[0]][place[1]] = value
    return {"J": J2, "M": M2}


def edges(row, place, value):
    changed = [list(edge) for edge in EDGES]
    changed[row][place] = value
    return [tuple(edge) for edge in changed]


x = s("i").value
OPERATORS = {
    "base": {},
    # index rows
    "row 0 first": {"over": edges(0, 0, 3)},
    "row 0 second": {"over": edges(0, 1, 2)},
    "row 1 first": {"over": edges(1, 0, 0)},
    "row 1 second": {"over": edges(1, 1, 3)},
    "row 2 first": {"over": edges(2, 0, 1)},
    "row 2 second": {"over": edges(2, 1, 0)},
    "rows swapped": {"over": [EDGES[1], EDGES[0], EDGES[2]]},
    "row reversed": {"over": [(1, 0), (1, 2), (2, 3)]},
    # columns
    "J[0]": column((0, 0.75)),
    "J[1]": column((1, -1.5)),
    "J[2]": column((2, np.nextafter(2.5, 3))),
    "J of -0.0": column((0, -0.0)),
    "J of 0.0": column((0, 0.0)),
    "J of ints": {"J": [1, 2, 3]},
    "J of floats": {"J": [1.0, 2.0, 3.0]},
    "M[0, 0]": column(((0, 0), 1)),
    "M[1, 3]": column(((1, 3), 1)),
    "M[2, 3]": column(((2, 3), 0)),
    "M of floats": {"M": np.array(M, dtype=float)},
    "column renamed": {"columns": ("K", "m")},
    "mask renamed": {"columns": ("J", "mask")},
    # labels and names
    "label i": {"labels": ("a", "j")},
    "label j": {"labels": ("i", "b")},
    "operator renamed": {"name": "Base"},
    "term renamed": {"term": "Hop"},
    "term unnamed": {"term": "0"},
    "tag": {"tag": "u"},
    "no tag": {"tag": None},
    "empty tag": {"tag": ""},
    # predicates
    "where >=": {"where": s("i") >= 0},
    "where > 1": {"where": s("i") > 1},
    "where > 0.0": {"where": s("i") > 0.0},
    "where j": {"where": s("j") > 0},
    "where index": {"where": s("i").index > 0},
    "where and": {"where": (s("i") > 0) & (s("j") < 3)},
    "where or": {"where": (s("i") > 0) | (s("j") < 3)},
    "where not": {"where": ~(s("i") > 0)},
    "where true": {"where": True},
    "emit if": {"emit_if": s("j") < 3},
    "emit if false": {"emit_if": False},
    # updates
    "no update": {"update": sym.identity()},
    "shift by 2": {"update": sym.shift("i", -2).shift("j", +1)},
    "shifts swapped": {"update": sym.shift("j", +1).shift("i", -1)},
    "shift_mod": {"update": sym.shift_mod("i", -1).shift("j", +1)},
    "swap": {"update": sym.swap("i", "j")},
    "permute": {"update": sym.permute("i", "j")},
    "swap back": {"update": sym.swap("j", "i")},
    "write": {"update": sym.write("i", 1)},
    "write 1.0": {"update": sym.write("i", 1.0)},
    "affine": {"update": sym.affine("i", scale=1, bias=-1)},
    "scatter": {"update": sym.scatter([0, 1], [2, 3])},
    "scatter swapped": {"update": sym.scatter([1, 0], [2, 3])},
    "cond": {"update": sym.cond(s("i") > 1, sym.write("i", 0))},
    "cond other side": {"update": sym.cond(s("i") > 1, None, sym.write("i", 0))},
    "cond nested": {"update": sym.cond(s("i") > 1, sym.cond(s("j") > 1, sym.write("i", 0)))},
    "invalidate": {"update": sym.invalidate()},
    "invalidate why": {"update": sym.invalidate("why")},
    # amplitudes
    "amplitude 1": {"amplitude": 1},
    "amplitude 1.0": {"amplitude": 1.0},
    "amplitude next": {"amplitude": float(np.nextafter(1.0, 2.0))},
    "amplitude x": {"amplitude": x},
    "amplitude x'": {"amplitude": sym.emitted("i").value},
    "amplitude index": {"amplitude": s("i").index},
    "amplitude source": {"amplitude": sym.source_index(0)},
    "amplitude source 1": {"amplitude": sym.source_index(1)},
    "amplitude target": {"amplitude": sym.target_index(0)},
    "amplitude prod": {"amplitude": sym.prod("m")},
    "amplitude dot": {"amplitude": sym.dot("m")},
    "amplitude x - 1": {"amplitude": x - 1},
    "amplitude 1 - x": {"amplitude": 1 - x},
    "amplitude wrap_mod": {"amplitude": sym.wrap_mod(x)},
    "amplitude where": {"amplitude": sym.where(s("i") > 1, 1, 2)},
    "amplitude where swapped": {"amplitude": sym.where(s("i") > 1, 2, 1)},
    "amplitude sqrt": {"amplitude": x.sqrt()},
    "amplitude abs": {"amplitude": x.abs()},
    "amplitude exp": {"amplitude": x.exp()},
    "amplitude ** 2": {"amplitude": x**2},
    "amplitude ** 2.0": {"amplitude": x**2.0},
    "second term": {"global_amplitude": 3},
    # symbols
    "symbol renamed": {"symbol": "h"},
    "default": {"default": 2.0},
    "default of int": {"default": 1},
    "no default": {"default": None},
    "doc": {"doc": "coupling"},
    # the whole
    "hermitian": {"hermitian": True},
    "float32": {"dtype": "float32"},
    "complex128": {"dtype": "complex128"},
    "complex64": {"dtype": "complex64"},
    "fanout 3": {"fanout": 3},
    "fanout 2": {"fanout": 2},
    "one more term": {"extra": (1,)},
    "two more terms": {"extra": (1, 2)},
    "two more swapped": {"extra": (2, 1)},
    "space of 4": {"hilbert": Fock(4, N=4)},
    "space of 5 sites": {"hilbert": Fock(3, N=5), "M": [[*row, 0] for row in M]},
    "space with a total": {"hilbert": Fock(3, N=4, n_particles=3)},
    "space with another": {"hilbert": Fock(3, N=4, n_particles=4)},
    "qubits": {"hilbert": Qubit(4)},
    "spins": {"hilbert": Spin(0.5, N=4)},
    "spins of a total": {"hilbert": Spin(0.5, N=4, total_sz=0)},
    "spins 3/2": {"hilbert": Spin(1.5, N=4)},
}
OPTIONS = [
    {"backend_preference": "jax"},
    {"backend_preference": "numpy"},
    {"cache_namespace": "mine"},
    {"cache_namespace": ""},
    {"enable_fusion": False},
    {"strict_validation": False},
    {"on_out_of_domain": "drop"},
    {"on_out_of_domain": "trust"},
    {"fail_on_warnings": True},
    {"min_severity": "info"},
]


def token(operator, graph=None, registry=None, **options):
    """The token, without lowering anything: passes before the gate by hand, then the signature."""
    compiler = sym.SymbolicCompiler(graph=graph, lowerer_registry=registry)
    chosen = sym.SymbolicCompilerOptions(**options)
    context = compiler.pipeline.run_pre_cache(compiler.context(operator, options=chosen))
    key = sym.SymbolicCompilationSignature.from_context(context).build_cache_key(namespace=chosen.cache_namespace)
    assert key.namespace == chosen.cache_namespace
    return key.token


def test_no_two_that_differ_share_a_key():
    tokens = {name: token(build(**changes)) for name, changes in OPERATORS.items()}
    tokens |= {str(options): token(build(), **options) for options in OPTIONS}
    shared = {t: [name for name in tokens if tokens[name] == t] for t in tokens.values()}
    assert [names for names in shared.values() if len(names) > 1] == []
    assert len(tokens) == len(OPERATORS) + len(OPTIONS) >= 100
    assert all(len(t) == 64 for t in tokens.values())


def test_the_same_twice_has_the_same_key():
    for name in ("base", "cond nested", "M[0, 0]", "space with a total"):
        assert token(build(**OPERATORS[name])) == token(build(**OPERATORS[name]))


def test_the_token_by_hand_is_that_of_a_compile():
    artifact = sym.SymbolicCompiler().compile(build())
    assert artifact.cache_token() == token(build())
    assert artifact.cache_key == sym.SymbolicCacheKey("nqx_symbolic_v1", artifact.cache_token())


def test_without_64_bit_numbers_is_another_key():
    operator = build(dtype="float32")
    wide = token(operator)
    with jax.enable_x64(False):
        narrow = token(operator)
    assert wide != narrow
    assert token(operator) == wide


PROGRAM = """
import jax
jax.config.update("jax_enable_x64", True)
from cache.test_key import build, token
print(token(build()), token(build(extra=(1,)), enable_fusion=False))
"""


def test_the_token_is_the_same_in_another_process_under_another_hash_seed():
    tests = Path(__file__).parents[1]
    root = Path(sym.__file__).parents[1]
    printed = []
    for seed in ("0", "4711"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": f"{root}{os.pathsep}{tests}"}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True, timeout=120
        )
        printed.append(done.stdout.split())
    assert printed[0] == printed[1]
    assert len(set(printed[0])) == 2
    if _sources_unchanged():
        assert printed[0] == [token(build()), token(build(extra=(1,)), enable_fusion=False)]


def _sources_unchanged():
    """Whether the package on disk is still the one that this process read: its digest is part of every key."""
    from nqx_graph.graph.identity import package_digest

    return package_digest() == package_digest.__wrapped__()


def user_stage(value, **declared):
    seen = Analysis("seen", int, "A number.")

    @stage(writes=seen, name="mine", **declared)
    def mine(term_fanouts):
        return value

    return mine


def inserted(*stages):
    return sym.default_graph().insert(*stages)


def test_an_inserted_stage_is_part_of_the_key():
    mine = user_stage(1)
    assert token(build(), inserted(mine)) != token(build())
    assert token(build(), inserted(mine)) == token(build(), inserted(mine))


def test_a_redefined_stage_without_a_version_is_another_one():
    first, second = user_stage(1), user_stage(1)
    assert token(build(), inserted(first)) != token(build(), inserted(second))
    store = sym.InMemoryArtifactStore()
    outcomes = [
        sym.SymbolicCompiler(graph=inserted(mine), artifact_store=store).compile(small.number()).report.outcome
        for mine in (first, second, first)
    ]
    assert outcomes == ["miss", "miss", "hit"]


def test_a_stage_with_a_version_keeps_the_key_until_the_version_changes():
    first, second = user_stage(1, version="1"), user_stage(1, version="1")
    third = user_stage(1, version="2")
    assert token(build(), inserted(first)) == token(build(), inserted(second))
    assert token(build(), inserted(first)) != token(build(), inserted(third))


def test_a_version_does_not_hide_what_a_stage_is_configured_with():
    tokens = {
        token(build(), inserted(user_stage(1, version="1"))),
        token(build(), inserted(user_stage(2, version="1"))),  # the value that the closure holds
        token(build(), inserted(user_stage(1, version="1", options={"depth": 3}))),
        token(build(), inserted(user_stage(1, version="1", options={"depth": 4}))),
        token(build(), inserted(user_stage(1, version="1", always=True))),
    }
    assert len(tokens) == 5


def test_replacing_a_stock_stage_changes_the_key():
    stock = sym.default_graph()["symbolic_fanout_analysis"]

    def fanouts(ir):
        return tuple(term.max_fanout for term in ir.terms), sum(term.max_fanout for term in ir.terms)

    graph = sym.default_graph().replace(stock, attrs.evolve(stock, fn=fanouts))
    assert token(build(), graph) != token(build())


def test_lowerers_and_their_order_are_part_of_the_key():
    def lowerer(version=None, name="mine"):
        return small.Lowerer(name, sym.JaxSymbolicV1Lowerer.lower, version=version)

    stock = (sym.JaxFusedV1Lowerer(), sym.JaxSymbolicV1Lowerer(), sym.NumpyReferenceLowerer())
    registries = {
        "stock": stock,
        "stock turned": stock[::-1],
        "one": stock[:1],
        "mine last": (*stock, lowerer("1")),
        "mine first": (lowerer("1"), *stock),
        "mine of another version": (lowerer("2"), *stock),
        "mine of another name": (lowerer("1", "ours"), *stock),
        "mine of no version": (lowerer(), *stock),
        "mine of no version again": (lowerer(), *stock),
    }
    tokens = {name: token(build(), registry=small.registry(*given)) for name, given in registries.items()}
    assert len(set(tokens.values())) == len(registries)
    assert token(build(), registry=small.registry(lowerer("1"), *stock)) == tokens["mine first"]
    assert token(build()) == tokens["stock"]


def test_a_signature_names_what_has_no_digest():
    compiler = sym.SymbolicCompiler()
    operator = sym.DOperator(small.LoadedSpace()).for_each_site("i").emit().build()
    context = compiler.pipeline.run_pre_cache(compiler.context(operator))
    signature = sym.SymbolicCompilationSignature.from_context(context)
    assert signature.missing() == ("space",)
    assert signature.build_cache_key(namespace="any") is None
    context = compiler.pipeline.run_pre_cache(compiler.context(small.number()))
    assert sym.SymbolicCompilationSignature.from_context(context).missing() == ()


def test_what_a_signature_holds():
    operator = build()
    compiler = sym.SymbolicCompiler()
    context = compiler.pipeline.run_pre_cache(compiler.context(operator))
    signature = sym.SymbolicCompilationSignature.from_context(context)
    assert signature.ir_fingerprint == operator.to_ir().static_fingerprint()
    assert signature.backend == "jax"
    assert signature.hilbert_size == 4
    assert signature.hilbert_digest == Fock(3, N=4).digest()
    assert signature.dtype_str == "float64"
    assert signature.options == sym.SymbolicCompilerOptions().static_signature()
    assert [name for name, _ in signature.covered] == [
        "call_record", "identities", "ir", "options", "registry", "space",
    ]  # fmt: skip
    assert dict(signature.covered)["ir"] == signature.ir_fingerprint
    assert signature.identities[-1] == ("x64", "True")


def test_every_part_of_a_signature_is_in_the_token():
    compiler = sym.SymbolicCompiler()
    context = compiler.pipeline.run_pre_cache(compiler.context(build()))
    base = sym.SymbolicCompilationSignature.from_context(context)
    changed = [
        base,
        attrs.evolve(base, ir_fingerprint="0" * 64),
        attrs.evolve(base, backend="numpy"),
        attrs.evolve(base, hilbert_size=5),
        attrs.evolve(base, hilbert_digest="0" * 64),
        attrs.evolve(base, dtype_str="float32"),
        attrs.evolve(base, options=()),
        attrs.evolve(base, identities=base.identities[:-1]),
        attrs.evolve(base, identities=(("".join(map("".join, base.identities)), ""),)),
        attrs.evolve(base, covered=base.covered[:-1]),
    ]
    keys = [signature.build_cache_key(namespace="n") for signature in changed]
    keys.append(base.build_cache_key(namespace="m"))
    assert len({key.token for key in keys}) == len(keys)
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("namespace", [None, 3, b"n"])
def test_a_namespace_is_text(namespace):
    compiler = sym.SymbolicCompiler()
    context = compiler.pipeline.run_pre_cache(compiler.context(build()))
    with pytest.raises(OptionTypeError, match="namespace must be text"):
        sym.SymbolicCompilationSignature.from_context(context).build_cache_key(namespace=namespace)


def test_a_key_says_what_no_other_process_knows():
    assert sym.SymbolicCacheKey("n", "t").only_here == ""
    given = sym.SymbolicCompilationSignature("f", "jax", 2, "h", "float64", (), ((ONLY_HERE, "mine"),), ())
    assert given.build_cache_key(namespace="n").only_here == "mine"
    assert attrs.evolve(given, identities=()).build_cache_key(namespace="n").only_here == ""


def test_a_key_is_short_to_read_and_its_namespace_is_named():
    given = sym.SymbolicCompilationSignature("f", "jax", 2, "h", "float64", (), (), ())
    key = given.build_cache_key(namespace="n")
    assert repr(key) == f"SymbolicCacheKey(namespace='n', token={key.token!r})"
    with pytest.raises(TypeError, match="positional"):
        given.build_cache_key("n")
