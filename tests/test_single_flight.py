"""Calls that miss on one key at once make one artifact."""

import threading
import time

import pytest
import small

import nqx_graph as sym
from nqx_graph import SymbolicCompiledArtifact, stage
from nqx_graph.cache.flights import Flights
from nqx_graph.cache.key import SymbolicCacheKey
from nqx_graph.errors import SymbolicCompilerError
from nqx_graph.stages.analyses import ARTIFACT, FUSION_GROUPS

THREADS, KEYS = 32, 200
FOCK = sym.hilbert.Fock(2, 2)


class Log:
    """What happened. An object of its own: plain attributes of a lowerer are part of its identity, and so of the key."""

    def __init__(self, fail):
        self.made, self.fail, self.lock = {}, set(fail), threading.Lock()


class CountingLowerer:
    """Counts how often each operator is lowered, and gives other threads time to come in."""

    name, backend, version = "counting", "jax", "1"

    def __init__(self, fail=()):
        self.log = Log(fail)

    def supports(self, context):
        return True

    def lower(self, context):
        name = context.ir.operator_name
        with self.log.lock:
            self.log.made[name] = self.log.made.get(name, 0) + 1
        time.sleep(1e-4)
        if name in self.log.fail:
            raise RuntimeError(f"no kernel for {name}")
        return SymbolicCompiledArtifact("jax", self.name, object(), {})


def compiler_with(lowerer, **arguments):
    return sym.SymbolicCompiler(lowerer_registry=sym.SymbolicLowererRegistry((lowerer,)), **arguments)


def operators(count):
    return [sym.DOperator(FOCK, f"op{k}").for_each_site("i").emit(amplitude=float(k)).build() for k in range(count)]


def in_threads(count, work):
    """Run ``work(k)`` in ``count`` threads that start together; their results or errors, in order."""
    results, barrier = [None] * count, threading.Barrier(count)

    def run(k):
        barrier.wait()
        try:
            results[k] = work(k)
        except BaseException as error:
            results[k] = error

    threads = [threading.Thread(target=run, args=(k,)) for k in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=240)
        assert not thread.is_alive(), "a thread waits forever"
    return results


def test_every_key_is_built_once():
    lowerer, ops = CountingLowerer(), operators(KEYS)
    compiler = compiler_with(lowerer)

    def sweep(k):
        # half of the threads go through the keys in the other direction, so that leaders and waiters mix
        order = ops if k % 2 else list(reversed(ops))
        return {op.name: compiler.compile(op).compiled_operator for op in order}

    results = in_threads(THREADS, sweep)
    assert lowerer.log.made == {op.name: 1 for op in ops}
    assert all(result == results[0] for result in results)
    assert compiler.cache_size == KEYS
    assert len(compiler._flights) == 0


def test_a_waiter_says_that_it_waited():
    entered, go_on = threading.Event(), threading.Event()

    class Slow(CountingLowerer):
        def lower(self, context):
            entered.set()
            assert go_on.wait(60)
            return super().lower(context)

    compiler, (op,) = compiler_with(Slow()), operators(1)
    results = []
    leader = threading.Thread(target=lambda: results.append(compiler.compile(op)))
    leader.start()
    assert entered.wait(60)
    waiter = threading.Thread(target=lambda: results.append(compiler.compile(op)))
    waiter.start()
    time.sleep(0.05)  # long enough to be waiting; the test holds without it, too
    go_on.set()
    leader.join(60)
    waiter.join(60)
    led, waited = results
    assert led.report.outcome == "miss"
    assert waited.report.outcome == "hit"
    assert waited.report["cache_lookup"].status in ("waited for another call", "supplied")
    assert waited.compiled_operator is led.compiled_operator


def test_a_failing_build_fails_every_waiter_and_leaves_nothing_behind():
    ops = operators(3)
    lowerer = CountingLowerer(fail={"op1"})
    compiler = compiler_with(lowerer)
    results = in_threads(THREADS, lambda k: compiler.compile(ops[1]))
    assert all(isinstance(error, SymbolicCompilerError) for error in results)
    assert {error.stage for error in results} == {"lowering"}
    assert all("no kernel for op1" in str(error) for error in results)
    assert compiler.cache_size == 0
    assert len(compiler._flights) == 0
    lowerer.log.fail.clear()
    assert compiler.compile(ops[1]).report.outcome == "miss"


def test_an_interrupted_leader_hands_over():
    class Interrupted(CountingLowerer):
        def lower(self, context):
            if not self.log.made:
                with self.log.lock:
                    self.log.made["interrupted"] = 1
                time.sleep(0.05)
                raise KeyboardInterrupt
            return super().lower(context)

    lowerer, (op,) = Interrupted(), operators(1)
    compiler = compiler_with(lowerer)
    results = in_threads(4, lambda k: compiler.compile(op))
    interrupted = [result for result in results if isinstance(result, KeyboardInterrupt)]
    assert len(interrupted) == 1
    made = [result for result in results if isinstance(result, SymbolicCompiledArtifact)]
    assert len(made) == 3
    assert lowerer.log.made == {"interrupted": 1, "op0": 1}
    assert len(compiler._flights) == 0


def test_a_stage_that_compiles_what_it_is_part_of_does_not_wait_for_itself():
    lowerer, (op,) = CountingLowerer(), operators(1)
    depth = []

    @stage(writes=FUSION_GROUPS, version="1")
    def symbolic_fusion_planning(ir, options):
        if not depth:
            depth.append(1)
            compiler.compile(op)
        return ((0,),)

    compiler = compiler_with(
        lowerer, graph=sym.default_graph().replace("symbolic_fusion_planning", symbolic_fusion_planning)
    )
    (result,) = in_threads(1, lambda k: compiler.compile(op))
    assert isinstance(result, SymbolicCompiledArtifact)
    assert len(compiler._flights) == 0


def test_a_store_that_forgets_does_not_lose_what_waiters_wait_for():
    class Forgetful:
        def get(self, key):
            return None

        def put(self, key, artifact):
            pass

        def clear(self):
            pass

        def __len__(self):
            return 0

    compiler, (op,) = compiler_with(CountingLowerer(), artifact_store=Forgetful()), operators(1)
    results = in_threads(8, lambda k: compiler.compile(op))
    assert all(isinstance(result, SymbolicCompiledArtifact) for result in results)


def test_landing_without_leading_changes_nothing():
    flights, key = Flights(), SymbolicCacheKey("n", "t")
    flights.land(key, object(), None)
    assert flights.join(key) is None
    other = threading.Thread(target=lambda: flights.land(key, object(), None))
    other.start()
    other.join()
    assert len(flights) == 1
    flights.land(key, None, ValueError("no"))
    assert len(flights) == 0


@pytest.mark.parametrize("option", [{"cache_enabled": False}])
def test_without_a_cache_every_call_builds(option):
    lowerer, (op,) = CountingLowerer(), operators(1)
    compiler = compiler_with(lowerer)
    results = in_threads(4, lambda k: compiler.compile(op, options=sym.SymbolicCompilerOptions(**option)))
    assert lowerer.log.made == {"op0": 4}
    assert len({id(result.compiled_operator) for result in results}) == 4


def test_threads_share_one_default_compiler():
    operator = small.number()
    results = in_threads(8, lambda k: operator.compile())
    assert all(result is results[0] for result in results)
    assert ARTIFACT.name == "artifact"
