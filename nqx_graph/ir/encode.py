"""The canonical encoding of the IR, and SHA-256 over it.

Every value is framed: a tag, the length of what follows, and the bytes. No two different values share an encoding, so
nothing that differs can share a fingerprint (short of a SHA-256 collision). Numbers keep their exact bits and type.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np

from nqx_graph.ir.expr import Expr
from nqx_graph.ir.table import Row

FORMAT = b"nqx_graph.ir/1"


def digest(value: Any) -> str:
    """SHA-256, in hex, over `encode` of a value."""
    return hashlib.sha256(_frame(b"F", FORMAT) + encode(value)).hexdigest()


def _frame(tag: bytes, payload: bytes) -> bytes:
    return tag + struct.pack("<Q", len(payload)) + payload


def encode(value: Any) -> bytes:  # one branch per kind of value
    """The canonical bytes of any value that the IR or a cache key holds.

    Raises:
        TypeError: for a value that has no canonical form.
    """
    if value is None:
        return b"N"
    if isinstance(value, bool | np.bool_):
        return b"1" if value else b"0"
    if isinstance(value, str):
        return _frame(b"s", value.encode("utf-8", "surrogatepass"))
    if isinstance(value, bytes):
        return _frame(b"b", value)
    if isinstance(value, int):
        return _frame(b"i", str(value).encode())
    if isinstance(value, float):
        return b"f" + struct.pack("<d", value)
    if isinstance(value, complex):
        return b"c" + struct.pack("<dd", value.real, value.imag)
    if isinstance(value, np.ndarray):
        return _encode_array(value)
    if isinstance(value, Expr):
        return _frame(b"e", type(value).__name__.encode() + b":" + b"".join(map(_encode_row, value.table)))
    if isinstance(value, tuple | list):
        return _frame(b"t", b"".join(map(encode, value)))
    if isinstance(value, Mapping):
        pairs = (encode(key) + encode(value[key]) for key in sorted(value))
        return _frame(b"m", b"".join(pairs))
    if attrs.has(type(value)):
        fields = (encode(field.name) + encode(getattr(value, field.name)) for field in attrs.fields(type(value)))
        return _frame(b"o", encode(type(value).__name__) + b"".join(fields))
    raise TypeError(f"{value!r}, a {type(value).__name__}, has no canonical encoding.")


def _encode_row(row: Row) -> bytes:
    return _frame(b"r", encode(row.op) + encode(row.args) + encode(row.data))


def _encode_array(array: np.ndarray[Any, Any]) -> bytes:
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    return _frame(b"a", encode(little.dtype.str) + encode(array.shape) + _frame(b"d", little.tobytes()))
