"""No deadlock, one build a key: many threads on one store, many processes on one folder, builders that fail or die."""

from __future__ import annotations

import collections
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from figures import figure

import nqx_graph as sym
from nqx_graph.disk import DiskArtifactStore
from promises import hammer

THREADS, KEYS = 32, 200
PROCESSES, SECONDS = 8, figure(30, 3600)


def counting(builds: collections.Counter[str], fail: set[str]) -> sym.Stage:
    """A stage behind the gate that counts what is built; the first build of some fails."""
    lock = threading.Lock()

    @sym.stage(writes=sym.Analysis("built", int, "How often this was built."), version="1")
    def count_builds(ir: Any) -> int:
        with lock:
            builds[ir.operator_name] += 1
            mine = builds[ir.operator_name]
        if mine == 1 and ir.operator_name in fail:
            raise RuntimeError("the first build of this one fails")
        return mine

    return count_builds


def in_threads(work: Any) -> list[BaseException]:
    errors: list[BaseException] = []
    ready = threading.Barrier(THREADS)

    def run(number: int) -> None:
        try:
            ready.wait()
            work(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=300)
    assert not any(thread.is_alive() for thread in threads), "a thread waits for ever"
    return errors


@pytest.mark.parametrize("failing", [False, True])
def test_threads_on_one_store(tmp_path: Path, failing: bool) -> None:
    builds: collections.Counter[str] = collections.Counter()
    operators = [hammer.operator(number) for number in range(KEYS)]
    fail = {operator.name for operator in operators[::5]} if failing else set()
    graph = sym.default_graph().insert(counting(builds, fail))
    store = DiskArtifactStore(tmp_path, max_in_memory=2 * KEYS)
    compiler = sym.SymbolicCompiler(graph=graph, artifact_store=store)
    wrong, failures = [], []

    def work(number: int) -> None:
        for place in range(KEYS):
            operator = operators[(place + number // 8) % KEYS]
            try:
                made = compiler.compile_operator(operator)
            except sym.SymbolicCompilerError:
                failures.append(operator.name)
            else:
                if made.name != operator.name:
                    wrong.append(operator.name)

    assert in_threads(work) == []
    assert wrong == []
    assert set(failures) == fail
    for operator in operators:  # where everybody waited for the build that failed, this is the second
        assert compiler.compile_operator(operator).name == operator.name
    assert {name: count for name, count in builds.items() if count != 1 + (name in fail)} == {}
    assert len(store) == KEYS
    assert compiler._flights._flights == {}


def start(folder: Path, seconds: float, seed: int, mode: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "promises.hammer", str(folder), str(seconds), str(seed), mode],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "JAX_PLATFORMS": "cpu"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_processes_on_one_folder(tmp_path: Path) -> None:
    running = [start(tmp_path, SECONDS, seed, "living") for seed in range(PROCESSES)]
    dying = [start(tmp_path, SECONDS, 100 + seed, "dying") for seed in range(2)]
    total: collections.Counter[str] = collections.Counter()
    for process in running:
        out, err = process.communicate(timeout=SECONDS + 240)
        assert process.returncode == 0, err
        total.update(json.loads(out))
    for process in dying:
        process.communicate(timeout=240)
        assert process.returncode == 9
    assert total["wrong"] == total["refused"] == total["errors"] == 0
    assert total["hit"] > total["miss"] > 0
    assert len(DiskArtifactStore(tmp_path)) <= 33
    assert list(tmp_path.glob(".*.part")) == []
