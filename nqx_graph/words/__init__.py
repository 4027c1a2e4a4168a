"""The words of the field: local operators in the convention of kets, for `DOperator.add`.

>>> import nqx_graph as sym
>>> w = sym.words
>>> hopping = -1.0 * (w.hop("i", "j") + w.hop("j", "i"))
>>> operator = sym.DOperator(sym.hilbert.Fock(3, N=4)).for_each(("i", "j"), over=[(0, 1), (1, 2), (2, 3)]).add(hopping)
"""

from typing import Any

from nqx_graph.errors import nearest
from nqx_graph.words.fermions import Fermions, c, c_dag, n
from nqx_graph.words.value import Words
from nqx_graph.words.vocabulary import (
    create,
    destroy,
    hop,
    identity,
    number,
    projector,
    sigma_minus,
    sigma_plus,
    sigma_x,
    sigma_y,
    sigma_z,
    spin_dot,
)

__all__ = [
    "Fermions", "Words", "c", "c_dag", "create", "destroy", "hop", "identity", "n", "number", "projector", "sigma_minus",
    "sigma_plus", "sigma_x", "sigma_y", "sigma_z", "spin_dot",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    raise AttributeError(f"there is no word {name!r}." + ("" if name.startswith("_") else nearest(name, __all__)))
