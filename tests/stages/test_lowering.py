from __future__ import annotations

import pytest
import small

import nqx_graph as sym
from nqx_graph.errors import StageContractError, UndeclaredReadError
from nqx_graph.graph import CallRecord
from nqx_graph.ranges import operator_ranges
from nqx_graph.space import view
from nqx_graph.stages.lowering import lowering


def lowered_by(lower, declared=None, operator=None):
    operator = operator or small.number()
    registry = small.registry(small.Lowerer("mine", lower))
    return lowering(
        operator.to_ir(), view(operator.hilbert), sym.SymbolicCompilerOptions(), registry, "f", {"valid": True}, "jax",
        (0,), (3,), 3, operator_ranges(operator.to_ir(), view(operator.hilbert)), ((0,),), CallRecord(), declared or {},
    )  # fmt: skip


def test_the_lowerer_is_handed_the_reads_of_the_stage():
    seen = {}

    def lower(context):
        seen.update(context.values)
        assert context.selected_lowerer.name == "mine"
        assert context.selected_backend == "jax"
        return sym.SymbolicCompiledArtifact("jax", "mine", 1, {"total_padded_size": 3})

    artifact = lowered_by(lower, {"extra": 5})
    assert artifact.compiled_operator == 1
    assert seen["extra"] == 5
    assert (seen["term_fanouts"], seen["total_fanout"], seen["fusion_groups"]) == ((3,), 3, ((0,),))
    assert lowering.describe(lowered=artifact) == {"lowerer": "mine", "total_padded_size": 3}


def test_artifacts_without_a_size_are_described_too():
    artifact = sym.SymbolicCompiledArtifact("jax", "mine", 1, {})
    assert lowering.describe(lowered=artifact) == {"lowerer": "mine", "total_padded_size": None}


def test_what_is_not_declared_is_refused_by_name():
    with pytest.raises(UndeclaredReadError, match="the lowerer 'mine' reads 'operator'"):
        lowered_by(lambda context: context.operator)


def test_it_must_return_an_artifact():
    with pytest.raises(StageContractError, match="the lowerer 'mine' returned 7, a int"):
        lowered_by(lambda context: 7)


def test_its_reads_are_open():
    assert lowering.open_reads
    assert "declared" not in lowering.reads
