"""Texts that stand for values: for plain data what it says, for any other object that it is this very one."""

from __future__ import annotations

import enum
import itertools
import os
import threading
import uuid
import weakref
from collections.abc import Callable
from typing import Any

_PROCESS = uuid.uuid4().hex
_COUNTER = itertools.count(1)
_TOKENS: dict[int, tuple[Callable[[], object], str]] = {}
# Reentrant: collecting an object while the lock is held runs the callback that forgets it.
_LOCK = threading.RLock()


def object_token(obj: Any) -> str:
    """A text for this very object, never given to another one, in this process or elsewhere."""
    key = id(obj)
    with _LOCK:
        known = _TOKENS.get(key)
        if known is not None and known[0]() is obj:
            return known[1]
        # The process number tells a forked child, which inherits the rest, from its parent.
        token = f"{_PROCESS}-{os.getpid()}-{next(_COUNTER)}"
        _TOKENS[key] = (_reference(obj, key), token)
        return token


def _reference(obj: Any, key: int) -> Callable[[], object]:
    try:
        return weakref.ref(obj, lambda _: _TOKENS.pop(key, None))
    except TypeError:
        # What cannot be referenced weakly is kept for good, so that its id is never another object's.
        return lambda: obj


def plain_text(value: Any) -> str | None:
    """A text that equal plain data share and different data do not; ``None`` for anything else."""
    if value is None or type(value) in (bool, int, float, complex, str, bytes):
        return f"{type(value).__name__} {value!r}"
    if isinstance(value, enum.Enum):
        return f"{type(value).__module__}.{type(value).__qualname__}.{value.name} {plain_text(value.value)}"
    if type(value) in (tuple, list):
        parts = [plain_text(item) for item in value]
    elif type(value) is dict:
        parts = [plain_text(item) for item in value.items()]
    else:
        return None
    return None if None in parts else f"{type(value).__name__} {parts!r}"
