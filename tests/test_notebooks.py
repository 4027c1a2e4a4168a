"""The notebooks run, from a copy in an empty folder, and are committed with what they show.

Those that need NetKet run in integrations/test_notebooks_netket.py.
"""

import executed
import pytest

WITHOUT_NETKET = [path for path in executed.NOTEBOOKS if not executed.needs_netket(path)]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Jupyter, about its own folders
@pytest.mark.parametrize("path", WITHOUT_NETKET, ids=lambda path: path.stem)
def test_a_notebook_runs(path, tmp_path, monkeypatch):
    executed.assert_runs(path, tmp_path, monkeypatch)


def is_progress(output):
    """A bar that reached its end; a driver of NetKet's writes one."""
    return output.get("name") == "stderr" and all("100%|" in line for line in "".join(output["text"]).splitlines())


@pytest.mark.parametrize("path", executed.NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_with_its_output(path):
    cells = executed.committed(path)
    outputs = [output for cell in cells for output in cell["outputs"] if not is_progress(output)]
    assert len(outputs) > len(cells) / 2
    assert not [output for output in outputs if output["output_type"] == "error" or output.get("name") == "stderr"]
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))


def test_there_are_notebooks():
    assert [(path.stem, executed.needs_netket(path)) for path in executed.NOTEBOOKS] == [
        ("01_first_operator", False),
        ("02_reading_the_graph", False),
        ("03_writing_a_stage", False),
        ("04_netket_vmc", True),
        ("05_disorder_average", False),
        ("06_quench_tdvp", True),
        ("07_gradient_of_a_coupling", False),
        ("08_fermions", True),
    ]
