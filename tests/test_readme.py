"""What the README shows is run, and its test command is what CI runs."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_every_python_block_runs_in_order(capsys):
    namespace = {}
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), namespace)
    printed = capsys.readouterr().out
    assert 'symbolic.operator @"hopping"' in printed
    assert printed.rstrip().endswith("hit")


def test_ci_runs_the_test_command():
    test_command = blocks("sh")[1].strip()
    assert test_command in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
