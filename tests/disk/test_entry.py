"""The bytes of an entry, and what is no entry."""

from __future__ import annotations

import hashlib
import json
import struct

import numpy as np
import pytest

from nqx_graph.disk.entry import EntryError, pack, unpack

ARRAYS = [
    np.arange(6, dtype=np.int32).reshape(2, 3),
    np.array([], dtype=np.float64),
    np.array(1 - 2j),
    np.array([True, False, True]),
    np.arange(5, dtype=">i8"),
    np.asfortranarray(np.arange(6.0).reshape(3, 2)),
]


def packed(head=None, key=b"key", arrays=ARRAYS):
    return pack(key, {"a": 1} if head is None else head, arrays)


def signed(front: bytes, key: bytes, text: bytes, raw: bytes = b"") -> bytes:
    """An entry with any head, its digest right."""
    whole = struct.pack("<16sIQQQ", b"nqx_graph.entry\x00", 1, len(key), len(text), len(raw)) + key + text + raw
    return whole + hashlib.sha256(whole).digest()


def test_what_goes_in_comes_out():
    head, arrays = unpack(packed({"text": "π", "list": [1, 2.5, None, True]}), b"key")
    assert head == {"text": "π", "list": [1, 2.5, None, True]}
    for own, given in zip(arrays, ARRAYS, strict=True):
        assert own.dtype == given.dtype.newbyteorder("=")
        assert own.shape == given.shape
        np.testing.assert_array_equal(own, given)
        assert own.flags.aligned


def test_equal_entries_are_equal_bytes():
    assert packed({"a": 1, "b": 2}) == packed({"b": 2, "a": 1})


def test_every_cut_is_noticed():
    data = packed()
    for length in range(len(data)):
        with pytest.raises(EntryError):
            unpack(data[:length], b"key")
    with pytest.raises(EntryError, match="do not add up"):
        unpack(data + b"\0", b"key")


def test_every_flipped_bit_is_noticed():
    data = packed(arrays=ARRAYS[:1])
    for place in range(len(data)):
        for bit in range(8):
            wrong = bytearray(data)
            wrong[place] ^= 1 << bit
            with pytest.raises(EntryError):
                unpack(bytes(wrong), b"key")


@pytest.mark.parametrize("key", [b"kez", b"ke", b"keyy", b""])
def test_the_entry_of_another_key(key):
    with pytest.raises(EntryError):
        unpack(packed(), key)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b'{"arrays":[],"a":NaN}', "no JSON"),
        (b'{"arrays":[],"a":Infinity}', "no JSON"),
        (b'{"arrays":[],"arrays":[]}', "no JSON"),
        (b'{"arrays":[],"a":{"b":1,"b":1}}', "no JSON"),
        (b'{"arrays":[]', "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b'{"arrays":[],"a":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_001, "no JSON"),
        (b"[]", "no object"),
        (b"{}", "no object"),
        (b'{"arrays":{}}', "no object"),
        (b'{"arrays":[["<i4",[1]]]}', "a dtype, a shape"),
        (b'{"arrays":[["<i4",[5],0]]}', "outside"),
        (b'{"arrays":[["<i4",[1],16]]}', "outside"),
        (b'{"arrays":[["<i4",[1],-4]]}', "outside"),
        (b'{"arrays":[["<i4",[-1],0]]}', "impossible shape"),
        (b'{"arrays":[["<i4",[true],0]]}', "impossible shape"),
        (b'{"arrays":[["<i4",[1.0],0]]}', "impossible shape"),
        (b'{"arrays":[["<i4",[1,1,1,1,1,1,1,1,1],0]]}', "impossible shape"),
        (b'{"arrays":[["<i4",[16,16,16,16,16,16,16,16],0]]}', "outside"),
        (b'{"arrays":[["|O",[1],0]]}', "no form"),
        (b'{"arrays":[["<U4",[1],0]]}', "no form"),
        (b'{"arrays":[["|V8",[1],0]]}', "no form"),
        (b'{"arrays":[[["a","<i4"],[1],0]]}', "no form"),
        (b'{"arrays":[["<i4",{},0]]}', "no form"),
    ],
)
def test_heads_that_are_none(text, why):
    with pytest.raises(EntryError, match=why):
        unpack(signed(b"", b"key", text, bytes(16)), b"key")


def test_what_has_no_form_is_not_written():
    with pytest.raises(ValueError, match="JSON"):
        packed({"a": float("nan")})
    with pytest.raises(TypeError):
        packed({"a": object()})


def test_the_head_is_json_for_people():
    data = packed({"operator": "ising"})
    key, text, _ = struct.unpack_from("<QQQ", data, 20)
    assert json.loads(data[44 + key : 44 + key + text])["operator"] == "ising"
