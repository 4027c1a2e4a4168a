"""Benchmarks run only where they are asked for (``tox -e bench``): their files are no ``test_*.py``.

Each gives its times to ``record_table``; with ``--page FILE`` the tables, the bars and the plots are written there as
Markdown, with the machine, the versions and the date.
"""

from __future__ import annotations

import os
from pathlib import Path

import jax
import pytest

jax.config.update("jax_enable_x64", True)


def pytest_addoption(parser):
    parser.addoption("--page", help="write the tables to this Markdown file, and the plots beside it")


@pytest.fixture(scope="session")
def page():
    """What this run has measured so far."""
    from page import Page

    return PAGES.setdefault("this run", Page())


PAGES: dict = {}


@pytest.fixture
def record_table(page, request):
    """`Page.record` under the heading of the module: a title, ``{name: times}``, whose ratios are meant, and bars."""

    def record(title, times, **arguments):
        print("\n" + page.record(request.module, title, times, **arguments))

    record.curve = page.curve
    return record


def pytest_sessionfinish(session, exitstatus):
    target, measured = session.config.getoption("--page"), PAGES.get("this run")
    if measured is None:
        return
    print("\n" + measured.summary())
    if not target or exitstatus != 0:
        return
    target = Path(target)
    scratch = target.with_suffix(".tmp")
    scratch.write_text(measured.text(plots=target.parent / "_static"), encoding="utf-8")
    os.replace(scratch, target)
