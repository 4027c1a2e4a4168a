"""Which matrix elements are there, and how large they are."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nqx_graph.plotting.asking import finite_matrix, name_of, runnable
from nqx_graph.plotting.drawing import axes, shades, state_text

MOST_PIXELS: Final = 512  # a side; beyond, a pixel is the largest element of a block
_NAMED: Final = 16  # states whose configurations are written beside the picture


def plot_sparsity(operator: Any, *, ax: Any = None) -> Any:
    """The matrix of an operator as an image: white where <x|O|x'> is 0, the darker the larger its absolute value.

    Rows are x, columns x', both in the order of ``hilbert.all_states()``; up to 16 states are named by their
    configurations. Of more than 512 states, a pixel shows the largest element of a square block, so that none is lost.

    Args:
        operator: a symbolic operator, a compiled one with values for all its symbols, or the artifact of a compile.
        ax: the axes to draw into; those of a new figure where None.

    Returns:
        The axes.

    Raises:
        MissingPackageError: without matplotlib. HilbertError: if the space has too many states to be listed.
        StateError, CheckError: if a branch leaves the space, or a matrix element is NaN or infinite.
        ParameterError: if a symbol has no value.
    """
    found = runnable(operator, "plot_sparsity")
    matrix = finite_matrix(found)
    ax = axes(ax, 5.2, 4.6)
    n_states = matrix.shape[0]
    edge = n_states - 0.5
    image = ax.imshow(
        np.ma.masked_equal(_pixels(matrix), 0.0),
        cmap=shades("0.0", "0.65"),
        vmin=_lightest(matrix),
        extent=(-0.5, edge, edge, -0.5),
        interpolation="nearest",
    )
    if len(matrix.data) and _lightest(matrix) > 0:
        ax.figure.colorbar(image, ax=ax, label="|<x|O|x'>|", shrink=0.85)
    _label(ax, found, n_states)
    share = 100 * len(matrix.data) / n_states**2
    ax.set_title(f"{name_of(found)}: {n_states} states, {len(matrix.data)} elements not 0 ({share:.3g} %)", fontsize=10)
    return ax


def _pixels(matrix: Any) -> NDArray[np.float64]:
    """The largest absolute value in each block of the matrix, [m, m]; blocks are single elements where they fit."""
    block = -(-matrix.shape[0] // MOST_PIXELS)
    side = -(-matrix.shape[0] // block)
    pixels = np.zeros((side, side))
    np.maximum.at(pixels, (matrix.row // block, matrix.col // block), np.abs(matrix.data).astype(np.float64))
    return pixels


def _lightest(matrix: Any) -> float:
    """What is drawn in the lightest shade: the smallest absolute value, and nothing where all are equal."""
    sizes = np.abs(matrix.data).astype(np.float64)
    return float(sizes.min()) if len(sizes) and sizes.min() < sizes.max() * (1 - 1e-9) else 0.0


def _label(ax: Any, operator: Any, n_states: int) -> None:
    ax.set_xlabel("x'")
    ax.set_ylabel("x")
    if n_states <= _NAMED:
        names = [state_text(state) for state in np.asarray(operator.hilbert.all_states()).tolist()]
        places = range(n_states)
        ax.set_xticks(places, names, rotation=90, family="monospace", fontsize=8)
        ax.set_yticks(places, names, family="monospace", fontsize=8)
    else:
        ax.set_xlabel("number of x'")
        ax.set_ylabel("number of x")
