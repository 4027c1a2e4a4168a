"""The seed lets a lowerer look at ``context.metadata``, which no key covers. Here that is refused, with the mend."""

from __future__ import annotations

import attrs
import pytest
import small

import nqx_graph as sym
from nqx_graph.errors import GraphError, UndeclaredReadError
from nqx_graph.ir.encode import encode
from nqx_graph.stages.analyses import METADATA

OPERATOR = small.number()


class Debugging:
    """Lowers what is compiled with metadata={"debug": True}."""

    name = "debugging"
    backend = "jax"
    version = "1"

    def __init__(self, reads=()):
        self.reads = reads

    def supports(self, context):
        return bool(context.metadata.get("debug"))

    def lower(self, context):
        return sym.SymbolicCompiledArtifact("jax", self.name, "debugged", {})


def compiler(lowerer, **arguments):
    return sym.SymbolicCompiler(lowerer_registry=small.registry(lowerer, sym.JaxSymbolicV1Lowerer()), **arguments)


COVERED = attrs.evolve(METADATA, digest=lambda metadata: encode(tuple(sorted(metadata.items()))))
COVERED_GRAPH = sym.default_graph().replace_input(COVERED)


def test_what_it_did_not_declare_it_cannot_read():
    facts = ("a lowerer reads 'metadata' and has not declared it", "Name it in reads=(")
    small.fails(compiler(Debugging()), OPERATOR, "lowering", UndeclaredReadError, *facts, metadata={"debug": True})


def test_what_it_declares_the_key_has_to_cover():
    with pytest.raises(GraphError) as caught:
        compiler(Debugging(reads=("metadata",)))
    (fault,) = caught.value.faults
    assert (fault.kind, fault.stages) == ("uncovered", ("lowering", "finalisation"))
    assert "`metadata -> lowering -> finalisation -> artifact` is not covered by the key" in fault.message
    assert "give Analysis('metadata') a digest=, with replace_input()" in fault.message


def test_one_that_is_registered_later_is_refused_as_well():
    later = compiler(small.Lowerer("other", lambda context: None))
    later.lowerer_registry.register_first(Debugging(reads=("metadata",)))
    with pytest.raises(GraphError, match="`metadata -> lowering -> finalisation -> artifact` is not covered"):
        later.compile(OPERATOR)


def test_with_a_digest_it_picks_itself_and_the_keys_differ():
    mended = compiler(Debugging(reads=("metadata",)), graph=COVERED_GRAPH)
    calls = [{"debug": True}, None, {"debug": True}, {"debug": False}, None]
    artifacts = [mended.compile(OPERATOR, metadata=metadata) for metadata in calls]
    assert [artifact.report.outcome for artifact in artifacts] == ["miss", "miss", "hit", "miss", "hit"]
    assert [artifact.lowerer_name for artifact in artifacts] == [
        "debugging", "jax_symbolic_v1", "debugging", "jax_symbolic_v1", "jax_symbolic_v1",
    ]  # fmt: skip
    assert len({artifact.cache_token() for artifact in artifacts}) == 3


def test_what_no_one_reads_is_in_no_key():
    plain = sym.SymbolicCompiler(graph=COVERED_GRAPH)
    tokens = {plain.compile(OPERATOR, metadata=metadata).cache_token() for metadata in ({"a": 1}, {"a": 2})}
    assert len(tokens) == 1
    assert not sym.graph.diff(COVERED_GRAPH, sym.default_graph()).covered


def test_a_stage_before_the_gate_with_a_digest_is_another_mend():
    debug = sym.Analysis("debug", bool, "Whether to debug.", digest=lambda debug: bytes([debug]))

    @sym.stage(writes=debug, always=True)
    def debug_flag(metadata):
        return bool(metadata.get("debug"))

    class ByFlag(Debugging):
        def supports(self, context):
            return context.analyses["debug"]

    mended = compiler(ByFlag(reads=("debug",)), graph=sym.default_graph().insert(debug_flag))
    names = [
        mended.compile(OPERATOR, metadata={"debug": on, "run": run}).lowerer_name for run, on in enumerate((1, 0, 1))
    ]
    assert names == ["debugging", "jax_symbolic_v1", "debugging"]
    assert mended.compile(OPERATOR, metadata={"debug": True, "run": 9}).report.outcome == "hit"
