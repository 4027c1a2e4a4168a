"""Who lowers, what a lowerer may read, and what registering one changes."""

from __future__ import annotations

import attrs
import numpy as np
import pytest
import small
from small import fails

import nqx_graph as sym
from nqx_graph import Analysis, stage
from nqx_graph.errors import DefinitionError, GraphError, OptionTypeError, StageContractError, UndeclaredReadError
from nqx_graph.stages.analyses import METADATA


def lowers_with(context):
    return sym.JaxSymbolicV1Lowerer().lower(context)


def compiler_with(*lowerers, **arguments):
    return sym.SymbolicCompiler(lowerer_registry=small.registry(*lowerers), **arguments)


def names(registry):
    return [lowerer.name for lowerer in registry.lowerers]


def test_the_stock_lowerers():
    assert names(sym.default_registry()) == ["jax_fused_v1", "jax_symbolic_v1", "numpy_reference"]
    assert sym.default_registry() is not sym.default_registry()
    assert sym.default_registry().reads == ()
    assert names(sym.SymbolicLowererRegistry()) == []


def test_order_of_registration():
    registry = small.registry(small.Lowerer("a", lowers_with))
    registry.register(small.Lowerer("b", lowers_with))
    registry.register_first(small.Lowerer("c", lowers_with))
    assert names(registry) == ["c", "a", "b"]
    context = sym.SymbolicCompilationContext({"resolved_backend": "jax"})
    assert registry.resolve(context).name == "c"
    assert len(registry.identities()) == 3
    assert [name for name, _ in registry.identities()] == ["c", "a", "b"]


def test_a_lowerer_that_changed_since_it_was_registered_is_another_one():
    mine = small.Lowerer("mine", lowers_with, version="1")
    registry = small.registry(mine)
    (before,) = registry.identities()
    mine.version = "2"
    (after,) = registry.identities()
    assert before != after


def test_the_first_that_supports_is_taken():
    context = sym.SymbolicCompilationContext({"resolved_backend": "numpy"})
    assert sym.default_registry().resolve(context).name == "numpy_reference"


@pytest.mark.parametrize("thing", [3, "jax", object(), lambda context: None])
def test_what_is_no_lowerer_is_refused(thing):
    with pytest.raises(OptionTypeError, match=r"is no lowerer; it lacks .*'backend', 'supports'"):
        sym.SymbolicLowererRegistry((thing,))


def test_two_of_one_name_are_refused():
    registry = sym.default_registry()
    for register in (registry.register, registry.register_first):
        with pytest.raises(DefinitionError, match="'jax_symbolic_v1' is registered already"):
            register(small.Lowerer("jax_symbolic_v1", lowers_with))
    assert names(registry) == ["jax_fused_v1", "jax_symbolic_v1", "numpy_reference"]


def test_one_that_takes_the_place_of_another():
    registry, again = sym.default_registry(), small.Lowerer("jax_symbolic_v1", lowers_with)
    registry.register(again, replace=True)
    assert names(registry) == ["jax_fused_v1", "numpy_reference", "jax_symbolic_v1"]
    assert registry.lowerers[-1] is again
    registry.register_first(small.Lowerer("jax_symbolic_v1", lowers_with), replace=True)
    assert names(registry) == ["jax_symbolic_v1", "jax_fused_v1", "numpy_reference"]
    registry.register(small.Lowerer("new", lowers_with), replace=True)
    assert names(registry)[-1] == "new"


def test_one_that_is_removed():
    registry = sym.default_registry()
    before = registry.identities()
    registry.register_first(small.Lowerer("mine", lowers_with))
    registry.remove("mine")
    assert registry.identities() == before
    with pytest.raises(DefinitionError, match=r"no lowerer 'jax_fused_v2'.*Did you mean 'jax_fused_v1'\?"):
        registry.remove("jax_fused_v2")


class Wrapped:
    """An operator of another kind, with the method that another library looks for."""

    def __init__(self, operator):
        self._get_conn_padded = operator.get_conn_padded


