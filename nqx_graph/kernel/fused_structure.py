"""What a fused kernel is made of: streams that add up in slots, and how x becomes x' in each slot.

The diagonal slot comes first, then the blocks, then the terms that keep a promise.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import attrs

from nqx_graph.ir.encode import digest
from nqx_graph.kernel.motion import Motion, Pattern
from nqx_graph.kernel.structure import Lines, LocalStates, TermStructure, TermTables


@attrs.frozen(eq=False)
class StreamStructure:
    """One emission on some rows. ``whole`` is its core in whole numbers, where ranges prove that 32 bits are enough."""

    term: TermStructure
    symbols: tuple[str, ...]
    weights: tuple[str, ...]  # columns that multiply
    per_row: bool  # whether the factor, weights included, is one for each row
    unit: bool  # whether the core is 1
    whole: Lines | None
    source: int


@attrs.frozen(eq=False)
class BlockStructure:
    """Slots of one stream, the elements of ``additions`` added."""

    stream: StreamStructure
    additions: tuple[StreamStructure, ...]


@attrs.frozen(eq=False, slots=False)
class FusedStructure:
    """Everything about a fused kernel that is compiled. Equal and hashed by content."""

    size: int
    dtype_str: str
    on_out_of_domain: str
    states: LocalStates
    diagonal: tuple[StreamStructure, ...]
    has_diagonal: bool
    blocks: tuple[BlockStructure, ...]
    motion: Motion
    promised: tuple[TermStructure, ...]
    promised_sources: tuple[int, ...]
    settled: tuple[str, ...]  # columns that decided which branches share a slot

    @cached_property
    def token(self) -> str:
        """SHA-256 over the content."""
        return digest(attrs.astuple(self, recurse=False))

    @property
    def n_slots(self) -> int:
        """How many slots the kernel returns for one configuration."""
        return self.n_moving + self.has_diagonal + sum(term.fanout for term in self.promised)

    @property
    def n_moving(self) -> int:
        """How many slots the blocks have."""
        return sum(block.stream.term.n_rows for block in self.blocks)

    @property
    def columned(self) -> list[tuple[TermStructure, int]]:
        """Every term of the kernel and the position in the IR of the one whose columns it has, as tables list them."""
        streams = list(self.diagonal)
        for block in self.blocks:
            streams += [block.stream, *block.additions]
        return [(stream.term, stream.source) for stream in streams] + list(
            zip(self.promised, self.promised_sources, strict=True)
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FusedStructure) and self.token == other.token

    def __hash__(self) -> int:
        return hash(self.token)


class StreamTables(NamedTuple):
    """The arrays of a stream: those of its term, and its factor, a number or [M]."""

    term: TermTables
    factor: Any


class BlockTables(NamedTuple):
    """The arrays of a block.

    For every addition: in ``groups`` the rows that are added up before [G, W], or None; in ``places`` the group of every
    slot [M of the block], or None.
    """

    stream: StreamTables
    additions: tuple[StreamTables, ...]
    groups: tuple[Any, ...]
    places: tuple[Any, ...]


class FusedTables(NamedTuple):
    """The arrays of a fused kernel."""

    numbers: Any
    whole: Any  # the whole numbers of cores, int32
    mark: Any  # as in `nqx_graph.kernel.structure.Tables`
    diagonal: tuple[StreamTables, ...]
    blocks: tuple[BlockTables, ...]
    patterns: tuple[Pattern, ...]
    promised: tuple[TermTables, ...]
