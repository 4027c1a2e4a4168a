"""``python -m nqx_graph graph``: to the terminal, or to a file that is whole or not there."""

import io
import sys
from pathlib import Path

import pytest

from nqx_graph.__main__ import main
from nqx_graph.graph import describe
from nqx_graph.graph.draw import FORMATS
from nqx_graph.stages import default_graph


@pytest.mark.parametrize("format", FORMATS)
def test_it_prints_every_format(format, capsys):
    assert main(["graph", "--format", format]) == 0
    assert capsys.readouterr().out == default_graph().draw(format) + "\n"


def test_it_prints_the_drawing_if_not_told_otherwise_and_the_table_if_told(capsys):
    assert main(["graph"]) == 0
    assert capsys.readouterr().out == default_graph().draw() + "\n"
    assert main(["graph", "--format", "table"]) == 0
    assert capsys.readouterr().out == describe(default_graph()) + "\n"


def test_an_unknown_format_is_refused_with_the_list(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["graph", "--format", "png"])
    assert stopped.value.code == 2
    printed = capsys.readouterr().err
    assert all(format in printed for format in (*FORMATS, "table"))


def test_it_replaces_a_file_and_leaves_nothing_else(tmp_path, capsys):
    file = tmp_path / "graph.svg"
    file.write_text("old")
    assert main(["graph", "--format", "svg", "-o", str(file)]) == 0
    assert file.read_text(encoding="utf-8") == default_graph().draw("svg") + "\n"
    assert list(tmp_path.iterdir()) == [file]
    assert capsys.readouterr().out == ""


def test_a_link_is_followed(tmp_path):
    file, link = tmp_path / "graph.txt", tmp_path / "link.txt"
    link.symlink_to(file)
    assert main(["graph", "-o", str(link)]) == 0
    assert link.is_symlink()
    assert file.read_text(encoding="utf-8").startswith(default_graph().draw()[:20])


@pytest.mark.parametrize(("name", "reason"), [("missing/graph.svg", "No such file"), (".", "Is a directory")])
def test_a_file_that_cannot_be_written_is_named(name, reason, tmp_path, capsys):
    assert main(["graph", "-o", str(tmp_path / name)]) == 1
    printed = capsys.readouterr().err
    assert printed.startswith(f"Cannot write {tmp_path / name}: {reason}")
    assert list(tmp_path.iterdir()) == []


def test_half_a_file_is_never_seen(tmp_path, monkeypatch, capsys):
    file = tmp_path / "graph.txt"
    file.write_text("old")

    def full(draft, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert main(["graph", "-o", str(file)]) == 1
    assert "No space left on device" in capsys.readouterr().err
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_device_is_written_to_and_not_replaced(capsys):
    assert main(["graph", "-o", "/dev/null"]) == 0
    assert Path("/dev/null").is_char_device()


def test_a_terminal_without_box_drawing_gets_utf_8(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    assert main(["graph"]) == 0
    sys.stdout.flush()
    assert raw.getvalue().decode() == default_graph().draw() + "\n"
