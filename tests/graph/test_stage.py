from pathlib import Path

import attrs
import pytest

from nqx_graph.errors import GraphError, StageContractError
from nqx_graph.graph import Stage, stage

from .sample import ARTIFACT, COUNT, STATS, TEXT, count_letters, derive


def test_reads_are_the_parameters_in_order():
    @stage(writes=(COUNT, STATS), version="2", options={"b": 1, "a": 2})
    def measure(text, options):
        """Measure the text.

        At length.
        """
        return len(text), options

    assert measure.name == "measure"
    assert measure.reads == measure.parameters == ("text", "options")
    assert measure.writes == (COUNT, STATS)
    assert measure.options == (("a", 2), ("b", 1))
    assert measure.doc == "Measure the text."
    assert measure("abc", {}) == (3, {})


def test_a_stage_knows_where_it_was_written():
    assert Path(count_letters.file).name == "sample.py"
    lines = Path(count_letters.file).read_text(encoding="utf-8").splitlines()
    assert lines[count_letters.line].startswith("def count_letters")
    assert count_letters.place == f"{count_letters.file}:{count_letters.line}"


def test_a_callable_without_code_has_no_place():
    class Shout:
        def __call__(self, text):
            return text.upper()

    shout = stage(writes=STATS, name="shout")(Shout())
    assert (shout.reads, shout.place, shout("a")) == (("text",), "<unknown>:0", "A")


def test_covered_and_declared_are_not_reads():
    assert derive.parameters == ("options", "covered")
    assert derive.reads == ("options",)

    @stage(writes=STATS, open_reads=True)
    def node(text, declared):
        return dict(declared)

    assert node.reads == ("text",)
    assert attrs.evolve(node, extra_reads=["count", "text", "count"]).reads == ("text", "count")


def test_covered_is_an_ordinary_read_without_the_flag():
    assert stage(writes=STATS)(lambda_named("covered")).reads == ("covered",)


def lambda_named(parameter):
    space = {}
    exec(f"def made({parameter}): return None", space)
    return space["made"]


@pytest.mark.parametrize("parameter", ["*args", "**kwargs", "text=1", "text, /", "*, text=None"])
def test_a_parameter_is_a_plain_name(parameter):
    with pytest.raises(StageContractError, match=r"Stage 'made' \(.*\) has the parameter .*write plain names"):
        stage(writes=COUNT)(lambda_named(parameter))


def test_writes_are_analyses():
    with pytest.raises(StageContractError, match=r"declares 'count', which is a str: import the Analysis"):
        stage(writes="count")(lambda_named("text"))
    with pytest.raises(StageContractError, match=r"declares 'count' twice: name it once"):
        stage(writes=(COUNT, COUNT))(lambda_named("text"))


def test_a_gate_writes_nothing_else():
    with pytest.raises(StageContractError, match="is a gate that supplies 'artifact', and a gate writes nothing else"):
        stage(writes=COUNT, supplies=ARTIFACT)(lambda_named("text"))


@pytest.mark.parametrize(("flag", "name"), [("covered", "covered"), ("open_reads", "declared")])
def test_a_flag_needs_its_parameter(flag, name):
    with pytest.raises(StageContractError, match=rf"says {flag}=True and has no parameter '{name}'"):
        stage(writes=COUNT, **{flag: True})(lambda_named("text"))


def test_extra_reads_need_open_reads():
    with pytest.raises(StageContractError, match="cannot read 'text' beyond its parameters"):
        attrs.evolve(derive, extra_reads=("text",))


def test_the_decorator_needs_its_declaration():
    with pytest.raises(StageContractError, match=r"write @stage\(writes=...\) above 'made'"):
        stage(lambda_named("text"))
    with pytest.raises(StageContractError, match="is a Stage"):
        stage(writes=TEXT)(count_letters)
    with pytest.raises(GraphError, match="'<lambda>' is not one"):
        stage(writes=TEXT)(lambda source: source)
    assert isinstance(stage(writes=TEXT, name="strip")(lambda source: source), Stage)
