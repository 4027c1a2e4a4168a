"""Class passes: an object with ``name`` and ``run(context)``, and a context that refuses what was not declared."""

import attrs
import pytest

from nqx_graph.errors import GraphError, StageContractError, UndeclaredReadError
from nqx_graph.graph import PassContext, Report, StageFailure, as_stage, describe, execute, identity, stage

from .sample import COUNT, STATS, TEXT, call, note, sample_graph

WIDTH = note("width", int)


class Measure:
    """Measure the text."""

    name = "measure"

    def run(self, context):
        return {"length": len(context.text), "count": context.analyses["count"], "mode": context.options.get("mode")}


class Asked:
    """A pass whose run is what a test says."""

    def __init__(self, run, name="asked"):
        self.name, self.asked = name, run

    def run(self, context):
        return self.asked(context)


def result_of(node, **options):
    return execute(sample_graph().insert(node), call(**options))


def error_of(run, reads=("text",), writes=STATS):
    with pytest.raises(StageFailure) as caught:
        result_of(as_stage(Asked(run), reads=reads, writes=writes))
    assert caught.value.stage == "asked"
    return caught.value.__cause__


@pytest.mark.parametrize("given", [Measure, Measure()])
def test_a_class_or_an_object_is_a_stage(given):
    node = as_stage(given, reads=("text", COUNT, "options"), writes=STATS)
    assert (node.name, node.reads, node.writes) == ("measure", ("text", "count", "options"), (STATS,))
    run = result_of(node, mode="x")
    assert run["stats"] == {"length": 2, "count": 2, "mode": "x"}
    assert Report(run.graph, run.record)["measure"].pass_name == "measure"
    assert "measure" in describe(run.graph)
    assert node("ab", 2, {}) == node(text="ab", count=2, options={}) == {"length": 2, "count": 2, "mode": None}


def test_it_knows_where_it_was_written():
    node = as_stage(Measure, reads=("text", "count", "options"), writes=STATS)
    assert (node.file, node.doc) == (__file__, "Measure the text.")
    with open(__file__, encoding="utf-8") as file:
        assert file.read().splitlines()[node.line - 1] == "    def run(self, context):"
    with pytest.raises(
        GraphError, match=r"'txet' is read by stage 'asked' \(.*test_passes.py:\d+\).*Did you mean 'text'"
    ):
        result_of(as_stage(Asked(None), reads=("txet",), writes=STATS))


@pytest.mark.parametrize(
    "reach", [lambda context: context.metadata, lambda context: context.analyses["metadata"]], ids=["attribute", "item"]
)
def test_what_was_not_declared_is_refused(reach):
    error = error_of(reach, reads=("text", "count"))
    assert isinstance(error, UndeclaredReadError)
    assert error.name == "metadata"
    assert str(error) == (
        "the pass 'asked' (Asked) reads 'metadata' and has not declared it; it has ['count', 'text']. "
        "Name it in reads=(...,)."
    )


def test_analyses_are_to_be_read():
    values = []
    node = as_stage(Asked(lambda context: values.append(dict(context.analyses))), reads=("text", "count"))
    result_of(node)
    assert values == [{"text": "ab", "count": 2}]
    analyses = PassContext({"text": "ab"}, reader="the pass 'p'").analyses
    assert (len(analyses), "text" in analyses, "count" in analyses) == (1, True, False)
    assert analyses == {"text": "ab"}
    assert repr(analyses) == "DeclaredAnalyses('text')"
    with pytest.raises(UndeclaredReadError):
        analyses.get("count", 0)


WRITES = "the pass 'asked' (Asked) writes 'stats' to context.analyses, which is read-only. Declare it in writes= and return it."


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda context: context.analyses.__setitem__("stats", {}), WRITES),
        (lambda context: context.analyses.update(stats={}), WRITES),
        (lambda context: context.analyses.setdefault("text", 1) and context.analyses.__setitem__("stats", 1), WRITES),
        (lambda context: setattr(context, "stats", {}), WRITES.replace("writes 'stats' to context.analyses", "sets 'stats' on its context")),
        (
            lambda context: context.analyses.pop("text"),
            "the pass 'asked' (Asked) deletes 'text' from context.analyses, which is read-only. Leave it: others read it "
            "too.",
        ),
    ],
)  # fmt: skip
def test_writing_to_the_context_is_refused_with_what_to_do(act, message):
    error = error_of(act)
    assert (type(error), str(error)) == (StageContractError, message)


