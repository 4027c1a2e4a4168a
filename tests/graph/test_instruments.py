"""Instruments: who is told what, in which order, and what happens when one raises."""

import attrs
import pytest

from nqx_graph.errors import InstrumentError, OptionTypeError, VerificationError
from nqx_graph.graph import MISS, Bypassed, CallRecord, Instrument, StageFailure, Supplied, execute
from nqx_graph.graph.run import remake

from .sample import call, count_letters, sample_graph


class Log:
    """Writes every event down, under a name."""

    def __init__(self, events, name="log"):
        self.events, self.name = events, name

    def before(self, stage, values):
        self.events.append((self.name, "before", stage, dict(values)))

    def after(self, stage, values, duration_ns):
        assert duration_ns > 0
        self.events.append((self.name, "after", stage, dict(values)))

    def failed(self, stage, error):
        self.events.append((self.name, "failed", stage, error))

    def skipped(self, stage, status):
        self.events.append((self.name, "skipped", stage, status))

    def gate(self, stage, answer):
        self.events.append((self.name, "gate", stage, answer))


def events_of(inputs, graph=None):
    events = []
    execute(graph or sample_graph(), inputs, instruments=[Log(events)])
    return [event[1:] for event in events]


def test_a_miss():
    store = {}
    events = events_of(call(store=store))
    assert events[:2] == [("before", "extract", {"source": " ab "}), ("after", "extract", {"text": "ab"})]
    assert [event[:2] for event in events[2:]] == [
        (word, name) for name in ("derive", "validate") for word in ("before", "after")
    ] + [("before", "lookup"), ("gate", "lookup"), ("after", "lookup")] + [
        (word, name) for name in ("count_letters", "lower", "put") for word in ("before", "after")
    ]
    key = next(iter(store))
    assert events[6:9] == [
        ("before", "lookup", {"key": key, "store": store}), ("gate", "lookup", MISS), ("after", "lookup", {}),
    ]  # fmt: skip
    assert events[-2:] == [
        ("before", "put", {"artifact": "ab x2 plain", "key": key, "store": store}), ("after", "put", {}),
    ]  # fmt: skip


def test_a_hit_tells_of_every_stage_that_it_skips():
    store = {}
    execute(sample_graph(), call(store=store))
    events = events_of(call(store=store))
    assert events[7:] == [
        ("gate", "lookup", Supplied("ab x2 plain")),
        ("after", "lookup", {"artifact": "ab x2 plain"}),
        *(("skipped", name, "skipped: cache hit") for name in ("count_letters", "lower", "put")),
    ]


def test_with_the_cache_off_the_gate_and_the_store_are_skipped():
    events = events_of(call(cache=False))
    assert ("gate", "lookup", Bypassed()) in events
    assert ("skipped", "lookup", "skipped: cache off") in events
    assert events[-1] == ("skipped", "put", "skipped: cache off")
    assert not {("after", "lookup"), ("after", "put")} & {event[:2] for event in events}


def test_a_failure():
    def fail(text):
        raise ZeroDivisionError("no")

    events = []
    graph = sample_graph().replace("count_letters", attrs.evolve(count_letters, fn=fail))
    with pytest.raises(StageFailure) as caught:
        execute(graph, call(), instruments=[Log(events)])
    assert [event[1:3] for event in events[-2:]] == [("before", "count_letters"), ("failed", "count_letters")]
    assert events[-1][3] is caught.value.__cause__
    assert caught.value.record.total_ns > 0


def test_instruments_nest():
    events = []
    execute(sample_graph(), call(), instruments=(Log(events, "outer"), Log(events, "inner")))
    assert [event[:2] for event in events[:4]] == [
        ("outer", "before"), ("inner", "before"), ("inner", "after"), ("outer", "after"),
    ]  # fmt: skip


def test_the_values_are_those_of_the_call_in_a_mapping_that_cannot_be_changed():
    class Meddler:
        def before(self, stage, values):
            with pytest.raises(TypeError):
                values["text"] = "changed"

    inputs = call()

    class Same:
        def before(self, stage, values):
            assert values.get("options", inputs["options"]) is inputs["options"]

    assert execute(sample_graph(), inputs, instruments=[Meddler(), Same()])["artifact"] == "ab x2 plain"


