"""One entry as bytes: magic and version, three lengths, the key, a head in JSON, raw arrays, SHA-256 of all before.

Nothing of the head is parsed before the key, the lengths and the digest are right.
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nqx_graph import strict_json

MAGIC: Final = b"nqx_graph.entry\x00"
VERSION: Final = 1
_FRONT: Final = struct.Struct("<16sIQQQ")
_DIGEST: Final = 32
_ALIGN: Final = 16
_KINDS: Final = frozenset(
    ("|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", "<f8", "<c8", "<c16")
)
SMALLEST: Final = _FRONT.size + _DIGEST


class EntryError(Exception):
    """Why bytes are no entry of the key that was asked for. It never leaves this package: a bad entry is a miss."""


def pack(key: bytes, head: Mapping[str, Any], arrays: Sequence[NDArray[Any]]) -> bytes:
    """The bytes of an entry."""
    parts, forms, offset = [], [], 0
    for array in arrays:
        little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        raw = little.tobytes()
        forms.append([little.dtype.str, list(array.shape), offset])
        parts.append(raw + bytes(-len(raw) % _ALIGN))
        offset += len(parts[-1])
    text = json.dumps({**head, "arrays": forms}, allow_nan=False, separators=(",", ":"), sort_keys=True).encode("ascii")
    whole = b"".join((_FRONT.pack(MAGIC, VERSION, len(key), len(text), offset), key, text, *parts))
    return whole + hashlib.sha256(whole).digest()


def unpack(data: bytes, key: bytes) -> tuple[dict[str, Any], list[NDArray[Any]]]:
    """The head and the arrays of an entry.

    Raises:
        EntryError: if the bytes are anything else than an entry of this key.
    """
    if len(data) < SMALLEST:
        raise EntryError(f"it is cut off after {len(data)} bytes")
    magic, version, *lengths = _FRONT.unpack_from(data)
    if magic != MAGIC or version != VERSION:
        raise EntryError(f"it is no entry of version {VERSION}")
    key_at, head_at = _FRONT.size, _FRONT.size + lengths[0]
    if data[key_at:head_at] != key:
        raise EntryError("it is the entry of another key")
    arrays_at = head_at + lengths[1]
    if arrays_at + lengths[2] + _DIGEST != len(data):
        raise EntryError("its lengths do not add up")
    if hashlib.sha256(memoryview(data)[:-_DIGEST]).digest() != data[-_DIGEST:]:
        raise EntryError("its digest is wrong")
    try:
        head = strict_json.loads(data[head_at:arrays_at])
    except ValueError as error:
        raise EntryError(f"its head is no JSON: {error}") from error
    if type(head) is not dict or type(head.get("arrays")) is not list:
        raise EntryError("its head is no object with arrays")
    forms = head.pop("arrays")
    return head, [_array(form, data, arrays_at, lengths[2]) for form in forms]


def _array(form: Any, data: bytes, start: int, length: int) -> NDArray[Any]:
    if type(form) is not list or len(form) != 3:
        raise EntryError("an array has a dtype, a shape and an offset")
    name, shape, offset = form
    if type(name) is not str or name not in _KINDS or type(shape) is not list or type(offset) is not int:
        raise EntryError("an array has no form that is known")
    if len(shape) > 8 or any(type(part) is not int or not 0 <= part <= length for part in shape):
        raise EntryError("an array has an impossible shape")
    dtype, count = np.dtype(name), math.prod(shape)
    if not 0 <= offset <= length or count * dtype.itemsize > length - offset:
        raise EntryError("an array lies outside of the entry")
    made = np.frombuffer(data, dtype, count, start + offset).reshape(shape)
    return made.astype(dtype.newbyteorder("="))