@pytest.mark.parametrize(
    ("writes", "returned", "expected"),
    [
        (STATS, {"a": 1}, {"stats": {"a": 1}}),
        ((STATS,), {}, {"stats": {}}),
        ((STATS, WIDTH), ({}, 1), {"stats": {}, "width": 1}),
        ((STATS, WIDTH), {"width": 1, "stats": {}}, {"stats": {}, "width": 1}),
        ((), None, {}),
    ],
)
def test_it_returns_what_it_declared(writes, returned, expected):
    run = result_of(as_stage(Asked(lambda context: returned), reads=("text",), writes=writes))
    assert {name: run[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("writes", "returned", "message"),
    [
        (
            (STATS, WIDTH), {"stats": {}},
            "run() of the pass 'asked' (Asked) returned a mapping of 'stats', and it declares to write 'stats', 'width': "
            "return a dict of 'stats', 'width', or change writes=.",
        ),
        (
            (STATS,), {"stats": {}},
            "run() of the pass 'asked' (Asked) returned a mapping of 'stats', and it declares to write 'stats': return "
            "the value itself, or change writes=.",
        ),
        (
            (), {"stats": {}},
            "run() of the pass 'asked' (Asked) returned a mapping of 'stats', and it declares to write none: return None, "
            "or change writes=.",
        ),
        (
            (STATS, WIDTH), ({}, 1, 2),
            "Stage 'asked' declares to write 'stats', 'width', so that it returns a tuple of 2, but it returned a tuple "
            "of 3. Return what it declares, or change the declaration.",
        ),
    ],
)  # fmt: skip
def test_it_returns_nothing_else(writes, returned, message):
    error = error_of(lambda context: returned, writes=writes)
    assert (type(error), str(error)) == (StageContractError, message)


def test_the_context_can_be_another():
    @attrs.define
    class Mine:
        values: dict
        reader: str

    seen = []
    node = as_stage(Asked(seen.append), reads=("text",), writes=(), context=Mine)
    result_of(node)
    assert seen == [Mine({"text": "ab"}, "the pass 'asked' (Asked)")]
    assert identity(node) != identity(as_stage(node.fn.instance, reads=("text",), writes=()))


class Versioned(Asked):
    version = "1"


def ident(instance, **declared):
    return identity(as_stage(instance, reads=("text",), writes=STATS, **declared))


def test_its_identity_is_that_of_the_object():
    one, other = Asked(len), Asked(len)
    assert ident(one) == ident(one) != ident(other)
    assert not ident(one).portable
    assert ident(Versioned(len)).text == ident(Versioned(len)).text
    assert ident(Versioned(len)).portable
    assert ident(one, version="2") == ident(other, version="2") != ident(other, version="3")
    wider = as_stage(one, reads=("text", "count"), writes=STATS)
    assert identity(wider) != ident(one)


def test_a_pass_that_is_configured_anew_is_another_pass():
    instance = Versioned(len)
    graph = sample_graph().insert(as_stage(instance, reads=("text",), writes=STATS))
    before = graph.identity
    assert graph.identity == before == sample_graph().insert(as_stage(instance, reads=("text",), writes=STATS)).identity
    instance.width = 3
    assert graph.identity != before
    assert graph.identities["asked"] != sample_graph().identities.get("asked")
    instance.width = 4
    wide = graph.identity
    instance.width = 3
    assert graph.identity != wide


def test_its_outputs_can_be_overridden():
    both = as_stage(Asked(lambda context: ({}, len(context.text))), reads=("text",), writes=(STATS, WIDTH))
    graph = sample_graph().insert(both).override(stats={"fixed": True})
    assert (execute(graph, call())["stats"], execute(graph, call())["width"]) == ({"fixed": True}, 2)
    before = graph.identity
    both.fn.instance.pad = 1
    assert graph.identity != before


def test_the_declaration_is_that_of_a_stage():
    node = as_stage(
        Measure, reads=TEXT, writes=STATS, always=True, version="7", options={"a": 1}, describe=lambda stats: stats,
        before=("put", "why"), after=("lower", "why"),
    )  # fmt: skip
    assert (node.reads, node.always, node.version, node.options) == (("text",), True, "7", (("a", 1),))
    assert (node.before[0].stage, node.after[0].stage) == ("put", "lower")


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        (Asked, StageContractError, "as_stage cannot make a Asked without arguments"),
        (len, StageContractError, r"as_stage takes an object with name and run\(context\); .* has no name"),
        (Asked(len, name=3), StageContractError, "has no name. Add it, or write a function with @stage"),
        (type("Named", (), {"name": "named"}), StageContractError, "has no run"),
        (Asked(len, name="two words"), GraphError, "'two words' is not one"),
    ],
)
def test_what_is_no_pass(given, kind, message):
    with pytest.raises(kind, match=message):
        as_stage(given, reads=(), writes=STATS)


def test_what_is_no_declaration():
    with pytest.raises(GraphError, match="A read of the pass 'measure' needs an identifier"):
        as_stage(Measure, reads=("a b",), writes=STATS)
    with pytest.raises(StageContractError, match="declares 'stats', which is a str"):
        as_stage(Measure, reads=("text",), writes="stats")
    for given in (Measure, Measure()):
        with pytest.raises(StageContractError, match=r"make .* a stage with as_stage"):
            stage(writes=STATS)(given)
