"""Does a parameter's annotation accept the values of an analysis?

A stage is refused only when the two types certainly disagree: what cannot be resolved or compared is accepted.
"""

from __future__ import annotations

import contextlib
import inspect
import types
import typing
from collections.abc import Callable
from typing import Any

# PEP 484: an annotation `float` accepts int, and `complex` accepts both.
_NUMBERS: dict[Any, tuple[type, ...]] = {float: (int,), complex: (int, float)}


def annotations_of(fn: Callable[..., Any]) -> dict[str, Any]:
    """The annotations of a function's parameters that can be resolved, each on its own."""
    fn = inspect.unwrap(fn)
    if not inspect.isfunction(fn):
        return {}
    inside = {}
    for name, cell in zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True):
        # A cell is empty until its name is assigned to.
        with contextlib.suppress(ValueError):
            inside[name] = cell.cell_contents
    resolved = {}
    for name, annotation in inspect.get_annotations(fn).items():
        holder = types.SimpleNamespace(__annotations__={name: annotation})
        try:
            resolved[name] = typing.get_type_hints(holder, fn.__globals__, inside)[name]
        except Exception:
            # An annotation may name what exists only for a type checker, and may raise anything when evaluated.
            continue
    return resolved


def accepts(annotation: Any, declared: Any) -> bool:
    """Whether a parameter annotated so takes a value declared so."""
    if annotation is Any or annotation is object or declared is Any or annotation == declared:
        return True
    if _is_union(declared):
        return all(accepts(annotation, arm) for arm in typing.get_args(declared))
    if _is_union(annotation):
        return any(accepts(arm, declared) for arm in typing.get_args(annotation))
    wanted, given = typing.get_origin(annotation) or annotation, typing.get_origin(declared) or declared
    wanted, given = (type(None) if item is None else item for item in (wanted, given))
    if not isinstance(wanted, type) or not isinstance(given, type):
        return True
    try:
        return issubclass(given, (wanted, *_NUMBERS.get(wanted, ())))
    except TypeError:
        return True


def type_text(kind: Any) -> str:
    """A type as a person writes it."""
    return kind.__qualname__ if isinstance(kind, type) and not typing.get_args(kind) else str(kind)


def _is_union(kind: Any) -> bool:
    return typing.get_origin(kind) in (typing.Union, types.UnionType)
