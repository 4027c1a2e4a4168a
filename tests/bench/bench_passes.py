"""Twelve passes that do nothing: what the pass manager itself costs, beside Qiskit's and xDSL's, interleaved in one run. Ours
records every stage's time; so does Qiskit's, when it is given a callback.
"""

from __future__ import annotations

import pytest
from measuring import Contender, interleaved

from nqx_graph.graph import Analysis, CallRecord, Graph, Report, execute, stage

qiskit = pytest.importorskip("qiskit")
xdsl = pytest.importorskip("xdsl")

SECTION = "The pass manager"
PASSES = 12
ROUNDS, CALLS = 201, 20


def chain_of_stages():
    """Twelve stages, each reading what the one before wrote."""
    links = [Analysis(f"a{k}", int, f"Link {k}.") for k in range(PASSES + 1)]

    def link(k):
        namespace = {}
        exec(f"def pass_{k}(a{k}):\n    return a{k}", namespace)
        return stage(writes=links[k + 1], version="1")(namespace[f"pass_{k}"])

    return Graph([link(k) for k in range(PASSES)], inputs=(links[0],), targets=(links[-1],))


def ours():
    graph = chain_of_stages()

    def run():
        record = CallRecord()
        execute(graph, {"a0": 1}, record=record)
        return record

    record = run()
    assert [row.status for row in Report(graph, record).rows] == ["ran"] * PASSES
    return run


def qiskits():
    from qiskit import QuantumCircuit
    from qiskit.transpiler import PassManager
    from qiskit.transpiler.basepasses import AnalysisPass

    def nothing(k):
        return type(f"Pass{k}", (AnalysisPass,), {"run": lambda self, dag: None})()

    manager, circuit, seen = PassManager([nothing(k) for k in range(PASSES)]), QuantumCircuit(1), []
    manager.run(circuit, callback=lambda **facts: seen.append(facts["pass_"].name()))
    assert len(seen) == PASSES
    from qiskit.converters import circuit_to_dag
    from qiskit.passmanager.compilation_status import PropertySet, WorkflowStatus

    # the passes alone, without the conversion of the circuit that a whole run begins and ends with
    controller, dag = manager.to_flow_controller(), circuit_to_dag(circuit)

    def run():
        from qiskit.passmanager import PassManagerState

        state = PassManagerState(workflow_status=WorkflowStatus(), property_set=PropertySet())
        return controller.execute(passmanager_ir=dag, state=state)

    return run, lambda: manager.run(circuit)


def xdsls():
    from xdsl.context import Context
    from xdsl.dialects.builtin import ModuleOp
    from xdsl.passes import ModulePass, PassPipeline

    class Nothing(ModulePass):
        name = "nothing"

        def apply(self, ctx, op):
            return None

    module, context, seen = ModuleOp([]), Context(), []
    PassPipeline(tuple(Nothing() for _ in range(PASSES)), lambda *facts: seen.append(facts)).apply(context, module)
    assert len(seen) == PASSES + 1  # before, between and after
    pipeline = PassPipeline(tuple(Nothing() for _ in range(PASSES)))
    return lambda: pipeline.apply(context, module)


def test_twelve_passes_that_do_nothing(benchmark, record_table):
    passes_alone, whole_run = qiskits()
    contenders = {
        "nqx_graph, times recorded": ours(),
        "xDSL PassPipeline": xdsls(),
        "Qiskit, passes alone": passes_alone,
        "Qiskit PassManager.run": whole_run,
    }
    timed = {name: Contender(run, calls=CALLS) for name, run in contenders.items()}
    record_table("Twelve passes that do nothing", interleaved(benchmark, timed, ROUNDS))
