"""A Hilbert space as the compiler sees it: local states per site, a digest, a form as data.

`view` takes the embedded spaces, NetKet's, and anything else with ``size`` and ``local_states``.
"""

from __future__ import annotations

import importlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import attrs
import numpy as np
from numpy.typing import ArrayLike, NDArray

from nqx_graph import hilbert as embedded
from nqx_graph.errors import HilbertError

# root module of a space's class -> the module whose describe() makes the view; imported only when such a space is met
ADAPTERS = {"netket": "nqx_graph.integrations.netket"}


@attrs.frozen(eq=False)
class SpaceView:
    """What the language and the lowerers need to know of a space.

    ``low``, ``step`` and ``count`` ([N] each) describe evenly spaced local states from the lowest up; ``count`` is -1
    where there is no highest. A site whose states are not evenly spaced has step 0 and its states in ``table`` [N, n].
    """

    hilbert: Any
    size: int
    low: NDArray[Any]
    step: NDArray[Any]
    count: NDArray[np.int64]
    table: NDArray[Any] | None
    form: Mapping[str, Any] | None
    digest: str | None
    contains: Callable[[Any], Any] | None = None
    no_digest_reason: str = ""
    operator_class: Any = None  # of compiled operators over this space, where it is not the ordinary one

    @cached_property
    def integer(self) -> bool:
        """Whether every local state is a whole number."""
        return bool(self.low.dtype.kind == "i")

    @cached_property
    def even(self) -> bool:
        """Whether the local states of every site are evenly spaced and finitely many."""
        return bool(np.all(self.step > 0) and np.all(self.count > 0))

    @cached_property
    def homogeneous(self) -> bool:
        """Whether all sites have the same local states."""
        same_table = self.table is None or bool(np.all(self.table == self.table[:1]))
        return same_table and all(bool(np.all(a == a[:1])) for a in (self.low, self.step, self.count))

    @cached_property
    def two_state(self) -> bool:
        """Whether every site has exactly two local states."""
        return bool(np.all(self.count == 2))

    @cached_property
    def high(self) -> NDArray[Any]:
        """The highest local state of each site ([N]); meaningless where ``count`` is -1."""
        if self.table is None:
            return np.asarray(self.low + self.step * (self.count - 1))
        return np.asarray(np.max(self.table, axis=1))

    def bounds(self) -> tuple[float, float]:
        """The lowest and the highest local state of all sites; infinity where there is no highest."""
        return float(np.min(self.low)), float("inf") if np.any(self.count < 0) else float(np.max(self.high))

    def local_states_text(self) -> str:
        """The local states in words, for messages."""
        if not self.homogeneous:
            return "those of each site"
        if self.count[0] < 0:
            return f"{self.low[0]}, {self.low[0] + self.step[0]}, ... without end"
        states = (
            self.table[0] if self.table is not None else self.low[0] + self.step[0] * np.arange(min(self.count[0], 9))
        )
        shown = ", ".join(map(str, states[:8].tolist()))
        return shown if self.count[0] <= 8 else f"{shown}, ..., {self.high[0]}"


# the views of spaces that cannot change, those met last; by identity, because comparing spaces may cost more than a view
_VIEWS: OrderedDict[int, SpaceView] = OrderedDict()
_MOST_VIEWS = 64
_lock = threading.Lock()


def view(space: Any) -> SpaceView:
    """The space as the compiler sees it.

    Raises:
        HilbertError: for an object that is no discrete Hilbert space.
    """
    known = _VIEWS.get(id(space))
    if known is not None and known.hilbert is space:
        return known
    made = _view(space)
    if made.digest is not None and made.hilbert is space:
        with _lock:
            _VIEWS[id(space)] = made
            if len(_VIEWS) > _MOST_VIEWS:
                _VIEWS.popitem(last=False)
    return made


def _view(space: Any) -> SpaceView:
    for cls in type(space).__mro__:
        adapter = ADAPTERS.get(cls.__module__.partition(".")[0])
        if adapter is not None:
            described: SpaceView = importlib.import_module(adapter).describe(space)
            return described
    if isinstance(space, embedded.Spin | embedded.Qubit | embedded.Fock):
        states = [np.asarray(space.local_states)]
        return from_states(space, states, space.to_data(), space.digest(), space.contains)
    size, states_of_all = getattr(space, "size", None), getattr(space, "local_states", None)
    if not isinstance(size, int) or states_of_all is None:
        raise HilbertError(
            f"{space!r}, a {type(space).__name__}, is no discrete Hilbert space; give a space of nqx_graph.hilbert, one of "
            "netket.hilbert, or an object with `size` and `local_states`."
        )
    why = f"{type(space).__name__} has no form as data"
    return from_states(space, [np.asarray(list(states_of_all))], None, None, no_digest_reason=why)


def from_states(
    space: Any,
    states: Sequence[ArrayLike],
    form: Mapping[str, Any] | None,
    digest: str | None,
    contains: Callable[[Any], Any] | None = None,
    no_digest_reason: str = "",
) -> SpaceView:
    """A view from the local states of each site (one entry: the same for all), given in any order."""
    size = int(space.size)
    ordered = [np.unique(np.asarray(site)) for site in states]
    if any(site.size == 0 or site.dtype.kind not in "iufb" or not np.all(np.isfinite(site)) for site in ordered):
        raise HilbertError(f"the local states of {space!r} must be finite real numbers, at least one a site.")
    ordered = [_as_integers(site) for site in ordered]
    low = np.array([site[0] for site in ordered])
    step = np.array([_spacing(site) for site in ordered])
    count = np.array([site.size for site in ordered], dtype=np.int64)
    table = None
    if np.any(step == 0):
        widest = int(count.max())
        table = np.stack([np.concatenate([site, np.full(widest - site.size, site[-1])]) for site in ordered])
        table = np.broadcast_to(table, (size, widest))
    return SpaceView(
        space,
        size,
        np.broadcast_to(low, (size,)),
        np.broadcast_to(step, (size,)),
        np.broadcast_to(count, (size,)),
        table,
        form,
        digest,
        contains,
        no_digest_reason,
    )


def unbounded(space: Any, form: Mapping[str, Any] | None, digest: str | None, why: str = "") -> SpaceView:
    """A view of a space with local states 0, 1, 2, ... without end."""
    size = int(space.size)
    zero, one = np.zeros(size, dtype=np.int64), np.ones(size, dtype=np.int64)
    return SpaceView(space, size, zero, one, -one, None, form, digest, None, why)


def _as_integers(states: NDArray[Any]) -> NDArray[Any]:
    whole = states.astype(np.int64)
    return whole if np.array_equal(whole, states) else states.astype(np.float64)


def _spacing(states: NDArray[Any]) -> Any:
    """The spacing of evenly spaced states, 1 for a single state, 0 where they are not evenly spaced."""
    if states.size == 1:
        return states.dtype.type(1)
    gaps = np.diff(states)
    return gaps[0] if np.all(gaps == gaps[0]) else states.dtype.type(0)
