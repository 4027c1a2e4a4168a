"""Sites with two states as qubits: which state is "0", and the sign that a mask of sites gives."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.dsl.selectors import dot, prod, wrap_mod
from nqx_graph.errors import HilbertError
from nqx_graph.ir.expr import AmplitudeExpr
from nqx_graph.space import SpaceView, view

Mask = NDArray[np.int64]


@attrs.frozen(eq=False)
class Qubits:
    """A space whose sites are qubits.

    The first local state that the space lists is ``|0>``, with Z = +1: 0 of 0 and 1, and the spin that is up where the
    space lists up first, as ``nqx_graph.hilbert.Spin`` and NetKet do.
    """

    space: SpaceView
    first: int
    second: int

    @property
    def hilbert(self) -> Any:
        """The space that a user gave."""
        return self.space.hilbert

    @property
    def size(self) -> int:
        """Number of sites."""
        return self.space.size

    def sign(self, column: str) -> AmplitudeExpr:
        """Πₖ Zₖ over the masked sites, where the value of a site is 0 or 1; Πₖ x[k], where it is 1 or -1."""
        return prod(column) if self.first else 1 - 2 * wrap_mod(dot(column))

    def constant_sign(self, mask: Mask) -> Mask:
        """What `sign` lacks [M]: where -1 is listed first, Z is minus the value of a site."""
        return np.where((mask.sum(axis=1) % 2 == 1) & (self.first == -1), -1, 1).astype(np.int64)

    def pattern(self, wanted: Mask) -> tuple[Mask, Mask]:
        """A column for `dot` [M, N] and what it gives [M] on exactly those x that have the wanted bits (-1: any)."""
        values = np.where(wanted < 0, 0, np.where(wanted == 1, self.second, self.first))
        if self.first:  # the sum of v·x reaches its largest value where every x is v
            return values, np.sum(wanted >= 0, axis=1)
        return np.where(wanted < 0, 0, 2 * wanted - 1), np.sum(wanted == 1, axis=1)

    def bits(self, states: NDArray[Any]) -> Mask:
        """Configurations [B, N] as 0 and 1."""
        return np.asarray(states != self.first, dtype=np.int64)


def qubits(hilbert: Any, what: str) -> Qubits:
    """The space as one of qubits.

    Raises:
        HilbertError: for a space whose sites are not all 0 and 1, or all 1 and -1.
    """
    space = view(hilbert)
    if space.homogeneous and space.two_state and (int(space.low[0]), int(space.high[0])) in ((0, 1), (-1, 1)):
        states = getattr(hilbert, "local_states", None)
        first = int(space.low[0]) if states is None else int(np.asarray(states)[0])
        return Qubits(space, first, int(space.low[0] + space.high[0]) - first)
    raise HilbertError(
        f"{what} acts on qubits, and the local states of {hilbert!r} are {space.local_states_text()}; give a space with 0 and "
        "1 on every site, or 1 and -1, such as Qubit(N) or Spin(1/2, N)."
    )
