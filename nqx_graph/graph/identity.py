"""When are two functions, or two objects, the same code?

The text that this module makes goes into cache keys. Two pieces of code that could differ must never share a text; one
piece of code may have two, which costs a cache miss and nothing else.
"""

from __future__ import annotations

import enum
import functools
import hashlib
import itertools
import os
import threading
import types
import uuid
import weakref
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs

from nqx_graph.graph.stage import Stage

STOCK_PACKAGE = __name__.partition(".")[0]
_PROCESS = uuid.uuid4().hex
_COUNTER = itertools.count(1)
_TOKENS: dict[int, tuple[Callable[[], object], str]] = {}
# Reentrant: collecting an object while the lock is held runs the callback that forgets it.
_LOCK = threading.RLock()


@attrs.frozen
class Identity:
    """A text that stands for a piece of code; ``portable`` if it means the same in another process."""

    text: str
    portable: bool


def identity(
    obj: Any, *, version: str | None = None, options: Mapping[str, Any] | Iterable[tuple[str, Any]] = ()
) -> Identity:
    """The identity of a function, a class, or an object such as a lowerer.

    It is made of the module and the qualified name, the version, the options, and the plain values that a closure or
    an instance holds. Without a version, code of this package is identified by the digest of the package's source,
    and any other by being this very object in this process.

    Args:
        obj: a function, stage, class or instance; an instance's ``version`` attribute is used if ``version`` is not given.
        version: the author's word that the code is the same wherever this text is.
        options: what configures it.
    """
    if isinstance(obj, Stage):
        return stage_identity(obj)
    if version is None and not isinstance(obj, types.FunctionType):
        found = getattr(obj, "version", None)
        version = str(found) if isinstance(found, str | int) else None
    module, qualname, state = _whereabouts(obj)
    held = [(name, plain_text(value)) for name, value in state]
    # With a version, the author answers for what is held and has no text.
    texts = [item for item in held if item[1] is not None]
    configured, portable = _configured(options.items() if isinstance(options, Mapping) else options)
    if version is not None:
        how = f"version {version!r}"
    elif module.partition(".")[0] == STOCK_PACKAGE and texts == held:
        how = f"source {package_digest()}"
    else:
        how, portable = f"object {object_token(obj)}", False
    return Identity(repr((module, qualname, how, configured, texts)), portable)


def stage_identity(stage: Stage) -> Identity:
    """The identity of a stage: that of its function, and what the graph was told of it."""
    code = identity(stage.fn, version=stage.version, options=stage.options)
    supplied = stage.supplies.name if stage.supplies else None
    writes = tuple(item.name for item in stage.writes)
    return Identity(repr((stage.name, stage.reads, writes, supplied, stage.always, code.text)), code.portable)


@functools.cache
def package_digest() -> str:
    """SHA-256 of the package's own source: names and contents of its Python files, each with its length before it."""
    root = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py"), key=lambda path: path.relative_to(root).as_posix()):
        for part in (path.relative_to(root).as_posix().encode(), path.read_bytes()):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def object_token(obj: Any) -> str:
    """A text for this very object, never given to another one, in this process or elsewhere."""
    key = id(obj)
    with _LOCK:
        known = _TOKENS.get(key)
        if known is not None and known[0]() is obj:
            return known[1]
        # The process number tells a forked child, which inherits the rest, from its parent.
        token = f"{_PROCESS}-{os.getpid()}-{next(_COUNTER)}"
        _TOKENS[key] = (_reference(obj, key), token)
        return token


def _reference(obj: Any, key: int) -> Callable[[], object]:
    try:
        return weakref.ref(obj, lambda _: _TOKENS.pop(key, None))
    except TypeError:
        # What cannot be referenced weakly is kept for good, so that its id is never another object's.
        return lambda: obj


def _whereabouts(obj: Any) -> tuple[str, str, Iterable[tuple[str, Any]]]:
    """Module and qualified name of the code, and the named values that it holds.

    A function is asked where its code was compiled, not what it says of itself: ``functools.wraps`` copies
    ``__module__`` and ``__qualname__`` onto the wrapper.
    """
    if isinstance(obj, types.FunctionType):
        module = str(obj.__globals__.get("__name__", ""))
        return module, obj.__code__.co_qualname, _closure(obj)
    if isinstance(obj, type):
        return obj.__module__, obj.__qualname__, ()
    kind = type(obj)
    return kind.__module__, kind.__qualname__, _attributes(obj)


def _closure(fn: types.FunctionType) -> list[tuple[str, Any]]:
    cells = zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True)
    held = [(name, _content(cell)) for name, cell in cells]
    return [*held, ("__defaults__", fn.__defaults__), ("__kwdefaults__", fn.__kwdefaults__)]


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        # A cell that is still empty will be filled with something unknown: nothing plain.
        return cell


def _attributes(obj: Any) -> list[tuple[str, Any]]:
    held = dict(getattr(obj, "__dict__", {}))
    for kind in type(obj).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__"):
                held[name] = getattr(obj, name, None)
    return sorted(held.items())


def _configured(items: Iterable[tuple[str, Any]]) -> tuple[list[tuple[str, str]], bool]:
    """Options as texts, and whether all of them are plain: an option that is not plain is this very object."""
    texts = [(name, value, plain_text(value)) for name, value in items]
    return [(n, object_token(v) if t is None else t) for n, v, t in texts], all(t is not None for _, _, t in texts)


def plain_text(value: Any) -> str | None:
    """A text that equal plain data share and different data do not; ``None`` for anything else."""
    if value is None or type(value) in (bool, int, float, complex, str, bytes):
        return f"{type(value).__name__} {value!r}"
    if isinstance(value, enum.Enum):
        return f"{type(value).__module__}.{type(value).__qualname__}.{value.name} {plain_text(value.value)}"
    if type(value) in (tuple, list):
        parts = [plain_text(item) for item in value]
    elif type(value) is dict:
        parts = [plain_text(item) for item in value.items()]
    else:
        return None
    return None if None in parts else f"{type(value).__name__} {parts!r}"
