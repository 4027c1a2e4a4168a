"""Pictures of operators and of compiles, with matplotlib: ``pip install 'nqx_graph[plot]'``.

>>> from nqx_graph import plotting

Every function draws into ``ax`` where it is given one and into a new figure where not, returns the axes, and never shows
or saves anything. Pictures stay readable in grey. matplotlib is imported by the first call that draws, not before.
"""

from nqx_graph.plotting.connected import plot_connections
from nqx_graph.plotting.reports import plot_report
from nqx_graph.plotting.sizes import plot_sizes
from nqx_graph.plotting.sparsity import plot_sparsity
from nqx_graph.plotting.spectrum import plot_spectrum

__all__ = ["plot_connections", "plot_report", "plot_sizes", "plot_sparsity", "plot_spectrum"]
