"""What CONTRIBUTING and the changelog say is so."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import nqx_graph as sym

ROOT = Path(__file__).resolve().parent.parent
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_stage_takes_six_lines_and_runs():
    (written,) = re.findall(
        r"^```{code-block} python\n:caption: symbol_count.py\n(.*?)^```$", CONTRIBUTING, re.M | re.S
    )
    assert len(written.splitlines()) == 6
    namespace = {}
    exec(compile(written, "CONTRIBUTING.md", "exec"), namespace)
    operator = sym.DOperator(sym.hilbert.Qubit(2)).globally().emit(amplitude=sym.symbol("J", 1.0)).build()
    assert sym.SymbolicCompiler(graph=namespace["graph"]).compile(operator).analyses["symbol_count"] == 1


def test_every_environment_of_tox_is_told_of_and_no_other():
    tox = configparser.ConfigParser()
    tox.read(ROOT / "tox.ini", encoding="utf-8")
    environments = {name.removeprefix("testenv:") for name in tox.sections() if name.startswith("testenv:")}
    assert set(re.findall(r"^\| `tox -e (\w+)`", CONTRIBUTING, re.M)) == environments | {"py"}


def test_what_is_named_is_there():
    """Files and folders in backticks, and the files that are linked to."""
    named = re.findall(r"`((?:\w+/)+[\w.]*|\w+\.(?:toml|md))`", CONTRIBUTING)
    linked = re.findall(r"\]\((docs/[^)]+)\)", CONTRIBUTING + CHANGELOG)
    assert len(named) > 5
    missing = [
        path for path in (*named, *linked) if not any((home / path).exists() for home in (ROOT, ROOT / "nqx_graph"))
    ]
    assert [path for path in missing if "_build" not in path and path != "analyses.py"] == []


def test_the_changelog_begins_with_this_version():
    assert re.findall(r"^## (\d+\.\d+\.\d+)", CHANGELOG, re.M)[0] == sym.__version__


def test_the_changelog_names_what_there_is():
    names = re.findall(r"`(?:sym\.|nqx_graph\.)?([a-z]\w+|DOperator)`", CHANGELOG)
    known = {*sym.__all__, *dir(sym.CompiledOperator), "plotting", "plot", "sum"}
    assert [name for name in names if name not in known] == ["jit", "vmap", "grad"]
