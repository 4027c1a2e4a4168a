"""Folders of one's own, for what is kept between processes."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from nqx_graph.errors import NqxError


def private_folder(
    folder: str | os.PathLike[str],
    what: str,
    danger: str,
    error: type[NqxError],
    *,
    trusted: bool = False,
    otherwise: str = "",
) -> Path:
    """The folder as an absolute path; made, for its owner alone, where there is none.

    Args:
        folder: a local path.
        what: the folder in words, for messages.
        danger: what somebody else who can write there could do, as the end of a clause.
        error: the class of the errors.
        trusted: whether it may belong to another user, and others may write in it.
        otherwise: what else the user may do in that case, as the end of a sentence.

    Raises:
        NqxError: of that class, if it cannot be made or written, belongs to another user, or others may write in it.
    """
    text = os.fspath(folder)
    if not isinstance(text, str) or not text.strip() or "\0" in text or "://" in text:
        raise error(f"{what} must be a local path; it is {text!r}.")
    try:
        path = Path(text).expanduser().absolute()
        os.fsencode(path)
    except (RuntimeError, UnicodeEncodeError) as problem:  # ~user of nobody; text that is no file's name
        raise error(f"{what} must be a local path; it is {text!r}: {problem}.") from problem
    named = f"{what}, {str(path)!r},"
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = path.stat()
    except (FileExistsError, NotADirectoryError) as problem:
        raise error(f"{named} is or lies in a file; give another.") from problem
    except OSError as problem:
        raise error(f"{named} cannot be made: {problem.strerror}; give one that you can write.") from problem
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise error(f"{named} is not writable; give one that you can write.")
    if trusted or not hasattr(os, "geteuid"):  # elsewhere than on POSIX the mode says nothing
        return path
    if facts.st_uid != os.geteuid():
        raise error(f"{named} belongs to another user, {danger}; give one of your own{otherwise}.")
    if facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise error(
            f"{named} is writable by others (mode {stat.S_IMODE(facts.st_mode):o}), {danger}; take the right away with "
            f"chmod 700, or give another{otherwise}."
        )
    return path
