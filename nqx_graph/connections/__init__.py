"""What an operator does to one configuration, branch by branch: ``operator.explain(x)``.

The branches are those of the reference interpreter, which shares no code with the kernels: what it lists is what
`get_conn` has to return.
"""

from nqx_graph.connections.data import DROPPED, KEPT, NAN, Connection, Connections
from nqx_graph.connections.explaining import explain_compiled, explain_reference, explain_symbolic

__all__ = [
    "DROPPED",
    "KEPT",
    "NAN",
    "Connection",
    "Connections",
    "explain_compiled",
    "explain_reference",
    "explain_symbolic",
]
