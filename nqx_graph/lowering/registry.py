"""Lowerers, and who is asked first."""

from __future__ import annotations

import threading
from typing import Any, Protocol

from nqx_graph.artifact import StoredArtifact, SymbolicCompiledArtifact
from nqx_graph.context import SymbolicCompilationContext
from nqx_graph.errors import DefinitionError, OptionTypeError, listed, nearest
from nqx_graph.graph import Identity, identity
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.options import add_backend
from nqx_graph.space import SpaceView


class SymbolicLowerer(Protocol):
    """Turns an operator into something that runs. It may also have ``version``, ``reads`` and ``restore``.

    ``version`` identifies it in cache keys across processes; ``reads`` names what it takes from the context beside what
    the lowering stage already reads. ``restore(tables)`` makes the operator again of the artifact's ``tables``, to which
    the ``ir`` and the ``space`` of the asking call are added, so that a store on disk can keep it.
    """

    name: str
    backend: str

    def supports(self, context: SymbolicCompilationContext) -> bool:
        """Whether it can lower the operator of the context."""

    def lower(self, context: SymbolicCompilationContext) -> SymbolicCompiledArtifact:
        """The artifact, without a key."""


class SymbolicLowererRegistry:
    """An ordered list of lowerers; `resolve` takes the first whose ``supports(context)`` holds."""

    def __init__(self, lowerers: tuple[Any, ...] = ()) -> None:
        self._lowerers: tuple[Any, ...] = ()
        self._lock = threading.Lock()
        for lowerer in lowerers:
            self.register(lowerer)

    @property
    def lowerers(self) -> tuple[Any, ...]:
        """The lowerers in the order in which they are asked."""
        return self._lowerers

    @property
    def reads(self) -> tuple[str, ...]:
        """What the lowerers declare to read, sorted."""
        return tuple(sorted({name for lowerer in self._lowerers for name in getattr(lowerer, "reads", ())}))

    def register(self, lowerer: Any, *, replace: bool = False) -> None:
        """Add a lowerer that is asked last. ``options.backend_preference`` may then name its backend.

        Args:
            lowerer: see `SymbolicLowerer`.
            replace: whether it takes the place of one of its name, as where a notebook cell runs again.

        Raises:
            DefinitionError: if one of its name is registered, and ``replace`` is not said.
        """
        self._add(lowerer, first=False, replace=replace)

    def register_first(self, lowerer: Any, *, replace: bool = False) -> None:
        """Add a lowerer that is asked before all others; else as `register`."""
        self._add(lowerer, first=True, replace=replace)

    def remove(self, name: str) -> None:
        """Forget the lowerer of that name.

        Raises:
            DefinitionError: if there is none, with the nearest name.
        """
        with self._lock:
            kept = tuple(lowerer for lowerer in self._lowerers if lowerer.name != name)
            if len(kept) == len(self._lowerers):
                names = [lowerer.name for lowerer in kept]
                raise DefinitionError(
                    f"no lowerer {name!r} is registered; there are {listed(names)}.{nearest(name, names)}"
                )
            self._lowerers = kept

    def _add(self, lowerer: Any, *, first: bool, replace: bool = False) -> None:
        absent = [name for name in ("name", "backend", "supports", "lower") if not hasattr(lowerer, name)]
        if absent:
            raise OptionTypeError(f"{lowerer!r} is no lowerer; it lacks {listed(absent)}.")
        with self._lock:
            others = tuple(known for known in self._lowerers if known.name != lowerer.name)
            if len(others) < len(self._lowerers) and not replace:
                raise DefinitionError(
                    f"a lowerer named {lowerer.name!r} is registered already; give this one another name, or say replace=True."
                )
            self._lowerers = (lowerer, *others) if first else (*others, lowerer)
        add_backend(lowerer.backend)

    def resolve(self, context: SymbolicCompilationContext) -> Any:
        """The first lowerer that supports the context.

        Raises:
            DefinitionError: if there is none, naming those that were asked.
        """
        for lowerer in self._lowerers:
            if lowerer.supports(context):
                return lowerer
        raise DefinitionError(
            f"no lowerer supports this operator on the backend {context.selected_backend!r}; asked were "
            f"{listed(lowerer.name for lowerer in self._lowerers)}. Register one, or change backend_preference."
        )

    def restore(self, stored: StoredArtifact, ir: SymbolicOperatorIR, space: SpaceView) -> SymbolicCompiledArtifact:
        """The artifact that the lowerer of that name makes of what was stored, for an operator and its space.

        Raises:
            DefinitionError: if no lowerer of that name is registered, or it has no ``restore``.
        """
        for lowerer in self._lowerers:
            if lowerer.name == stored.lowerer_name and hasattr(lowerer, "restore"):
                made = lowerer.restore({"ir": ir, "space": space, **stored.tables})
                return SymbolicCompiledArtifact(
                    stored.backend, stored.lowerer_name, made, stored.metadata, tables=stored.tables, stored=stored
                )
        raise DefinitionError(f"no lowerer {stored.lowerer_name!r} with a restore() is registered.")

    def identities(self) -> tuple[tuple[str, str], ...]:
        """The name and the identity of every lowerer, in order. What can change is asked anew each time."""
        return tuple((name, found.text) for name, found in self.identified())

    def identified(self) -> tuple[tuple[str, Identity], ...]:
        """The same, each with whether it means the same in another process."""
        return tuple((lowerer.name, _identity(lowerer)) for lowerer in self._lowerers)


_STOCK: dict[Any, Identity] = {}  # by value: the lowerers of this package are frozen and hold nothing but text


def _identity(lowerer: Any) -> Identity:
    if not type(lowerer).__module__.startswith("nqx_graph.lowering."):
        return identity(lowerer)
    known = _STOCK.get(lowerer)
    if known is None:
        known = _STOCK[lowerer] = identity(lowerer)
    return known
