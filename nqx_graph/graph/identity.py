"""When are two functions, or two objects, the same code?

The text that this module makes goes into cache keys. Two pieces of code that could differ must never share a text; one
piece of code may have two, which costs a cache miss and nothing else.
"""

from __future__ import annotations

import abc
import functools
import hashlib
import types
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs

from nqx_graph.graph.stage import Stage
from nqx_graph.graph.tokens import object_token, plain_text

STOCK_PACKAGE = __name__.partition(".")[0]


@attrs.frozen
class Identity:
    """A text that stands for a piece of code; ``portable`` if it means the same in another process."""

    text: str
    portable: bool


class StandIn(abc.ABC):
    """A callable of the graph's own that is called in the place of other code, and answers with that code's identity."""

    __slots__ = ()

    @abc.abstractmethod
    def identity(self, version: str | None, options: Iterable[tuple[str, Any]]) -> Identity:
        """The identity of the code that it stands for."""

    def may_change(self) -> bool:
        """Whether that can become another one."""
        return False


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
    code = code_identity(stage.fn, stage.version, stage.options)
    supplied = stage.supplies.name if stage.supplies else None
    writes = tuple(item.name for item in stage.writes)
    waits = tuple(tuple(wait.stage for wait in side) for side in (stage.before, stage.after))
    return Identity(repr((stage.name, stage.reads, writes, supplied, stage.always, waits, code.text)), code.portable)


def joint(identities: Mapping[str, Identity]) -> Identity:
    """One identity for several."""
    parts = identities.values()
    return Identity(repr([part.text for part in parts]), all(part.portable for part in parts))


def code_identity(fn: Callable[..., Any], version: str | None, options: Iterable[tuple[str, Any]] = ()) -> Identity:
    """The identity of a stage's function, or of the code that it stands for."""
    if isinstance(fn, StandIn):
        return fn.identity(version, options)
    return identity(fn, version=version, options=options)


def may_change(fn: Callable[..., Any]) -> bool:
    """Whether the identity has to be asked for again: an object's is made of its attributes, and these can be set."""
    return fn.may_change() if isinstance(fn, StandIn) else not isinstance(fn, types.FunctionType)


@functools.cache
def package_digest() -> str:
    """SHA-256 of the package's own source: names and contents of its Python files, each with its length before it."""
    root = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py"), key=lambda path: path.relative_to(root).as_posix()):
        for part in (path.relative_to(root).as_posix().encode(), path.read_bytes()):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


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
