"""Hermiticity: whether an operator that is said to be hermitian can be, as far as that is cheap to know."""

from __future__ import annotations

import warnings

from nqx_graph.diagnostics.way_back import lost_way_back
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

    On more, shifts that no branch undoes are warned of, and rows whose way back has another matrix element.
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
    why = _doubt(ir, space)
    if not why:
        return "not compared: too many states"
    why = f"{ir.operator_name!r} is said to be hermitian, and {why}. {_COMMAND}"
    if options.strict_validation:
        warnings.warn(why, HermiticityWarning, stacklevel=2)
    return f"doubtful: {why}"


_COMMAND = "nqx_graph.verify_hermitian(operator) names a pair of states if it is false."


def _doubt(ir: SymbolicOperatorIR, space: SpaceView) -> str:
    """What speaks against it; empty where nothing was found."""
    lost = one_way(ir, space)
    if lost is not None:
        position, row, number = lost
        return f"no branch undoes the shift of term {ir.terms[position].name!r}, row {row}, emission #{number}"
    missed = lost_way_back(ir, space)
    if missed is None:
        return ""
    return (
        f"term {ir.terms[missed.position].name!r}, row {missed.row}, emission #{missed.emission} has {missed.there:.4g} "
        f"where its way back has {missed.back:.4g}"
    )
