"""No wrong entry, no code from a file: damaged entries are never served, and hostile ones run nothing."""

from __future__ import annotations

import hashlib
import json
import random
import struct
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import stored
from figures import figure, parts

import nqx_graph as sym
from nqx_graph.disk import DiskArtifactStore
from nqx_graph.errors import StoreWarning
from nqx_graph.space import view

MUTATED, HOSTILE, SWAPS = figure(20_000, 1_000_000), figure(20_000, 20_000), figure(500, 20_000)
FRONT = struct.Struct("<16sIQQQ")


class Bench:
    """A folder with an entry of each operator, and loads that rebuild what they find as a compile does."""

    def __init__(self, folder: Path) -> None:
        self.registry = sym.default_registry()
        self.entries: list[tuple[Any, Any, Path, bytes]] = []
        for optimize in (False, True):
            for operator in stored.operators():
                before = set(stored.entries(folder))
                key = stored.compiler(folder, optimize=optimize).compile(operator).cache_key
                (path,) = set(stored.entries(folder)) - before
                self.entries.append((operator, key, path, path.read_bytes()))
        self.store = DiskArtifactStore(folder)

    def load(self, number: int, content: bytes | None) -> Any:
        """What the store makes of these bytes in the place of an entry; nothing is remembered."""
        operator, key, path, _ = self.entries[number]
        if content is not None:
            path.write_bytes(content)
        ir, space = operator.to_ir(), view(operator.hilbert)
        found = self.store.load(key, lambda kept: self.registry.restore(kept, ir, space))
        self.store._memory.clear()
        return found


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StoreWarning)
        yield Bench(tmp_path)


def boundaries(data: bytes) -> list[int]:
    """Where the parts of an entry begin and end, and beside."""
    _, _, key, head, arrays = FRONT.unpack_from(data)
    edges = [0, 16, 20, 28, 36, 44, 44 + key, 44 + key + head, 44 + key + head + arrays, len(data)]
    return sorted({edge + by for edge in edges for by in (-1, 0, 1) if 0 <= edge + by <= len(data)})


def mutated(data: bytes, other: bytes, rng: random.Random) -> bytes:
    """One of the ways in which a file goes wrong."""
    made, place = bytearray(data), rng.randrange(len(data))
    edge = rng.choice(boundaries(data))
    how = rng.randrange(10)
    if how == 0:
        return data[:edge]
    if how == 1:
        return data[:place]
    if how == 2:
        made[place] ^= 1 << rng.randrange(8)
    elif how == 3:
        made[place] = rng.randrange(256)
    elif how == 4:
        size = rng.choice((1, 8, 64, 512))
        made[place : place + size] = bytes(len(made[place : place + size]))
    elif how == 5:
        return data + rng.randbytes(rng.choice((1, 32, 4096)))
    elif how == 6:
        return data[:edge] + other[edge:]
    elif how == 7:
        first, second = sorted((place, rng.randrange(len(data))))
        return data[first:second] + data[:first] + data[second:]
    elif how == 8:
        number = rng.choice((20, 28, 36))
        struct.pack_into("<Q", made, number, rng.choice((0, 1, 2**31, 2**63, 2**64 - 1, rng.getrandbits(64))))
    else:
        return data[:place] + data[place : place + 16] + data[place:]
    return bytes(made)


@pytest.mark.parametrize("part", parts(MUTATED, 4), ids=str)
def test_mutated_entries_are_never_served(bench: Bench, part: range) -> None:
    rng, tried = random.Random(part.start), 0
    contents = [content for *_, content in bench.entries]
    for number in range(len(contents)):
        assert bench.load(number, None) is not None
    while tried < len(part):
        number = rng.randrange(len(contents))
        wrong = mutated(contents[number], rng.choice(contents), rng)
        if wrong != contents[number]:
            assert bench.load(number, wrong) is None
            tried += 1
    assert bench.store.counts.refused == len(part)
    assert bench.load(0, contents[0]) is not None


def test_swapped_entries_are_never_served(bench: Bench) -> None:
    contents, rng = [content for *_, content in bench.entries], random.Random(1)
    for _ in range(SWAPS):
        number, other = rng.sample(range(len(contents)), 2)
        assert bench.load(number, contents[other]) is None


# --- hostile entries, whose digests are right ---

WATCHED = ("import", "exec", "compile", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "pickle.",
           "marshal.", "ctypes.", "shutil.", "socket.", "urllib.", "os.putenv", "code.__new__")  # fmt: skip


class Audit:
    """What an audit hook saw. A hook stays for good, so that there is one, which looks only when it is told to."""

    def __init__(self) -> None:
        self.on, self.seen = False, []
        sys.addaudithook(self.hook)

    def hook(self, event: str, args: Any) -> None:
        if self.on and event.startswith(WATCHED):
            self.seen.append((event, str(args)[:200]))

    @contextmanager
    def watching(self) -> Iterator[list[Any]]:
        self.seen, self.on = [], True
        try:
            yield self.seen
        finally:
            self.on = False


AUDIT = Audit()


