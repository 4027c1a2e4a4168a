"""The canonical encoding of the IR, and SHA-256 over it.

Every value is framed: a tag, the length of what follows, and the bytes. No two different values share an encoding, so
nothing that differs can share a fingerprint (short of a SHA-256 collision). Numbers keep their exact bits and type.

An operator may have tens of thousands of terms, and every compile asks for its fingerprint: expressions and updates keep
their bytes, terms their digest, and an operator is made of the digests of its terms.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any, NoReturn

import attrs
import numpy as np

from nqx_graph.ir.stored import Expr
from nqx_graph.ir.table import Row

FORMAT = b"nqx_graph.ir/2"
# rows without numbers come in few kinds and many copies; bounded, because labels are the user's
_ROWS: dict[tuple[Any, ...], bytes] = {}
_MOST_ROWS = 2**14


def digest(value: Any) -> str:
    """SHA-256, in hex, over `encode` of a value."""
    return hashlib.sha256(_frame(b"F", FORMAT) + encode(value)).hexdigest()


def _frame(tag: bytes, payload: bytes) -> bytes:
    return tag + _LENGTH(len(payload)) + payload


_LENGTH = struct.Struct("<Q").pack
_FLOAT = struct.Struct("<d").pack
_COMPLEX = struct.Struct("<dd").pack


def encode(value: Any) -> bytes:
    """The canonical bytes of any value that the IR or a cache key holds.

    Raises:
        TypeError: for a value that has no canonical form.
    """
    encoder = _ENCODERS.get(type(value))
    if encoder is None:
        encoder = _ENCODERS[type(value)] = _encoder(type(value))
    return encoder(value)


def _encoder(kind: type) -> Callable[[Any], bytes]:
    """The encoder of a class that is met for the first time: that of the class it derives from, or its own."""
    for known in (bool, np.bool_, str, bytes, int, float, complex, np.ndarray, Expr, tuple, list):
        if issubclass(kind, known):
            return _BASIC[known]
    if hasattr(kind, "encoded"):
        return lambda value: value.encoded()
    if issubclass(kind, Mapping):
        return _encode_mapping
    if attrs.has(kind):
        return encode_fields
    return _refuse


def _refuse(value: Any) -> NoReturn:
    raise TypeError(f"{value!r}, a {type(value).__name__}, has no canonical encoding.")


_EMPTY = _frame(b"m", b"")


def _encode_mapping(value: Mapping[str, Any]) -> bytes:
    if not value:
        return _EMPTY
    return _frame(b"m", b"".join([encode(key) + encode(value[key]) for key in sorted(value)]))


def _encode_expr(expr: Expr) -> bytes:
    if expr._encoded is None:
        rows = b"".join(map(_encode_row, expr.table))
        object.__setattr__(expr, "_encoded", _frame(b"e", type(expr).__name__.encode() + b":" + rows))
    assert expr._encoded is not None
    return expr._encoded


def _encode_row(row: Row) -> bytes:
    if row.op == "const" and not row.args:
        return _frame(b"r", _CONST + encode(row.data))
    if row.op in ("const", "symbol"):  # 1, 1.0 and True are one key of a dictionary, and three numbers
        return _frame(b"r", encode(row.op) + encode(row.args) + encode(row.data))
    key = (row.op, row.args, row.data)
    made = _ROWS.get(key)
    if made is None:
        made = _frame(b"r", encode(row.op) + encode(row.args) + encode(row.data))
        if len(_ROWS) < _MOST_ROWS:
            _ROWS[key] = made
    return made


def encode_fields(value: Any) -> bytes:
    """The canonical bytes of an attrs object: the name of its class, and every field by name."""
    head, fields = _class(type(value))
    parts = [head]
    for name, prefix in fields:
        field = getattr(value, name)
        encoder = _ENCODERS.get(type(field))
        parts += (prefix, encode(field) if encoder is None else encoder(field))
    return _frame(b"o", b"".join(parts))


def encode_program(program: Any) -> bytes:
    """The canonical bytes of an update. A ``cond`` nests deep, and one call is all that a level may cost."""
    head, ((_, prefix),) = _class(type(program))
    steps = []
    for op in program.ops:
        kind, ((_, named), (_, given)) = _class(type(op))
        params = []
        for name in sorted(op.params):
            value = op.params[name]
            inner = encode_program(value) if type(value) is type(program) else encode(value)
            params.append(encode(name) + inner)
        steps.append(_frame(b"o", kind + named + encode(op.kind) + given + _frame(b"m", b"".join(params))))
    return _frame(b"o", head + prefix + _frame(b"t", b"".join(steps)))


_CLASSES: dict[type, tuple[bytes, list[tuple[str, bytes]]]] = {}


def _class(kind: type) -> tuple[bytes, list[tuple[str, bytes]]]:
    """The name of an attrs class and those of its fields, encoded."""
    known = _CLASSES.get(kind)
    if known is None:
        fields = [(field.name, encode(field.name)) for field in attrs.fields(kind)]
        known = _CLASSES[kind] = (encode(kind.__name__), fields)
    return known


def _encode_array(array: np.ndarray[Any, Any]) -> bytes:
    little = np.ascontiguousarray(array, dtype=_little(array.dtype))
    return _frame(b"a", _form(little.dtype, array.shape) + _frame(b"d", little.tobytes()))


@cache
def _little(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return dtype.newbyteorder("<")


@lru_cache(maxsize=1024)
def _form(dtype: np.dtype[Any], shape: tuple[int, ...]) -> bytes:
    return encode(dtype.str) + encode(shape)


def _encode_tuple(value: tuple[Any, ...]) -> bytes:
    parts = []
    for item in value:
        encoder = _ENCODERS.get(type(item))
        parts.append(encode(item) if encoder is None else encoder(item))
    return _frame(b"t", b"".join(parts))


_BASIC: dict[type, Callable[[Any], bytes]] = {
    type(None): lambda value: b"N",
    bool: lambda value: b"1" if value else b"0",
    np.bool_: lambda value: b"1" if value else b"0",
    str: lambda value: _frame(b"s", value.encode("utf-8", "surrogatepass")),
    bytes: lambda value: _frame(b"b", value),
    int: lambda value: _frame(b"i", str(value).encode()),
    float: lambda value: b"f" + _FLOAT(value),
    complex: lambda value: b"c" + _COMPLEX(value.real, value.imag),
    np.ndarray: _encode_array,
    Expr: _encode_expr,
    tuple: _encode_tuple,
    list: lambda value: _frame(b"t", b"".join(map(encode, value))),
}
_ENCODERS = dict(_BASIC)
_CONST = encode("const") + encode(())
