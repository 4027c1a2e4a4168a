"""Class passes in the compiler: the seed's kind of pass, with a context like a lowerer's."""

from __future__ import annotations

import pytest
import small

import nqx_graph as sym
from nqx_graph import Analysis
from nqx_graph.errors import UndeclaredReadError
from nqx_graph.passes import as_stage

LOAD = Analysis("load", dict, "Slots and backend, as a plan for memory.")


class LoadPass:
    name = "load_pass"

    def __init__(self, factor=1):
        self.factor = factor

    def run(self, context):
        slots = self.factor * context.analyses["total_fanout"]
        backend = context.selected_backend
        return {
            "slots": slots,
            "terms": context.ir.term_count,
            "backend": backend,
            "fusion": context.options.enable_fusion,
        }


READS = ("ir", "options", "total_fanout", "resolved_backend")


def test_a_pass_of_the_seed_is_a_stage():
    compiler = sym.SymbolicCompiler(graph=sym.default_graph().insert(as_stage(LoadPass, reads=READS, writes=LOAD)))
    artifact = compiler.compile(small.number())
    assert artifact.analyses["load"] == {"slots": 3, "terms": 1, "backend": "jax", "fusion": True}
    assert "load_pass" in [report.pass_name for report in artifact.pass_reports]
    assert compiler.compile(small.number()).report.outcome == "hit"
    assert "load_pass" in compiler.pipeline.post_cache_passes


def test_its_configuration_is_in_the_key():
    instance = LoadPass()
    compiler = sym.SymbolicCompiler(graph=sym.default_graph().insert(as_stage(instance, reads=READS, writes=LOAD)))
    first = compiler.compile(small.number())
    instance.factor = 2
    second = compiler.compile(small.number())
    assert (first.analyses["load"]["slots"], second.analyses["load"]["slots"]) == (3, 6)
    assert second.report.outcome == "miss"


@pytest.mark.parametrize(
    ("reads", "name"), [(READS[:2], "total_fanout"), (READS[:3], "resolved_backend"), (READS[1:], "ir")]
)
def test_it_gets_what_it_declared(reads, name):
    compiler = sym.SymbolicCompiler(graph=sym.default_graph().insert(as_stage(LoadPass, reads=reads, writes=LOAD)))
    facts = (f"the pass 'load_pass' (LoadPass) reads '{name}' and has not declared it", "Name it in reads=(")
    small.fails(compiler, small.number(), "load_pass", UndeclaredReadError, *facts)
