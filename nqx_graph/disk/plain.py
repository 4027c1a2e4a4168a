"""Kernel structures and tables as terms of JSON with arrays beside it, and back: strictly, and only classes known here.

A tuple is a list; everything else that JSON has no form for is an object of one field that says what it is. Reading makes
nothing but the classes of this list, with fields of the types that they declare.
"""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.errors import IRFormatError
from nqx_graph.ir.functions import CALL, known
from nqx_graph.ir.table import Row
from nqx_graph.kernel import fused_structure, motion, structure

_CLASSES: Final[dict[str, type]] = {
    kind.__name__: kind
    for kind in (
        Row,
        structure.Lines,
        structure.Step,
        structure.EmissionStructure,
        structure.TermStructure,
        structure.LocalStates,
        structure.Structure,
        structure.TermTables,
        structure.Tables,
        motion.Delta,
        motion.Move,
        motion.Motion,
        motion.Pattern,
        fused_structure.StreamStructure,
        fused_structure.BlockStructure,
        fused_structure.FusedStructure,
        fused_structure.StreamTables,
        fused_structure.BlockTables,
        fused_structure.FusedTables,
    )
}
_ODD_FLOATS: Final = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def to_plain(value: Any, arrays: list[NDArray[Any]]) -> Any:
    """A value in terms of JSON; its arrays are appended to ``arrays``, and numbers stand for them.

    Raises:
        IRFormatError: for a value that has no such form.
    """
    kind: Any = type(value)
    if value is None or kind in (bool, int, str):
        return value
    if kind is float:
        return value if math.isfinite(value) else {"float": repr(value)}
    if kind is complex:
        return {"complex": [to_plain(value.real, arrays), to_plain(value.imag, arrays)]}
    if kind is tuple:
        return [to_plain(item, arrays) for item in value]
    if kind is list:
        return {"list": [to_plain(item, arrays) for item in value]}
    if isinstance(value, Mapping) and all(type(key) is str for key in value):
        return {"dict": {key: to_plain(item, arrays) for key, item in value.items()}}
    if _CLASSES.get(type(value).__name__) is kind:
        return {type(value).__name__: [to_plain(getattr(value, name), arrays) for name in _fields(kind)]}
    array = np.asarray(value) if hasattr(value, "__array__") else None
    if array is None or array.dtype.kind not in "biufc":
        raise IRFormatError(f"it holds {repr(value)[:60]}, a {type(value).__name__} that has no form as data.")
    arrays.append(array)
    return {"array": len(arrays) - 1}


def from_plain(data: Any, arrays: Sequence[NDArray[Any]]) -> Any:
    """The inverse of `to_plain`.

    Raises:
        IRFormatError: for anything that it does not write.
    """
    if data is None or type(data) in (bool, int, float, str):
        return data
    if type(data) is list:
        return tuple(from_plain(item, arrays) for item in data)
    if type(data) is not dict or len(data) != 1:
        raise IRFormatError(f"an object of stored data has one field; this is {repr(data)[:60]}.")
    ((name, inner),) = data.items()
    read = _READERS.get(name)
    if read is not None:
        return read(inner, arrays)
    if name not in _CLASSES:
        raise IRFormatError(f"stored data has no objects of the kind {name[:60]!r}.")
    return _made(_CLASSES[name], inner, arrays)


def _made(kind: type, inner: Any, arrays: Sequence[NDArray[Any]]) -> Any:
    names = _fields(kind)
    if type(inner) is not list or len(inner) != len(names):
        raise IRFormatError(f"a stored {kind.__name__} has {len(names)} fields.")
    values = [from_plain(item, arrays) for item in inner]
    for name, value, fits in zip(names, values, _checks(kind), strict=True):
        if not fits(value):
            raise IRFormatError(f"the field {name!r} of a stored {kind.__name__} is {repr(value)[:60]}.")
    if kind is Row and values[0] == CALL:
        known(values[2])  # refuses a function that is not here
    return kind(*values)


def _float(inner: Any, arrays: Sequence[NDArray[Any]]) -> float:
    if type(inner) is not str or inner not in _ODD_FLOATS:
        raise IRFormatError(f"{repr(inner)[:60]} is no number that JSON lacks.")
    return _ODD_FLOATS[inner]


def _complex(inner: Any, arrays: Sequence[NDArray[Any]]) -> complex:
    parts = from_plain(inner, arrays)
    if type(parts) is not tuple or [type(part) for part in parts] != [float, float]:
        raise IRFormatError(f"a complex number has two parts; this is {repr(inner)[:60]}.")
    return complex(*parts)


def _list(inner: Any, arrays: Sequence[NDArray[Any]]) -> list[Any]:
    if type(inner) is not list:
        raise IRFormatError(f"{repr(inner)[:60]} is no list.")
    return [from_plain(item, arrays) for item in inner]


def _dict(inner: Any, arrays: Sequence[NDArray[Any]]) -> dict[str, Any]:
    if type(inner) is not dict:
        raise IRFormatError(f"{repr(inner)[:60]} is no dict.")
    return {key: from_plain(item, arrays) for key, item in inner.items()}


def _array(inner: Any, arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    if type(inner) is not int or not 0 <= inner < len(arrays):
        raise IRFormatError(f"there is no array {repr(inner)[:60]}.")
    return arrays[inner]


_READERS: Final[dict[str, Callable[[Any, Sequence[NDArray[Any]]], Any]]] = {
    "float": _float,
    "complex": _complex,
    "list": _list,
    "dict": _dict,
    "array": _array,
}


@cache
def _fields(kind: Any) -> tuple[str, ...]:
    if attrs.has(kind):
        return tuple(field.name for field in attrs.fields(kind))
    return tuple(kind._fields)  # a NamedTuple


@cache
def _checks(kind: type) -> tuple[Callable[[Any], bool], ...]:
    hints = typing.get_type_hints(kind)
    return tuple(_check(hints[name]) for name in _fields(kind))


def _check(hint: Any) -> Callable[[Any], bool]:
    """Whether a value is of a type, as far as it can be told from the annotation."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any:
        return lambda value: True
    if origin in (typing.Union, types.UnionType):
        options = [_check(arg) for arg in args]
        return lambda value: any(option(value) for option in options)
    if origin is tuple and args[-1] is Ellipsis:
        item = _check(args[0])
        return lambda value: type(value) is tuple and all(map(item, value))
    if origin is tuple:
        items = [_check(arg) for arg in args]
        return lambda value: (
            type(value) is tuple
            and len(value) == len(items)
            and all(fits(part) for fits, part in zip(items, value, strict=True))
        )
    if origin is dict:
        held = _check(args[1])
        return lambda value: type(value) is dict and all(map(held, value.values()))
    if origin is np.ndarray:
        return lambda value: isinstance(value, np.ndarray)
    return lambda value: type(value) is hint  # bool is no int here
