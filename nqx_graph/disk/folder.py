"""The files of a store: one immutable file an entry, written beside and moved into place, opened with care.

Nothing here is trusted to be what it was a moment ago: other processes write, evict and die at any time. So every step
may find its file gone, and none needs a lock to be right; only eviction takes one, so that it is not done twice at once.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import attrs
import filelock

ENTRY: Final = ".nqx"
ASIDE: Final = ".bad"  # what could not be read, kept for a look
TEMPORARY: Final = ".part"
STALE_S: Final = 3600.0  # a temporary file this old has no writer any more
_LOCK: Final = ".evicting"
_LOCK_WAIT_S: Final = 1.0
_TO: Final = 0.9  # of the caps, so that eviction is not due again at once
# what only POSIX has: links are not followed, and a pipe does not make its reader wait
_NO_LINKS: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NO_WAIT: Final = getattr(os, "O_NONBLOCK", 0)
_HOST: Final = hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]


@attrs.frozen
class Held:
    """A file of the folder: its name, its size in bytes, when it was last used."""

    name: str
    size: int
    used: float


def read(path: Path, most: int) -> bytes | None:
    """What is in a regular file of at most that many bytes; None where there is no such file.

    Raises:
        OSError: if it cannot be read. ValueError: if it is no regular file, or too large.
    """
    try:
        handle = os.open(path, os.O_RDONLY | _NO_LINKS | _NO_WAIT)
    except FileNotFoundError:
        return None
    with os.fdopen(handle, "rb") as file:
        facts = os.fstat(file.fileno())
        if not stat.S_ISREG(facts.st_mode):
            raise ValueError("it is no regular file")
        if facts.st_size > most:
            raise ValueError(f"it is larger than {most} bytes")
        return file.read(facts.st_size + 1)


def write(path: Path, data: bytes) -> None:
    """Put a file in its place: a reader sees the whole of it or what was there before.

    Raises:
        OSError: if it cannot be written; nothing is left behind that a sweep does not find.
    """
    temporary = path.with_name(f".{_HOST}-{os.getpid()}-{secrets.token_hex(8)}{TEMPORARY}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINKS, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        remove(temporary)
        raise


def used(path: Path) -> None:
    """Note that an entry was of use just now."""
    with suppress(OSError):
        os.utime(path)


def remove(path: Path) -> bool:
    """Remove a file; whether it is gone."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def set_aside(path: Path) -> None:
    """Move what is no entry out of the way; where that cannot be done it stays, and stays a miss."""
    with suppress(OSError):
        if stat.S_ISDIR(os.lstat(path).st_mode):
            return  # whoever made it may need it
        os.replace(path, path.with_suffix(ASIDE))


def files(folder: Path, *suffixes: str) -> Iterator[Held]:
    """The files of these kinds, at this moment."""
    with suppress(OSError), os.scandir(folder) as found:
        for item in found:
            if item.name.endswith(suffixes):
                with suppress(OSError):
                    facts = item.stat(follow_symlinks=False)
                    if not stat.S_ISDIR(facts.st_mode):
                        yield Held(item.name, facts.st_size, facts.st_mtime)


def sweep(folder: Path) -> int:
    """Remove temporary files whose writers are gone; how many."""
    gone = [item for item in files(folder, TEMPORARY) if _stale(item)]
    return sum(remove(folder / item.name) for item in gone)


def _stale(item: Held) -> bool:
    # whichever way the clock was set: a file from the future is no newer than any other
    if abs(time.time() - item.used) > STALE_S:
        return True
    host, _, rest = item.name.removeprefix(".").partition("-")
    pid = rest.partition("-")[0]
    if host != _HOST or not pid.isdecimal() or os.name != "posix":  # elsewhere signal 0 ends the process
        return False
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, OverflowError):
        return True
    except OSError:
        return False
    return False


def evict(folder: Path, max_bytes: int, max_entries: int) -> tuple[int, int]:
    """Remove what was not of use for longest until the caps hold; how many entries and temporary files went.

    What was set aside goes first. If another process is at it, nothing is done.

    Raises:
        OSError: if the lock cannot be made.
    """
    try:
        with filelock.FileLock(folder / _LOCK, timeout=_LOCK_WAIT_S, mode=0o600):
            swept = sweep(folder)
            held = sorted(files(folder, ENTRY, ASIDE), key=lambda item: (item.name.endswith(ENTRY), item.used))
            size, count, gone = sum(item.size for item in held), len(held), 0
            if size <= max_bytes and count <= max_entries:
                return 0, swept
            for item in held:
                if size <= _TO * max_bytes and count <= _TO * max_entries:
                    break
                if remove(folder / item.name):
                    size, count, gone = size - item.size, count - 1, gone + 1
            return gone, swept
    except filelock.Timeout:
        return 0, 0
