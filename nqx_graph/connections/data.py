"""One branch, and all branches of one configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.connections.text import branches_html, branches_text

KEPT: Final = "kept"
NAN: Final = "nan"
DROPPED: Final = "dropped"


@attrs.frozen(eq=False)
class Connection:
    """One branch: a term, one of its index rows, one of its emissions.

    Attributes:
        term: the position of the term in the operator.
        name: of the term.
        row: the number of the index row in the term.
        sites: the site behind each label of that row.
        emission: the number of the emission in the term.
        tag: of the emission, or None.
        x: the configuration given, [N].
        x_prime: where the update leads, [N], in exact numbers, also where the space has no such state.
        amplitude: what the amplitude's expression gives, in the operator's dtype.
        mel: the matrix element that `get_conn_padded` returns: the amplitude, NaN, or 0 for a branch that is dropped.
        fate: ``"kept"``, ``"nan"`` or ``"dropped"``.
        remark: why it is NaN or dropped, or what else is odd about it; empty for an ordinary branch.
    """

    term: int
    name: str
    row: int
    sites: Mapping[str, int]
    emission: int
    tag: str | None
    x: tuple[int | float, ...]
    x_prime: tuple[int | float, ...]
    amplitude: Any
    mel: Any
    fate: str = KEPT
    remark: str = ""

    @property
    def changed(self) -> dict[int, tuple[int | float, int | float]]:
        """The sites that change: what each holds in x and in x'."""
        pairs = enumerate(zip(self.x, self.x_prime, strict=True))
        return {site: (old, new) for site, (old, new) in pairs if old != new}

    @property
    def move(self) -> str:
        """The change in words: ``x[2]: 1 -> 0, x[3]: 0 -> 1``, or ``x' = x``."""
        return ", ".join(f"x[{site}]: {old} -> {new}" for site, (old, new) in self.changed.items()) or "x' = x"


@attrs.frozen(eq=False, repr=False)
class Connections:
    """Every branch of one configuration, in the order of the language: terms, index rows, emissions as written.

    A sequence of `Connection`; ``print`` shows it as a table, a notebook as one with the changed sites marked.

    Attributes:
        operator: the operator's name.
        hilbert: the space.
        x: the configuration, [N].
        branches: all that are active. An emission whose condition does not hold, or that is invalidated, is none.
    """

    operator: str
    hilbert: Any
    x: NDArray[Any]
    branches: tuple[Connection, ...]

    def __len__(self) -> int:
        return len(self.branches)

    def __iter__(self) -> Iterator[Connection]:
        return iter(self.branches)

    def __getitem__(self, place: int) -> Connection:
        return self.branches[place]

    def merged(self) -> dict[tuple[int | float, ...], Any]:
        """The row of the matrix: each x' once, in order of the first branch that leads there, with the sum <x|O|x'>.

        Branches with a matrix element of 0 are left out, and one that is NaN because it leaves the space stands at x,
        both as in `get_conn`. A sum that cancels stays, as 0.
        """
        found: dict[tuple[int | float, ...], Any] = {}
        with np.errstate(all="ignore"):
            for branch in self.branches:
                if branch.mel != 0:
                    reached = self.reached(branch)
                    found[reached] = found.get(reached, 0) + branch.mel
        return found

    def reached(self, branch: Connection) -> tuple[int | float, ...]:
        """The state that `get_conn_padded` has for a branch: x' where it is kept, x where it is not."""
        return branch.x_prime if branch.fate == KEPT else branch.x

    def __str__(self) -> str:
        return branches_text(self)

    def __repr__(self) -> str:
        return f"Connections({self.operator!r}, x={self.x.tolist()}, {len(self)} branches)"

    def _repr_html_(self) -> str:
        return branches_html(self)
