"""Models of the field, each a few words on the edges of a graph; couplings are symbols, so that a sweep compiles once.

>>> import nqx_graph as sym
>>> ring = [(i, (i + 1) % 6) for i in range(6)]
>>> ising = sym.models.ising(sym.hilbert.Spin(0.5, 6), ring, J=-1.0, h=0.5)
>>> ising.to_ir().free_symbols
('J', 'h')
"""

from nqx_graph.models.gauge import toric_code, u1_gauge, z2_gauge
from nqx_graph.models.particles import bose_hubbard, fermi_hubbard, t_j
from nqx_graph.models.spins import edwards_anderson, heisenberg, ising, j1_j2, pxp, xxz

__all__ = [
    "bose_hubbard", "edwards_anderson", "fermi_hubbard", "heisenberg", "ising", "j1_j2", "pxp", "t_j", "toric_code",
    "u1_gauge", "xxz", "z2_gauge",
]  # fmt: skip