class Target:
    """A lowerer of a backend that the package does not know."""

    name, backend, version = "target", "elsewhere", "1"

    def supports(self, context):
        return context.selected_backend == self.backend

    def lower(self, context):
        made = sym.JaxSymbolicV1Lowerer().lower(context)
        wrapped = Wrapped(made.compiled_operator)
        return attrs.evolve(made, backend=self.backend, lowerer_name=self.name, compiled_operator=wrapped)

    def restore(self, tables):
        return Wrapped(sym.JaxSymbolicV1Lowerer().restore(tables))


def test_a_target_from_outside_is_chosen_by_name_and_kept_on_disk(tmp_path):
    registry = sym.default_registry()
    registry.register(Target())
    operator, options = small.number(), sym.SymbolicCompilerOptions(backend_preference="elsewhere")
    x = small.FOCK.all_states()
    true = operator.compile(cache=False).get_conn_padded(x)
    for outcome in ("miss", "hit"):
        store = sym.DiskArtifactStore(tmp_path)
        compiler = sym.SymbolicCompiler(lowerer_registry=registry, artifact_store=store)
        artifact = compiler.compile(operator, options=options)
        assert (artifact.report.outcome, artifact.backend, artifact.lowerer_name) == (outcome, "elsewhere", "target")
        assert type(artifact.compiled_operator) is Wrapped
        for ours, theirs in zip(artifact.compiled_operator._get_conn_padded(x), true, strict=True):
            np.testing.assert_array_equal(ours, theirs)
        assert type(compiler.compile_operator(operator)) is type(operator.compile(cache=False))


def test_no_lowerer_supports():
    operator = small.number()
    fails(compiler_with(), operator, "lowering", DefinitionError, "no lowerer supports", "'jax'", "asked were none")
    compiler = compiler_with(sym.NumpyReferenceLowerer())
    fails(compiler, operator, "lowering", DefinitionError, "'jax'", "'numpy_reference'", "backend_preference")


@pytest.mark.parametrize("rubbish", [None, 3, {"compiled_operator": 1}, sym.SymbolicCompiledArtifact])
def test_a_lowerer_that_returns_rubbish(rubbish):
    compiler = compiler_with(small.Lowerer("mine", lambda context: rubbish))
    facts = ("the lowerer 'mine' returned", "SymbolicCompiledArtifact")
    fails(compiler, small.number(), "lowering", StageContractError, *facts)


def test_a_lowerer_that_reads_what_it_did_not_declare():
    compiler = compiler_with(small.Lowerer("mine", lambda context: context.metadata["tiles"]))
    error = fails(compiler, small.number(), "lowering", UndeclaredReadError, metadata={"tiles": 4})
    assert error.__cause__.name == "metadata"
    assert "the lowerer 'mine' reads 'metadata' and has not declared it" in str(error)


def test_a_lowerer_that_asks_in_supports_is_refused_too():
    lowerer = small.Lowerer("mine", lowers_with)
    lowerer.supports = lambda context: bool(context.metadata)
    error = fails(compiler_with(lowerer), small.number(), "lowering", UndeclaredReadError)
    assert "a lowerer reads 'metadata'" in str(error)


def test_nothing_undeclared_is_within_reach_of_a_lowerer():
    """Were the inputs of the call behind some value of the context, a hit could hand out what other metadata made."""
    reached = []

    def lower(context):
        reached.extend(sorted(context.values))
        return lowers_with(context)

    compiler_with(small.Lowerer("mine", lower)).compile(small.number())
    assert reached == [
        "fusion_groups", "history", "ir", "ir_fingerprint", "options", "ranges", "resolved_backend", "space",
        "term_fanouts", "term_order", "total_fanout", "validation_summary",
    ]  # fmt: skip


def test_a_lowerer_that_declares_metadata_is_refused_because_the_key_does_not_cover_it():
    with pytest.raises(GraphError) as caught:
        compiler_with(small.Lowerer("tuned", lowers_with, reads=("metadata",)))
    assert "`metadata -> lowering -> finalisation -> artifact` is not covered by the key" in str(caught.value)
    assert "give Analysis('metadata') a digest=" in str(caught.value)


