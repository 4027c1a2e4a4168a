"""The oracle tested: every seeded bug is caught by a selection of the tests, within a quarter of a minute each."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from promises import bugs

ROOT = Path(__file__).parents[2]
SECONDS = 15


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    # what is compiled runs once
    quickly = {"JAX_DISABLE_MOST_OPTIMIZATIONS": "1", "PYTEST_XDIST_WORKER": "", "PYTEST_ADDOPTS": ""}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "promises.bugs", "-p", "no:cacheprovider", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "tests"), **quickly},
        capture_output=True,
        text=True,
        check=False,
    )


def test_there_are_at_least_twenty() -> None:
    assert len(bugs.BUGS) >= 20


@pytest.mark.parametrize("name", bugs.BUGS)
def test_a_bug_is_caught(name: str) -> None:
    done = run("--seeded-bug", name, *bugs.BUGS[name][1])
    assert done.returncode == 1, done.stdout[-2000:]
    assert " failed" in done.stdout


def test_without_a_bug_a_selection_passes() -> None:
    done = run("tests/disk/test_entry.py")
    assert done.returncode == 0, done.stdout[-2000:]
