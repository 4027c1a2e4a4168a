"""``python -m nqx_graph``."""

import subprocess
import sys

import pytest

from nqx_graph import demo
from nqx_graph.__main__ import main
from nqx_graph.stages import STAGES


def test_graph_prints_every_stage_and_the_gate(capsys):
    assert main(["graph", "--format", "table"]) == 0
    printed = capsys.readouterr().out
    for stage in STAGES:
        assert stage.name in printed
    before, behind = printed.split("\nthe gate\n")
    assert "symbolic_validation" in before
    assert "lowering" in behind
    assert "supplies artifact" in behind


def test_demo_agrees_with_the_closed_forms(capsys):
    assert main(["demo"]) == 0
    printed = capsys.readouterr().out
    assert 'symbolic.operator @"Bose-Hubbard dimer"' in printed
    assert "skipped: cache hit" in printed
    assert "-4.500000000000" in printed
    assert "-13.523686903200" in printed
    assert "All energies agree" in printed


def test_demo_fails_when_an_energy_is_off(capsys, monkeypatch):
    right = demo.cases()
    wrong = [case._replace(expected=case.expected + 1e-8) for case in right]
    monkeypatch.setattr(demo, "cases", lambda: wrong)
    assert demo.run_demo() == 1
    assert "An energy is off" in capsys.readouterr().out


def test_unknown_commands_are_refused(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["dance"])
    assert stopped.value.code == 2
    assert "demo" in capsys.readouterr().err


def test_the_module_runs_and_turns_on_64_bits_itself():
    run = subprocess.run([sys.executable, "-m", "nqx_graph", "demo"], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_importing_the_package_does_not_touch_the_64_bit_switch():
    code = "import nqx_graph, jax; print(jax.config.jax_enable_x64)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
