"""Hermiticity: whether an operator that is said to be hermitian can be, as far as that is cheap to know."""

from __future__ import annotations

import warnings

from nqx_graph.errors import HermiticityError, HermiticityWarning, NqxError
from nqx_graph.fusion.one_way import one_way
from nqx_graph.graph import stage
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.lowering.reference.hermiticity import compare_all, few_enough
from nqx_graph.options import SymbolicCompilerOptions
from nqx_graph.space import SpaceView
from nqx_graph.stages.analyses import HERMITICITY


@stage(
    writes=HERMITICITY,
    before=("lowering", "what it refuses is not lowered"),
    describe=lambda hermiticity: {"hermiticity": hermiticity},
)
def symbolic_hermiticity(ir: SymbolicOperatorIR, space: SpaceView, options: SymbolicCompilerOptions) -> str:
    """On few states every pair is compared, and what is false refused, unless validation is not strict.

    On more, shifts that no branch undoes are warned of.
    """
    if not ir.is_hermitian:
        return "not declared"
    if few_enough(ir, space):
        try:
            compare_all(ir, space)
        except HermiticityError as error:
            if options.strict_validation:
                raise
            return f"false: {error}"
        except NqxError as error:  # what is wrong otherwise is told by others
            return f"not compared: {error}"
        return "compared on all states"
    lost = one_way(ir, space)
    if lost is None:
        return "not compared: too many states"
    position, row, number = lost
    term = ir.terms[position]
    why = (
        f"{ir.operator_name!r} is said to be hermitian, and no branch undoes the shift of term {term.name!r}, row {row}, "
        f"emission #{number}. nqx_graph.verify_hermitian(operator) names a pair of states if it is false."
    )
    if options.strict_validation:
        warnings.warn(why, HermiticityWarning, stacklevel=2)
    return f"doubtful: {why}"
