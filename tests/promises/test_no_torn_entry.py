"""No torn entry: a process may die at any step of a write or an eviction, or the file system refuse any of them."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
import stored
from figures import figure

from nqx_graph.disk import DiskArtifactStore, folder
from nqx_graph.errors import StoreWarning
from promises import torn
from promises.torn import REFUSALS, Refusing

KILLS = figure(600, 10_000)


def run(place: Path, mode: str, argument: int, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "promises.torn", str(place), mode, str(argument)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stdout


def in_a_fork(place: Path, step: int) -> int:
    """Let a copy of this process die at that step; its exit status."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # JAX warns of forks; the copy does nothing with JAX
        child = os.fork()
    if not child:
        try:
            folder.os = torn.Steps(step)
            torn.once(place)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.usefixtures("no_fsync")
def test_exit_at_every_step(tmp_path: Path) -> None:
    steps = int(run(tmp_path / "counted", "count", 0))
    assert steps > 100
    died = 0
    for step in range(1, steps + 1):
        place = tmp_path / str(step)
        died += in_a_fork(place, step) == 17
        found, refused = torn.look(place, range(10))
        assert refused == 0, step
        assert found <= 10
        assert list(place.glob(".*.part")) == [], step
        # the next process writes and evicts as if nothing had been
        torn.once(place)
        assert torn.look(place, range(10)) == (5, 0) or torn.look(place, range(10))[0] in (4, 5), step
    assert died == steps


def test_random_kills(tmp_path: Path) -> None:
    found, refused, temporary = map(int, run(tmp_path, "kills", KILLS).split())
    assert refused == 0
    assert temporary == 0
    assert found > KILLS / 10


@pytest.mark.usefixtures("no_fsync")
@pytest.mark.parametrize("number", REFUSALS, ids=lambda number: errno.errorcode[number])
def test_the_file_system_refuses_any_step(tmp_path: Path, monkeypatch: Any, number: int) -> None:
    steps = int(run(tmp_path / "counted", "count", 0)) // 2  # which counts before and after
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StoreWarning)
        for step in range(1, steps + 1):
            place = tmp_path / str(step)
            store = DiskArtifactStore(place, max_entries=5)
            with monkeypatch.context() as patch:
                patch.setattr(folder, "os", Refusing(step, number))
                for n in range(10):
                    store.put(torn.key(n), torn.artifact(n))  # an OSError never comes out
                    made = store.load(torn.key(n), torn.rebuild)
                    assert made is None or made.compiled_operator == n
            assert torn.look(place, range(10))[1] == 0
            torn.once(place)
            assert len(DiskArtifactStore(place)) <= 5


@pytest.mark.parametrize("number", REFUSALS, ids=lambda number: errno.errorcode[number])
def test_a_compile_goes_on_whatever_the_file_system_says(tmp_path: Path, monkeypatch: Any, number: int) -> None:
    compiler = stored.compiler(tmp_path)

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(folder, "write", refuse)
    monkeypatch.setattr(folder, "read", refuse)
    with pytest.warns(StoreWarning, match="compiled all the same"):
        artifact = compiler.compile(stored.operators()[0])
    assert artifact.report.outcome == "miss"
    assert "kept in memory only" in artifact.report["cache_store"].metadata["reason"]
    assert compiler.artifact_store.counts.errors == 2
    assert compiler.compile(stored.operators()[0]).report.outcome == "hit"
