"""How often each promise is tried: in plain ``tox``, and in ``tox -e soak``, which sets ``NQX_SOAK``."""

from __future__ import annotations

import itertools
import os

SOAK = bool(os.environ.get("NQX_SOAK"))


def figure(plain: int, soak: int) -> int:
    """The number for this run."""
    return soak if SOAK else plain


def parts(total: int, count: int) -> list[range]:
    """The numbers below ``total`` in ``count`` runs, so that tests of one promise share the processes."""
    edges = [total * part // count for part in range(count + 1)]
    return [range(low, high) for low, high in itertools.pairwise(edges)]
