"""Is a value of a declared type? What annotations can say is looked into, container by container, entry by entry."""

from __future__ import annotations

import collections.abc
import types
import typing
from collections.abc import Mapping
from typing import Any

from nqx_graph.graph.typecheck import type_text

# PEP 484: what is declared float may be an int, and what is declared complex either
_NUMBERS: dict[Any, tuple[type, ...]] = {float: (int,), complex: (int, float)}


def mismatch(value: Any, declared: Any, at: str) -> str | None:
    """Where and how a value is not of the declared type, in words that start with the place; None if it is.

    What cannot be told from the value, like the arguments of a callable, is taken as it is.
    """
    if isinstance(declared, typing.TypeVar):
        return mismatch(value, declared.__bound__ or Any, at)
    if hasattr(declared, "__supertype__"):  # NewType
        return mismatch(value, declared.__supertype__, at)
    origin, arguments = typing.get_origin(declared), typing.get_args(declared)
    if origin in (typing.Union, types.UnionType):
        return _union(value, declared, arguments, at)
    if origin is typing.Literal:
        fits = any(type(value) is type(item) and value == item for item in arguments)
        return None if fits else f"{at} is {value!r}, not one of {', '.join(map(repr, arguments))}"
    if origin in (typing.Annotated, typing.Final, typing.ClassVar):
        return mismatch(value, arguments[0], at)
    if origin is type:
        return None if isinstance(value, type) else _not(value, declared, at)
    kind = type(None) if declared is None else origin or declared
    if kind is Any or not isinstance(kind, type) or typing.is_typeddict(kind):
        return None
    try:
        fits = isinstance(value, (kind, *_NUMBERS.get(kind, ())))
    except TypeError:
        return None  # a protocol that cannot be asked at run time
    if not fits:
        return _not(value, declared, at)
    return _entries(value, kind, arguments, at) if arguments else None


def _not(value: Any, declared: Any, at: str) -> str:
    return f"{at} is a {type(value).__name__}, not a {type_text(declared)}"


def _union(value: Any, declared: Any, arms: tuple[Any, ...], at: str) -> str | None:
    found = [mismatch(value, arm, at) for arm in arms]
    if None in found:
        return None
    # of an arm whose container fits, the entry that does not says most
    inside = [text for text in found if text is not None and not text.startswith(f"{at} is ")]
    return inside[0] if inside else _not(value, declared, at)


def _entries(value: Any, kind: type, arguments: tuple[Any, ...], at: str) -> str | None:
    if issubclass(kind, tuple):
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            pairs = [(item, arguments[0]) for item in value]
        elif len(arguments) != len(value):
            return f"{at} has {len(value)} entries, not {len(arguments)}"
        else:
            pairs = list(zip(value, arguments, strict=True))
        return _first(mismatch(item, wanted, f"{at}[{place}]") for place, (item, wanted) in enumerate(pairs))
    if issubclass(kind, Mapping) and len(arguments) == 2:
        keys = _first(mismatch(key, arguments[0], f"the key {key!r} of {at}") for key in value)
        return keys or _first(mismatch(item, arguments[1], f"{at}[{key!r}]") for key, item in value.items())
    if issubclass(kind, collections.abc.Sequence) and len(arguments) == 1:
        return _first(mismatch(item, arguments[0], f"{at}[{place}]") for place, item in enumerate(value))
    if issubclass(kind, collections.abc.Set) and len(arguments) == 1:
        return _first(mismatch(item, arguments[0], f"the entry {item!r} of {at}") for item in value)
    return None


def _first(found: collections.abc.Iterable[str | None]) -> str | None:
    return next((text for text in found if text is not None), None)
