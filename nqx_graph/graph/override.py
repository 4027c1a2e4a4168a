"""Fixing analyses to values: a constant runs in the place of what computes them.

What stages declare is checked without the overrides; what runs is what is still needed with them.
"""

from __future__ import annotations

import copy
import hashlib
import inspect
from collections.abc import Collection, Iterable
from typing import Any

import attrs

from nqx_graph.errors import StageContractError, listed
from nqx_graph.graph.analysis import Analysis
from nqx_graph.graph.faults import Draft
from nqx_graph.graph.identity import Identity, StandIn, code_identity, may_change
from nqx_graph.graph.order import hit_stages, miss_stages
from nqx_graph.graph.stage import Stage
from nqx_graph.graph.tokens import object_token, plain_text
from nqx_graph.graph.wiring import Wiring, wire


@attrs.frozen(eq=False)
class Constant(StandIn):
    """A stage's function that returns a given value. Plain data is copied, so that no call can change it."""

    value: Any
    code: Identity
    plain: bool

    def __call__(self) -> Any:
        return copy.deepcopy(self.value) if self.plain else self.value

    def identity(self, version: str | None, options: Iterable[tuple[str, Any]]) -> Identity:
        """That of the value."""
        return self.code


class Rest(StandIn):
    """A stage's function without those of its outputs that are fixed."""

    def __init__(self, stage: Stage, kept: tuple[int, ...]) -> None:
        self.stage, self.fn, self.kept = stage.name, stage.fn, kept
        self.writes = tuple(item.name for item in stage.writes)
        self.__wrapped__ = stage.fn
        self.__doc__ = inspect.getdoc(stage.fn)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        result = self.fn(*args, **kwargs)
        if not isinstance(result, tuple) or len(result) != len(self.writes):
            raise StageContractError(
                f"Stage {self.stage!r} declares to write {listed(self.writes)}, so that it returns a tuple of "
                f"{len(self.writes)}, but it returned a {type(result).__name__}. Return what it declares, or change "
                "the declaration.",
                stage=self.stage,
            )
        kept = tuple(result[position] for position in self.kept)
        return kept if len(kept) > 1 else kept[0]

    def identity(self, version: str | None, options: Iterable[tuple[str, Any]]) -> Identity:
        """That of the function; which of its outputs are kept, the stage's writes say."""
        return code_identity(self.fn, version, options)

    def may_change(self) -> bool:
        """As the function's can."""
        return may_change(self.fn)


def value_identity(analysis: Analysis, value: Any) -> Identity:
    """What stands for a value in a key: its digest, what it says as plain data, or that it is this very object."""
    digest = analysis.digest(value) if analysis.digest else None
    if digest is not None:
        return Identity(repr((analysis.name, "digest", digest.hex())), True)
    text = plain_text(value)
    if text is not None:
        return Identity(repr((analysis.name, "plain", hashlib.sha256(text.encode()).hexdigest())), True)
    return Identity(repr((analysis.name, "object", object_token(value))), False)


def overridden(draft: Draft) -> Wiring:
    """The wiring of what runs: constants, and what they leave to do. What a hit runs it runs still, if it is needed."""
    wiring, overrides = draft.wiring, draft.overrides
    if not overrides:
        return wiring
    stages = [rest for stage in draft.stages if (rest := _rest(stage, overrides.keys()))]
    early = set(hit_stages(wiring)) if wiring.gate else set()
    for name in sorted(overrides):
        constant = _constant(wiring.analyses[name], overrides[name], {stage.name for stage in stages})
        stages.append(constant)
        if wiring.writer[name] in early:
            early.add(constant.name)
    targets = [wiring.analyses[name] for name in wiring.targets]
    needed = miss_stages(wire(stages, draft.inputs, targets))
    kept = sorted((stage for stage in stages if stage.name in needed), key=lambda stage: stage.name)
    return wire(kept, draft.inputs, targets, kept_early=frozenset(early))


def _constant(analysis: Analysis, value: Any, taken: set[str]) -> Stage:
    name = f"override_{analysis.name}"
    while name in taken:
        name += "_"
    plain = plain_text(value) is not None
    fn = Constant(copy.deepcopy(value) if plain else value, value_identity(analysis, value), plain)
    return Stage(name, fn, (analysis,))


def _rest(stage: Stage, fixed: Collection[str]) -> Stage | None:
    """The stage without the outputs that are fixed; ``None`` if there is no other."""
    kept = tuple(place for place, item in enumerate(stage.writes) if item.name not in fixed)
    if len(kept) == len(stage.writes):
        return stage
    writes = tuple(stage.writes[place] for place in kept)
    return attrs.evolve(stage, fn=Rest(stage, kept), writes=writes, describe=None) if kept else None
