"""The notebooks that need NetKet run, as the others do in test_notebooks.py."""

import executed
import pytest


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Jupyter, about its own folders
@pytest.mark.parametrize(
    "path", [path for path in executed.NOTEBOOKS if executed.needs_netket(path)], ids=lambda path: path.stem
)
def test_a_notebook_runs(path, tmp_path, monkeypatch):
    executed.assert_runs(path, tmp_path, monkeypatch)
