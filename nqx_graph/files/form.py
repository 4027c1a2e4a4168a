"""The bytes of an operator's file: JSON with a format, a version, what it holds, and SHA-256 of all that.

The digest is that of the data, not of how it is laid out: a file that was indented anew is the same file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from nqx_graph import strict_json
from nqx_graph.environment import VERSION as PACKAGE
from nqx_graph.errors import IRFormatError, listed

FORMAT: Final = "nqx_graph.operator"
VERSION: Final = 1
_HELD: Final = ("hilbert", "ir")
_FIELDS: Final = ("format", "version", "written_by", *_HELD, "sha256")


def pack(held: Mapping[str, Any]) -> bytes:
    """The file of a Hilbert space and an IR as data, one field a line; the same bytes for the same data.

    Raises:
        ValueError: for data that JSON has no form for.
    """
    data = {"format": FORMAT, "version": VERSION, "written_by": f"nqx_graph {PACKAGE}", **held}
    data["sha256"] = _digest(data)
    lines = [f"{json.dumps(name)}: {json.dumps(value, allow_nan=False)}" for name, value in data.items()]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode("ascii")


def unpack(content: bytes, path: str) -> dict[str, Any]:
    """The Hilbert space and the IR as data.

    Raises:
        IRFormatError: if the bytes are anything else than an undamaged file of this version.
    """
    try:
        data = strict_json.loads(content)
    except ValueError as problem:
        raise IRFormatError(f"{path} is no operator that save() wrote: {problem}.", path=path) from problem
    _check_version(data, path)
    if set(data) != set(_FIELDS):
        raise IRFormatError(f"{path} must have {listed(_FIELDS)}; it has {listed(data)}.", path=path)
    stated = data.pop("sha256")
    try:
        found = _digest(data)
    except (ValueError, RecursionError) as problem:
        raise IRFormatError(f"{path} is damaged: {problem}.", path=path) from problem
    if stated != found:
        raise IRFormatError(
            f"{path} is damaged, or was changed by hand: its SHA-256 is not the one that it states. Save the operator anew.",
            path=path,
        )
    return {name: data[name] for name in _HELD}


def _check_version(data: Any, path: str) -> None:
    form = data.get("format") if isinstance(data, dict) else None
    if form != FORMAT:
        raise IRFormatError(
            f"{path} is no operator that save() wrote: its format is {form!r}, not {FORMAT!r}.", path=path
        )
    version = data.get("version")
    if type(version) is int and version > VERSION:
        raise IRFormatError(
            f"{path} was written by {str(data.get('written_by', 'a later nqx_graph'))[:60]} in version {version} of the "
            f"format, and this nqx_graph {PACKAGE} reads version {VERSION}; upgrade nqx_graph to load it.",
            path=path,
        )
    if type(version) is not int or version != VERSION:
        raise IRFormatError(f"{path} is damaged: there is no version {repr(version)[:60]} of the format.", path=path)


def _digest(data: Mapping[str, Any]) -> str:
    text = json.dumps(data, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
