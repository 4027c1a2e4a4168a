"""The notebooks: which there are, which of them need NetKet, and what one shows when it runs."""

import json
import os
import re
from pathlib import Path

import nbclient
import nbformat

NOTEBOOKS = sorted((Path(__file__).resolve().parent.parent / "notebooks").glob("*.ipynb"))
_IMPORT = re.compile(r"^(import|from) netket\b", re.M)


def committed(path):
    """The code cells of a notebook as it is committed."""
    return code_cells(json.loads(path.read_text(encoding="utf-8")))


def code_cells(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def needs_netket(path):
    """Whether a cell imports it: such a notebook is executed where NetKet is installed."""
    return any(_IMPORT.search("".join(cell["source"])) for cell in committed(path))


def execute(path, folder, monkeypatch):
    """The code cells of a copy of the notebook that ran in the folder."""
    root = str(path.parent.parent)  # where the package is not installed
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH")))))
    monkeypatch.setenv("JAX_PLATFORMS", "cpu")
    monkeypatch.setenv("PYTHONWARNINGS", "ignore:IProgress not found")  # tqdm, where a bar is text
    monkeypatch.setenv("NETKET_NO_TIPS", "1")  # which differ each time
    copy = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(folder)}}
    nbclient.NotebookClient(
        copy, timeout=240, startup_timeout=240, kernel_name="python3", resources=resources
    ).execute()
    return code_cells(copy)


def assert_runs(path, folder, monkeypatch):
    """No cell fails, and a cell shows something exactly if it does in the committed notebook."""
    executed = execute(path, folder, monkeypatch)
    assert not [output for cell in executed for output in cell["outputs"] if output["output_type"] == "error"]
    shows = [[bool(cell["outputs"]) for cell in cells] for cells in (committed(path), executed)]
    assert shows[0] == shows[1]
