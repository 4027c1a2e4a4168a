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


def ladders(products: Products, size: int, what: str) -> Ladders:
    """Products of a† and a in normal form; those that are zero, such as a a, are gone.

    Raises:
        ConversionError: for weights that are no finite numbers.
    """
    weights = numbers(list(products.values()), len(products), what)
    lengths = np.array([len(product) for product in products], dtype=np.int64)
    longest = int(lengths.max(initial=0))
    factors = np.array([(*product, *[(0, 0)] * (longest - len(product))) for product in products], dtype=np.int64)
    factors = factors.reshape(len(products), longest, 2)
    bits = np.full((len(products), size), -1, dtype=np.int64)  # of <x| led so far; -1 as it came
    needs, flips, signs = bits.copy(), np.zeros_like(bits), np.zeros_like(bits)
    alive, odd = np.ones(len(products), dtype=bool), np.zeros(len(products), dtype=np.int64)
    for position in range(longest):
        rows = np.flatnonzero(lengths > position)
        mode, bit = factors[rows, position].T
        before = np.arange(size) < mode[:, None]
        odd[rows] += np.sum(before & (bits[rows] == 1), axis=1)
        signs[rows] ^= before & (bits[rows] == -1)
        untouched = bits[rows, mode] == -1
        needs[rows[untouched], mode[untouched]] = bit[untouched]
        alive[rows] &= untouched | (bits[rows, mode] == bit)
        bits[rows, mode] = 1 - bit
        flips[rows, mode] ^= 1
    odd += np.sum(signs & (needs == 1), axis=1)  # a site that was untouched then, and is known by now
    signs &= needs == -1
    weights = np.where(odd % 2 == 1, -weights, weights)
    return Ladders(needs[alive], flips[alive], signs[alive], weights[alive])


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
