"""What a value holds at this moment, so that it can be told later, or elsewhere, whether it holds the same.

A snapshot is a tree of digests, so that a difference has a place: ``metadata['run'][3]``. What counts is content. Two
dicts are the same in whatever order they were filled, arrays are compared by dtype, shape and bytes, functions by
their code and what they close over, an object by what it says of itself when copied (``__reduce_ex__``). What was
computed and kept on the way, a ``cached_property`` or a private attribute that was empty, is not content. Of a value
that says nothing, like an open file, only its identity is known, and the snapshot says so.
"""

from __future__ import annotations

import enum
import functools
import hashlib
import threading
import types
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs
import jax
import jax.numpy as jnp
import numpy as np

from nqx_graph.errors import NqxError
from nqx_graph.graph import CallRecord, Graph
from nqx_graph.ir.encode import encode
from nqx_graph.ir.frozen import FrozenDict
from nqx_graph.ir.stored import Expr
from nqx_graph.space import ADAPTERS, view

_LONG = 64  # a container of more parts has one digest for all of them: a difference is then placed at the container
_PLAIN = (bool, int, float, complex, str, bytes, type(None))
_LOCKS = tuple(
    {type(make()) for make in (threading.Lock, threading.RLock, threading.Condition, threading.Event, threading.local)}
)
# observers and the machinery itself: told apart by identity, and nothing that a stage computes
_SAME_OBJECT = (CallRecord, Graph, types.ModuleType, type, types.BuiltinFunctionType, jax.core.Tracer)


@attrs.frozen(eq=False)
class Snapshot:
    """What a value held.

    Attributes:
        kind: the type of the value.
        content: a digest of what it holds itself, parts aside.
        parts: what it holds, by how a person would write the way to it (``['a']``, ``[0]``, ``.name``).
        known_by: the identity of a value that says nothing of its content, else None.
        digest: of the whole; what is known by identity counts by its type.
        told: whether nothing in it is known by identity.
    """

    kind: str
    content: bytes = b""
    parts: Mapping[str, Snapshot] = attrs.field(factory=dict)
    known_by: int | None = None
    digest: bytes = attrs.field(init=False)
    told: bool = attrs.field(init=False)

    @digest.default
    def _digest(self) -> bytes:
        return _hash(self.kind.encode(), self.content, *_hashes(self.parts))

    @told.default
    def _told(self) -> bool:
        return self.known_by is None and all(part.told for part in self.parts.values())

    def unknown(self, at: str) -> list[str]:
        """Where the values are that are known by identity only, each once."""
        found, waiting, seen = [], [(at, self)], set()
        while waiting:
            at, part = waiting.pop()
            if part.told or id(part) in seen:
                continue
            seen.add(id(part))
            found += [] if part.known_by is None else [f"{at} (a {part.kind})"]
            waiting += [(at + label, inner) for label, inner in part.parts.items()]
        return found

    def changed(self, later: Snapshot, at: str) -> str | None:
        """Where the same object holds something else later; None if nowhere."""
        return _difference(self, later, at, True, set())

    def differs(self, other: Snapshot, at: str) -> str | None:
        """Where another object holds something else; None if nowhere. Values known by identity only have but a type."""
        return _difference(self, other, at, False, set())


def snapshot(value: Any) -> Snapshot:
    """What a value holds now."""
    try:
        return _Walk().of(value)
    except RecursionError:
        return _by_identity(value)


def _difference(a: Snapshot, b: Snapshot, at: str, identity: bool, same: set[tuple[int, int]]) -> str | None:
    """The first place at which two snapshots differ; ``same`` are the pairs that are known not to."""
    if (id(a), id(b)) in same or (a.digest == b.digest and (a.told or not identity)):
        return None
    if a.kind != b.kind or a.content != b.content or (identity and a.known_by != b.known_by):
        return at
    for label in dict.fromkeys((*a.parts, *b.parts)):
        one, other = a.parts.get(label), b.parts.get(label)
        private = label.startswith("._")
        if one is None or other is None:
            # a private attribute that appears was computed on the way
            found = None if private and one is None else at + label
        else:
            found = None if private and _unset(one) else _difference(one, other, at + label, identity, same)
        if found is not None:
            return found
    same.add((id(a), id(b)))
    return None


def _unset(part: Snapshot) -> bool:
    return part.kind == "NoneType"


def _hashes(parts: Mapping[str, Snapshot]) -> Iterator[bytes]:
    for label, part in parts.items():
        yield from (label.encode("utf-8", "surrogatepass"), part.digest)


def _hash(*parts: bytes) -> bytes:
    made = hashlib.sha256()
    for part in parts:
        made.update(len(part).to_bytes(8, "little") + part)
    return made.digest()


def _kind(value: Any) -> str:
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


