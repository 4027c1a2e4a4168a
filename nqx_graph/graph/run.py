"""Running a plan: one call, one record, nothing kept on the graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from time import perf_counter_ns
from typing import Any, NoReturn

import attrs

from nqx_graph.errors import GraphError, StageContractError, listed, nearest
from nqx_graph.graph.gate import Bypassed, Miss, Supplied
from nqx_graph.graph.graph import Graph
from nqx_graph.graph.instruments import Watch, read_only
from nqx_graph.graph.plan import Plan, Step, Values
from nqx_graph.graph.record import FAILED, RAN, SKIPPED_HIT, SKIPPED_OFF, SUPPLIED, WAITED, CallRecord


class StageFailure(Exception):  # noqa: N818 (it is turned into the error that a user sees)
    """A stage raised; ``__cause__`` is what it raised.

    Attributes:
        stage: the name of the stage.
        record: what happened up to there.
    """

    def __init__(self, stage: str, record: CallRecord) -> None:
        super().__init__(f"Stage {stage!r} failed.")
        self.stage = stage
        self.record = record


@attrs.frozen(eq=False)
class Run:
    """A finished call: ``run["name"]`` is a value, ``record`` what happened."""

    graph: Graph
    record: CallRecord

    def __getitem__(self, name: str) -> Any:
        return self.record._values[name]

    @property
    def outcome(self) -> str | None:
        """``"hit"``, ``"miss"`` or ``"uncached"``."""
        return self.record.outcome


def execute(
    graph: Graph, inputs: Mapping[str, Any], *, record: CallRecord | None = None, instruments: Iterable[Any] = ()
) -> Run:
    """Run one plan of a graph, the one that the gate's answer asks for.

    Args:
        graph: any number of threads may run it at once.
        inputs: a value for each of the graph's inputs.
        record: an empty record to write to, which may be one of the inputs as well; a new one if not given.
        instruments: what is told of this call as it goes on, see :class:`~nqx_graph.graph.instruments.Instrument`.

    Raises:
        GraphError: if inputs are missing or unknown, or the record has been used.
        OptionTypeError: if what is given as an instrument is none.
        StageFailure: if a stage raised, or returned what it had not declared, or an instrument raised.
    """
    # Without instruments nothing stands between a stage and the next one.
    run, ask = _observed(Watch(instruments)) if instruments else (_run, _ask)
    record = CallRecord() if record is None else record
    plan = graph.plan
    if inputs.keys() != plan.inputs:
        raise _wrong_inputs(plan, inputs)
    record.begin(graph, inputs)
    try:
        run(plan.before, record)
        if plan.gate is None:
            record.outcome = "uncached"
        else:
            ask(plan.gate, record)
            run(plan.on_hit if record.outcome == "hit" else plan.on_miss, record)
    finally:
        record.finish()
    return Run(graph, record)


def remake(graph: Graph, hit: CallRecord, *, record: CallRecord | None = None, instruments: Iterable[Any] = ()) -> Run:
    """Run what a miss would have run behind the gate, on the values of a call that hit.

    Stages that write nothing are left out: they are there for their effect.

    Args:
        graph: the one that ran.
        hit: the record of that call, which stays as it is.
        record: an empty record to write to; a new one if not given.
        instruments: what is told as it goes on.

    Raises:
        StageFailure: if a stage or an instrument raised.
    """
    plan, record = graph.plan, CallRecord() if record is None else record
    assert plan.gate is not None and hit.outcome == "hit"
    known = {*plan.inputs, *(name for step in plan.before for name in step.writes)}
    # A stage that reads the record reads the one of the call it is part of.
    values = {name: record if value is hit else value for name, value in hit._values.items() if name in known}
    record.begin(graph, values)
    gate, _, start, duration, _, _ = hit.log[len(plan.before)]
    record.log += [*hit.log[: len(plan.before)], (gate, RAN, start, duration, (), None)]
    record.outcome = "miss"
    run = _observed(Watch(instruments))[0] if instruments else _run
    try:
        run(tuple(step for step in plan.on_miss if step.writes), record)
    finally:
        record.finish()
    return Run(graph, record)


def _observed(watch: Watch) -> tuple[Callable[[tuple[Step, ...], CallRecord], None], Callable[[Step, CallRecord], Any]]:
    """`_run` and `_ask`, telling instruments."""

    def run(steps: tuple[Step, ...], record: CallRecord) -> None:
        for step in steps:
            _told(watch, step, record, partial(_run, (step,), record))

    def ask(gate: Step, record: CallRecord) -> None:
        _told(watch, gate, record, lambda: watch.tell("gate", gate.name, _ask(gate, record)))
        for name in record.graph.gated if record.outcome == "hit" else ():
            with _failing(watch, name, record):
                watch.tell("skipped", name, SKIPPED_HIT)

    return run, ask


def _told(watch: Watch, step: Step, record: CallRecord, act: Callable[[], None]) -> None:
    values = record._values
    with _failing(watch, step.name, record):
        watch.tell("before", step.name, read_only(values, record.graph[step.name].reads))
        act()
        _, status, _, duration, written, _ = record.log[-1]
        if status == SKIPPED_OFF:
            watch.tell("skipped", step.name, status)
        else:
            supplied = (step.supplies,) if step.supplies and record.outcome == "hit" else ()
            watch.tell("after", step.name, read_only(values, (*written, *supplied)), duration)


@contextmanager
def _failing(watch: Watch, stage: str, record: CallRecord) -> Iterator[None]:
    """What is raised inside fails the stage, and instruments are told."""
    try:
        yield
    except StageFailure as failure:
        watch.tell_failed(stage, failure.__cause__ or failure)
        raise
    except BaseException as error:
        # An instrument raised, or someone interrupted.
        record.fail(stage, error)
        watch.tell_failed(stage, error)
        if isinstance(error, Exception):
            raise StageFailure(stage, record) from error
        raise


def _run(steps: tuple[Step, ...], record: CallRecord) -> None:
    values, log = record._values, record.log.append
    for step in steps:
        reason = None
        start = perf_counter_ns()
        try:
            result = step.call(values)
            if step.single is not None:
                values[step.single] = result
            else:
                reason = _keep(step, result, values)
        except BaseException as error:
            _fail(step, start, record, error)
        status = RAN if reason is None else SKIPPED_OFF
        log((step.name, status, start, perf_counter_ns() - start, step.writes, reason))


def _keep(step: Step, result: Any, values: Values) -> str | None:
    """Store what a stage with no output, or with several, returned; the reason if it says that it did nothing."""
    if not step.writes:
        if result is None:
            return None
        if isinstance(result, Bypassed):
            return result.reason
        raise _broken(step, "to write nothing, so that it returns None or Bypassed(reason)", result)
    if not isinstance(result, tuple) or len(result) != len(step.writes):
        raise _broken(step, f"to write {listed(step.writes)}, so that it returns a tuple of {len(step.writes)}", result)
    values.update(zip(step.writes, result, strict=True))
    return None


def _ask(gate: Step, record: CallRecord) -> Supplied | Miss | Bypassed:
    start = perf_counter_ns()
    try:
        answer: Supplied | Miss | Bypassed = gate.call(record._values)
        if isinstance(answer, Supplied):
            record._values[gate.supplies or ""] = answer.value
            status, outcome = WAITED if answer.waited else SUPPLIED, "hit"
        elif isinstance(answer, Miss):
            status, outcome = RAN, "miss"
        elif isinstance(answer, Bypassed):
            status, outcome = SKIPPED_OFF, "uncached"
        else:
            declared = f"to supply {gate.supplies!r}, so that it returns Supplied(value), MISS or Bypassed(reason)"
            raise _broken(gate, declared, answer)
    except BaseException as error:
        _fail(gate, start, record, error)
    reason = answer.reason if isinstance(answer, Bypassed) else None
    record.log.append((gate.name, status, start, perf_counter_ns() - start, (), reason))
    record.outcome = outcome
    return answer


def _fail(step: Step, start: int, record: CallRecord, error: BaseException) -> NoReturn:
    record.log.append((step.name, FAILED, start, perf_counter_ns() - start, (), None))
    record.failed, record.error = step.name, error
    if isinstance(error, Exception):
        raise StageFailure(step.name, record) from error
    raise error


def _broken(step: Step, declared: str, result: Any) -> StageContractError:
    size = f" of {len(result)}" if isinstance(result, tuple) else ""
    message = f"Stage {step.name!r} declares {declared}, but it returned a {type(result).__name__}{size}."
    return StageContractError(f"{message} Return what it declares, or change the declaration.", stage=step.name)


def _wrong_inputs(plan: Plan, inputs: Mapping[str, Any]) -> GraphError:
    missing, unknown = sorted(plan.inputs - inputs.keys()), sorted(inputs.keys() - plan.inputs)
    parts = [f" {listed(missing)} missing."] if missing else []
    parts += [f" {name!r} is not one of them.{nearest(name, plan.inputs)}" for name in unknown]
    message = f"A call gives a value for each of {listed(sorted(plan.inputs))}:{''.join(parts)}"
    return GraphError(message, missing=tuple(missing), unknown=tuple(unknown))
