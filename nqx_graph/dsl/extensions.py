"""What users added to the language, for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nqx_graph.dsl.clauses import CLAUSES
from nqx_graph.ir import functions


@contextmanager
def extensions() -> Iterator[None]:
    """``with sym.extensions():`` forgets at its end which clauses and expression functions were registered in it.

    For tests. What other threads register meanwhile is forgotten as well.
    """
    with CLAUSES.restored(), functions.restored():
        yield
