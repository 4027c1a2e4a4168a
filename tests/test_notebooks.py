"""The notebooks run, from a copy in an empty folder, and are committed with what they show."""

import json
import os
from pathlib import Path

import nbclient
import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parent.parent / "notebooks").glob("*.ipynb"))


def code_cells(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Jupyter, about its own folders
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path, tmp_path, monkeypatch):
    root = str(path.parent.parent)  # where the package is not installed
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH")))))
    monkeypatch.setenv("JAX_PLATFORMS", "cpu")
    copy = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(
        copy, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    assert not [output for cell in code_cells(copy) for output in cell["outputs"] if output["output_type"] == "error"]
    # a cell shows something exactly if it does in the committed notebook
    committed = json.loads(path.read_text(encoding="utf-8"))
    shows = [[bool(cell["outputs"]) for cell in code_cells(notebook)] for notebook in (committed, copy)]
    assert shows[0] == shows[1]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_with_its_output(path):
    cells = code_cells(json.loads(path.read_text(encoding="utf-8")))
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert len(outputs) > len(cells) / 2
    assert not [output for output in outputs if output["output_type"] == "error" or output.get("name") == "stderr"]
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))


def test_there_are_notebooks():
    assert [path.stem for path in NOTEBOOKS] == ["01_first_operator", "02_reading_the_graph", "03_writing_a_stage"]
