"""The eigenvalues of a small operator."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nqx_graph.errors import HilbertError
from nqx_graph.operators.hermiticity import MOST_STATES, not_hermitian
from nqx_graph.plotting.asking import finite_matrix, levels_of_rounding, name_of, runnable
from nqx_graph.plotting.drawing import INK, axes

_MANY: Final = 100  # levels from which a dot stands for each


def plot_spectrum(operator: Any, *, ax: Any = None) -> Any:
    """All eigenvalues, from the dense matrix of at most 4096 states.

    Of a hermitian operator, declared so or not, they are drawn in ascending order, and the title names the lowest, how
    often it occurs, and the gap to the next. Those of any other operator are points of the complex plane.

    Args:
        operator: a symbolic operator, a compiled one with values for all its symbols, or the artifact of a compile.
        ax: the axes to draw into; those of a new figure where None.

    Returns:
        The axes. The eigenvalues are the data of their only line.

    Raises:
        HilbertError: if there are more states, or too many to be listed.
        HermiticityError: if the operator is said to be hermitian and is not, naming two states.
        MissingPackageError: without matplotlib. ParameterError: if a symbol has no value.
        StateError, CheckError: if a branch leaves the space, or a matrix element is NaN or infinite.
    """
    found = runnable(operator, "plot_spectrum")
    _require_small(found)
    matrix = _dense(found)
    ax = axes(ax, 5.2, 3.8)
    rounding = levels_of_rounding(found.dtype)
    if _is_hermitian(found, matrix, rounding):
        _draw_levels(ax, found, np.linalg.eigvalsh(matrix), rounding)
    else:
        _draw_plane(ax, found, np.linalg.eigvals(matrix))
    return ax


def _require_small(operator: Any) -> None:
    n_states = getattr(operator.hilbert, "n_states", 0)
    if n_states > MOST_STATES:
        raise HilbertError(
            f"{operator.hilbert!r} has {n_states} states; a spectrum is computed from the dense matrix, of at most "
            f"{MOST_STATES}. Take a smaller system or a conserved total, or the lowest levels alone: "
            "scipy.sparse.linalg.eigsh(compiled.to_sparse(), k=6, which='SA').",
            n_states=n_states,
        )


def _dense(operator: Any) -> NDArray[Any]:
    """The matrix in double precision."""
    matrix = finite_matrix(operator)
    wide = np.complex128 if np.iscomplexobj(matrix.data) else np.float64
    dense: NDArray[Any] = matrix.astype(wide).toarray()
    return dense


def _is_hermitian(operator: Any, matrix: NDArray[Any], rounding: float) -> bool:
    """Whether the matrix is its own adjoint.

    Raises:
        HermiticityError: if it is not, and is said to be.
    """
    apart = np.abs(matrix - matrix.conj().T)
    x, xp = np.unravel_index(int(np.argmax(apart)), apart.shape)
    if apart[x, xp] <= rounding * max(1.0, float(np.abs(matrix).max())):
        return True
    if operator.is_hermitian:
        states = np.asarray(operator.hilbert.all_states()).tolist()
        raise not_hermitian(operator.name, states[x], states[xp], matrix[x, xp].item(), matrix[xp, x].item())
    return False


def _draw_levels(ax: Any, operator: Any, levels: NDArray[np.float64], rounding: float) -> None:
    mark = {"marker": "_", "markersize": 9, "markeredgewidth": 1.6} if len(levels) <= _MANY else {"marker": "."}
    ax.plot(np.arange(len(levels)), levels, linestyle="none", color=INK, **mark)
    ax.set_xlabel("number of the level")
    ax.set_ylabel("eigenvalue (in the unit of the amplitudes)")
    above = levels - levels[0] > rounding * max(1.0, float(np.abs(levels).max()))
    lowest = f"lowest {levels[0]:.6g}" + (f", {np.sum(~above)} times" if np.sum(~above) > 1 else "")
    gap = f", gap {levels[above][0] - levels[0]:.6g}" if above.any() else ""
    ax.set_title(f"{name_of(operator)}: {len(levels)} states, {lowest}{gap}", fontsize=10)


def _draw_plane(ax: Any, operator: Any, values: NDArray[np.complex128]) -> None:
    ordered = np.sort_complex(values)
    ax.axhline(0, color="0.85", linewidth=0.8, zorder=0)
    ax.axvline(0, color="0.85", linewidth=0.8, zorder=0)
    ax.plot(ordered.real, ordered.imag, linestyle="none", marker="o", markersize=4, color=INK, markerfacecolor="none")
    ax.set_aspect("equal", adjustable="datalim")
    ax.set_xlabel("real part")
    ax.set_ylabel("imaginary part")
    ax.set_title(f"{name_of(operator)}: {len(ordered)} eigenvalues, not hermitian", fontsize=10)
