"""JSON as the standard has it: no bare NaN or infinity, every field of an object once, no nesting beyond reading."""

from __future__ import annotations

import json
from typing import Any, NoReturn


def loads(text: bytes | str) -> Any:
    """What the text says.

    Raises:
        ValueError: if it is anything else than JSON.
    """
    try:
        return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_each_once)
    except RecursionError as problem:
        raise ValueError("it is nested too deep") from problem


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"it has a bare {name}")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("it gives a field twice in one object")
    return made