def test_registering_one_later_is_checked_the_same_way():
    registry = sym.default_registry()
    compiler = sym.SymbolicCompiler(lowerer_registry=registry)
    compiler.compile(small.number())
    registry.register(small.Lowerer("tuned", lowers_with, reads=("metadata",)))
    with pytest.raises(GraphError, match="metadata -> lowering -> finalisation -> artifact"):
        compiler.compile(small.number())


def test_a_lowerer_that_reads_what_nobody_writes_is_refused():
    with pytest.raises(GraphError, match=r"'total_fanot' is read by stage 'lowering'.*Did you mean 'total_fanout'"):
        compiler_with(small.Lowerer("typo", lowers_with, reads=("total_fanot",)))


def tiles(metadata):
    return repr(sorted(metadata.items())).encode()


def test_the_first_mend_metadata_with_a_digest():
    seen = []

    def lower(context):
        seen.append(context.metadata["tiles"])
        return lowers_with(context)

    stock = sym.default_graph()
    inputs = [attrs.evolve(METADATA, digest=tiles) if item is METADATA else item for item in stock.inputs]
    compiler = compiler_with(
        small.Lowerer("tuned", lower, reads=("metadata",)), graph=attrs.evolve(stock, inputs=inputs)
    )
    assert compiler.graph["lowering"].extra_reads == ("metadata",)
    outcomes = [compiler.compile(small.number(), metadata={"tiles": n}).report.outcome for n in (4, 8, 4)]
    assert outcomes == ["miss", "miss", "hit"]
    assert seen == [4, 8]


def test_the_second_mend_an_analysis_with_a_digest_computed_from_metadata():
    tiling = Analysis("tiling", int, "How many tiles.", digest=lambda n: str(n).encode())
    seen = []

    @stage(writes=tiling)
    def read_tiling(metadata):
        return metadata.get("tiles", 1)

    def lower(context):
        seen.append(context.analyses["tiling"])
        return lowers_with(context)

    lowerer = small.Lowerer("tuned", lower, reads=("tiling",))
    compiler = compiler_with(lowerer, graph=sym.default_graph().insert(attrs.evolve(read_tiling, always=True)))
    given = ({"tiles": 4}, {"tiles": 8}, {"tiles": 4, "note": "other"})
    assert [compiler.compile(small.number(), metadata=m).report.outcome for m in given] == ["miss", "miss", "hit"]
    assert seen == [4, 8]


def test_metadata_that_nobody_reads_is_not_part_of_the_key():
    compiler = sym.SymbolicCompiler()
    outcomes = [compiler.compile(small.number(), metadata={"tiles": n}).report.outcome for n in (4, 8)]
    assert outcomes == ["miss", "hit"]


def test_a_lowerer_reads_an_analysis_of_an_inserted_stage():
    widths = Analysis("widths", tuple, "Emissions of each term.")

    @stage(writes=widths)
    def widths_of(ir):
        return tuple(len(term.emissions) for term in ir.terms)

    seen = []

    def lower(context):
        seen.append((context.analyses["widths"], context.hilbert is small.FOCK))
        return lowers_with(context)

    lowerer = small.Lowerer("wide", lower, reads=("widths", "hilbert"))
    artifact = compiler_with(lowerer, graph=sym.default_graph().insert(widths_of)).compile(small.number())
    assert seen == [((1,), True)]
    assert artifact.report["lowering"].reads[-2:] == ("hilbert", "widths")
    with pytest.raises(GraphError, match="'widths' is read by stage 'lowering'"):
        compiler_with(lowerer)


def test_registering_a_lowerer_is_seen_by_the_next_compile():
    registry = sym.default_registry()
    compiler = sym.SymbolicCompiler(lowerer_registry=registry)
    first = compiler.compile(small.number())
    registry.register_first(small.Lowerer("mine", lambda context: attrs.evolve(lowers_with(context), lowerer_name="m")))
    second = compiler.compile(small.number())
    assert second.report.outcome == "miss"
    assert (first.lowerer_name, second.lowerer_name) == ("jax_symbolic_v1", "m")
    assert first.cache_token() != second.cache_token()
