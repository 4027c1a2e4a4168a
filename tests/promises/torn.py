"""A process that writes and evicts, and can be made to die at any step: ``python torn.py FOLDER MODE ARGUMENT``.

``count`` prints how many steps there are; ``exit N`` dies at step N; ``forever SEED`` goes on until it is killed.
"""

from __future__ import annotations

import errno
import os
import random
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

import nqx_graph as sym
from nqx_graph.artifact import SymbolicCompiledArtifact
from nqx_graph.cache.key import SymbolicCacheKey
from nqx_graph.disk import DiskArtifactStore, folder
from nqx_graph.graph import CallRecord
from nqx_graph.space import view

OPERATOR = sym.DOperator(sym.hilbert.Spin(1 / 2, 3), "torn").for_each_site("i").emit(amplitude=1.0).build()


def key(number: int) -> SymbolicCacheKey:
    return SymbolicCacheKey("torn", f"{number:064x}")


def artifact(number: int) -> SymbolicCompiledArtifact:
    """An artifact whose content follows from its number; large enough that a write takes a while."""
    record = CallRecord()
    record._values.update(ir=OPERATOR.to_ir(), space=view(OPERATOR.hilbert), options=sym.SymbolicCompilerOptions())
    tables = {"number": number, "array": np.full(1 + 997 * (number % 50), number)}
    return SymbolicCompiledArtifact("jax", "torn", None, {}, build=record, tables=tables)


def rebuild(stored: Any) -> SymbolicCompiledArtifact:
    number, array = stored.tables["number"], stored.tables["array"]
    assert (array == number).all()
    assert len(array) == 1 + 997 * (number % 50)
    return SymbolicCompiledArtifact("jax", "torn", number, {}, tables=stored.tables)


def look(place: Path, numbers: range) -> tuple[int, int]:
    """How many of these are found, and how many files were refused."""
    store = DiskArtifactStore(place, max_entries=10_000)
    found = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number in numbers:
            made = store.load(key(number), rebuild)
            if made is not None:
                assert made.compiled_operator == number
                found += 1
    return found, store.counts.refused


class Steps:
    """Counts what the file system is asked for, and dies before or after one of these."""

    def __init__(self, at: int | None) -> None:
        self.at, self.done = at, 0
        for name in ("open", "replace", "unlink", "utime", "fsync", "scandir", "fdopen"):
            setattr(self, name, self.wrapped(getattr(os, name)))
        self.real = os

    def wrapped(self, call: Any) -> Any:
        def step(*args: Any, **kwargs: Any) -> Any:
            self.tick()
            made = call(*args, **kwargs)
            self.tick()
            return made

        return step

    def tick(self) -> None:
        self.done += 1
        if self.done == self.at:
            os._exit(17)

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)


REFUSALS = [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.ESTALE]


class Refusing(Steps):
    """The file system refuses one of the steps."""

    def __init__(self, at: int, number: int) -> None:
        super().__init__(at)
        self.number = number

    def wrapped(self, call: Any) -> Any:
        def step(*args: Any, **kwargs: Any) -> Any:
            self.tick()
            return call(*args, **kwargs)

        return step

    def tick(self) -> None:
        self.done += 1
        if self.done == self.at:
            raise OSError(self.number, os.strerror(self.number))


def once(place: Path) -> None:
    """Ten entries where there is room for five: writes, an eviction each, and reads."""
    store = DiskArtifactStore(place, max_entries=5)
    for number in range(10):
        store.put(key(number), artifact(number))
        store.load(key(number), rebuild)


def main(place: Path, mode: str, argument: int) -> None:
    if mode == "forever":
        rng = random.Random(argument)
        store = DiskArtifactStore(place, max_entries=20)
        print("ready", flush=True)
        while True:
            number = rng.randrange(100)
            store.put(key(number), artifact(number))
    if mode == "kills":
        kills(place, argument)
        return
    steps = Steps(argument if mode == "exit" else None)
    folder.os = steps
    once(place)
    print(steps.done)


def kills(place: Path, count: int) -> None:
    """Children that write until they are killed, each after a time of its own. Prints what was found after each."""
    import signal
    import time

    rng, refused, temporary, found = random.Random(3), 0, 0, 0
    warnings.simplefilter("ignore")  # nothing was started that a fork could break
    for number in range(count):
        child = os.fork()
        if not child:
            store, own = DiskArtifactStore(place, max_entries=20), random.Random(number)
            while True:
                n = own.randrange(100)
                store.put(key(n), artifact(n))
        time.sleep(rng.uniform(0.001, 0.02))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        if number % 10 == 9:
            some, bad = look(place, range(100))
            found, refused = found + some, refused + bad
            temporary += len(list(place.glob("*.part"))) + len(list(place.glob(".*.part")))
    print(found, refused, temporary)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
