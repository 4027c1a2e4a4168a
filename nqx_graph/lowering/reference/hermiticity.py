"""Every pair of states of a small space, by the loops of the reference interpreter."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.lowering.reference.configurations import is_state
from nqx_graph.lowering.reference.loop import branches
from nqx_graph.operators.hermiticity import not_hermitian
from nqx_graph.space import SpaceView

MOST_BRANCHES = 256  # of all states: some milliseconds


def few_enough(ir: SymbolicOperatorIR, space: SpaceView) -> bool:
    """Whether all branches of all states are few, and every symbol has a value."""
    if (space.count < 0).any():
        return False
    states = math.prod(space.count.tolist()) if space.size <= 16 else math.inf
    if states * ir.term_count > MOST_BRANCHES or not hasattr(space.hilbert, "all_states"):
        return False
    slots = sum(term.max_fanout for term in ir.terms)
    return states * slots <= MOST_BRANCHES and None not in ir.symbols.values()


def _size(number: complex) -> float:
    return float(np.hypot(number.real, number.imag))  # abs() of a complex number raises where that is infinite


def differ(there: complex, back: complex, dtype_str: str) -> bool:
    """Whether <x|O|x'> is the complex conjugate of <x'|O|x> beyond rounding no more; NaN is told by others."""
    rounding = 1e-3 if dtype_str in ("float32", "complex64") else 1e-2 if "16" in dtype_str else 1e-9
    with np.errstate(all="ignore"):
        apart, scale = _size(there - back.conjugate()), max(1.0, _size(there), _size(back))
    return bool(apart > rounding * scale)


def compare_all(ir: SymbolicOperatorIR, space: SpaceView) -> None:
    """Compare <x|O|x'> with the complex conjugate of <x'|O|x> for all states; what leaves the space is for `check` to tell.

    Raises:
        HermiticityError: naming the first pair that differs.
        NqxError: if the operator cannot be run at all.
    """
    found: dict[tuple[Any, Any], Any] = {}
    with np.errstate(all="ignore"):
        for state in np.asarray(space.hilbert.all_states()):
            source = tuple(state.tolist())
            for branch in branches(ir, space, state):
                pair = (source, tuple(branch.target))
                if not branch.outside and is_state(space, branch.target):
                    found[pair] = found.get(pair, 0) + complex(branch.mel)
    for (x, xp), there in found.items():
        back = found.get((xp, x), 0j)
        if differ(there, back, ir.dtype_str):
            there_, back_ = (n if "complex" in ir.dtype_str else n.real for n in (there, back))
            raise not_hermitian(ir.operator_name, list(x), list(xp), there_, back_)
