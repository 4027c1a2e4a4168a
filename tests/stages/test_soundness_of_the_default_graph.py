"""Whoever replaces a stage or fixes an analysis is never handed what another graph made: the keys differ.

Every stage of the default graph is replaced by one that writes another value, and every analysis is fixed to another
value. Whatever changes what a compile returns, on a miss or on the hit after it, has to change the key.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest
import small

import nqx_graph as sym
from nqx_graph.diagnostics import Diagnostics
from nqx_graph.errors import GraphError
from nqx_graph.graph import Graph, Identity, Stage, Supplied
from nqx_graph.stages import STAGES

OPERATOR = small.number() + small.raising()
OTHER = small.number(weight=2.0) + small.raising()
DEFAULT = sym.default_graph()


def tagged(artifact: Any, tag: str) -> Any:
    return attrs.evolve(artifact, metadata={**artifact.metadata, "tag": tag})


def other_key(key: Any) -> Any:
    return attrs.evolve(key, token=key.token[::-1])


# For each analysis, another value of its kind.
OTHERS: dict[str, Callable[[Any], Any]] = {
    "ir": lambda ir: OTHER.to_ir(),
    "hilbert": lambda hilbert: sym.hilbert.Fock(4, N=3),
    "space": lambda space: sym.space.view(sym.hilbert.Fock(4, N=3)),
    "validation_summary": lambda summary: {**summary, "valid": False, "error": "remark"},
    "ir_fingerprint": lambda fingerprint: fingerprint[::-1],
    "resolved_backend": lambda backend: "numpy",
    "term_order": lambda order: order[::-1],
    "cache_key": other_key,
    "term_fanouts": lambda fanouts: tuple(fanout + 1 for fanout in fanouts),
    "total_fanout": lambda fanout: fanout + 5,
    "fusion_groups": lambda groups: (*groups, ()),
    "hermiticity": lambda hermiticity: f"{hermiticity}, so they say",
    "diagnostics": lambda diagnostics: Diagnostics((), "error"),
    "ranges": lambda ranges: attrs.evolve(ranges, shapes=ranges.shapes * 2),
    "lowered": lambda lowered: tagged(lowered, "lowered"),
    "artifact": lambda artifact: tagged(artifact, "artifact"),
}


def with_body(stage: Stage, body: Callable[..., Any], **changes: Any) -> Stage:
    """The stage with another function of the same parameters."""
    names = ", ".join(stage.parameters)
    space: dict[str, Any] = {"body": body}
    exec(f"def {stage.name}({names}): return body({names})", space)
    return attrs.evolve(stage, fn=space[stage.name], **changes)


def replacements(**changes: Any) -> Iterator[tuple[str, Graph]]:
    """Each stage in the place of itself, writing another value of one of its analyses."""
    for stage in STAGES:
        for place, item in enumerate(stage.writes):
            change = functools.partial(changed, stage, place, OTHERS[item.name])
            yield f"{stage.name} writes {item.name}", DEFAULT.replace(stage, with_body(stage, change, **changes))
    lookup, store = DEFAULT["cache_lookup"], DEFAULT["cache_store"]

    def supply(*reads: Any) -> Any:
        answer = lookup(*reads)
        return Supplied(tagged(answer.value, "gate")) if isinstance(answer, Supplied) else answer

    def keep(artifact: Any, cache_key: Any, kept: Any) -> Any:
        return store(tagged(artifact, "store"), cache_key, kept)

    yield "cache_lookup supplies artifact", DEFAULT.replace(lookup, with_body(lookup, supply, **changes))
    yield "cache_store keeps artifact", DEFAULT.replace(store, with_body(store, keep, **changes))


def changed(stage: Stage, place: int, other: Callable[[Any], Any], *reads: Any) -> Any:
    result = stage(*reads)
    if len(stage.writes) == 1:
        return other(result)
    return tuple(other(value) if number == place else value for number, value in enumerate(result))


def overrides() -> Iterator[tuple[str, Graph]]:
    """Each analysis fixed to another value; what may not be fixed is refused, so that it needs no key."""
    values = sym.SymbolicCompiler().compile(OPERATOR).build._values
    for name, other in OTHERS.items():
        if name in ("cache_key", "artifact"):
            with pytest.raises(GraphError, match=f"The override of '{name}' fixes"):
                DEFAULT.override(**{name: other(values[name])})
        else:
            yield f"{name} is fixed", DEFAULT.override(**{name: other(values[name])})


def said(artifact: Any) -> Any:
    """What a caller can tell of an artifact but for times and keys."""
    analyses = {name: repr(value) for name, value in artifact.analyses.items() if name in OTHERS}
    for name in ("lowered", "artifact", "cache_key"):
        analyses.pop(name, None)
    return artifact.backend, artifact.lowerer_name, dict(artifact.metadata), analyses


def compiled(graph: Graph) -> tuple[str | None, Any]:
    """The token of the key, and what the first and the second compile with one store return."""
    compiler = sym.SymbolicCompiler(graph=graph)
    first, second = compiler.compile(OPERATOR), compiler.compile(OPERATOR)
    assert (first.report.outcome, second.report.outcome) == ("miss", "hit")
    return first.cache_token(), (said(first), said(second))


def violations(variants: Iterator[tuple[str, Graph]]) -> list[str]:
    """The variants that return something else under the key of the default graph."""
    token, expected = compiled(DEFAULT)
    assert token is not None
    return [
        name for name, graph in variants for other, found in [compiled(graph)] if other == token and found != expected
    ]


def test_each_stage_and_each_analysis_has_a_variant_and_each_makes_a_difference():
    names = {item.name for stage in STAGES for item in stage.writes}
    assert set(OTHERS) == names
    variants = dict(replacements())
    assert {name.partition(" ")[0] for name in variants} == {stage.name for stage in DEFAULT.stages}
    _, expected = compiled(DEFAULT)
    same = {name for name, graph in variants.items() if compiled(graph)[1] == expected}
    # A key changes what is found, not what is made; of all else the difference can be told.
    assert same == {"key_derivation writes cache_key"}


@pytest.mark.parametrize("changes", [{}, {"version": "variant"}], ids=["no version", "version"])
def test_every_stage(changes):
    assert violations(replacements(**changes)) == []
    tokens = [compiled(graph)[0] for _, graph in replacements(**changes)]
    assert compiled(DEFAULT)[0] not in tokens


def test_every_analysis():
    assert violations(overrides()) == []
    tokens = [compiled(graph)[0] for _, graph in overrides()]
    assert compiled(DEFAULT)[0] not in tokens


def test_versions_are_told_apart_and_equal_ones_share():
    one, again, two = (dict(replacements(version=version)) for version in ("1", "1", "2"))
    for name, graph in one.items():
        token = compiled(graph)[0]
        assert token == compiled(again[name])[0], name
        assert token != compiled(two[name])[0], name


def test_values_are_told_apart_and_equal_ones_share():
    tokens = [compiled(DEFAULT.override(total_fanout=fanout))[0] for fanout in (50, 51, 50)]
    assert tokens[0] == tokens[2] != tokens[1]


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that forgets what the stages are."""
    monkeypatch.setattr(Graph, "identity", property(lambda graph: Identity("any graph", True)))
    monkeypatch.setattr(Graph, "identities", property(lambda graph: {}))


def test_a_key_that_forgets_the_stages_is_found_out(monkeypatch):
    forget(monkeypatch)
    assert set(violations(replacements())) >= {
        "symbolic_validation writes validation_summary",
        "symbolic_normalization writes term_order",
        "symbolic_fanout_analysis writes total_fanout",
        "symbolic_fusion_planning writes fusion_groups",
        "lowering writes lowered",
        "finalisation writes artifact",
        "cache_lookup supplies artifact",
        "cache_store keeps artifact",
    }
    assert set(violations(overrides())) >= {
        "validation_summary is fixed",
        "total_fanout is fixed",
        "term_order is fixed",
    }
