"""Sums of products of fermionic a† and a: one row a product, exactly its branch, with the sign of Jordan and Wigner.

``<x|`` is led through a product from the left: ``<x|a†ₘ`` needs x[m] = 1 and leaves 0 there, ``<x|aₘ`` the reverse, and
each gives (-1)^(Σₖ x[k], k < m), in the order of the mode numbers. What is left of a product is which bits it needs, which
it flips, and of which other sites the signs are taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.dsl.builder import DOperator
from nqx_graph.dsl.selectors import column, dot
from nqx_graph.dsl.update import flip
from nqx_graph.exchange.adding import added, element_dtype, numbers, real_if_all_are
from nqx_graph.exchange.qubits import Mask, Qubits
from nqx_graph.fusion.rows import grouped
from nqx_graph.operators.symbolic import SymbolicOperator

# of the factors of a product: the mode, and 1 for a† or 0 for a, which is the bit that <x| needs
Products = Mapping[tuple[tuple[int, int], ...], Any]


@attrs.frozen(eq=False)
class Ladders:
    """Products in normal form: ``needs`` [M, N] bits or -1, ``flips`` and ``signs`` [M, N] of 0 and 1, ``weights`` [M]."""

    needs: Mask
    flips: Mask
    signs: Mask
    weights: NDArray[Any]

    @property
    def keys(self) -> Mask:
        """What makes two products one, [M, 3 N]."""
        return np.concatenate([self.needs, self.flips, self.signs], axis=1)

    def collected(self) -> Ladders:
        """Without two equal products, and without those whose weights add up to exactly 0."""
        kept, weights = added(self.keys, self.weights)
        return Ladders(self.needs[kept], self.flips[kept], self.signs[kept], real_if_all_are(weights))

    def adjoint(self) -> Ladders:
        """The hermitian conjugate: read from x', where the flipped bits are the others."""
        return attrs.evolve(self, needs=self.needs ^ self.flips, weights=self.weights.conj())

    def is_hermitian(self) -> bool:
        """Whether every product is there with its conjugate, of exactly the conjugate weight. Both are `collected`."""
        other = self.adjoint()
        group, first = grouped(np.concatenate([self.keys, other.keys]))
        count = len(self.weights)
        return len(first) == count and bool(np.array_equal(self.weights[first][group[count:]], other.weights))


@attrs.define(eq=False)
class _Led:
    """``<x|`` led some way through each of M products: ``bits`` [M, N] as they are now, -1 as they came."""

    bits: Mask
    needs: Mask
    flips: Mask
    signs: Mask
    odd: NDArray[np.int64]
    alive: NDArray[np.bool_]

    def through(self, rows: NDArray[np.int64], mode: NDArray[np.int64], bit: NDArray[np.int64]) -> None:
        """Through one more factor of the products ``rows``."""
        before = np.arange(self.bits.shape[1]) < mode[:, None]
        self.odd[rows] += np.sum(before & (self.bits[rows] == 1), axis=1)
        self.signs[rows] ^= before & (self.bits[rows] == -1)
        untouched = self.bits[rows, mode] == -1
        self.needs[rows[untouched], mode[untouched]] = bit[untouched]
        self.alive[rows] &= untouched | (self.bits[rows, mode] == bit)
        self.bits[rows, mode] = 1 - bit
        self.flips[rows, mode] ^= 1

    def arrived(self, weights: NDArray[Any]) -> Ladders:
        """The products that are not zero."""
        odd = self.odd + np.sum(self.signs & (self.needs == 1), axis=1)  # untouched sites then, which are known by now
        signs = self.signs & (self.needs == -1)
        signed, kept = np.where(odd % 2 == 1, -weights, weights), self.alive
        return Ladders(self.needs[kept], self.flips[kept], signs[kept], signed[kept])


def ladders(products: Products, size: int, what: str) -> Ladders:
    """Products of a† and a in normal form; those that are zero, such as a a, are gone.

    Raises:
        ConversionError: for weights that are no finite numbers.
    """
    count = len(products)
    weights = numbers(list(products.values()), count, what)
    lengths = np.array([len(product) for product in products], dtype=np.int64)
    longest = int(lengths.max(initial=0))
    padded = [(*product, *[(0, 0)] * (longest - len(product))) for product in products]
    factors = np.array(padded, dtype=np.int64).reshape(count, longest, 2)
    unknown, nothing = np.full((count, size), -1, dtype=np.int64), np.zeros((count, size), dtype=np.int64)
    led = _Led(unknown.copy(), unknown, nothing.copy(), nothing, np.zeros(count, dtype=np.int64), np.ones(count, bool))
    for position in range(longest):
        rows = np.flatnonzero(lengths > position)
        led.through(rows, *factors[rows, position].T)
    return led.arrived(weights)


def build(space: Qubits, products: Products, dtype: Any, name: str, hermitian: bool | None = None) -> SymbolicOperator:
    """The operator of some products: those that keep x are one term, ``diagonal``, and all others ``hops``.

    Args:
        space: site m is mode m, occupied where its bit is 1.
        products: weights by product.
        dtype: of the matrix elements; None: real where all weights are.
        name: of the operator.
        hermitian: None: whether every product is there with its conjugate.
    """
    own = ladders(products, space.size, name).collected()
    if not len(own.weights):  # the operator that is zero
        nothing = np.zeros((1, space.size), dtype=np.int64)
        own = Ladders(nothing - 1, nothing, nothing, np.zeros(1))
    said = own.is_hermitian() if hermitian is None else hermitian
    builder = DOperator(space.hilbert, name, dtype=element_dtype(dtype, own.weights, name), hermitian=said)
    moving = np.asarray(own.flips.any(axis=1))
    if not moving.all():
        _open(builder, space, own, ~moving, "w_diagonal").emit(amplitude=column("w_diagonal") * space.sign("z")).named(
            "diagonal"
        )
    if moving.any():
        _open(builder, space, own, moving, "w_hops").emit(
            flip("f"), amplitude=column("w_hops") * space.sign("z")
        ).named("hops")
    return builder.build()


def _open(builder: DOperator, space: Qubits, own: Ladders, chosen: NDArray[np.bool_], weights: str) -> DOperator:
    signs, flips = own.signs[chosen], own.flips[chosen]
    pattern, count = space.pattern(own.needs[chosen])
    columns = {weights: own.weights[chosen] * space.constant_sign(signs), "z": signs, "bits": pattern, "count": count}
    if flips.any():
        columns["f"] = flips
    rows = np.zeros((len(signs), 0), dtype=np.int32)
    return builder.for_each((), over=rows, columns=columns).where(dot("bits") == column("count"))
