"""What is collected; and what is there when these tests begin is not looked through by every collection of garbage."""

from __future__ import annotations

import gc
import os

import pytest
from figures import SOAK

collect_ignore = [] if SOAK else ["test_mutants.py"]  # hours, and nothing but `tox -e soak` installs what makes them


@pytest.fixture(autouse=True, scope="module")
def frozen() -> None:
    gc.collect()
    gc.freeze()  # for good: to thaw it would give every later test what the first of all has frozen


@pytest.fixture
def no_fsync(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process wrote stays where a process ends, and no test ends a machine: a disk would be most of the time."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
