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


class Filling:
    """A configuration with the right totals, site by site. The sites that were not pinned are filled up at the end."""

    def __init__(self, kept: Totals, space: SpaceView) -> None:
        self.kept, self.space = kept, space
        self.state, self.pinned = space.low.astype(np.int64), np.zeros(space.size, dtype=bool)
        self.high = space.high.astype(np.int64)
        groups = [kept.group == number for number in range(len(kept.sums))]
        self.least = [int(self.state[here].sum()) for here in groups]  # what the sums can still become
        self.most = [int(self.high[here].sum()) for here in groups]

    def pin(self, sites: NDArray[np.int32], values: NDArray[np.int64]) -> bool:
        """Give distinct sites these states, if they are free or have them, and if the totals can still be met."""
        if not np.all(~self.pinned[sites] | (self.state[sites] == values)):
            return False
        new = ~self.pinned[sites]
        least, most = list(self.least), list(self.most)
        for site, value in zip(sites[new].tolist(), values[new].tolist(), strict=True):
            group = int(self.kept.group[site])
            if group >= 0:
                least[group] += value - int(self.state[site])
                most[group] += value - int(self.high[site])
        if any(not a <= total <= b for a, total, b in zip(least, self.kept.sums, most, strict=True)):
            return False
        self.state[sites], self.pinned[sites] = values, True
        self.least, self.most = least, most
        return True

    def filled(self) -> NDArray[np.int64] | None:
        """The configuration; None where no states of the sites that are left make the totals right."""
        made = self.state.copy()
        for number, total in enumerate(self.kept.sums):
            here = self.kept.group == number
            for site in np.flatnonzero(here & ~self.pinned).tolist():
                missing, step = total - int(made[here].sum()), int(self.space.step[site])
                made[site] += step * min(max(missing // step, 0), int(self.space.count[site]) - 1)
            if int(made[here].sum()) != total:
                return None
        return made


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
