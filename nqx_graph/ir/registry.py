"""Names that users give to code of their own: who has which, and what is refused."""

from __future__ import annotations

import keyword
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from nqx_graph.errors import DefinitionError

T = TypeVar("T")


class Registry(Generic[T]):
    """Names and what they stand for. Threads may look names up while others register."""

    def __init__(self, what: str) -> None:
        """``what`` a name stands for, for messages."""
        self.what = what
        self._lock = threading.Lock()
        # replaced and never changed, so that looking up takes no lock
        self._held: dict[str, tuple[str, T]] = {}

    def add(self, name: str, item: T, home: str, *, replace: bool = False) -> None:
        """Give an item a name. Code of the same home takes the place of what it registered before, as a notebook cell does
        that runs again.

        Raises:
            DefinitionError: if code of another home has the name, and ``replace`` is not said.
        """
        with self._lock:
            known = self._held.get(name)
            if known is not None and known[0] != home and not replace:
                raise DefinitionError(
                    f"the {self.what} {name!r} of {home} cannot be registered: {known[0]} has that name. Take another "
                    "name, or say replace=True."
                )
            self._held = {**self._held, name: (home, item)}

    def get(self, name: str) -> T | None:
        """What the name stands for."""
        held = self._held.get(name)
        return None if held is None else held[1]

    def items(self) -> dict[str, T]:
        """All names, sorted, and what they stand for."""
        return {name: item for name, (_, item) in sorted(self._held.items())}

    @contextmanager
    def restored(self) -> Iterator[None]:
        """What was registered in the block, by whatever thread, is forgotten at its end, and what was replaced is back."""
        before = self._held
        try:
            yield
        finally:
            with self._lock:
                self._held = before


def home(function: Callable[..., Any]) -> str:
    """Where code was written: module and qualified name."""
    kind = type(function)
    module = getattr(function, "__module__", None) or kind.__module__
    name = getattr(function, "__qualname__", None) or getattr(function, "__name__", None) or kind.__qualname__
    return f"{module}.{name}"


def checked_name(name: object, what: str, taken: Callable[[str], bool], by: str) -> str:
    """The name, if it can be one.

    Args:
        name: what was given.
        what: it is to name.
        taken: whether the package itself has that name.
        by: what has it there, for the message.

    Raises:
        DefinitionError: if it is no public identifier, or taken.
    """
    if not (isinstance(name, str) and name.isidentifier()) or keyword.iskeyword(name) or name.startswith("_"):
        raise DefinitionError(
            f"the name of {what} must be an identifier that starts with a letter; it is {name!r}. Give name= another one."
        )
    if taken(name):
        raise DefinitionError(f"{what} cannot be named {name!r}, which is {by}; give name= another one.")
    return name