def test_the_audit_hook_sees_what_it_looks_for() -> None:
    import pickle
    import subprocess

    with AUDIT.watching() as seen:
        exec("1")
        pickle.loads(pickle.dumps(Path))
        subprocess.run(["true"], check=True)
    assert {event.partition(".")[0] for event, _ in seen} >= {"exec", "compile", "pickle", "subprocess"}


NODES: tuple[Callable[[random.Random], Any], ...] = (
    lambda rng: None, lambda rng: rng.choice((0, -1, 2**31, 2**63, 10**300, True, 1.5, 1e308)),
    lambda rng: rng.choice(("", "os.system", "__import__('os').system('true')", "\x00", "π" * 100, "cos\nsystem\n(S'true'\ntR.")),
    lambda rng: [], lambda rng: {}, lambda rng: {"array": rng.choice((0, -1, 10**9, "0", None))},
    lambda rng: {rng.choice(("os.system", "Row", "Lines", "Structure", "Step", "__reduce__", "py/object")): rng.choice((["true"], "true", {}))},
    lambda rng: {"list": [{"dict": {"__class__": "os.system"}}]}, lambda rng: {"float": rng.choice(("nan", "1", "inf"))},
    lambda rng: {"complex": [1.0, {"float": "nan"}]}, lambda rng: deep(rng.choice((10, 200, 5000))),
)  # fmt: skip


def deep(levels: int) -> Any:
    made: Any = 1
    for _ in range(levels):
        made = [made]
    return made


def ways(data: Any, rng: random.Random) -> tuple[Any, Any]:
    """A container somewhere in the data, and a key of it."""
    at, key = data, rng.choice(list(data))
    for _ in range(rng.randrange(1, 12)):
        inner = at[key]
        if not isinstance(inner, dict | list) or not inner:
            break
        at, key = inner, (rng.choice(list(inner)) if isinstance(inner, dict) else rng.randrange(len(inner)))
    return at, key


def signed(key: bytes, text: bytes, arrays: bytes) -> bytes:
    whole = FRONT.pack(b"nqx_graph.entry\x00", 1, len(key), len(text), len(arrays)) + key + text + arrays
    return whole + hashlib.sha256(whole).digest()


def hostile(data: bytes, rng: random.Random) -> bytes:
    """The entry with a head that somebody wrote who knows the format."""
    _, _, key, head, arrays = FRONT.unpack_from(data)
    front, text, raw = data[44 : 44 + key], data[44 + key :][:head], data[44 + key + head :][:arrays]
    how = rng.randrange(8)
    if how == 0:
        text = text.replace(b'"lowerer"', b'"lowerer":"x","lowerer"', 1)
    elif how == 1:
        text = text.replace(b":1", b":" + rng.choice((b"NaN", b"-Infinity", b"1e999", b"9" * 5000)), 1)
    elif how == 2:
        text = rng.choice((b"[" * 10_000, b'{"arrays":[]}', b"\x80\x04\x95", b"import os", b"{" * 3, b"", text[:-1]))
    else:
        found = json.loads(text)
        for _ in range(rng.choice((1, 1, 1, 2, 5))):
            at, name = ways(found, rng)
            at[name] = rng.choice(NODES)(rng)
        if how == 3:
            found["artifact"] = (
                {**dict(found["artifact"]), "lowerer": rng.choice(("os", "numpy_reference", "jax_fused_v1"))}
                if isinstance(found.get("artifact"), dict)
                else 0
            )
        text = _dumped(found)
    if how == 4:
        raw = rng.randbytes(len(raw))
    return signed(front, text, raw)


def _dumped(data: Any) -> bytes:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(100_000)
    try:
        return json.dumps(data).encode()
    finally:
        sys.setrecursionlimit(limit)


@pytest.mark.parametrize("part", parts(HOSTILE, 4), ids=str)
def test_hostile_entries_run_nothing(bench: Bench, part: range) -> None:
    rng = random.Random(part.start + 1)
    contents = [content for *_, content in bench.entries[:4]]
    for number, content in enumerate(contents):  # what is imported late is imported now
        assert bench.load(number, content) is not None
        assert bench.load(number, hostile(content, rng)) is None or True
    made = [(number, hostile(contents[number], rng)) for number in (rng.randrange(len(contents)) for _ in part)]
    refused = bench.store.counts.refused
    served = 0
    with AUDIT.watching() as seen:
        for number, content in made:
            served += bench.load(number, content) is not None
    assert seen == []
    # what is served is well formed: a writer who can edit the folder can plant that, and the documentation says so
    assert bench.store.counts.refused - refused == len(part) - served
    assert served < len(part) / 2


def test_hostile_data_through_from_dict() -> None:
    rng, refused = random.Random(5), 0
    bases = [operator.to_ir().as_dict() for operator in stored.operators()]
    with AUDIT.watching() as seen:
        for _ in range(figure(2_000, 100_000)):
            data = json.loads(json.dumps(rng.choice(bases)))
            for _ in range(rng.choice((1, 1, 2))):
                at, name = ways(data, rng)
                at[name] = rng.choice(NODES)(rng)
            try:
                made = sym.SymbolicOperatorIR.from_dict(data)
            except sym.NqxError:
                refused += 1
            else:
                assert sym.SymbolicOperatorIR.from_dict(made.as_dict()).same_as(made)
    assert seen == []
    assert refused > 0
