"""From the plan of a fused operator to the structure and tables of its kernel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from nqx_graph.fusion.plan import Block, Plan, plan
from nqx_graph.fusion.streams import ONE, Stream, split
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.kernel.from_ir import TermLowering, local_states
from nqx_graph.kernel.fused_structure import (
    BlockStructure,
    BlockTables,
    FusedStructure,
    FusedTables,
    StreamStructure,
    StreamTables,
)
from nqx_graph.kernel.structure import UNMARKED, TermTables
from nqx_graph.lowering.moving import known, motion
from nqx_graph.ranges import TermRanges, term_ranges
from nqx_graph.space import SpaceView


def fuse(
    ir: SymbolicOperatorIR, space: SpaceView, groups: Sequence[Sequence[int]], on_out_of_domain: str
) -> tuple[FusedStructure, FusedTables, Plan]:
    """The structure and the tables of a fused kernel, and the plan that they follow.

    Args:
        ir: the operator.
        space: its Hilbert space.
        groups: positions of terms that have one shape.
        on_out_of_domain: as in the options.
    """
    build = _Build(ir, space, on_out_of_domain)
    streams, promised = split(ir, groups, build.may_vanish)
    made = plan(streams, promised, space)
    structure, tables = build.run(made)
    return structure, tables, made


class _Build:
    def __init__(self, ir: SymbolicOperatorIR, space: SpaceView, on_out_of_domain: str) -> None:
        self.ir, self.space, self.mode = ir, space, on_out_of_domain
        self.numbers: list[Any] = []
        self.whole: list[int] = []

    def may_vanish(self, stream: Stream) -> bool:
        """Whether the stream can be neither NaN nor outside: then a branch whose factor is 0 is none."""
        (emission,) = _ranges(stream, self.ir, self.space).emissions
        defined = not emission.amplitude.root.undefined
        return bool(defined and (self.mode != "nan" or not emission.leaves))

    def run(self, plan: Plan) -> tuple[FusedStructure, FusedTables]:
        diagonal = [self.stream(stream) for stream in plan.diagonal]
        blocks, moves = [], []
        for block in plan.blocks:
            made, own = self.block(block)
            blocks.append((made, own))
            (emission,) = made.stream.term.emissions
            moves.append([known(block.effect, own.stream.term.sites, emission.steps, self.space, block.stream.n_rows)])
        slots = sum(block.stream.n_rows for block in plan.blocks)
        promised = [self.term(self.ir.terms[position]) for position in plan.promised]
        has_diagonal = bool(diagonal) or not (slots or promised)
        shared, patterns = motion(moves, int(has_diagonal), self.ir.hilbert_size)
        dtype = jax.numpy.dtype(self.ir.dtype_str)
        structure = FusedStructure(
            self.ir.hilbert_size,
            self.ir.dtype_str,
            self.mode,
            local_states(self.space),
            tuple(stream for stream, _ in diagonal),
            has_diagonal,
            tuple(block for block, _ in blocks),
            shared,
            tuple(term for term, _ in promised),
            tuple(plan.promised),
            tuple(sorted(_settled(plan))),
        )
        tables = FusedTables(
            np.asarray(self.numbers, dtype=dtype),
            np.asarray(self.whole, dtype=np.int32),
            UNMARKED,
            tuple(own for _, own in diagonal),
            tuple(own for _, own in blocks),
            patterns,
            tuple(own for _, own in promised),
        )
        return structure, tables

    def term(self, term: Any, fanout: int | None = None) -> Any:
        lowering = TermLowering(self.ir, term, self.space, self.numbers)
        return lowering.run(term.fanout if fanout is None else fanout, self.mode)

    def stream(self, stream: Stream) -> tuple[StreamStructure, StreamTables]:
        lowering = TermLowering(self.ir, stream.term, self.space, self.numbers)
        unit = stream.core.same_as(ONE)
        whole = None if unit else self._whole(stream, lowering)
        structure, tables = lowering.run(stream.n_rows, self.mode)
        same = bool(np.all(stream.factor == stream.factor[0]))
        factor = stream.factor[0] if same else stream.factor
        made = StreamStructure(
            structure, stream.symbols, stream.weights, not same or bool(stream.weights), unit, whole, stream.source
        )
        return made, StreamTables(TermTables(tables.sites, tables.columns, stream.order), factor)

    def _whole(self, stream: Stream, lowering: TermLowering) -> Any:
        """The core in whole numbers where their sum over all rows fits in 32 bits."""
        (emission,) = _ranges(stream, self.ir, self.space).emissions
        root, width = emission.amplitude.root, emission.amplitude.width
        if not root.whole or root.undefined or width != 32 or root.largest * stream.n_rows >= 2**31:
            return None
        return lowering.whole(stream.core, self.whole)

    def block(self, block: Block) -> tuple[BlockStructure, BlockTables]:
        """The structure and the tables of a block."""
        own, own_tables = self.stream(block.stream)
        added = [self.stream(addition.stream) for addition in block.additions]
        groups = tuple(addition.group for addition in block.additions)
        places = tuple(addition.place for addition in block.additions)
        structure = BlockStructure(own, tuple(s for s, _ in added))
        return structure, BlockTables(own_tables, tuple(t for _, t in added), groups, places)


def _settled(plan: Plan) -> set[str]:
    """The columns of the user's that decided which branches share a slot: those of flips that were compared."""
    streams = list(plan.diagonal)
    for block in plan.blocks:
        if block.effect.flipped is not None:
            streams += [block.stream, *(addition.stream for addition in block.additions)]
    return {op.params["column"] for stream in streams for op in stream.update.ops if op.kind == "flip"}


def _ranges(stream: Stream, ir: SymbolicOperatorIR, space: SpaceView) -> TermRanges:
    return term_ranges(stream.term, space, ir.dtype_str)
