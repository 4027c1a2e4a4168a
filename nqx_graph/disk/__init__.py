"""Artifacts that outlive the process: a store on disk that holds data only, and rebuilds from it with this package's code.

``store`` is what a compiler is given, ``folder`` the files, ``entry`` their bytes, ``plain`` what is in them.
"""

from nqx_graph.disk.store import DiskArtifactStore, StoreCounts

__all__ = ["DiskArtifactStore", "StoreCounts"]
