"""Every page of the documentation runs as it is printed, and shows what it prints.

The ``python`` blocks of a page run in order in one namespace; an ``output`` block is what the block before it printed.
A ``code-block`` with a caption is a file of that name beside them. Lines ``python -m nqx_graph ...`` of ``sh`` blocks run
as commands. Times and digests are compared as such, not by their digits. A page whose front matter says
``needs: netket`` runs where NetKet is installed.
"""

import contextlib
import importlib.util
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import nqx_graph as sym

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGES = sorted(p.relative_to(DOCS).as_posix() for p in DOCS.rglob("*.md") if "_build" not in p.parts)
BLOCK = re.compile(
    r"^```(?P<kind>python|output|sh|\{code-block\} python\n:caption: (?P<file>\S+))\n(?P<body>.*?)^```$", re.M | re.S
)


def blocks(page):
    """Kind, body and line of the blocks of a page; the kind of a file is its name."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return [
        (m["file"] or m["kind"], m["body"].strip("\n"), text[: m.start("body")].count("\n"))
        for m in BLOCK.finditer(text)
    ]


def masked(text):
    """The text without what differs from run to run: times, digests, counts of JAX's bytes, spaces and rules of tables."""
    text = re.sub(r"\b\d+(\.\d+)?(e[+-]\d+)? (ns|µs|ms|s)\b", "TIME", text)
    text = re.sub(r"[<\d]+\d*%", "SHARE", text)
    text = re.sub(r"\b(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{10,}\b", "DIGEST", text)
    text = re.sub(r"-{3,}", "---", text)
    return re.sub(r"\s+", " ", text).strip()


def run_command(line):
    command = line.replace("python", sys.executable, 1)
    path = os.pathsep.join(filter(None, (str(DOCS.parent), os.environ.get("PYTHONPATH"))))  # where it is not installed
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        command, shell=True, capture_output=True, text=True, encoding="utf-8", env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def fresh_folder(tmp_path, monkeypatch):
    """An empty working folder from which modules are imported; they and what they register are forgotten at the end."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    with sym.extensions():
        yield tmp_path
    for name in set(sys.modules) - before:
        if (getattr(sys.modules[name], "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[name]


def runs_here(page):
    """A page that needs NetKet is not collected without it."""
    needs_netket = "\nneeds: netket\n" in (DOCS / page).read_text(encoding="utf-8")
    return not needs_netket or importlib.util.find_spec("netket") is not None


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page) and runs_here(page)])
def test_a_page_runs_as_printed(page, fresh_folder):
    namespace, printed = {"__name__": "__page__"}, ""
    for kind, body, line in blocks(page):
        if kind == "output":
            assert body, f"{page}:{line} shows no output"
            assert masked(printed) == masked(body), f"{page}:{line} shows another output:\n{printed}"
        elif kind == "sh":
            commands = [text for text in body.splitlines() if text.startswith("python -m nqx_graph")]
            printed = "".join(map(run_command, commands))
        elif kind == "python":
            with contextlib.redirect_stdout(io.StringIO()) as caught:
                exec(compile("\n" * line + body, str(DOCS / page), "exec"), namespace)
            printed = caught.getvalue()
        else:
            (fresh_folder / kind).write_text(body + "\n", encoding="utf-8")


def test_the_stage_of_the_guide_takes_six_lines_and_is_the_notebook_s():
    """Counted with blank lines and with the line that inserts it."""
    written = next(body for kind, body, _ in blocks("howto/write_a_stage.md") if kind == "symbol_count.py")
    assert len(written.splitlines()) <= 6
    notebook = json.loads((DOCS.parent / "notebooks" / "03_writing_a_stage.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell for cell in cells if cell.startswith("%%writefile symbol_count.py\n")] == [
        f"%%writefile symbol_count.py\n{written}"
    ]


def test_the_stage_of_the_guide(fresh_folder):
    written = next(body for kind, body, _ in blocks("howto/write_a_stage.md") if kind == "symbol_count.py")
    (fresh_folder / "symbol_count.py").write_text(written + "\n", encoding="utf-8")
    graph = importlib.import_module("symbol_count").graph
    operator = (
        sym.DOperator(sym.hilbert.Fock(2, N=3), "number")
        .for_each_site("i")
        .emit(amplitude=sym.symbol("mu", 1.0) * sym.site("i").value)
        .build()
    )
    stock, compiler = sym.SymbolicCompiler(), sym.SymbolicCompiler(graph=graph)
    miss, hit = compiler.compile(operator), compiler.compile(operator)
    assert miss.report["symbol_count"].status == "ran"
    assert miss.report.analyses["symbol_count"] == miss.analyses["symbol_count"] == 1
    assert hit.report.outcome == "hit"
    assert hit.report["symbol_count"].status == "skipped: cache hit"
    assert "symbol_count" in graph.gated
    for format in ("text", "mermaid", "dot", "svg"):
        assert "symbol_count" in graph.draw(format)
        assert "symbol_count" in miss.report.draw(format)
    assert miss.cache_token() != stock.compile(operator).cache_token()


def test_the_reference_has_every_public_name():
    pages = [page for page in PAGES if page.startswith("reference/")]
    text = "\n".join((DOCS / page).read_text(encoding="utf-8") for page in pages)
    listed = set(re.findall(r"^\.\. auto\w+:: (?:[\w.]+\.)?(\w+)", text, re.M))
    missing = {name for name in sym.__all__ if name not in listed}
    assert not missing
    errors = {name for name, kind in vars(sym.errors).items() if isinstance(kind, type)} - {"Any", "Iterable"}
    assert not {name for name in errors if f"`{name}`" not in text and name not in listed}


def test_the_tables_of_the_reference_are_whole():
    options = (DOCS / "reference/options.md").read_text(encoding="utf-8")
    names = [name for name, _ in sym.SymbolicCompilerOptions().static_signature()]
    assert set(re.findall(r"^\| `(\w+)`", options, re.M)) == set(names)


def test_the_drawing_is_that_of_the_default_graph():
    drawing = (DOCS / "_static" / "default_graph.svg").read_text(encoding="utf-8")
    assert drawing.strip() == sym.default_graph().draw("svg").strip()
