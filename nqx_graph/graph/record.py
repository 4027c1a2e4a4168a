"""What one call did, written while it runs and only ever added to."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter_ns
from typing import Any, Final, NamedTuple

import attrs

from nqx_graph.errors import GraphError

RAN: Final = "ran"
SKIPPED_HIT: Final = "skipped: cache hit"
SKIPPED_OFF: Final = "skipped: cache off"
SUPPLIED: Final = "supplied"
WAITED: Final = "waited for another call"
FAILED: Final = "failed"
NOT_REACHED: Final = "not reached"
STATUSES: Final = (RAN, SKIPPED_HIT, SKIPPED_OFF, SUPPLIED, WAITED, FAILED, NOT_REACHED)


class Entry(NamedTuple):
    """One stage in one call. ``wrote`` lists the analyses it wrote, ``reason`` says why it was bypassed."""

    stage: str
    status: str
    start_ns: int
    duration_ns: int
    wrote: tuple[str, ...]
    reason: str | None


@attrs.define(eq=False)
class CallRecord:
    """The record of one call. A stage that reads it sees what happened before that stage, and no value.

    The values of the call are the machinery's own (``_values``): a stage that reached for them here would read what it
    has not declared, and what the cache key may not cover.

    Attributes:
        graph: the graph that runs.
        outcome: ``"hit"``, ``"miss"`` or ``"uncached"``; ``None`` until the gate has answered.
        failed: the name of the stage that failed.
        error: what it raised.
        start_ns: when the call began, on the clock of :func:`time.perf_counter_ns`.
        total_ns: how long it took; ``None`` while it runs.
        log: plain tuples, because a stage that does nothing should cost next to nothing; :attr:`entries` reads them.
    """

    graph: Any = attrs.field(init=False, default=None, repr=False)
    _values: dict[str, Any] = attrs.field(init=False, factory=dict, repr=False)
    outcome: str | None = attrs.field(init=False, default=None)
    failed: str | None = attrs.field(init=False, default=None)
    error: BaseException | None = attrs.field(init=False, default=None)
    start_ns: int | None = attrs.field(init=False, default=None)
    total_ns: int | None = attrs.field(init=False, default=None)
    log: list[tuple[str, str, int, int, tuple[str, ...], str | None]] = attrs.field(
        init=False, factory=list, repr=False
    )

    def begin(self, graph: Any, inputs: Mapping[str, Any]) -> None:
        """Start the clock with the graph and the values that the call was given."""
        if self.start_ns is not None:
            raise GraphError("This CallRecord holds another call: make a new one for each call.")
        self.graph = graph
        self._values.update(inputs)
        self.start_ns = perf_counter_ns()

    def finish(self) -> None:
        """Stop the clock."""
        assert self.start_ns is not None
        self.total_ns = perf_counter_ns() - self.start_ns

    def fail(self, stage: str, error: BaseException) -> None:
        """Make a stage the one that failed, whether it is in the log already or did not run at all."""
        places = [place for place, entry in enumerate(self.log) if entry[0] == stage]
        if places:
            _, _, start, duration, _, _ = self.log[places[-1]]
            self.log[places[-1]] = (stage, FAILED, start, duration, (), None)
        else:
            self.log.append((stage, FAILED, perf_counter_ns(), 0, (), None))
        self.failed, self.error = stage, error

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What each stage did, in the order in which they ran."""
        return tuple(Entry(*item) for item in self.log)

    @property
    def _analyses(self) -> dict[str, Any]:
        """What the stages of this call computed so far, by name."""
        return {name: self._values[name] for entry in self.entries for name in entry.wrote}
