"""The three spaces: spins, qubits and bosons."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, final

from nqx_graph.errors import HilbertError
from nqx_graph.hilbert.arguments import lowered_spins, sites, twice, whole
from nqx_graph.hilbert.base import Space
from nqx_graph.hilbert.levels import Levels

# JAX computes in int32 unless told otherwise: local states are kept within it.
_INT32_MAX = 2**31 - 1


@final
@dataclass(frozen=True, init=False, eq=False, repr=False)
class Spin(Space):
    """N spins s; the local states are 2s, 2s - 2, …, -2s.

    Args:
        s: the spin, a positive integer or half-integer.
        N: number of sites.
        total_sz: the conserved total magnetisation in units where one spin reaches from -s to s; None for all states.

    Raises:
        HilbertError: an argument is none of these, or no state has that magnetisation.
    """

    def __init__(self, s: float | Fraction, N: int = 1, *, total_sz: float | Fraction | None = None) -> None:
        s2, size = twice(s), sites("Spin", N)
        if s2 is None or not 0 < s2 < _INT32_MAX:
            raise HilbertError(f"Spin takes a positive integer or half-integer s, but s is {s!r}.", s=s)
        total = None if total_sz is None else lowered_spins(s2, size, total_sz)
        # NetKet has two tables for a fixed magnetisation and takes the one with the lower bound on its work: one
        # orders the states by rising values, the other by local states, which fall.
        # For spins 1/2 the first always wins.
        rising = total is not None and (s2 == 1 or math.comb(s2 * size, total) < (s2 + 1) ** size)
        super().__init__(size, Levels(s2 + 1, s2, -2), total, rising)

    @property
    def _s2(self) -> int:
        return self._levels.start

    @property
    def _total_sz2(self) -> int | None:
        return None if self._total is None else self._s2 * self._size - 2 * self._total

    def to_data(self) -> dict[str, Any]:
        """The space as JSON-safe data; ``s2`` and ``total_sz2`` are twice ``s`` and ``total_sz``."""
        return {"kind": "nqx_graph.Spin", "s2": self._s2, "N": self._size, "total_sz2": self._total_sz2}

    def _arguments(self) -> dict[str, Any]:
        total_sz = None if self._total_sz2 is None else Fraction(self._total_sz2, 2)
        return {"s": Fraction(self._s2, 2), "N": self._size, "total_sz": total_sz}


@final
@dataclass(frozen=True, init=False, eq=False, repr=False)
class Qubit(Space):
    """N qubits; the local states are 0, 1.

    Args:
        N: number of qubits.

    Raises:
        HilbertError: N is not a positive integer.
    """

    def __init__(self, N: int = 1) -> None:
        super().__init__(sites("Qubit", N), Levels(2, 0, 1), None, False)

    def to_data(self) -> dict[str, Any]:
        """The space as JSON-safe data."""
        return {"kind": "nqx_graph.Qubit", "N": self._size}

    def _arguments(self) -> dict[str, Any]:
        return {"N": self._size}


@final
@dataclass(frozen=True, init=False, eq=False, repr=False)
class Fock(Space):
    """N bosonic modes; the local states are 0, 1, …, n_max.

    Args:
        n_max: the highest occupation of a mode. Unlike NetKet's, this space has no unbounded modes, and n_max = 0
            (one state) is allowed as it is there.
        N: number of modes.
        n_particles: the conserved number of bosons; None for all states.

    Raises:
        HilbertError: an argument is none of these, or the bosons do not fit in the modes.
    """

    def __init__(self, n_max: int | None = None, N: int = 1, n_particles: int | None = None) -> None:
        if n_max is None:
            hint = "" if n_particles is None else f" (n_max={n_particles!r} excludes nothing here)"
            raise HilbertError(
                f"Fock needs a finite n_max: the embedded space has no unbounded modes. Give the highest occupation of "
                f"a mode{hint}, as in Fock(n_max=3, N=4).",
                n_max=n_max,
            )
        highest, size = whole(n_max, least=0), sites("Fock", N)
        if highest is None or highest >= _INT32_MAX:
            raise HilbertError(
                f"Fock takes a finite n_max, an integer from 0 to 2**31 - 2, but n_max is {n_max!r}.", n_max=n_max
            )
        total = None if n_particles is None else whole(n_particles, least=0)
        if n_particles is not None and (total is None or total > size * highest):
            raise HilbertError(
                f"Fock(n_max={highest}, N={size}) takes an integer n_particles from 0 to N * n_max = {size * highest}, "
                f"but n_particles is {n_particles!r}.",
                n_particles=n_particles,
            )
        super().__init__(size, Levels(highest + 1, 0, 1), total, False)

    @property
    def n_max(self) -> int:
        """The highest occupation of a mode."""
        return self._levels.last

    @property
    def n_particles(self) -> int | None:
        """The conserved number of bosons, or None."""
        return self._total

    def to_data(self) -> dict[str, Any]:
        """The space as JSON-safe data."""
        return {"kind": "nqx_graph.Fock", **self._arguments()}

    def _arguments(self) -> dict[str, Any]:
        return {"n_max": self.n_max, "N": self._size, "n_particles": self._total}
