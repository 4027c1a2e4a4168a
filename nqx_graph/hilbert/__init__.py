"""The embedded Hilbert spaces: what an operator acts on where NetKet is not installed.

A space is N sites with the same evenly spaced local states, and perhaps one conserved total. States are counted, ranked
and drawn as *places*, the positions 0, 1, … of the local states in the order the space lists them: a conserved total of
the states is then a conserved sum of places, and the same few functions serve spins and bosons.

Argument names, local states and the order of the states are NetKet's.
"""

from nqx_graph.hilbert.data import from_data
from nqx_graph.hilbert.spaces import Fock, Qubit, Spin

__all__ = ["Fock", "Qubit", "Spin", "from_data"]
