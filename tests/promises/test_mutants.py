"""The tests catch bugs: of all small changes to ``cache/`` and ``lowering/``, nine in ten are noticed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from promises import mutants


@pytest.mark.parametrize("folder", ["cache", "lowering"])
def test_nine_in_ten_mutants_are_noticed(folder: str) -> None:
    # a process of its own: it forks, which one that has started JAX must not
    words = [sys.executable, mutants.__file__, folder, "--at-least", "90"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    print(done.stdout)
    assert done.returncode == 0, done.stderr
