"""From a bundle back to what was compiled: IR, space, options, graph, lowerers. What cannot be found is named."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs

from nqx_graph.debug.bundle import unpacked, whereabouts
from nqx_graph.debug.reading import Bundle
from nqx_graph.errors import BundleError, IRFormatError, NqxError, OptionError, OptionTypeError, listed
from nqx_graph.files import spaces
from nqx_graph.graph import Analysis, Graph, Stage
from nqx_graph.ir.serial import operator_from_dict
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.lowering import SymbolicLowererRegistry
from nqx_graph.options import SymbolicCompilerOptions
from nqx_graph.stages import analyses as vocabulary
from nqx_graph.stages import default_graph


@attrs.frozen(eq=False)
class Rebuilt:
    """All that a compile is given. ``remarks`` say where it is not what the bundle was written with."""

    ir: SymbolicOperatorIR
    hilbert: Any
    options: SymbolicCompilerOptions
    metadata: dict[str, Any]
    graph: Graph
    registry: SymbolicLowererRegistry
    remarks: tuple[str, ...]


def rebuild(
    bundle: Bundle, hilbert: Any, stages: Iterable[Stage], lowerers: Iterable[Any], overrides: Mapping[str, Any]
) -> Rebuilt:
    """What the bundle describes; what is given is taken in place of what the bundle says.

    Raises:
        IRFormatError: if a part is not in the form in which it is written.
        BundleError: listing all that the bundle does not hold and that cannot be found here.
    """
    lacks: list[str] = []
    remarks: list[str] = []
    ir, space = _ir(bundle, lacks), _hilbert(bundle, lacks) if hilbert is None else hilbert
    metadata = bundle["metadata"]
    if metadata["data"] is None:
        remarks.append(f"the metadata is not in the bundle ({metadata['missing']}); it is empty here.")
    own_stages, own_lowerers = {item.name: item for item in stages}, {item.name: item for item in lowerers}
    nodes = [_found("stage", entry, own_stages, _stage_of, lacks) for entry in bundle["graph"]["stages"]]
    asked = [_found("lowerer", entry, own_lowerers, _lowerer_of, lacks) for entry in bundle["lowerers"]]
    fixed = {name: _override(name, entry, overrides, lacks) for name, entry in bundle["graph"]["overrides"].items()}
    if lacks or ir is None:
        raise BundleError(
            f"{bundle.path} cannot be run again here: {' '.join(lacks)}", missing=tuple(lacks), path=str(bundle.path)
        )
    for node, entry in zip(nodes, bundle["graph"]["stages"], strict=True):
        remarks += _changes(node, entry)
    graph = _graph(bundle, nodes, fixed)
    registry = SymbolicLowererRegistry(tuple(asked))  # before the options, which may name a backend of theirs
    return Rebuilt(ir, space, _options(bundle["options"]), metadata["data"] or {}, graph, registry, tuple(remarks))


def _ir(bundle: Bundle, lacks: list[str]) -> SymbolicOperatorIR | None:
    part = bundle["ir"]
    if part["data"] is None:
        lacks.append(f"it holds no IR ({part['missing']}), so there is nothing to compile.")
        return None
    return operator_from_dict(unpacked(part["data"]), rules=False)


def _hilbert(bundle: Bundle, lacks: list[str]) -> Any:
    part, package = bundle["hilbert"], bundle["hilbert"]["package"]
    if part["data"] is None:
        lacks.append(
            f"the Hilbert space {part['shown']} is not in it ({part['missing']}): give it, as in "
            "nqx_graph.debug.replay(path, hilbert=...)."
        )
        return None
    try:
        return spaces.from_form(package, part["data"])
    except ImportError as error:
        lacks.append(f"the Hilbert space {part['shown']} is one of {package}, which cannot be imported here ({error}).")
        return None


def _options(data: dict[str, Any]) -> SymbolicCompilerOptions:
    known = [field.name for field in attrs.fields(SymbolicCompilerOptions)]
    if set(data) != set(known):
        raise IRFormatError(f"the options of a compile are {listed(known)}; the bundle has {listed(sorted(data))}.")
    try:
        return SymbolicCompilerOptions(**data)
    except (OptionError, OptionTypeError) as error:
        raise IRFormatError(f"the bundle has an option that does not exist: {error}") from error


def _found(
    what: str, entry: dict[str, Any], given: dict[str, Any], look: Callable[[dict[str, Any]], Any], lacks: list[str]
) -> Any:
    if entry["name"] in given:
        return given[entry["name"]]
    try:
        return look(entry)
    except Exception as error:
        # importing a module may raise anything
        where = f"{entry['module']}.{entry['qualname']}"
        place = f", {entry['place']}" if "place" in entry else ""
        lacks.append(
            f"the {what} {entry['name']!r} ({where}{place}) cannot be imported: {type(error).__name__}: {error}. Give it, "
            f"as in nqx_graph.debug.replay(path, {what}s=[...])."
        )
        return None


def _stage_of(entry: dict[str, Any]) -> Stage:
    home = (entry["module"], entry["qualname"])
    for item in _candidates(entry):
        if isinstance(item, Stage) and item.name == entry["name"] and whereabouts(item.fn) == home:
            return item
    raise LookupError("the module has no such stage")


def _lowerer_of(entry: dict[str, Any]) -> Any:
    home = (entry["module"], entry["qualname"])
    for item in _candidates(entry):
        if (
            isinstance(item, type)
            and whereabouts(item) == home
            and hasattr(item, "supports")
            and hasattr(item, "lower")
        ):
            made = item()
            if getattr(made, "name", None) == entry["name"]:
                return made
        elif whereabouts(item) == home and getattr(item, "name", None) == entry["name"]:
            return item
    raise LookupError("the module has no such lowerer")


def _candidates(entry: dict[str, Any]) -> list[Any]:
    """What may be it: all that the module holds under its own names, what has the right name last."""
    module = entry["module"]
    if not all(part.isidentifier() for part in module.split(".")):
        raise LookupError(f"{module!r} is no name of a module")
    held = dict(vars(importlib.import_module(module)))
    named = held.pop(entry["qualname"], None)
    return [*held.values(), named]


def _override(name: str, entry: dict[str, Any], given: Mapping[str, Any], lacks: list[str]) -> Any:
    if name in given:
        return given[name]
    if entry["data"] is None:
        lacks.append(
            f"the value {entry['shown'][:60]} that {name!r} was fixed to is not in it ({entry['missing']}): give it, as in "
            f"nqx_graph.debug.replay(path, overrides={{{name!r}: ...}})."
        )
        return None
    return unpacked(entry["data"].get("value"))


def _changes(node: Stage, entry: dict[str, Any]) -> list[str]:
    now = {
        "version": node.version,
        "options": {name: repr(value) for name, value in node.options},
        "writes": [item.name for item in node.writes],
        "always": node.always,
    }
    return [
        f"the stage {node.name!r} has other {name} now: {value!r}; the bundle was written with {entry[name]!r}."
        for name, value in now.items()
        if value != entry[name]
    ]


def _graph(bundle: Bundle, nodes: list[Stage], overrides: dict[str, Any]) -> Graph:
    described = bundle["graph"]
    known = {item.name: item for item in vars(vocabulary).values() if isinstance(item, Analysis)}
    known |= {item.name: item for node in nodes for item in node.writes}
    unknown = sorted({*described["inputs"], *described["targets"]} - set(known))
    if unknown:
        raise BundleError(
            f"{bundle.path} cannot be run again here: no stage declares {listed(unknown)}.", missing=tuple(unknown)
        )
    inputs, targets = ([known[name] for name in described[kind]] for kind in ("inputs", "targets"))
    try:
        return attrs.evolve(
            default_graph(),
            stages=nodes,
            inputs=inputs,
            targets=targets,
            inserted=described["inserted"],
            overrides=overrides,
        )
    except NqxError as error:
        raise BundleError(
            f"{bundle.path} cannot be run again here, because its stages make no graph any more: {error}", missing=()
        ) from error
