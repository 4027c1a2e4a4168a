"""A configuration and those that an operator connects it to, as rows of pixels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nqx_graph.connections import Connections
from nqx_graph.connections.text import number_text, place_text
from nqx_graph.errors import OptionTypeError
from nqx_graph.plotting.drawing import ACCENT, axes, shades
from nqx_graph.space import view

MOST_STATES: Final = 24
_WRITTEN: Final = 32  # sites up to which the values are written into the pixels
_CELL: Final = 0.3  # inches
_WIDEST: Final = 10.0  # inches
_CHARACTER: Final = 0.075  # inches


def plot_connections(operator: Any, x: Any = None, *, ax: Any = None) -> Any:
    """x in the first row, below it each connected x' once, with the sum of its matrix elements <x|O|x'> beside it.

    The darker a site, the higher its local state. Sites that change are framed, and their new values written. On the left
    stands the term of the first branch that leads there, with its index row, and how many more branches do. Of more than
    24 states the first are drawn.

    Args:
        operator: a symbolic or compiled operator or the artifact of a compile; or what ``explain(x)`` returned.
        x: one configuration, [N]; None where the first argument has one.
        ax: the axes to draw into; those of a new figure where None.

    Returns:
        The axes. Their image holds the rows, [K + 1, N].

    Raises:
        StateError, SampleTypeError: if x is not one configuration of the space. ParameterError: if a symbol has no value.
        OptionTypeError: for another first argument, or an x too few or too many. MissingPackageError: without matplotlib.
    """
    found = _connections(operator, x)
    merged = found.merged()
    shown = list(merged)[:MOST_STATES]
    rows = np.array([found.x.tolist(), *shown], dtype=np.float64)
    names = ["x", *(_origin(found, state) for state in shown)]
    beside = 1.3 + _CHARACTER * max(map(len, names))
    size = rows.shape[1]
    ax = axes(ax, max(4.0, beside + min(_CELL * size, _WIDEST)), 1.0 + _CELL * len(rows))
    low, high = _bounds(found, rows)
    aspect = "equal" if size <= _WRITTEN else "auto"
    ax.imshow(rows, cmap=shades("0.3", "0.97"), vmin=low, vmax=high, aspect=aspect, interpolation="nearest")
    _grid(ax, rows)
    _mark(ax, rows, middle=(low + high) / 2)
    ax.set_yticks(range(len(rows)), names, fontsize=8)
    _write_elements(ax, [merged[state] for state in shown])
    ax.set_xlabel(f"site (light: {low:g}, dark: {high:g})")
    ax.set_title(_title(found, merged, len(shown)), fontsize=10, loc="left")
    return ax


def _connections(operator: Any, x: Any) -> Connections:
    if isinstance(operator, Connections):
        if x is not None:
            raise OptionTypeError("plot_connections was given what explain(x) returned, and another x; leave one away.")
        return operator
    if x is None:
        raise OptionTypeError("plot_connections takes a configuration: plot_connections(operator, x).")
    own = getattr(operator, "compiled_operator", operator)
    if not hasattr(type(own), "explain"):
        raise OptionTypeError(
            f"plot_connections takes an operator of this package, the artifact of one, or what explain(x) returned; it was "
            f"given {operator!r}."
        )
    found: Connections = own.explain(x)
    return found


def _bounds(found: Connections, rows: NDArray[np.float64]) -> tuple[float, float]:
    """The lowest and the highest local state, or the highest that is met where there is none."""
    low, high = view(found.hilbert).bounds()
    return low, high if np.isfinite(high) else max(low + 1.0, float(rows.max()))


def _grid(ax: Any, rows: NDArray[np.float64]) -> None:
    """Lines between the pixels, and a wider one below x."""
    height, width = rows.shape
    for edge in np.arange(width + 1) - 0.5:
        ax.axvline(edge, color="white", linewidth=1.0)
    for edge in np.arange(height + 1) - 0.5:
        ax.axhline(edge, color="white", linewidth=5.0 if edge == 0.5 else 1.0)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    step = max(1, -(-width // 20))
    ax.set_xticks(range(0, width, step))


def _mark(ax: Any, rows: NDArray[np.float64], middle: float) -> None:
    """Frames around what differs from x; the values of x, and of what changed."""
    from matplotlib.patches import Rectangle
    from matplotlib.patheffects import withStroke

    changed = rows != rows[0]
    edge = [withStroke(linewidth=4.5, foreground="white")]  # in grey, the frame of a dark pixel shows by it
    for row, site in np.argwhere(changed):
        frame = Rectangle((site - 0.4, row - 0.4), 0.8, 0.8, fill=False, edgecolor=ACCENT, linewidth=1.8, zorder=3)
        frame.set_path_effects(edge)
        ax.add_patch(frame)
    if rows.shape[1] > _WRITTEN:
        return
    changed[0] = True
    for row, site in np.argwhere(changed):
        value = rows[row, site]
        ink = "white" if value > middle else "black"
        ax.text(site, row, f"{value:g}", ha="center", va="center", fontsize=8, color=ink)


def _origin(found: Connections, state: tuple[Any, ...]) -> str:
    """The first branch that leads to a state, and how many more do."""
    own = [branch for branch in found if branch.mel != 0 and found.reached(branch) == state]
    name, where = own[0].name, place_text(own[0])
    name = f"term {name}" if name == str(own[0].term) else name
    more = f" and {len(own) - 1} more" if len(own) > 1 else ""
    return f"{name}{f' ({where})' if where else ''}{more}"


def _write_elements(ax: Any, mels: list[Any]) -> None:
    """The matrix elements on the right of their rows."""
    for row, text in enumerate(["<x|O|x'>", *map(number_text, mels)]):
        place = {"xycoords": ax.get_yaxis_transform(), "xytext": (8, 0), "textcoords": "offset points"}
        ax.annotate(text, (1.0, row), va="center", fontsize=8 if row else 9, **place)


def _title(found: Connections, merged: Mapping[Any, Any], shown: int) -> str:
    part = f", {shown} shown" if shown < len(merged) else ""
    states = "state" if len(merged) == 1 else "states"
    return f"{found.operator!r}: {len(merged)} connected {states}{part}"
