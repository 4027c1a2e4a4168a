"""The totals that a constrained space conserves, as groups of sites with a sum each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.space import SpaceView


@attrs.frozen(eq=False)
class Totals:
    """``group`` [N] is the group of each site, -1 where its sum is free; ``sums`` are those of the groups."""

    group: NDArray[np.int64]
    sums: tuple[int, ...]

    def filled(self, state: NDArray[np.int64], pinned: NDArray[np.bool_], space: SpaceView) -> NDArray[np.int64] | None:
        """The configuration with the sites that are not pinned changed so that every sum is right; None if none is."""
        made = np.where(pinned, state, space.low)
        for number, total in enumerate(self.sums):
            here = self.group == number
            for site in np.flatnonzero(here & ~pinned).tolist():
                missing = total - int(made[here].sum())
                step = int(space.step[site])
                made[site] += step * min(max(missing // step, 0), int(space.count[site]) - 1)
            if int(made[here].sum()) != total:
                return None
        return np.asarray(made)


def totals(space: SpaceView) -> Totals | None:
    """What a space conserves, nothing included; None where it has a constraint of which that is not known."""
    group = np.full(space.size, -1, dtype=np.int64)
    if space.contains is None:
        return Totals(group, ())
    found = None if space.form is None else _groups(space.form, 0)
    if found is None:
        return None
    for number, (start, stop, _) in enumerate(found):
        group[start:stop] = number
    return Totals(group, tuple(total for *_, total in found))


def _groups(form: Mapping[str, Any], start: int) -> list[tuple[int, int, int]] | None:
    """First site, end and sum of each group of a space as data; None for a form that is not known."""
    if "parts" in form:
        found: list[tuple[int, int, int]] = []
        for part in form["parts"]:
            size = _size(part)
            own = None if size is None else _groups(part, start)
            if size is None or own is None:
                return None
            found, start = [*found, *own], start + size
        return found
    size = int(form["N"])
    total = form.get("total_sz2", form.get("n_particles"))
    constraint = form.get("constraint") or {}
    if total is not None or "sum" in constraint:
        return [(start, start + size, int(constraint.get("sum", total)))]
    ends = np.cumsum([0, *constraint.get("sizes", ())]).tolist()
    return [
        (start + low, start + high, total)
        for low, high, total in zip(ends, ends[1:], constraint.get("sums", ()), strict=False)
    ]


def _size(form: Mapping[str, Any]) -> int | None:
    if "parts" not in form:
        return int(form["N"])
    sizes = [_size(part) for part in form["parts"]]
    return None if None in sizes else sum(size for size in sizes if size is not None)
