"""What a kernel is made of: its structure, which is compiled, and its tables, which are arguments of the kernel.

Two operators of one structure (other couplings, other edges of the same count) share one traced and compiled kernel;
index rows, columns and the constants of amplitudes are arrays in the tables.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.ir.encode import digest
from nqx_graph.ir.table import Row

# how two site slots of a term relate over all index rows
NEVER, MIXED, SAME = 0, 1, 2


@attrs.frozen(eq=False)
class Lines:
    """A lowered expression: reads name slots instead of labels, constants name entries of the number table.

    ``const`` carries (entry of the number table or None, literal value or None); ``read`` and ``target`` read x and x'
    at a site slot; ``index`` is the slot's site number. ``kinds`` are those of predicate and update arithmetic, ``width``
    how many bits hold each of their whole numbers, as ranges prove.
    """

    rows: tuple[Row, ...]
    kinds: tuple[int, ...]
    width: int = 64

    @property
    def root(self) -> int:
        """The line that is the value of the whole."""
        return len(self.rows) - 1


@attrs.frozen(eq=False)
class Step:
    """A lowered step of an update."""

    kind: str
    slots: tuple[int, ...] = ()
    values: tuple[Lines, ...] = ()
    column: str = ""
    predicate: Lines | None = None
    if_true: tuple[Step, ...] = ()
    if_false: tuple[Step, ...] = ()


@attrs.frozen(eq=False)
class EmissionStructure:
    """One lowered emission.

    ``guarded`` are the slots whose final value must be tested against the local states; ``width`` is how many bits hold
    every value that x' may have on the way.
    """

    predicate: Lines | None
    steps: tuple[Step, ...]
    amplitude: Lines
    guarded: tuple[int, ...]
    width: int = 64


@attrs.frozen(eq=False)
class TermStructure:
    """One lowered term. ``relation[p][q]`` says how slots p and q relate; ``fanout`` is how many slots it returns."""

    n_rows: int
    predicate: Lines | None
    emissions: tuple[EmissionStructure, ...]
    fanout: int
    relation: tuple[tuple[int, ...], ...]
    masks: tuple[str, ...]  # columns whose entries are 0 and 1

    @property
    def max_fanout(self) -> int:
        """Index rows times emissions."""
        return self.n_rows * len(self.emissions)


@attrs.frozen(eq=False)
class LocalStates:
    """The local states of every site, as in `nqx_graph.space.SpaceView`; arrays have length 1 where all sites agree."""

    low: NDArray[Any]
    step: NDArray[Any]
    count: NDArray[np.int64]
    table: NDArray[Any] | None
    integer: bool


@attrs.frozen(eq=False, slots=False)
class Structure:
    """Everything about a kernel that is compiled. Equal and hashed by content."""

    size: int
    dtype_str: str
    on_out_of_domain: str
    states: LocalStates
    terms: tuple[TermStructure, ...]
    motion: Any = None  # a `nqx_graph.kernel.motion.Motion`; None where every emission writes its x' out

    @cached_property
    def token(self) -> str:
        """SHA-256 over the content."""
        return digest(attrs.astuple(self, recurse=False))

    @property
    def n_slots(self) -> int:
        """How many slots the kernel returns for one configuration."""
        return sum(term.fanout for term in self.terms)

    @property
    def columned(self) -> list[tuple[TermStructure, int]]:
        """Every term of the kernel and its position, as tables list them."""
        return [(term, position) for position, term in enumerate(self.terms)]

    @property
    def settled(self) -> tuple[str, ...]:
        """The columns that cannot be given anew: none."""
        return ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Structure) and self.token == other.token

    def __hash__(self) -> int:
        return hash(self.token)


UNMARKED = np.full(9, -1, dtype=np.int8)  # the mark of tables that are nobody's yet


class TermTables(NamedTuple):
    """The arrays of one term: site numbers [S, M] and columns [M] or [M, N].

    ``order`` [M] says which rows of the columns are meant, where it is not all of them as they stand.
    """

    sites: Any
    columns: dict[str, Any]
    order: Any = None


class Tables(NamedTuple):
    """The arrays of a kernel: the constants of amplitudes [K] in the operator's dtype, those of each term, and the patterns
    of its motion. ``mark`` [9] of int8 is -1, then eight bytes that tell whose tables these are."""

    numbers: Any
    terms: tuple[TermTables, ...]
    patterns: tuple[Any, ...] = ()
    mark: Any = None
