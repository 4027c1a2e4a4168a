import threading
from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest

from nqx_graph.errors import GraphError, StageContractError
from nqx_graph.graph import CallRecord, Graph, Report, StageFailure, Supplied, execute, stage

from .sample import ARTIFACT, COUNT, STATS, TEXT, call, count_letters, extract, lookup, note, put, sample_graph


def statuses(run):
    return {entry.stage: entry.status for entry in run.record.entries}


def test_a_miss_a_hit_and_a_call_without_the_cache():
    graph, store = sample_graph(), {}
    miss, hit = (execute(graph, call(store=store)) for _ in range(2))
    off = execute(graph, call(store=store, cache=False))
    assert [run.outcome for run in (miss, hit, off)] == ["miss", "hit", "uncached"]
    assert miss["artifact"] is hit["artifact"]
    assert off["artifact"] == "ab x2 plain"
    assert len(store) == 1
    ran = {"extract": "ran", "derive": "ran", "validate": "ran"}
    made = {"count_letters": "ran", "lower": "ran"}
    assert statuses(miss) == {**ran, "lookup": "ran", **made, "put": "ran"}
    assert statuses(hit) == {**ran, "lookup": "supplied"}
    assert statuses(off) == {**ran, "lookup": "skipped: cache off", **made, "put": "skipped: cache off"}


def test_the_key_receives_the_digests_by_name():
    run = execute(sample_graph(), call())
    assert run["key"] == (("options", b"[]"), ("text", b"ab"))


def test_a_value_without_a_digest_says_so():
    silent = attrs.evolve(TEXT, digest=lambda _: None)
    graph = sample_graph().replace("extract", attrs.evolve(extract, writes=(silent,)))
    assert execute(graph, call())["key"] == (("options", b"[]"), ("text", None))


def test_analyses_are_what_this_call_computed():
    store = {}
    miss, hit = (execute(sample_graph(), call(store=store)).record for _ in range(2))
    assert list(miss._analyses) == ["text", "key", "checked", "count", "artifact"]
    assert list(hit._analyses) == ["text", "key", "checked"]
    assert hit._values["artifact"] == "ab x2 plain"


def test_several_outputs_in_order_and_reads_by_name_only():
    @stage(writes=(COUNT, STATS))
    def measure(source, *, options):
        return len(source), options

    graph = Graph([measure], [note("source"), note("options")], [COUNT, STATS])
    run = execute(graph, {"source": "abc", "options": {"a": 1}})
    assert (run["count"], run["stats"], run.outcome) == (3, {"a": 1}, "uncached")


def test_a_stage_gets_what_it_declared_and_nothing_else():
    seen = {}

    @stage(writes=STATS, open_reads=True)
    def spy(text, declared):
        seen.update(locals())
        with pytest.raises(TypeError):
            declared["text"] = "changed"
        return {}

    execute(sample_graph().insert(spy).with_reads("spy", ["count"]), call())
    assert {"text": seen["text"], "declared": dict(seen["declared"])} == {"text": "ab", "declared": {"count": 2}}
    assert set(seen) == {"text", "declared", "seen"}


def failure_of(graph, inputs):
    with pytest.raises(StageFailure) as caught:
        execute(graph, inputs)
    return caught.value


def test_a_failure_names_the_stage_and_chains_its_cause():
    def fail(text):
        raise ZeroDivisionError("no")

    failure = failure_of(sample_graph().replace("count_letters", attrs.evolve(count_letters, fn=fail)), call())
    assert failure.stage == failure.record.failed == "count_letters"
    assert isinstance(failure.__cause__, ZeroDivisionError)
    assert failure.__cause__ is failure.record.error
    assert failure.record.entries[-1][:2] == ("count_letters", "failed")
    assert failure.record.total_ns > 0
    assert "count" not in failure.record._analyses


def test_an_interrupt_is_passed_on():
    def interrupt(text):
        raise KeyboardInterrupt

    graph, record = sample_graph().replace("count_letters", attrs.evolve(count_letters, fn=interrupt)), CallRecord()
    with pytest.raises(KeyboardInterrupt):
        execute(graph, call(), record=record)
    assert record.failed == "count_letters"


@pytest.mark.parametrize(
    ("node", "message"),
    [
        (
            stage(writes=(STATS, note("more")), name="node")(lambda text: (1, 2, 3)),
            "Stage 'node' declares to write 'stats', 'more', so that it returns a tuple of 2, but it returned a tuple "
            "of 3. Return what it declares, or change the declaration.",
        ),
        (
            stage(writes=(STATS, note("more")), name="node")(lambda text: [1, 2]),
            "Stage 'node' declares to write 'stats', 'more', so that it returns a tuple of 2, but it returned a list. "
            "Return what it declares, or change the declaration.",
        ),
        (
            stage(name="node")(lambda text: text),
            "Stage 'node' declares to write nothing, so that it returns None or Bypassed(reason), but it returned a "
            "str. Return what it declares, or change the declaration.",
        ),
    ],
)
def test_a_stage_returns_what_it_declares(node, message):
    failure = failure_of(sample_graph().insert(node), call())
    assert isinstance(failure.__cause__, StageContractError)
    assert failure.__cause__.message == message


