"""The artifact store on disk."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import warnings
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np

from nqx_graph.artifact import StoredArtifact, SymbolicCompiledArtifact
from nqx_graph.cache.key import SymbolicCacheKey
from nqx_graph.cache.memory import InMemoryArtifactStore
from nqx_graph.disk import folder as files
from nqx_graph.disk.entry import EntryError, pack, unpack
from nqx_graph.disk.plain import from_plain, to_plain
from nqx_graph.environment import versions
from nqx_graph.errors import OptionError, OptionTypeError, StoreError, StoreWarning
from nqx_graph.folders import private_folder
from nqx_graph.graph import RAN, package_digest
from nqx_graph.ir.functions import only_here
from nqx_graph.ir.serial import operator_to_dict

FORMAT: Final = "nqx_graph.entry/1"
_HEAD: Final = ("artifact", "hilbert", "ir", "key", "options", "report", "written")
# analyses of the stock stages that hold objects: the operator and its space come with the call, the others only made it
_MADE_AGAIN: Final = frozenset(
    (
        *("ir", "hilbert", "space", "cache_key", "ranges", "diagnostics"),
        *("lowered", "artifact", "traced_kernel", "xla_executable"),
    )
)
_ARTIFACT: Final = ("analyses", "backend", "lowerer", "metadata", "tables")


@attrs.frozen
class StoreCounts:
    """What a store has done in this process.

    Attributes:
        hits: entries of the folder that became artifacts.
        misses: keys that the folder has no file of.
        refused: files that were no entry of their key, and were set aside.
        writes: entries written.
        errors: what the file system refused to do; no compile fails for it.
        evicted: entries removed for the caps.
        swept: temporary files of dead writers removed.
    """

    hits: int = 0
    misses: int = 0
    refused: int = 0
    writes: int = 0
    errors: int = 0
    evicted: int = 0
    swept: int = 0


class DiskArtifactStore:
    """Artifacts in a folder: they survive the process, and processes share them.

    The folder holds data only, never code and never a pickle; an artifact is rebuilt by the lowerer that made it. What has
    no form as data (a lowerer without ``restore``, a stage or a lowerer that only this process knows) is kept in memory,
    and the report of the compile says why. A damaged or foreign file is a miss, never a wrong artifact and never an error.

    Whoever can write in the folder can plant an entry that is well formed and wrong. Network file systems are not tested.

    Args:
        folder: where the entries are; made, for you alone, where there is none.
        max_bytes: of all entries together; what was not of use for longest goes first.
        max_entries: how many there may be.
        max_in_memory: how many artifacts of this process are kept as objects beside.
        trust_shared: whether a folder that others may write is taken.

    Raises:
        StoreError: for a folder that cannot be used, is not yours, or that others may write.
        OptionError, OptionTypeError: for a cap that is no whole number from 1 up.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        max_bytes: int = 2**30,
        max_entries: int = 4096,
        max_in_memory: int = 1024,
        trust_shared: bool = False,
    ) -> None:
        if not isinstance(folder, str | os.PathLike):
            raise OptionTypeError(f"the folder of a store must be a path; it is {folder!r}, a {type(folder).__name__}.")
        for name, cap in (("max_bytes", max_bytes), ("max_entries", max_entries), ("max_in_memory", max_in_memory)):
            if type(cap) is not int or cap < 1:
                raise OptionError(f"{name} must be a whole number from 1 up; it is {cap!r}.")
        danger, otherwise = "who could plant a wrong operator in it", ", or trust_shared=True"
        self._folder = private_folder(
            folder, "the folder of the store", danger, StoreError, trusted=trust_shared, otherwise=otherwise
        )
        self._max_bytes, self._max_entries = max_bytes, max_entries
        self._memory = InMemoryArtifactStore(max_in_memory)
        self._lock = threading.Lock()
        self._counts = StoreCounts()
        self._warned = False
        self._written_bytes = self._written = 0
        self._add(swept=files.sweep(self._folder))

    @property
    def folder(self) -> Path:
        """Where the entries are."""
        return self._folder

    @property
    def counts(self) -> StoreCounts:
        """What this store has done so far."""
        return self._counts

    def _add(self, **more: int) -> None:
        with self._lock:
            self._counts = attrs.evolve(
                self._counts, **{name: getattr(self._counts, name) + count for name, count in more.items()}
            )

    def get(self, key: SymbolicCacheKey) -> SymbolicCompiledArtifact | None:
        """The artifact of this process stored under the key, or None. The folder is not looked at: see `load`."""
        found: SymbolicCompiledArtifact | None = self._memory.get(key)
        return found

    def load(
        self, key: SymbolicCacheKey, rebuild: Callable[[StoredArtifact], SymbolicCompiledArtifact]
    ) -> SymbolicCompiledArtifact | None:
        """The artifact stored under the key in the folder, or None.

        Args:
            key: the key.
            rebuild: makes the artifact from what was stored; an error that it raises is a miss.
        """
        path, text = self._path(key)
        try:
            data = files.read(path, self._max_bytes)
        except ValueError as problem:
            self._refuse(path, str(problem))
            return None
        except OSError as problem:
            self._failed(f"{path.name} cannot be read", problem)
            return None
        if data is None:
            self._add(misses=1)
            return None
        try:
            artifact = attrs.evolve(rebuild(_stored(*unpack(data, text))), cache_key=key)
        except EntryError as problem:
            self._refuse(path, str(problem))
            return None
        except Exception as problem:
            # the digest is right, so that this is an entry as it was written, by a hand that meant it
            self._refuse(path, f"it cannot be rebuilt: {type(problem).__name__}: {problem}")
            return None
        files.used(path)
        self._memory.put(key, artifact)
        self._add(hits=1)
        return artifact

    def put(self, key: SymbolicCacheKey, artifact: SymbolicCompiledArtifact) -> str | None:
        """Store the artifact; where it is kept in memory only, the reason."""
        self._memory.put(key, artifact)
        try:
            data = self._packed(key, artifact)
        except Exception as problem:
            # whatever a lowerer put into its tables: an artifact that is made is not lost for it
            return f"kept in memory only: {problem}"
        if len(data) > self._max_bytes:
            return f"kept in memory only: {len(data)} bytes are more than max_bytes={self._max_bytes}"
        try:
            files.write(self._path(key)[0], data)
        except OSError as problem:
            self._failed("an entry cannot be written", problem)
            return f"kept in memory only: {type(problem).__name__}: {problem.strerror}"
        self._add(writes=1)
        try:
            self._evict_when_due(len(data))
        except OSError as problem:
            self._failed("entries beyond the caps cannot be looked for", problem)
        return None

    def _packed(self, key: SymbolicCacheKey, artifact: SymbolicCompiledArtifact) -> bytes:
        if artifact.tables is None:
            raise ValueError(f"the lowerer {artifact.lowerer_name!r} has no restore()")
        if key.only_here:
            raise ValueError(f"no other process knows {key.only_here}; give it a version=")
        if artifact.build is None or artifact.build._values["space"].form is None:
            raise ValueError("it was not made by a compile, or its space has no form as data")
        values = artifact.build._values
        unknown = only_here(values["ir"].expression_rows())
        if unknown:
            raise ValueError(f"no other process knows the function {unknown[0]!r}; give it a version=")
        arrays: list[Any] = []
        head = {
            "written": datetime.now(UTC).isoformat(timespec="seconds"),
            "key": json.loads(self._path(key)[1]),
            "ir": operator_to_dict(values["ir"], array=lambda array: to_plain(array, arrays)),
            "hilbert": dict(values["space"].form),
            "options": attrs.asdict(values["options"]),
            "report": [[entry.stage, entry.duration_ns] for entry in artifact.build.entries if entry.status == RAN],
            "artifact": {
                "backend": artifact.backend,
                "lowerer": artifact.lowerer_name,
                "metadata": to_plain(dict(artifact.metadata), arrays),
                "analyses": to_plain(_plain_ones(artifact.analyses), arrays),
                "tables": to_plain(dict(artifact.tables), arrays),
            },
        }
        return pack(self._path(key)[1], head, arrays)

    def _evict_when_due(self, size: int) -> None:
        """Look at the folder now and then: after a hundredth of a cap was written, by this process of several."""
        with self._lock:
            self._written, self._written_bytes = self._written + 1, self._written_bytes + size
            due = 100 * self._written >= self._max_entries or 100 * self._written_bytes >= self._max_bytes
            if due:
                self._written = self._written_bytes = 0
        if due:
            evicted, swept = files.evict(self._folder, self._max_bytes, self._max_entries)
            self._add(evicted=evicted, swept=swept)

    def _refuse(self, path: Path, why: str) -> None:
        self._add(refused=1)
        files.set_aside(path)
        self._warn(
            f"{path.name} is no entry that can be used: {why}. It was set aside, and the operator is compiled anew"
        )

    def _failed(self, what: str, problem: OSError) -> None:
        self._add(errors=1)
        self._warn(f"{what}: {problem.strerror or problem}; the operator is compiled all the same")

    def _warn(self, what: str) -> None:
        with self._lock:
            warned, self._warned = self._warned, True
        if not warned:
            warnings.warn(
                f"the store in {str(self._folder)!r}: {what}. Further trouble is counted in store.counts and not told.",
                StoreWarning,
                stacklevel=2,
            )

    def _path(self, key: SymbolicCacheKey) -> tuple[Path, bytes]:
        text = _full_key(key.namespace, key.token)
        return self._folder / (hashlib.sha256(text).hexdigest() + files.ENTRY), text

    def clear(self) -> None:
        """Remove every entry, also those of other processes and those set aside, and forget the artifacts in memory."""
        self._memory.clear()
        for item in files.files(self._folder, files.ENTRY, files.ASIDE):
            files.remove(self._folder / item.name)

    def __contains__(self, key: SymbolicCacheKey) -> bool:
        return self._memory.get(key) is not None or self._path(key)[0].is_file()

    def __len__(self) -> int:
        return sum(1 for _ in files.files(self._folder, files.ENTRY))

    def __repr__(self) -> str:
        return f"DiskArtifactStore({str(self._folder)!r}, {len(self)} entries)"


