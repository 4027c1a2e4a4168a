"""What can be wrong with an override: one small function for each kind of fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nqx_graph.errors import nearest
from nqx_graph.graph.faults import Draft, Fault, at
from nqx_graph.graph.override import value_identity
from nqx_graph.graph.typecheck import accepts, type_text


def unknown_override(draft: Draft) -> Iterator[Fault]:
    known = {*draft.wiring.writer, *draft.wiring.inputs}
    for name in draft.overrides:
        if name not in known:
            yield Fault(
                "unknown override",
                f"The override of {name!r} fixes what is not there: no stage writes it.{nearest(name, known)} Name an "
                "analysis that a stage of the graph writes.",
            )


def fixed_input(draft: Draft) -> Iterator[Fault]:
    for name in draft.overrides:
        if name in draft.wiring.inputs:
            yield Fault(
                "fixed input",
                f"The override of {name!r} fixes what each call gives. Give the value to the call instead.",
            )


def fixed_key(draft: Draft) -> Iterator[Fault]:
    key = draft.wiring.key
    for item in key.writes if key else ():
        if key and item.name in draft.overrides:
            yield Fault(
                "fixed key",
                f"The override of {item.name!r} fixes the key that {at(key)} derives, so that all artifacts would "
                "share it. Remove the gate to run without a cache, or replace the stage.",
                (key.name,),
            )


def fixed_supply(draft: Draft) -> Iterator[Fault]:
    gate, supplied = draft.wiring.gate, draft.wiring.supplied
    if gate and supplied in draft.overrides:
        yield Fault(
            "fixed supply",
            f"The override of {supplied!r} fixes what the gate, {at(gate)}, supplies, so that a hit would undo it. "
            "Override what it is made of, or remove the gate as well.",
            (gate.name,),
        )


def wrong_value(draft: Draft) -> Iterator[Fault]:
    for name, value in draft.overrides.items():
        if name not in draft.wiring.writer:
            continue
        analysis, maker = draft.wiring.analyses[name], draft.wiring.stages[draft.wiring.writer[name]]
        if not accepts(analysis.type, type(value)):
            said = f"is a {type_text(type(value))}, but the analysis, written by {at(maker)}, is a {type_text(analysis.type)}"
        else:
            try:
                value_identity(analysis, value)
                continue
            except Exception as error:
                said = f"has no digest: {error!r} was raised by the digest= of the analysis, written by {at(maker)}"
        yield Fault("wrong value", f"The override of {name!r} {said}. Give a value as that stage would.", (maker.name,))


OVERRIDES: tuple[Callable[[Draft], Iterator[Fault]], ...] = (
    unknown_override,
    fixed_input,
    fixed_key,
    fixed_supply,
    wrong_value,
)