def test_times_are_those_of_the_stage_alone():
    import time

    class Slow:
        def before(self, stage, values):
            time.sleep(0.003)

        def after(self, stage, values, duration_ns):
            assert duration_ns < 3_000_000

    record = execute(sample_graph(), call(), instruments=[Slow()]).record
    assert record.total_ns > 7 * 3_000_000
    assert sum(entry.duration_ns for entry in record.entries) < 7 * 3_000_000


def raising(event, error):
    def raises(self, *facts):
        raise error

    return type("Bad", (Instrument,), {event: raises})()


@pytest.mark.parametrize(
    ("event", "stage", "store"),
    [
        ("before", "extract", None),
        ("after", "extract", None),
        ("gate", "lookup", None),
        ("skipped", "count_letters", "full"),
    ],
)
def test_an_instrument_that_raises_fails_the_call(event, stage, store):
    kept = {}
    if store:
        execute(sample_graph(), call(store=kept))
    events, record = [], CallRecord()
    with pytest.raises(StageFailure) as caught:
        execute(
            sample_graph(), call(store=kept), record=record, instruments=[Log(events), raising(event, KeyError("mine"))]
        )
    error = caught.value.__cause__
    assert type(error) is InstrumentError
    assert (error.event, error.stage, type(error.__cause__)) == (event, stage, KeyError)
    assert str(error) == f"the instrument 'Bad' raised KeyError in {event}() of the stage {stage!r}: 'mine'"
    assert (record.failed, record.error, caught.value.stage) == (stage, error, stage)
    assert [entry.status for entry in record.entries if entry.stage == stage] == ["failed"]
    assert events[-1] == ("log", "failed", stage, error)


def test_an_instrument_that_raises_in_failed_hides_nothing():
    def fail(text):
        raise ZeroDivisionError("no")

    graph = sample_graph().replace("count_letters", attrs.evolve(count_letters, fn=fail))
    events = []
    with pytest.raises(StageFailure) as caught:
        execute(graph, call(), instruments=[Log(events), raising("failed", KeyError("mine"))])
    cause = caught.value.__cause__
    assert type(cause) is ZeroDivisionError
    assert cause.__notes__ == ["The instrument 'Bad' then raised KeyError in failed(): 'mine'"]
    assert events[-1][1] == "failed"


def test_a_verification_error_of_an_instrument_is_taken_at_its_word():
    error = VerificationError("the text is too short")
    with pytest.raises(StageFailure) as caught:
        execute(sample_graph(), call(), instruments=[raising("after", error)])
    assert caught.value.__cause__ is error


def test_an_interrupt_in_an_instrument_is_passed_on():
    events, record = [], CallRecord()
    with pytest.raises(KeyboardInterrupt):
        execute(sample_graph(), call(), record=record, instruments=[Log(events), raising("after", KeyboardInterrupt())])
    assert record.failed == "extract"
    assert events[-1][1:3] == ("failed", "extract")


@pytest.mark.parametrize(
    ("given", "fact"),
    [
        (Instrument(), "must be a tuple or list"),
        ([object()], "at least one of the methods 'before'"),
        ([Instrument], "is no instrument"),
        ([None], "None is no instrument"),
    ],
)
def test_what_is_no_instrument_is_refused(given, fact):
    with pytest.raises(OptionTypeError, match=fact):
        execute(sample_graph(), call(), instruments=given)


def test_remake_runs_what_a_miss_would_have_run_and_leaves_out_effects():
    store = {}
    execute(sample_graph(), call(store=store))
    hit = execute(sample_graph(), call(store=store)).record
    kept, log = dict(store), list(hit.log)
    events = []
    made = remake(sample_graph(), hit, instruments=[Log(events)])
    assert made["artifact"] == "ab x2 plain"
    assert [entry.stage for entry in made.record.entries] == [
        "extract", "derive", "validate", "lookup", "count_letters", "lower",
    ]  # fmt: skip
    assert made.outcome == "miss"
    assert [event[1:3] for event in events] == [
        (word, name) for name in ("count_letters", "lower") for word in ("before", "after")
    ]
    assert (store, hit.log, hit.outcome) == (kept, log, "hit")
