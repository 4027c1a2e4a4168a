"""Index rows of lattices, for ``over=``: edges of neighbour shells, plaquettes, stars.

A `Lattice` has ``edges()``, so that it may itself stand at ``over=``; everything else is an int32 array [M, K].

>>> from nqx_graph import lattices
>>> lattices.chain(4).edges().tolist()
[[0, 1], [0, 3], [1, 2], [2, 3]]
>>> lattices.hypercubic((3, 3)).edges(2).shape
(18, 2)
"""

from nqx_graph.lattices.lattice import Lattice, neighbour_shells
from nqx_graph.lattices.shapes import chain, honeycomb, hypercubic, kagome, lattice, triangular
from nqx_graph.lattices.squares import links, plaquettes, stars

__all__ = [
    "Lattice",
    "chain",
    "honeycomb",
    "hypercubic",
    "kagome",
    "lattice",
    "links",
    "neighbour_shells",
    "plaquettes",
    "stars",
    "triangular",
]
