"""Files that a user names: read if they are regular, written as a whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import suppress
from typing import Final

from nqx_graph.errors import IRFormatError, OptionTypeError

TEMPORARY: Final = ".part"
# what only some systems have: a pipe does not make its reader wait, and bytes stay as they are
_READ: Final = getattr(os, "O_NONBLOCK", 0)
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def path_text(path: object, call: str) -> str:
    """A path as text.

    Raises:
        OptionTypeError: for anything else than text or a path object; a number would be the file that it is open as.
    """
    text = os.fspath(path) if isinstance(path, os.PathLike) else path
    if not isinstance(text, str) or "\0" in text:
        raise OptionTypeError(
            f"{call} takes the path of a file, as text or a path object; it was given {path!r}, a {type(path).__name__}."
        )
    return text


def read(path: str) -> bytes:
    """What is in a regular file.

    Raises:
        OSError: if it cannot be read. IRFormatError: for a pipe or a device, which may never end.
    """
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | _READ)) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise IRFormatError(f"{path} is no regular file; give the path of a file that save() wrote.", path=path)
        return file.read()


def write(path: str, data: bytes) -> None:
    """Put a file in its place: a reader sees the whole of it or what was there before, also if this process dies.

    A file that is there is replaced and its permissions are kept; where it is a link, what it leads to.

    Raises:
        OSError: if it cannot be written, naming the path; what was there before is untouched.
        OptionTypeError: for a pipe or a device.
    """
    try:
        _replace(os.path.realpath(path), data)
    except OSError as problem:
        raise OSError(problem.errno, problem.strerror, path) from problem


def _replace(place: str, data: bytes) -> None:
    mode = _permissions(place)
    temporary = os.path.join(os.path.dirname(place), f".{secrets.token_hex(8)}{TEMPORARY}")
    handle = os.open(temporary, _NEW, 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            if mode is not None:
                os.chmod(temporary, mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, place)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _permissions(place: str) -> int | None:
    """Those of the file that is there; None where there is none. What plain writing would refuse is refused."""
    try:
        mode = os.stat(place).st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(mode):  # to replace a device by a file would take it away from everybody
        raise OptionTypeError(f"{place} is no regular file, and only files are replaced; give another path.")
    if not os.access(place, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return stat.S_IMODE(mode) & 0o777