class _Walk:
    """One walk over a value. An object met twice is walked once, one that holds itself is cut where it closes."""

    def __init__(self) -> None:
        # the objects are kept so that no other takes their id while the walk lasts
        self._done: dict[int, tuple[Any, Snapshot]] = {}
        self._open: dict[int, int] = {}

    def of(self, value: Any) -> Snapshot:
        if type(value) in _PLAIN:
            return Snapshot(_kind(value), encode(value))
        key = id(value)
        if key in self._done:
            return self._done[key][1]
        if key in self._open:
            return Snapshot("circle", str(len(self._open) - self._open[key]).encode())
        self._open[key] = len(self._open)
        try:
            made = self._compound(value)
        except RecursionError:
            raise
        except Exception:
            # a value may refuse anything, like an array whose buffer was given away
            made = _by_identity(value)
        finally:
            del self._open[key]
        self._done[key] = (value, made)
        return made

    def _compound(self, value: Any) -> Snapshot:
        kind = type(value)
        if isinstance(value, _SAME_OBJECT):
            return Snapshot(_kind(value), str(id(value)).encode())
        if isinstance(value, _LOCKS):
            return Snapshot(_kind(value))
        if isinstance(value, Expr):
            return Snapshot(_kind(value), encode(value))
        if isinstance(value, enum.Enum):
            return Snapshot(_kind(value), value.name.encode())
        if isinstance(value, jax.Array):
            return _jax_array(value)
        if kind is np.ndarray or isinstance(value, np.generic):
            return self._array(np.asarray(value))
        if kind in (tuple, list):
            return self._parts(value, ((f"[{place}]", item) for place, item in enumerate(value)))
        if kind in (set, frozenset):
            return Snapshot(_kind(value), _hash(*sorted(self.of(item).digest for item in value)))
        if kind in (dict, types.MappingProxyType, defaultdict, FrozenDict):
            return self._mapping(value)
        return self._object(value)

    def _object(self, value: Any) -> Snapshot:
        kind = type(value)
        if kind is types.FunctionType:
            return self._function(value)
        if kind is types.MethodType:
            return self._parts(value, [(".__self__", value.__self__), (".__func__", value.__func__)])
        root = kind.__module__.partition(".")[0]
        if root in ADAPTERS:
            space = _space(value)
            if space is not None:
                return space
        if root in ("jax", "jaxlib"):
            # traced and compiled programs, which JAX never changes; they count by the function that they are made of
            return self._parts(value, [(".__wrapped__", getattr(value, "__wrapped__", None))])
        if attrs.has(kind):
            names = {field.name for field in attrs.fields(kind)}
            return self._attributes(value, {name: getattr(value, name) for name in names} | _own(value))
        return self._reduced(value)

    def _array(self, array: Any) -> Snapshot:
        if array.dtype.hasobject:
            return self._parts(array, [(f".{array.shape}", array.tolist())])
        head = f"{array.dtype!r} {array.dtype.str} {array.shape}".encode()
        return Snapshot("array", _hash(head, np.ascontiguousarray(array).tobytes()))

    def _mapping(self, value: Mapping[Any, Any]) -> Snapshot:
        pairs = {f"[{key!r}]": item for key, item in value.items() if type(key) in _PLAIN}
        if len(pairs) == len(value):
            return self._parts(value, sorted(pairs.items()))
        both = sorted(_hash(self.of(key).digest, self.of(item).digest) for key, item in value.items())
        return Snapshot(_kind(value), _hash(*both))

    def _function(self, fn: types.FunctionType) -> Snapshot:
        code = fn.__code__
        head = _hash(
            code.co_filename.encode(), str(code.co_firstlineno).encode(), code.co_qualname.encode(), code.co_code
        )
        cells = [(name, _content(cell)) for name, cell in zip(code.co_freevars, fn.__closure__ or (), strict=True)]
        held = [
            (f".<{name}>", item)
            for name, item in [*cells, ("defaults", fn.__defaults__), ("keywords", fn.__kwdefaults__)]
        ]
        return self._parts(fn, held, head)

    def _reduced(self, value: Any) -> Snapshot:
        reduced = value.__reduce_ex__(4)
        if isinstance(reduced, str):
            return Snapshot(_kind(value), reduced.encode())
        make, arguments, state, items, pairs = (*reduced, *(None,) * 3)[:5]
        parts: dict[str, Any] = {".__reduce__": (make, tuple(arguments))}
        plain, slots = state if isinstance(state, tuple) and len(state) == 2 else (state, None)
        if isinstance(plain, dict | types.NoneType) and isinstance(slots, dict | types.NoneType):
            kept = {**(plain or {}), **(slots or {})}
        else:
            kept, parts[".__state__"] = {}, state
        parts |= {f"[{place}]": item for place, item in enumerate(items or ())}
        parts |= {f"[{key!r}]": item for key, item in pairs or ()}
        return self._attributes(value, kept, parts)

    def _attributes(self, value: Any, held: Mapping[Any, Any], more: Mapping[str, Any] | None = None) -> Snapshot:
        kept = {f".{name}": item for name, item in held.items() if not _is_cached(type(value), str(name))}
        return self._parts(value, [*sorted(kept.items()), *(more or {}).items()])

    def _parts(self, value: Any, parts: Iterable[tuple[str, Any]], head: bytes = b"") -> Snapshot:
        made = {label: self.of(part) for label, part in parts}
        if len(made) > _LONG and all(part.told for part in made.values()):
            return Snapshot(_kind(value), _hash(head, *_hashes(made)))
        return Snapshot(_kind(value), head, made)


def _by_identity(value: Any) -> Snapshot:
    return Snapshot(_kind(value), known_by=id(value))


def _jax_array(array: jax.Array) -> Snapshot:
    if jnp.issubdtype(array.dtype, jax.dtypes.prng_key):
        array = jax.random.key_data(array)
    host = np.asarray(array)
    return Snapshot(_kind(array), _hash(f"{array.dtype} {array.shape} {array.weak_type}".encode(), host.tobytes()))


def _space(value: Any) -> Snapshot | None:
    """A Hilbert space of another package by its form as data: such spaces keep what they have counted."""
    try:
        form = view(value).form
    except NqxError:
        return None
    return None if form is None else Snapshot(_kind(value), encode(form))


def _own(value: Any) -> dict[str, Any]:
    return dict(getattr(value, "__dict__", {}))


def _is_cached(kind: type, name: str) -> bool:
    found = next((vars(base)[name] for base in kind.__mro__ if name in vars(base)), None)
    return isinstance(found, functools.cached_property)


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None  # a name that is not assigned to yet
