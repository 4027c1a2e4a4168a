"""No shared key: whatever differs in an operator, its space, the options or the stages, the key differs."""

from __future__ import annotations

import random
from typing import Any

import attrs
import pytest
import stored
import strategies
from figures import SOAK, figure
from perturbed import changed, places, rich

import nqx_graph as sym
from nqx_graph.hilbert import Fock, Qubit, Spin

PERTURBATIONS = figure(500, 50_000)


def token(operator: Any, graph: Any = None, registry: Any = None, **options: Any) -> str | None:
    """The key's token; broken operators have one too where validation is not strict."""
    compiler = sym.SymbolicCompiler(graph=graph, lowerer_registry=registry)
    chosen = sym.SymbolicCompilerOptions(**{"strict_validation": False, **options})
    return compiler.explain(operator, options=chosen).token


def test_every_field_of_the_operator() -> None:
    rng, seen, tried = random.Random(7), set(), 0
    operators = rich(figure(20, 400))
    while tried < PERTURBATIONS:
        for operator in operators:
            data = operator.to_ir().as_dict()
            base = token(operator)
            assert base is not None
            for at in rng.sample(list(places(data)), k=min(40, len(list(places(data))))):
                try:
                    other = sym.ir.serial.operator_from_dict(changed(data, at, rng), rules=False)
                except sym.NqxError:
                    continue
                if other.same_as(operator.to_ir()):
                    continue
                try:
                    found = token(sym.SymbolicOperator(operator.hilbert, other))
                except sym.NqxError:
                    continue  # so broken that no stage before the gate gets through
                assert found is not None
                assert found != base, at
                tried += 1
                seen.add(at[-1] if isinstance(at[-1], str) else at[-2])
    wanted = {
        "operator_name",
        "is_hermitian",
        "dtype_str",
        "name",
        "labels",
        "data",
        "branch_tag",
        "fanout_hint",
        "metadata",
    }
    assert wanted - seen <= {"metadata"}, seen


def test_operators_that_differ_share_no_key() -> None:
    tokens = {}
    for seed in range(figure(300, 20_000)):
        operator = strategies.seeded(seed)
        key = token(operator)
        if key in tokens:
            assert operator.to_ir().same_as(tokens[key].to_ir()), seed
        tokens[key] = operator
    assert len(tokens) > 0.9 * figure(300, 20_000)


OPTIONS = {
    "backend_preference": "numpy",
    "cache_namespace": "another",
    "enable_fusion": False,
    "strict_validation": True,
    "optimize": True,
    "aot_batch_shape": 4,
    "on_out_of_domain": "drop",
    "fail_on_warnings": True,
    "min_severity": "error",
}


def test_every_option() -> None:
    operator = stored.operators()[0]
    names = {field.name for field in attrs.fields(sym.SymbolicCompilerOptions)}
    assert names == set(OPTIONS) | {"cache_enabled"}
    tokens = [token(operator), *(token(operator, **{name: value}) for name, value in OPTIONS.items())]
    tokens += [
        token(operator, **dict([one, other])) for one in OPTIONS.items() for other in OPTIONS.items() if one < other
    ]
    assert len(set(tokens)) == len(tokens)


SPACES = [
    Spin(1 / 2, 4), Spin(1, 4), Spin(1 / 2, 4, total_sz=0), Spin(1 / 2, 4, total_sz=1), Qubit(4), Fock(1, 4), Fock(2, 4),
    Fock(2, 4, n_particles=3), Fock(2, 4, n_particles=4), Fock(3, 4), Spin(3 / 2, 4),
]  # fmt: skip


def test_every_space() -> None:
    ir = sym.DOperator(Spin(1 / 2, 4)).for_each_site("i").emit(amplitude=1.0).build().to_ir()
    tokens = [token(sym.SymbolicOperator(space, ir)) for space in SPACES]
    assert len(set(tokens)) == len(SPACES)


def test_every_version_of_every_stage() -> None:
    operator, graph = stored.operators()[0], sym.default_graph()
    versions = [
        graph.replace(stage.name, attrs.evolve(stage, version=version))
        for stage in graph.stages
        for version in ("1", "2")
    ]
    tokens = [token(operator), *(token(operator, graph=made) for made in versions)]
    assert len(set(tokens)) == len(tokens)


class Another:
    """A lowerer that is asked last and never serves."""

    name, backend = "another", "jax"

    def __init__(self, version: str, threshold: int = 0) -> None:
        self.version, self.threshold = version, threshold

    def supports(self, context: Any) -> bool:
        return False

    def lower(self, context: Any) -> Any:
        raise AssertionError


def test_every_lowerer_and_their_order() -> None:
    operator = stored.operators()[0]
    tokens = [token(operator)]
    for first in (False, True):
        for version, threshold in (("1", 0), ("2", 0), ("1", 1)):
            registry = sym.default_registry()
            (registry.register_first if first else registry.register)(Another(version, threshold))
            tokens.append(token(operator, registry=registry))
    assert len(set(tokens)) == len(tokens)


@pytest.mark.parametrize("optimize", [False, True])
def test_names_tags_docs_and_metadata_never_change_what_shares_a_kernel(optimize: bool) -> None:
    options = sym.SymbolicCompilerOptions(optimize=optimize, strict_validation=False, cache_enabled=False)
    compiler = sym.SymbolicCompiler(options=options)
    for operator in map(strategies.seeded, range(figure(100, 5_000))):
        ir = operator.to_ir()
        terms = [
            attrs.evolve(
                term,
                name=f"{term.name} again",
                metadata={"seen": number},
                emissions=[attrs.evolve(emission, branch_tag=f"t{number}") for emission in term.emissions],
            )
            for number, term in enumerate(ir.terms)
        ]
        renamed = sym.SymbolicOperator(
            operator.hilbert,
            attrs.evolve(ir, operator_name="another", terms=terms, metadata={"a": 1}, is_hermitian=ir.is_hermitian),
        )
        one, other = (compiler.compile_operator(made) for made in (operator, renamed))
        assert one._static.structure == other._static.structure
        assert one._static.structure.token == other._static.structure.token


def test_the_figures() -> None:
    assert (50_000 if SOAK else 500) <= PERTURBATIONS
