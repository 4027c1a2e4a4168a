from __future__ import annotations

import attrs
import pytest
import small

import nqx_graph as sym
from nqx_graph.errors import NqxError, UndeclaredReadError
from nqx_graph.graph import CallRecord

OPERATOR = small.number()


def test_what_a_compile_starts_with():
    context = sym.SymbolicCompilationContext.of(OPERATOR, metadata={"run": 7})
    assert context.operator is OPERATOR
    assert context.options == sym.SymbolicCompilerOptions()
    assert dict(context.metadata) == {"run": 7}
    assert dict(context.analyses) == {}
    assert context.selected_lowerer is None


def test_the_context_of_a_compiler():
    options = sym.SymbolicCompilerOptions(enable_fusion=False)
    compiler = sym.SymbolicCompiler()
    context = compiler.context(OPERATOR, options=options, metadata={"a": 1})
    assert context.options is options
    assert sorted(context.values) == [
        "call_record", "flights", "identities", "metadata", "operator", "options", "registry", "store",
    ]  # fmt: skip
    assert context.values["store"] is compiler.artifact_store
    assert context.history == ()
    assert dict(context.analyses) == {}


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("operator", "operator"),
        ("ir", "ir"),
        ("space", "space"),
        ("hilbert", "space"),
        ("options", "options"),
        ("metadata", "metadata"),
        ("history", "call_record"),
        ("selected_backend", "resolved_backend"),
    ],
)
def test_what_was_not_declared_is_refused(field, name):
    context = sym.SymbolicCompilationContext({"term_order": (0,)}, reader="the lowerer 'mine'")
    with pytest.raises(UndeclaredReadError) as caught:
        getattr(context, field)
    assert isinstance(caught.value, NqxError)
    assert caught.value.name == name
    assert f"the lowerer 'mine' reads '{name}' and has not declared it" in str(caught.value)
    assert "['term_order']" in str(caught.value)
    assert "reads=(" in str(caught.value)


def test_analyses_are_read_only_and_leave_inputs_out():
    values = {"operator": OPERATOR, "metadata": {}, "store": {}, "call_record": CallRecord(), "total_fanout": 3}
    context = sym.SymbolicCompilationContext(values)
    assert dict(context.analyses) == {"total_fanout": 3}
    with pytest.raises(TypeError):
        context.analyses["total_fanout"] = 4
    with pytest.raises(TypeError):
        context.values["total_fanout"] = 4
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        context.reader = "me"
    values["total_fanout"] = 5
    assert context.analyses["total_fanout"] == 3


def test_with_values_makes_another_context():
    first = sym.SymbolicCompilationContext({"term_order": (0,)}, reader="r")
    second = first.with_values({"total_fanout": 3, "term_order": (1, 0)})
    assert dict(first.values) == {"term_order": (0,)}
    assert dict(second.values) == {"term_order": (1, 0), "total_fanout": 3}
    assert second.reader == "r"


def test_hilbert_is_the_given_one_or_that_of_the_space():
    space = sym.SymbolicCompiler().compile(OPERATOR).analyses["space"]
    assert sym.SymbolicCompilationContext({"space": space}).hilbert is small.FOCK
    assert sym.SymbolicCompilationContext({"space": space, "hilbert": 1}).hilbert == 1


def test_history_is_what_ran_before():
    seen = []

    def lower(context):
        seen.extend((entry.stage, entry.status) for entry in context.history)
        return sym.JaxSymbolicV1Lowerer().lower(context)

    compiler = sym.SymbolicCompiler(lowerer_registry=small.registry(small.Lowerer("mine", lower)))
    compiler.compile(OPERATOR)
    assert seen == [
        (name, "ran")
        for name in (
            "extraction", "symbolic_validation", "symbolic_normalization", "key_derivation", "cache_lookup",
            "symbolic_fanout_analysis", "symbolic_fusion_planning", "symbolic_hermiticity",
            "symbolic_range_analysis", "symbolic_diagnostics",
        )
    ]  # fmt: skip
