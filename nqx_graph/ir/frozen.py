"""A dictionary that cannot change, for the free-form parts of the IR."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nqx_graph.errors import IRFormatError


class FrozenDict(Mapping[str, Any]):
    """An immutable mapping with text keys; it pickles and prints like a dict."""

    __slots__ = ("_items",)
    _items: dict[str, Any]

    def __init__(self, items: Mapping[str, Any] | None = None) -> None:
        object.__setattr__(self, "_items", dict(items or {}))

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a FrozenDict cannot change; {name!r} was to be set")

    def __getitem__(self, key: str) -> Any:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return repr(self._items)

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenDict, (self._items,)


def freeze_json(value: Any, where: str = "metadata", depth: int = 0) -> Any:
    """A JSON-safe value with every container made immutable.

    Raises:
        IRFormatError: for anything JSON has no form for, a key that is not text, or nesting beyond 32.
    """
    if depth > 32:
        raise IRFormatError(f"{where} is nested more than 32 deep; keep it flatter.")
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float) and value - value == 0:
        return value
    if isinstance(value, list | tuple):
        return tuple(freeze_json(item, where, depth + 1) for item in value)
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return FrozenDict({key: freeze_json(value[key], where, depth + 1) for key in sorted(value)})
    raise IRFormatError(
        f"{where} holds {value!r}, a {type(value).__name__}; give text, finite numbers, booleans, None, "
        "and lists or text-keyed dicts of these."
    )


def thaw_json(value: Any) -> Any:
    """The plain lists and dicts of what `freeze_json` made."""
    if isinstance(value, Mapping):
        return {key: thaw_json(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [thaw_json(item) for item in value]
    return value
