"""Reading a bundle: strictly, every field present, none unknown, every type as it is written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from nqx_graph import strict_json
from nqx_graph.debug.bundle import FORMAT, VERSION
from nqx_graph.errors import IRFormatError, listed

_NONE = type(None)
_TEXT_OR_NONE = (str, _NONE)
_PART: Final = {"data": (dict, _NONE), "missing": _TEXT_OR_NONE}
_CODE: Final = {"name": (str,), "module": (str,), "qualname": (str,), "version": _TEXT_OR_NONE, "reads": [(str,)]}

# a dict has exactly these fields, a list of one entry is a list of such entries, a tuple lists the types
_SCHEMA: Final[dict[str, Any]] = {
    "format": (str,),
    "version": (int,),
    "written": (str,),
    "operator": {"name": _TEXT_OR_NONE, "type": (str,)},
    "ir": _PART,
    "hilbert": {"package": (str,), "shown": _TEXT_OR_NONE, **_PART},
    "options": (dict,),
    "metadata": _PART,
    "call": {"verify": (bool,), "instruments": [(str,)], "x64": (bool,), "outcome": _TEXT_OR_NONE},
    "graph": {
        "stages": [
            {
                **_CODE,
                "place": (str,),
                "options": (dict,),
                "writes": [(str,)],
                "supplies": _TEXT_OR_NONE,
                "always": (bool,),
            }
        ],
        "inputs": [(str,)],
        "targets": [(str,)],
        "inserted": [(str,)],
        "overrides": (dict,),
        "edges": [{"from": (str,), "to": (str,), "analyses": [(str,)]}],
    },
    "lowerers": [{**_CODE, "backend": (str,)}],
    "versions": (dict,),
    "failure": {
        "stage": (str,),
        "error_type": _TEXT_OR_NONE,
        "error": _TEXT_OR_NONE,
        "message": (str,),
        "traceback": [(str,)],
    },
    "report": (dict,),
}


@attrs.frozen(eq=False)
class Bundle:
    """A bundle that was read: ``bundle["failure"]["stage"]``."""

    path: Path
    data: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.data[name]


def read_bundle(path: str | os.PathLike[str]) -> Bundle:
    """The bundle in a file.

    Raises:
        OSError: if the file cannot be read. IRFormatError: if it holds anything else than a bundle of this version.
    """
    place = Path(path)
    content = place.read_bytes()
    try:
        data = strict_json.loads(content)
    except ValueError as cause:
        raise IRFormatError(f"{place} is no JSON file: {cause}.") from cause
    if isinstance(data, dict) and data.get("format") == FORMAT and data.get("version") != VERSION:
        raise IRFormatError(f"this reads bundles of version {VERSION}; {place} is of version {data.get('version')!r}.")
    _check(data, _SCHEMA, "a bundle")
    if data["format"] != FORMAT:
        raise IRFormatError(f"{place} says that its format is {data['format']!r}, not {FORMAT!r}.")
    for name, entry in data["graph"]["overrides"].items():
        _check(entry, {"shown": (str,), **_PART}, f"a bundle.graph.overrides.{name}")
    return Bundle(place, data)


def _check(data: Any, schema: Any, what: str) -> None:
    if isinstance(schema, tuple):
        if type(data) not in schema:
            wanted = " or ".join(kind.__name__ for kind in schema)
            raise IRFormatError(f"{what} must be {wanted}; it is {repr(data)[:60]}, a {type(data).__name__}.")
    elif isinstance(schema, list):
        _check(data, (list,), what)
        for place, item in enumerate(data):
            _check(item, schema[0], f"{what}[{place}]")
    else:
        _check(data, (dict,), what)
        if set(data) != set(schema):
            missing, unknown = sorted(set(schema) - set(data)), sorted(set(data) - set(schema))
            raise IRFormatError(f"{what} lacks the fields {listed(missing)} and has the unknown {listed(unknown)}.")
        for name, inner in schema.items():
            _check(data[name], inner, f"{what}.{name}")
