"""Fermions on sites with the local states 0 and 1, with Jordan-Wigner signs in any mode order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs
import numpy as np

from nqx_graph.errors import DefinitionError, ExpressionError
from nqx_graph.words.value import Words
from nqx_graph.words.vocabulary import number, word


def _order(order: Iterable[Any] | None) -> tuple[int, ...] | None:
    if order is None:
        return None
    if isinstance(order, str) or not (isinstance(order, Iterable) or hasattr(order, "__array__")):
        raise ExpressionError(f"the order of the modes must be a sequence of site numbers; it is {order!r}.")
    sites = tuple(order)
    for site in sites:
        if isinstance(site, bool) or not isinstance(site, int | np.integer) or site < 0:
            raise ExpressionError(f"the order of the modes must be site numbers; it holds {site!r}.")
    if len(set(sites)) != len(sites):
        twice = next(site for place, site in enumerate(sites) if site in sites[:place])
        raise DefinitionError(f"the order of the modes names site {twice} twice; every mode has one place.")
    return tuple(map(int, sites))


@attrs.frozen
class Fermions:
    """Fermionic words in a mode order: cⱼ = Π (1 - 2nₖ) aⱼ over the modes k that come before j (Jordan and Wigner, 1928).

    Args:
        order: the sites in the order of their modes; None for that of the site numbers, which is NetKet's and
            OpenFermion's. Sites that are left out are no modes, and count for no sign.

    Raises:
        ExpressionError: for an order that is no sequence of site numbers.
        DefinitionError: for one that names a site twice.
    """

    order: tuple[int, ...] | None = attrs.field(default=None, converter=_order)

    def c(self, site: Any) -> Words:
        """cⱼ: takes the fermion from the mode."""
        return word("c", site, None, self.order)

    def c_dag(self, site: Any) -> Words:
        """c†ⱼ: puts a fermion in the mode."""
        return word("c_dag", site, None, self.order)

    def n(self, site: Any) -> Words:
        """nⱼ = c†ⱼ cⱼ, which has no sign."""
        return number(site)

    def hop(self, i: Any, j: Any) -> Words:
        """c†ᵢ cⱼ: a fermion goes from j to i."""
        return self.c_dag(i) * self.c(j)


def c(site: Any, *, order: Iterable[Any] | None = None) -> Words:
    """cⱼ in the order of the site numbers, or in the given one; see `Fermions`."""
    return Fermions(order).c(site)


def c_dag(site: Any, *, order: Iterable[Any] | None = None) -> Words:
    """c†ⱼ in the order of the site numbers, or in the given one; see `Fermions`."""
    return Fermions(order).c_dag(site)


def n(site: Any) -> Words:
    """n = c†c, the same as `number`."""
    return number(site)
