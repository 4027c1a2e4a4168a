"""Failure bundles: one JSON file with all that a failed compile was made of.

Each part is written if it can be, and says why where it cannot. Nothing is pickled. ``reading`` is the other direction.
"""

from __future__ import annotations

import json
import math
import os
import traceback
import types
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import attrs

from nqx_graph.environment import versions, x64_enabled
from nqx_graph.errors import IRFormatError, SymbolicCompilerError
from nqx_graph.files import spaces
from nqx_graph.graph import CallRecord, Graph, Stage, package_digest
from nqx_graph.graph.passes import ClassPass
from nqx_graph.ir.frozen import freeze_json, thaw_json

FORMAT: Final = "nqx_graph.bundle"
VERSION: Final = 1
_ODD_FLOAT: Final = "$float"  # JSON has no NaN and no infinity, and a coupling that is one is worth running again
_HINT: Final = "\n(run it again with: "
_TUPLE: Final = "$tuple"


def with_bundle(
    error: SymbolicCompilerError,
    cause: BaseException | None,
    dump_dir: str | os.PathLike[str],
    *,
    verify: bool = False,
    instruments: Iterable[Any] = (),
) -> SymbolicCompilerError:
    """Write a bundle of a failed compile; the error to raise, which says where it is.

    If the bundle cannot be written, that is noted on the error, which is otherwise what it was.

    Args:
        error: with the report of the call.
        cause: what the stage raised.
        dump_dir: a folder, made if it is not there.
        verify: whether the call was audited.
        instruments: those of the call; the bundle names them.
    """
    try:
        path = _write(Path(dump_dir), error, _bundle(error, cause, verify, instruments))
    except Exception as problem:
        error.add_note(f"No bundle could be written to {dump_dir!r}: {type(problem).__name__}: {problem}")
        return error
    sentence = error.message.partition(_HINT)[0]  # of a call that waited, without the bundle of the one waited for
    message = f"{sentence}{_HINT}python -m nqx_graph replay {path})"
    return SymbolicCompilerError(message, **{**error.facts, "bundle": str(path)})


def whereabouts(obj: Any) -> tuple[str, str]:
    """The module and the qualified name of a function, or of the class of an object.

    A function is asked where its code was compiled: ``functools.wraps`` copies names onto a wrapper.
    """
    if isinstance(obj, ClassPass):
        obj = obj.instance
    if isinstance(obj, types.FunctionType):
        return str(obj.__globals__.get("__name__", "")), obj.__code__.co_qualname
    kind = obj if isinstance(obj, type) else type(obj)
    return kind.__module__, kind.__qualname__


def type_name(obj: Any) -> str:
    """``module.qualname`` of an object's class."""
    return ".".join(whereabouts(type(obj)))


def surroundings() -> dict[str, str]:
    """The versions of all that a compile depends on, and the digest of this package's source."""
    return {**versions(), "nqx_graph source": package_digest()[:16]}


def _bundle(
    error: SymbolicCompilerError, cause: BaseException | None, verify: bool, instruments: Iterable[Any]
) -> dict[str, Any]:
    report: Any = error.facts["report"]
    stage: Any = error.facts["stage"]
    record: CallRecord = report.record
    values = record._values
    if stage != record.failed and cause is not None:
        cause = cause.__cause__ or cause  # the failure of the call that was waited for
    return {
        "format": FORMAT,
        "version": VERSION,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "operator": {"name": _name(values["operator"]), "type": type_name(values["operator"])},
        "ir": _part(lambda: _packed(_extracted(values, "ir").as_dict())),
        "hilbert": _hilbert(values),
        "options": json.loads(json.dumps(attrs.asdict(values["options"]))),
        "metadata": _part(lambda: thaw_json(freeze_json(values["metadata"]))),
        "call": {
            "verify": bool(verify),
            "instruments": [type_name(instrument) for instrument in instruments],
            "x64": x64_enabled(),
            "outcome": record.outcome,
        },
        "graph": _graph(report.graph),
        "lowerers": [_lowerer(lowerer) for lowerer in values["registry"].lowerers],
        "versions": surroundings(),
        "failure": {
            "stage": stage,
            "error_type": None if cause is None else type_name(cause),
            "error": None if cause is None else str(cause),
            "message": error.message,
            "traceback": [] if cause is None else traceback.format_exception(cause),
        },
        "report": report.to_dict(),
    }


def _part(make: Callable[[], Any]) -> dict[str, Any]:
    """Data, or why there is none."""
    try:
        data = make()
        json.dumps(data, allow_nan=False)
    except Exception as problem:
        return {"data": None, "missing": f"{type(problem).__name__}: {problem}"}
    return {"data": data, "missing": None}


