"""What every word does to a ket of one site, from the textbooks: the table of the vocabulary."""

from __future__ import annotations

import math
from typing import Any

import attrs

from nqx_graph.errors import HilbertError

Line = tuple[float, float]  # (a, b): a·v + b at the local state v


@attrs.frozen
class Kind:
    """The evenly spaced local states of a site: ``count`` of them from ``low`` in steps of ``step``; -1 without end."""

    low: float
    step: float
    count: int

    @property
    def high(self) -> float:
        """The highest local state, or infinity."""
        return math.inf if self.count < 0 else self.low + self.step * (self.count - 1)

    @property
    def occupation(self) -> bool:
        """Whether the local states are 0, 1, 2, …"""
        return self.low == 0 and self.step == 1

    @property
    def spin(self) -> bool:
        """Whether the local states are 2m for m = -s … s."""
        return self.step == 2 and self.count > 1 and self.low == 1 - self.count

    @property
    def two_state(self) -> bool:
        """Whether it is a qubit or a spin 1/2."""
        return self.count == 2

    def holds(self, value: float) -> bool:
        """Whether this is one of the local states."""
        return self.low <= value <= self.high and self.step > 0 and ((value - self.low) / self.step).is_integer()

    def __str__(self) -> str:
        shown = [f"{self.low + self.step * k:g}" for k in range(self.count if 0 < self.count < 5 else 3)]
        return ", ".join(shown if 0 < self.count < 5 else [*shown, "…"])


@attrs.frozen
class Ket:
    """|v> becomes coefficient · Π factors(v) · √Π radicands(v) |v + shift>; where ``only`` is given, only |only> does."""

    shift: float = 0
    coefficient: complex = 1
    factors: tuple[Line, ...] = ()
    radicands: tuple[Line, ...] = ()
    only: float | None = None

    def element(self, v: float) -> complex:
        """The number that it is multiplied by at the local state v."""
        if self.only is not None and v != self.only:
            return 0
        inside = math.prod(a * v + b for a, b in self.radicands)
        return self.coefficient * math.prod(a * v + b for a, b in self.factors) * math.sqrt(max(inside, 0))


_CREATE, _DESTROY = Ket(1, 1, (), ((1, 1),)), Ket(-1, 1, (), ((1, 0),))
_OCCUPATION = {"create": (_CREATE,), "destroy": (_DESTROY,), "number": (Ket(0, 1, ((1, 0),)),)}
_FERMIONS = {"c_dag": (_CREATE,), "c": (_DESTROY,), "parity": (Ket(0, 1, ((-2, 1),)),)}
_NEEDS = {
    **dict.fromkeys(_OCCUPATION, "occupation numbers 0, 1, 2, …"),
    **dict.fromkeys(("c", "c_dag"), "modes with the local states 0 and 1"),
    **dict.fromkeys(
        ("sigma_x", "sigma_y", "sigma_z", "sigma_plus", "sigma_minus"), "spins (…, -1, 1, …) or qubits (0, 1)"
    ),
}


def _spin(plus: Ket, minus: Ket, z: Ket) -> dict[str, tuple[Ket, ...]]:
    turned = (
        attrs.evolve(plus, coefficient=-1j * plus.coefficient),
        attrs.evolve(minus, coefficient=1j * minus.coefficient),
    )
    return {
        "sigma_plus": (plus,),
        "sigma_minus": (minus,),
        "sigma_z": (z,),
        "sigma_x": (plus, minus),
        "sigma_y": turned,
    }


def _spin_of(high: float) -> dict[str, tuple[Ket, ...]]:
    # with v = 2m and 2s the highest: s(s+1) - m(m±1) = (2s ∓ v)(2s ± v + 2)/4
    plus = Ket(2, 0.5, (), ((-1, high), (1, high + 2)))
    return _spin(plus, Ket(-2, 0.5, (), ((1, high), (-1, high + 2))), Ket(0, 1, ((1, 0),)))


_QUBIT = _spin(_DESTROY, _CREATE, Ket(0, 1, ((-2, 1),)))


def kets(word: str, kind: Kind, value: Any, site: int, where: str) -> tuple[Ket, ...]:
    """What a word does to a ket of a site of this kind; several kets are a sum.

    Raises:
        HilbertError: if the word has no meaning on these local states.
    """
    if word == "projector":
        if kind.holds(value):
            return (Ket(only=value),)
        raise HilbertError(f"{where}: projector onto {value!r}; the local states of site {site} are {kind}.", site=site)
    known: dict[str, tuple[Ket, ...]] = {}
    if kind.occupation:
        known |= _OCCUPATION
    if kind.occupation and kind.two_state:
        known |= _FERMIONS | _QUBIT
    if kind.spin:
        known |= _spin_of(kind.high)
    if word not in known:
        raise HilbertError(
            f"{where}: {word} acts on {_NEEDS[word]}; the local states of site {site} are {kind}.", site=site
        )
    return known[word]
