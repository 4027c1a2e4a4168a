"""What may be given to a picture of an operator."""

from __future__ import annotations

from typing import Any

import numpy as np

from nqx_graph.errors import CheckError, OptionTypeError


def runnable(operator: Any, asked_by: str) -> Any:
    """The operator compiled: of an artifact its operator, a symbolic one through its ``compile()``.

    Raises:
        OptionTypeError: for anything that is no operator.
    """
    operator = getattr(operator, "compiled_operator", operator)
    if hasattr(type(operator), "get_conn_padded"):
        return operator
    if not hasattr(operator, "to_ir") or not hasattr(operator, "compile"):
        raise OptionTypeError(f"{asked_by} takes an operator or the artifact of one; it was given {operator!r}.")
    return operator.compile()


def name_of(operator: Any) -> str:
    """The operator's name; that of its class where it has none, as NetKet's own."""
    return repr(getattr(operator, "name", type(operator).__name__))


def finite_matrix(operator: Any) -> Any:
    """The matrix <x|O|x'> in SciPy's COO form, equal places summed and zeros left out.

    Raises:
        HilbertError: if the space cannot be listed. StateError: if a branch leaves it.
        CheckError: if a matrix element is NaN or infinite.
    """
    matrix = operator.to_sparse().tocoo(copy=True).tocsr()
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    odd = int(np.count_nonzero(~np.isfinite(matrix.data)))
    if odd:
        raise CheckError(
            f"{odd} matrix elements of {name_of(operator)} are NaN or infinite, so that there is no matrix to draw; "
            "operator.explain(x) shows the branches of a state with what became of each.",
            odd=odd,
        )
    return matrix.tocoo()


def levels_of_rounding(dtype: Any) -> float:
    """How far equal numbers of a dtype may be apart, as a fraction of the largest."""
    return {"float64": 1e-9, "complex128": 1e-9, "float32": 1e-4, "complex64": 1e-4}.get(np.dtype(dtype).name, 1e-2)