def _extracted(values: Mapping[str, Any], name: str) -> Any:
    if name not in values:
        raise LookupError("the extraction failed, so that there is none")
    return values[name]


def _hilbert(values: Mapping[str, Any]) -> dict[str, Any]:
    def form() -> Any:
        space = _extracted(values, "space")
        if space.form is None:
            raise LookupError(space.no_digest_reason or f"{type(space.hilbert).__name__} has no form as data")
        return dict(space.form)

    space = values.get("space")
    return {
        "package": spaces.OWN if space is None else spaces.package_of(space.hilbert),
        "shown": None if space is None else _shown(space.hilbert),
        **_part(form),
    }


def _graph(graph: Graph) -> dict[str, Any]:
    return {
        "stages": [_stage(stage) for stage in graph.stages],
        "inputs": [item.name for item in graph.inputs],
        "targets": [item.name for item in graph.targets],
        "inserted": sorted(graph.inserted),
        "overrides": {name: _override(value) for name, value in sorted(graph.overrides.items())},
        "edges": [
            {"from": source, "to": reader, "analyses": list(analyses)}
            for source, reader, analyses in sorted(graph.network.edges(data="analyses"), key=lambda edge: edge[:2])
        ],
    }


def _override(value: Any) -> dict[str, Any]:
    return {"shown": _shown(value), **_part(lambda: {"value": _packed(value)})}


def _stage(stage: Stage) -> dict[str, Any]:
    module, qualname = whereabouts(stage.fn)
    return {
        "name": stage.name,
        "module": module,
        "qualname": qualname,
        "place": stage.place,
        "version": stage.version,
        "options": {name: _shown(value) for name, value in stage.options},
        "reads": list(stage.reads),
        "writes": [item.name for item in stage.writes],
        "supplies": stage.supplies.name if stage.supplies else None,
        "always": stage.always,
    }


def _lowerer(lowerer: Any) -> dict[str, Any]:
    module, qualname = whereabouts(lowerer)
    version = getattr(lowerer, "version", None)
    return {
        "name": str(lowerer.name),
        "backend": str(lowerer.backend),
        "module": module,
        "qualname": qualname,
        "version": None if version is None else str(version),
        "reads": [str(name) for name in getattr(lowerer, "reads", ())],
    }


def _name(operator: Any) -> str | None:
    name = getattr(operator, "name", None)
    return name if isinstance(name, str) else None


def _shown(value: Any) -> str:
    try:
        return repr(value)
    except Exception as problem:
        return f"<a {type(value).__name__} whose repr raised {type(problem).__name__}>"


def _packed(data: Any) -> Any:
    """Plain data in terms of JSON, nothing lost; `unpacked` is the inverse."""
    if isinstance(data, float) and not math.isfinite(data):
        return {_ODD_FLOAT: repr(data)}
    if data is None or type(data) in (bool, int, float, str):
        return data
    if type(data) is list:
        return [_packed(item) for item in data]
    if type(data) is tuple:
        return {_TUPLE: [_packed(item) for item in data]}
    if type(data) is dict and all(type(key) is str and key not in (_ODD_FLOAT, _TUPLE) for key in data):
        return {key: _packed(item) for key, item in data.items()}
    raise IRFormatError(f"it holds {_shown(data)[:60]}, a {type(data).__name__} that a bundle has no form for")


def unpacked(data: Any) -> Any:
    """The data that `_packed` was given."""
    if isinstance(data, list):
        return [unpacked(item) for item in data]
    if isinstance(data, dict):
        if set(data) == {_ODD_FLOAT} and data[_ODD_FLOAT] in ("nan", "inf", "-inf"):
            return float(data[_ODD_FLOAT])
        if set(data) == {_TUPLE} and isinstance(data[_TUPLE], list):
            return tuple(unpacked(item) for item in data[_TUPLE])
        return {key: unpacked(item) for key, item in data.items()}
    return data


def _write(folder: Path, error: SymbolicCompilerError, bundle: dict[str, Any]) -> Path:
    """Write under a name that no other bundle has; a reader sees the whole file or none."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(bundle, allow_nan=False, indent=1)
    stem = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{str(error.facts['stage'])[:40]}-{uuid.uuid4().hex[:12]}"
    path = (folder / f"{stem}.json").absolute()
    temporary = path.with_suffix(".part")
    # readable as the umask says; a name that is taken is refused
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    return path
