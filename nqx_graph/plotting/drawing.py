"""What all pictures share: axes, shades, and the states of a space as labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from nqx_graph.errors import MissingPackageError, OptionTypeError

INK: Final = "0.15"  # shades are grey levels: 0 is black, 1 is white
SOFT: Final = "0.6"
ACCENT: Final = "#b3400e"  # of middling darkness, so that it differs from both in grey


def axes(ax: Any, width: float, height: float) -> Any:
    """The axes given, or those of a new figure of that size in inches.

    Raises:
        MissingPackageError: if matplotlib is not installed.
        OptionTypeError: if what was given are no axes.
    """
    if ax is None:
        return _pyplot().subplots(figsize=(width, height), layout="constrained")[1]
    if not hasattr(ax, "imshow"):
        raise OptionTypeError(f"ax takes the Axes of matplotlib to draw into, or None for new ones; it is {ax!r}.")
    return ax


def _pyplot() -> Any:
    try:
        import matplotlib.pyplot as plt
    except ModuleNotFoundError as cause:
        raise MissingPackageError(
            "pictures are drawn with matplotlib, which is not installed here; pip install 'nqx_graph[plot]' installs it.",
            package="matplotlib",
        ) from cause
    return plt


def shades(dark: str, light: str) -> Any:
    """A colour map between two grey levels, small numbers light."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("shades", [light, dark])


def bars(ax: Any, widths: Sequence[float], labels: Sequence[str], **look: Any) -> Any:
    """Horizontal bars from the top down, named on the left."""
    places = range(len(widths))
    made = ax.barh(places, widths, height=0.7, **look)
    ax.set_yticks(places, labels)
    ax.set_ylim(len(widths) - 0.4, -0.6)
    ax.spines[["top", "right"]].set_visible(False)
    return made


def state_text(state: Sequence[Any]) -> str:
    """A configuration in as few characters as tell it: ``+-+``, ``0213``, or numbers with spaces."""
    if all(value in (-1, 1) for value in state):
        return "".join("+" if value > 0 else "\N{MINUS SIGN}" for value in state)
    numbers = [f"{value:g}" for value in state]
    return ("" if all(len(number) == 1 for number in numbers) else " ").join(numbers)
