"""Benchmarks run only where they are asked for (``tox -e bench``): their files are no ``test_*.py``.

Each gives its times to ``record_table``; with ``--page FILE`` the tables are written there as Markdown, with the
machine, the versions and the date.
"""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
import statistics
from pathlib import Path

import pytest

TABLES: list[str] = []
PACKAGES = ("jax", "jaxlib", "numpy", "networkx", "qiskit", "xdsl", "netket", "nkdsl")


def pytest_addoption(parser):
    parser.addoption("--page", help="write the tables to this Markdown file")


@pytest.fixture
def record_table():
    """Call with a title, ``{name: [times]}`` in µs from interleaved runs, and the name that ratios refer to."""

    def record(title, times, reference):
        base = times[reference]
        lines = [f"## {title}", "", "| | median | quartiles | ratio to ours |", "|---|---|---|---|"]
        for name, samples in times.items():
            low, middle, high = statistics.quantiles(samples, n=4)
            ratios = [sample / own for sample, own in zip(samples, base, strict=True)]
            below, ratio, above = statistics.quantiles(ratios, n=4)
            lines.append(
                f"| {name} | {middle:.3g} | {low:.3g} to {high:.3g} | {ratio:.2f} ({below:.2f} to {above:.2f}) |"
            )
        TABLES.append("\n".join(lines) + "\n")
        print("\n" + TABLES[-1])

    return record


def _versions():
    known = {}
    for name in PACKAGES:
        try:
            known[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return ", ".join(f"{name} {version}" for name, version in known.items())


def pytest_sessionfinish(session, exitstatus):
    page = session.config.getoption("--page")
    if not page or exitstatus != 0 or not TABLES:
        return
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    head = [
        "# Performance",
        "",
        "Written by `tox -e bench`: medians and quartiles of runs interleaved in one process. Ratios are taken pair by pair.",
        "",
        f"Measured on {datetime.date.today().isoformat()}; {machine}; {_versions()}.",
        "",
    ]
    target = Path(page)
    scratch = target.with_suffix(".tmp")
    scratch.write_text("\n".join(head) + "\n" + "\n".join(TABLES), encoding="utf-8")
    os.replace(scratch, target)
