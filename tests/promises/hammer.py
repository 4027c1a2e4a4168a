"""A process that compiles over a shared folder for a while: ``python -m promises.hammer FOLDER SECONDS SEED MODE``.

Prints how many compiles it did, with what outcomes. Under the mode ``dying`` it dies in the middle of a build.
"""

from __future__ import annotations

import collections
import json
import os
import random
import sys
import time
from typing import Any

if __name__ == "__main__":
    os.nice(19)  # ten of these at once: other tests have the processor first

import jax

jax.config.update("jax_enable_x64", True)

import numpy as np  # noqa: E402

import nqx_graph as sym  # noqa: E402
from nqx_graph.disk import DiskArtifactStore  # noqa: E402

KEYS = 40
SPACE = sym.hilbert.Spin(1 / 2, 4)


def operator(number: int) -> Any:
    """Bonds and a field that follow from the number."""
    edges = [(site, (site + 1 + number % 3) % 4) for site in range(4)]
    s = sym.site
    return (
        sym.DOperator(SPACE, f"number {number}")
        .for_each(("i", "j"), over=edges)
        .emit(amplitude=float(number) * s("i").value * s("j").value)
        .for_each_site("i")
        .emit(sym.affine("i", scale=-1), amplitude=0.5 * number)
        .build()
    )


def truth(number: int, x: Any) -> Any:
    """The diagonal, in NumPy."""
    return number * sum(x[:, site] * x[:, (site + 1 + number % 3) % 4] for site in range(4))


def right(compiled: Any, number: int) -> bool:
    """Whether the compiled operator is that of the number, by its tables and its kernel."""
    x = np.asarray(SPACE.all_states()).astype(np.int64)
    _, mels = compiled.get_conn_padded(x)
    mels = np.asarray(mels)
    return bool((mels[:, :4].sum(-1) == truth(number, x)).all() and (mels[:, 4:] == 0.5 * number).all())


def main(folder: str, seconds: float, seed: int, mode: str) -> None:
    rng, outcomes = random.Random(seed), collections.Counter()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        compiler = sym.SymbolicCompiler(artifact_store=DiskArtifactStore(folder, max_entries=30))
        for _ in range(20):
            number = rng.randrange(KEYS)
            artifact = compiler.compile(operator(number))
            outcomes[artifact.report.outcome] += 1
            if not right(artifact.compiled_operator, number):
                outcomes["wrong"] += 1
            if mode == "dying" and outcomes.total() > 30:
                os._exit(9)
    counts = compiler.artifact_store.counts
    print(json.dumps({**outcomes, "refused": counts.refused, "errors": counts.errors}))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
