"""What an operator is: frozen data, its text, its fingerprint.

``types`` holds the classes, ``expr`` and ``table`` expressions, ``rules`` what makes an operator valid, ``text`` how it
prints, ``encode`` its fingerprint, ``serial`` its form as JSON.
"""

from nqx_graph.ir.expr import AmplitudeExpr, PredicateExpr
from nqx_graph.ir.types import (
    EmissionSpec,
    KBodyIteratorSpec,
    SymbolicIRTerm,
    SymbolicOperatorIR,
    UpdateOp,
    UpdateProgram,
)

__all__ = [
    "AmplitudeExpr",
    "EmissionSpec",
    "KBodyIteratorSpec",
    "PredicateExpr",
    "SymbolicIRTerm",
    "SymbolicOperatorIR",
    "UpdateOp",
    "UpdateProgram",
]
