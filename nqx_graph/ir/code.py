"""A text for what a function does, made of its code: equal texts, equal code.

The text holds the compiled code of a function, what it closes over, its defaults, and what it names beside it in its
module: numbers, arrays, and the code of functions. What comes from other modules goes by its name; whoever registers code
that stands on such answers with a version.
"""

from __future__ import annotations

import functools
import hashlib
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nqx_graph.graph.tokens import plain_text

Seen = list[Any]  # objects whose text was begun: they name each other in circles
_LIBRARIES = ("builtins", "cmath", "jax", "jaxlib", "math", "numpy", "scipy")  # what they hold goes by its name


def code_digest(*parts: Any) -> str:
    """SHA-256, in hex, of the texts of functions and values. Comments, file names and line numbers are no part of it."""
    seen: Seen = []
    return hashlib.sha256(repr([_text(part, seen) for part in parts]).encode()).hexdigest()


def _text(value: Any, seen: Seen) -> str:
    plain = plain_text(value)
    if plain is not None:
        return plain
    if isinstance(value, types.FunctionType):
        return _function(value, seen)
    if isinstance(value, types.CodeType):
        return _code(value, seen)
    if isinstance(value, types.MethodType):
        return f"method {_text((value.__func__, value.__self__), seen)}"
    if isinstance(value, functools.partial):
        return f"partial {_text((value.func, value.args, value.keywords), seen)}"
    if isinstance(value, tuple | list):
        return f"{type(value).__name__} {[_text(item, seen) for item in value]}"
    if isinstance(value, dict):
        return f"dict {[(_text(key, seen), _text(item, seen)) for key, item in value.items()]}"
    if isinstance(value, frozenset | set):  # in an order that no hash seed changes
        return f"set {sorted(_text(item, seen) for item in value)}"
    if hasattr(value, "__array__"):
        array = np.asarray(value)
        return f"array {array.dtype.str} {array.shape} {hashlib.sha256(array.tobytes()).hexdigest()}"
    return _object(value, seen)


def _object(value: Any, seen: Seen) -> str:
    """The name of what has one in a library; else the name with all that is held."""
    owner = getattr(value, "__self__", None)  # of a method that is written in C
    bound = owner is not None and not isinstance(owner, types.ModuleType)
    if isinstance(value, types.ModuleType | type) or (
        _of_library(value) and hasattr(value, "__qualname__") and not bound
    ):
        return _named(value)
    held = [
        getattr(value, "__wrapped__", None),
        owner if bound else None,
    ]  # of jax.jit and functools.cache, of a method
    if not hasattr(value, "__qualname__"):
        held.append(getattr(value, "__dict__", None))
    return _once(value, seen, lambda: f"{_named(value)} {_text(held, seen)}")


def _once(value: Any, seen: Seen, text: Callable[[], str]) -> str:
    """The text; where it was begun before, the place of that."""
    for place, known in enumerate(seen):
        if known is value:
            return f"the same as {place}"
    seen.append(value)
    return text()


def _named(value: Any) -> str:
    """Module and name. A function is asked where its code was compiled: ``functools.wraps`` gives it another's name."""
    if isinstance(value, types.ModuleType):
        return f"module {value.__name__}"
    if isinstance(value, types.FunctionType):
        return f"{value.__globals__.get('__name__')}.{value.__code__.co_qualname}"
    kind = type(value)
    name = getattr(value, "__qualname__", None) or f"{kind.__qualname__} {getattr(value, '__name__', '')}"
    return f"{getattr(value, '__module__', None) or kind.__module__}.{name}"


def _of_library(value: Any) -> bool:
    if isinstance(value, types.FunctionType):
        module = value.__globals__.get("__name__")
    elif hasattr(value, "__wrapped__"):
        return _of_library(value.__wrapped__)
    else:
        module = getattr(value, "__module__", None) or type(value).__module__
    return str(module).partition(".")[0] in _LIBRARIES


def _function(function: types.FunctionType, seen: Seen) -> str:
    if _of_library(function):
        return _named(function)
    code, module = function.__code__, function.__globals__
    used = sorted({name for part in _codes(code) for name in part.co_names} & set(module))
    cells = [_cell(cell) for cell in function.__closure__ or ()]
    held = (cells, function.__defaults__, function.__kwdefaults__)

    def text() -> str:
        beside = [(name, _beside(module[name], module, seen)) for name in used]
        return f"function {_code(code, seen)} {_text(held, seen)} {beside}"

    return _once(function, seen, text)


def _beside(value: Any, module: dict[str, Any], seen: Seen) -> str:
    """What a function names in its module; functions of other modules by their names."""
    function = getattr(value, "__wrapped__", value)
    return _text(value, seen) if getattr(function, "__globals__", module) is module else _named(value)


def _cell(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return "empty"


def _code(code: types.CodeType, seen: Seen) -> str:
    counts = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags)
    names = (code.co_names, code.co_varnames, code.co_freevars)
    return f"code {code.co_code.hex()} {counts} {names} {_text(code.co_consts, seen)}"


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """The code, and that of the functions inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)
