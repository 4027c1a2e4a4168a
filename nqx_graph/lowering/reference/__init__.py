"""The reference interpreter: what running an operator returns, written down as loops over NumPy scalars.

Slow and obvious: for each sample, term, row and emission the expressions are walked as they stand. It shares no code
with the lowerers it is held against, only the IR, the view of the space and the errors.

Two rules of arithmetic, a class each: `InDtype` for amplitudes (everything in the operator's dtype) and `Exact` for
predicates, updates and site numbers (integers where all parts are integers, else floating point).
"""

from nqx_graph.lowering.reference.loop import Branch, branches
from nqx_graph.lowering.reference.operator import ReferenceOperator

__all__ = ["Branch", "ReferenceOperator", "branches"]
