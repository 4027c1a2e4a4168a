"""No unbounded growth: ever new operators under caps, in memory and in the folder."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from figures import figure

import nqx_graph as sym
from nqx_graph.disk import DiskArtifactStore
from nqx_graph.hilbert import Spin

OPERATORS = figure(10_000, 100_000)
ENTRIES, IN_MEMORY = 200, 100


def resident() -> int:
    """Bytes of memory that this process has."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def operator(number: int, space: Any) -> Any:
    """Distinct for every number, in couplings, rows or both."""
    rng = np.random.default_rng(number)
    rows = rng.integers(0, 8, (1 + number % 5, 2))
    s = sym.site
    return (
        sym.DOperator(space, f"number {number}")
        .for_each(("i", "j"), over=rows)
        .emit(amplitude=float(number) * s("i").value * s("j").value)
        .build()
    )


@pytest.mark.usefixtures("no_fsync")
def test_ten_thousand_operators(tmp_path: Path) -> None:
    space, max_bytes = Spin(1 / 2, 8), 2_000_000
    store = DiskArtifactStore(tmp_path, max_entries=ENTRIES, max_bytes=max_bytes, max_in_memory=IN_MEMORY)
    compiler = sym.SymbolicCompiler(artifact_store=store)
    settled, most_files, most_bytes = 0, 0, 0
    for number in range(OPERATORS):
        assert compiler.compile(operator(number, space)).report.outcome == "miss"
        if number == OPERATORS // 4:
            gc.collect()
            settled = resident()
        if number % 50 == 0:
            sizes = [path.stat().st_size for path in tmp_path.glob("*") if path.suffix != ".evicting"]
            most_files, most_bytes = max(most_files, len(sizes)), max(most_bytes, sum(sizes))
    gc.collect()
    assert most_files <= 1.1 * ENTRIES
    assert most_bytes <= 1.1 * max_bytes
    assert len(store._memory) == IN_MEMORY
    assert resident() <= 1.1 * settled
    assert store.counts.writes == OPERATORS
    assert store.counts.errors == store.counts.refused == 0
