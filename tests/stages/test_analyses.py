"""The vocabulary of the edges."""

from __future__ import annotations

import attrs
import pytest
import small

import nqx_graph as sym
from nqx_graph.graph import Analysis, CallRecord
from nqx_graph.space import view
from nqx_graph.stages import AOT_STAGES, STAGES, analyses

ALL = [value for value in vars(analyses).values() if isinstance(value, Analysis)]


def test_every_edge_is_named_as_its_constant_and_documented():
    named = {name: value for name, value in vars(analyses).items() if isinstance(value, Analysis)}
    assert all(value.name == name.lower() for name, value in named.items())
    assert all(value.doc.endswith(".") for value in ALL)
    assert len({value.name for value in ALL}) == len(ALL)


def test_the_seeds_names_stay():
    names = {value.name for value in ALL}
    assert names >= {
        "validation_summary", "ir_fingerprint", "resolved_backend", "term_order", "term_fanouts", "total_fanout",
        "fusion_groups",
    }  # fmt: skip


def test_every_edge_is_given_or_written_once():
    written = [item.name for stage in (*STAGES, *AOT_STAGES) for item in stage.writes]
    given = [item.name for item in analyses.INPUTS]
    assert sorted(written + given) == sorted(value.name for value in ALL)


def test_what_crosses_the_gate_has_a_digest_and_metadata_has_none():
    with_digest = {value.name for value in ALL if value.digest is not None}
    assert with_digest == {"options", "registry", "identities", "call_record", "ir", "hilbert", "space"}


def digest(name, value):
    return getattr(analyses, name).digest(value)


def test_digests_tell_values_apart():
    options = [sym.SymbolicCompilerOptions(), sym.SymbolicCompilerOptions(enable_fusion=False)]
    assert digest("OPTIONS", options[0]) == digest("OPTIONS", sym.SymbolicCompilerOptions())
    assert digest("OPTIONS", options[0]) != digest("OPTIONS", options[1])
    registries = [sym.default_registry(), small.registry(sym.JaxSymbolicV1Lowerer())]
    assert digest("REGISTRY", registries[0]) == digest("REGISTRY", sym.default_registry())
    assert digest("REGISTRY", registries[0]) != digest("REGISTRY", registries[1])
    assert digest("IDENTITIES", ("a", "b")) != digest("IDENTITIES", ("ab",))
    one, other = small.number().to_ir(), small.number(weight=2.0).to_ir()
    assert digest("IR", one) == bytes.fromhex(one.static_fingerprint())
    assert digest("IR", one) != digest("IR", other)


@pytest.mark.parametrize("space", [small.FOCK, small.SPIN])
def test_spaces_are_covered_by_their_digest(space):
    assert digest("HILBERT", space) == digest("SPACE", view(space)) == bytes.fromhex(space.digest())


def test_a_space_without_one_has_none():
    space = small.LoadedSpace()
    assert digest("HILBERT", space) is None
    assert digest("SPACE", view(space)) is None


def test_the_record_of_the_call_is_an_observer():
    record = CallRecord()
    before = digest("CALL_RECORD", record)
    record.begin(None, {"metadata": {"a": 1}})
    assert digest("CALL_RECORD", record) == before == b""


def test_the_graph_of_the_stages():
    graph = sym.default_graph()
    assert graph is sym.default_graph()
    assert graph.gate == "cache_lookup"
    assert graph.pre_gate == ("extraction", "symbolic_validation", "symbolic_normalization", "key_derivation")
    assert graph.gated == (
        "symbolic_fanout_analysis", "symbolic_fusion_planning", "symbolic_hermiticity", "symbolic_range_analysis",
        "symbolic_diagnostics", "lowering", "finalisation", "cache_store",
    )  # fmt: skip
    assert graph.hit_plan == (*graph.pre_gate, "cache_lookup")
    assert [stage.name for stage in STAGES] == list(graph.miss_plan)
    assert set(graph.wanted) == {item.name for item in analyses.TARGETS}


def test_the_order_of_the_list_means_nothing():
    shuffled = sym.Graph(STAGES[::-1], analyses.INPUTS[::-1], analyses.TARGETS[::-1])
    assert shuffled.miss_plan == sym.default_graph().miss_plan
    assert shuffled.identity == sym.default_graph().identity
    assert shuffled.covered == sym.default_graph().covered


def test_leaving_out_any_digest_but_the_records_breaks_the_graph():
    for name in ("options", "registry"):
        inputs = [attrs.evolve(item, digest=None) if item.name == name else item for item in analyses.INPUTS]
        with pytest.raises(sym.GraphError, match=f"{name} -> .* is not covered by the key"):
            sym.Graph(STAGES, inputs, analyses.TARGETS)