def test_a_gate_answers_what_a_gate_can_answer():
    graph = sample_graph().replace("lookup", attrs.evolve(lookup, fn=lambda key, store: None))
    failure = failure_of(graph, call())
    assert failure.__cause__.message == (
        "Stage 'lookup' declares to supply 'artifact', so that it returns Supplied(value), MISS or Bypassed(reason), "
        "but it returned a NoneType. Return what it declares, or change the declaration."
    )
    assert failure.record.outcome is None


@pytest.mark.parametrize(
    ("digest", "kind", "text"),
    [
        (lambda value: "text", StageContractError, "The digest of the analysis 'text' returned a str"),
        (lambda value: value.nothing, AttributeError, "nothing"),
    ],
)
def test_a_digest_that_fails(digest, kind, text):
    bad = attrs.evolve(extract, writes=(attrs.evolve(TEXT, digest=digest),))
    failure = failure_of(sample_graph().replace("extract", bad), call())
    assert failure.stage == "derive"
    assert isinstance(failure.__cause__, kind)
    assert text in str(failure.__cause__)
    if kind is AttributeError:
        assert failure.__cause__.__notes__ == ["This happened in the digest of the analysis 'text'."]


def test_inputs_are_given_whole():
    graph = sample_graph()
    with pytest.raises(GraphError) as caught:
        execute(graph, {"source": "", "option": {}, "store": {}})
    assert caught.value.message == (
        "A call gives a value for each of 'metadata', 'options', 'source', 'store': 'metadata', 'options' missing. "
        "'option' is not one of them. Did you mean 'options'?"
    )
    assert (caught.value.missing, caught.value.unknown) == (("metadata", "options"), ("option",))


def test_a_record_belongs_to_one_call():
    record = CallRecord()
    run = execute(sample_graph(), call(), record=record)
    assert run.record is record
    with pytest.raises(GraphError, match="make a new one for each call"):
        execute(sample_graph(), call(), record=record)


def test_a_stage_may_read_the_record_of_its_call():
    seen = []
    call_record = note("call_record")
    telling = stage(name="put")(lambda artifact, key, store, call_record: seen.extend(call_record.entries))
    graph = attrs.evolve(sample_graph(), inputs=[*sample_graph().inputs, call_record]).replace("put", telling)
    record = CallRecord()
    execute(graph, call() | {"call_record": record}, record=record)
    assert [entry.stage for entry in seen] == list(graph.miss_plan[:-1])
    assert Report(graph, record).outcome == "miss"


def test_many_threads_share_one_graph():
    graph, lock, store = sample_graph(), threading.Lock(), {}
    barrier = threading.Barrier(8)

    def locked_put(artifact, key, store):
        with lock:
            store[key] = artifact

    graph = graph.replace("put", attrs.evolve(put, fn=locked_put))

    def work(worker):
        barrier.wait()
        return [execute(graph, call(f"{worker} {turn % 5}", store))["artifact"] for turn in range(50)]

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(work, range(8)))
    assert results == [[f"{worker} {turn % 5} x3 plain" for turn in range(50)] for worker in range(8)]
    assert len(store) == 40


def test_nothing_of_a_call_stays_on_the_graph():
    graph = sample_graph()
    assert execute(graph, call("first"))["artifact"] == "first x5 plain"
    assert execute(graph, call("second"))["artifact"] == "second x6 plain"
    supplied = graph.replace("lookup", attrs.evolve(lookup, fn=lambda key, store: Supplied("given")))
    assert execute(supplied, call())["artifact"] == "given"
    assert execute(graph, call())["artifact"] == "ab x2 plain"


def test_stages_that_do_nothing():
    names = [note(f"x{number}") for number in range(13)]
    stages = []
    for number in range(12):
        space = {}
        exec(f"def s{number:02}(x{number}): return None", space)
        stages.append(stage(writes=names[number + 1])(space[f"s{number:02}"]))
    run = execute(Graph(stages, names[:1], names[12:]), {"x0": 1})
    assert [entry.stage for entry in run.record.entries] == [f"s{number:02}" for number in range(12)]
    assert sum(entry.duration_ns for entry in run.record.entries) <= run.record.total_ns
    assert all(entry.duration_ns >= 0 for entry in run.record.entries)
    assert ARTIFACT.name not in run.record._values
