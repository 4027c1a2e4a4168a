"""Interleaved timing: every round runs every contender once, so that what disturbs the machine disturbs them all.

pytest-benchmark times the first contender; the others run before it, in the set-up of each of its rounds.
"""

from __future__ import annotations

import gc
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
    """Seconds per call of every contender in every round; None where it did not run."""
    subject, *others = contenders
    times: dict[str, list[float | None]] = {name: [] for name in contenders}

    def before() -> tuple[tuple[Any, ...], dict[str, Any]]:
        for name in others:
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
    own = contenders[subject]
    times[subject] = [seconds / own.calls * own.times for seconds in benchmark.stats.stats.data]
    times = {name: samples[:rounds] for name, samples in times.items()}
    benchmark.extra_info.update({name: times[name] for name in others})
    return times