@lru_cache(maxsize=4096)
def _full_key(namespace: str, token: str) -> bytes:
    """The key, and all that an artifact made elsewhere may differ by beside it."""
    return json.dumps(
        {
            "format": FORMAT,
            "namespace": namespace,
            "token": token,
            "source": package_digest(),
            "versions": _versions(),
        },
        sort_keys=True,
    ).encode("ascii")


@lru_cache(maxsize=1)
def _versions() -> dict[str, str]:
    return versions()


def _plain_ones(analyses: Mapping[str, Any]) -> dict[str, Any]:
    """The analyses without those that whoever asks has already or makes again.

    Raises:
        ValueError: for one that would not come back as what it is: a hit is to carry along all that was found out.
    """
    kept = {name: value for name, value in analyses.items() if name not in _MADE_AGAIN}
    for name, value in kept.items():
        odd = _odd_part(value)
        if odd:
            raise ValueError(
                f"the analysis {name!r} holds {odd}, which has no form as data. Let the stage return text, numbers, arrays, "
                "and tuples, lists and dicts of them, the keys of dicts text"
            )
    return kept


def _odd_part(value: Any) -> str:
    """What of a value has no form as data; empty where all of it has one."""
    if type(value) in (tuple, list):
        inner = list(value)
    elif isinstance(value, Mapping):
        strange = [key for key in value if type(key) is not str]
        if strange:
            return f"the key {strange[0]!r}"
        inner = list(value.values())
    else:
        plain = value is None or type(value) in (bool, int, float, complex, str)
        array = type(value) is np.ndarray and value.dtype.kind in "biufc"
        return "" if plain or array else f"{repr(value)[:60]} of type {type(value).__name__}"
    return next(filter(None, map(_odd_part, inner)), "")


def _stored(head: dict[str, Any], arrays: list[Any]) -> StoredArtifact:
    """What an entry holds. Its IR, space, options and report are for people: the call that asks has its own."""
    if tuple(sorted(head)) != _HEAD or type(head["artifact"]) is not dict:
        raise EntryError("its head has other fields")
    held = head["artifact"]
    if tuple(sorted(held)) != _ARTIFACT:
        raise EntryError("its artifact has other fields")
    metadata, analyses, tables = (from_plain(held[name], arrays) for name in ("metadata", "analyses", "tables"))
    named, report = (held["backend"], held["lowerer"]), from_plain(head["report"], arrays)
    if any(type(name) is not str for name in named) or any(
        type(part) is not dict for part in (metadata, analyses, tables)
    ):
        raise EntryError("its artifact has other fields")
    if type(report) is not tuple or any(
        type(row) is not tuple or [type(part) for part in row] != [str, int] for row in report
    ):
        raise EntryError("its report has other fields")
    return StoredArtifact(*named, metadata, tables, analyses, report)
