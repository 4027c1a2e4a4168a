"""Interleaved timing: every round runs every contender once, so that what disturbs the machine disturbs them all.

A round is the set-up of one of pytest-benchmark's, which then times the first contender once more, for its own tables.
"""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable
from typing import Any

import attrs


@attrs.frozen
class Contender:
    """What is timed.

    ``prepare`` runs before each sample, untimed; what it returns, if anything, is the argument of ``run``. ``calls`` are
    made for one sample, for what is quicker than the clock. It runs in the first ``rounds`` rounds, where that is given.
    A sample stands for ``times`` times what was measured.
    """

    run: Callable[..., Any]
    prepare: Callable[[], Any] | None = None
    calls: int = 1
    rounds: int | None = None
    times: float = 1.0

    def ready(self) -> Callable[[], None]:
        """One sample, prepared."""
        made = None if self.prepare is None else self.prepare()
        arguments = () if made is None else (made,)
        run, calls = self.run, range(self.calls)

        def sample() -> None:
            for _ in calls:
                run(*arguments)

        return sample


def interleaved(benchmark: Any, contenders: dict[str, Contender], rounds: int) -> dict[str, list[float | None]]:
    """Seconds per call of every contender in every round; None where it did not run.

    Every round has an order of its own: what runs after a large output finds other caches and other free memory.
    """
    subject = next(iter(contenders))
    times: dict[str, list[float | None]] = {name: [] for name in contenders}
    order, shuffle = list(contenders), random.Random(0).shuffle

    def before() -> tuple[tuple[Any, ...], dict[str, Any]]:
        shuffle(order)
        for name in order:
            contender = contenders[name]
            if contender.rounds is not None and len(times[name]) >= contender.rounds:
                times[name].append(None)
                continue
            sample = contender.ready()
            start = time.perf_counter()
            sample()
            times[name].append((time.perf_counter() - start) / contender.calls * contender.times)
        return (contenders[subject].ready(),), {}

    gc.collect()
    benchmark.pedantic(lambda sample: sample(), setup=before, rounds=rounds)
    times = {name: samples[:rounds] for name, samples in times.items()}
    benchmark.extra_info.update(times)
    return times
