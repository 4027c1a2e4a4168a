"""Validation: whether the IR obeys the rules of the language over its space."""

from __future__ import annotations

from typing import Any

from nqx_graph.environment import x64_enabled
from nqx_graph.errors import DTypeError, NqxError
from nqx_graph.graph import stage
from nqx_graph.ir.bounds import check_integers
from nqx_graph.ir.kinds import INT, dtype_kind
from nqx_graph.ir.merging import merged_operator, shapes
from nqx_graph.ir.rules import check_operator
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.options import SymbolicCompilerOptions
from nqx_graph.ranges import term_ranges
from nqx_graph.space import SpaceView
from nqx_graph.stages.analyses import VALIDATION_SUMMARY


@stage(writes=VALIDATION_SUMMARY, always=True, describe=lambda validation_summary: validation_summary)
def symbolic_validation(ir: SymbolicOperatorIR, space: SpaceView, options: SymbolicCompilerOptions) -> dict[str, Any]:
    """Check every rule; strict validation raises what is wrong, the other kind records it and goes on."""
    try:
        check_operator(ir, space)
        _check_dtype(ir.dtype_str)
        _remembered(ir, space, options.on_out_of_domain)
    except NqxError as error:
        if options.strict_validation:
            raise
        return {"valid": False, "error": str(error), "error_type": type(error).__name__}
    return {"valid": True, "error": None, "error_type": None}


def _check_dtype(dtype: str) -> None:
    if dtype in ("float64", "complex128", "int64") and not x64_enabled():
        raise DTypeError(
            f"the operator is {dtype}, and JAX's 64-bit numbers are off; call jax.config.update('jax_enable_x64', True) first."
        )


def _remembered(ir: SymbolicOperatorIR, space: SpaceView, on_out_of_domain: str) -> None:
    """What the numbers of an operator may become; that nothing is wrong is remembered."""
    bits = 64 if x64_enabled() else 32
    key = ("numbers can be told", space.digest, bits, on_out_of_domain)
    if space.digest is None:
        _check_numbers(ir, space, bits, on_out_of_domain)
    else:
        ir.remember(key, lambda: _check_numbers(ir, space, bits, on_out_of_domain))


def _check_numbers(ir: SymbolicOperatorIR, space: SpaceView, bits: int, on_out_of_domain: str) -> None:
    merged, _ = merged_operator(ir, shapes(ir))
    try:
        check_integers(merged, space, bits)
        _check_nan_can_be_told(merged, space, on_out_of_domain)
    except NqxError:  # in the words of the first term that is wrong
        check_integers(ir, space, bits)
        _check_nan_can_be_told(ir, space, on_out_of_domain)


def _check_nan_can_be_told(ir: SymbolicOperatorIR, space: SpaceView, on_out_of_domain: str) -> None:
    if on_out_of_domain != "nan" or dtype_kind(ir.dtype_str) != INT:
        return
    for term in ir.terms:
        for number, own in enumerate(term_ranges(term, space, ir.dtype_str).emissions):
            if own.leaves:
                raise DTypeError(
                    f"emission #{number} of term {term.name!r} may leave the local states, which is told by NaN, and the "
                    f"operator is {ir.dtype_str}. Give a floating dtype, or on_out_of_domain='drop' or 'trust'."
                )
