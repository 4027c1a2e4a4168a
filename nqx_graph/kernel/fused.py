"""The fused kernel: every branch of an operator, those that reach one x' added up."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

import jax.numpy as jnp

from nqx_graph.kernel.amplitude import amplitude
from nqx_graph.kernel.env import Array, Env
from nqx_graph.kernel.exact import ExactValues, both, predicate
from nqx_graph.kernel.fused_structure import (
    BlockStructure,
    BlockTables,
    FusedStructure,
    FusedTables,
    StreamStructure,
    StreamTables,
)
from nqx_graph.kernel.motion import GENERAL, Moving, moved
from nqx_graph.kernel.run import compact, run_term
from nqx_graph.kernel.target import Target


class Stream:
    """One stream on a batch: where it is active, and its matrix elements."""

    def __init__(self, shared: Shared, structure: StreamStructure, tables: StreamTables) -> None:
        self.structure, self.tables = structure, tables
        self.env = shared.env(structure.term, tables.term)
        (self.emission,) = structure.term.emissions
        emission = self.emission
        self.target = Target(self.env, emission.steps, emission.width)
        self.active = predicate(structure.term.predicate, self.env)
        if self.target.invalid is not None:
            self.active = both(self.active, ~self.target.invalid)
        self.outside = self.target.outside(emission.guarded)
        self.valid = self.active if self.outside is None else both(self.active, ~self.outside)

    def scaled(self, core: Array | None, mask: Array | None) -> Array:
        """The core (None: 1) times the factor, the symbols and the weights; a number, [M] or [..., M].

        One after another, never the numbers among themselves: a large one and a small one may stand around the core. Where
        the mask is false, numbers that would meet others are 1, so that the derivative by one of them is finite there.
        """
        made = jnp.asarray(self.tables.factor) if core is None else core * jnp.asarray(self.tables.factor)
        numbers = [self.env.parameters[name] for name in self.structure.symbols]
        numbers += [self.env.column(name).astype(made.dtype) for name in self.structure.weights]
        alone = len(numbers) == 1 and not self.core_has_symbols
        for number in numbers:
            made = made * (number if mask is None or alone else jnp.where(mask, number, jnp.ones((), made.dtype)))
        return made

    @property
    def core_has_symbols(self) -> bool:
        """Whether a derivative flows through the core."""
        return any(row.op in ("symbol", "column", "dot", "prod") for row in self.emission.amplitude.rows)

    def elements(self) -> Array:
        """Matrix elements, 0 where there is no branch, NaN where one leaves the local states. Broadcasts to [..., M]."""
        core = None if self.structure.unit else amplitude(self.emission.amplitude, self.env, self.target, self.valid)
        made = self.scaled(core, self.valid)
        if self.valid is not None:
            made = jnp.where(self.valid, made, jnp.zeros((), self.env.dtype))
        if self.outside is not None and self.env.structure.on_out_of_domain == "nan":
            left: Any = both(self.active, self.outside)
            made = jnp.where(left, jnp.asarray(jnp.nan, self.env.dtype), made)
        return made

    def total(self) -> Array:
        """The sum of the matrix elements over the rows. [...]"""
        n_rows, dtype = self.structure.term.n_rows, self.env.dtype
        whole = self.structure.whole
        if whole is None and not (self.structure.unit and not self.structure.per_row):
            rows = jnp.broadcast_to(self.elements(), (*self.env.x.shape[:-1], n_rows))
            return jnp.sum(rows, axis=-1)
        # whole numbers are added up as such, and meet the couplings once
        counted: Array = jnp.ones((), jnp.int32) if whole is None else ExactValues(whole, self.env, self.target).root()
        if self.valid is not None:
            counted = jnp.where(self.valid, counted, jnp.zeros((), counted.dtype))
        counted = jnp.broadcast_to(counted, (*self.env.x.shape[:-1], n_rows))
        if self.structure.per_row:
            return jnp.sum(self.scaled(counted.astype(dtype), self.valid), axis=-1)
        total = jnp.sum(counted, axis=-1, dtype=jnp.int32).astype(dtype)
        if self.structure.symbols and self.valid is not None:
            # a coupling that is not finite reaches nothing where there is no branch
            return jnp.where(total == 0, jnp.zeros((), dtype), self.scaled(total, total != 0))
        return self.scaled(total, None)


class Shared:
    """What the streams of one call share."""

    def __init__(
        self, structure: FusedStructure, tables: FusedTables, parameters: Mapping[str, Array], x: Array
    ) -> None:
        self.structure, self.parameters, self.x = structure, parameters, x
        self.numbers, self.whole = jnp.asarray(tables.numbers), jnp.asarray(tables.whole)

    def env(self, term: Any, tables: Any) -> Env:
        """What the expressions of one term read."""
        return Env(self.structure, term, tables, self.numbers, self.parameters, self.x, self.whole)


def fused_connected(
    structure: FusedStructure, tables: FusedTables, parameters: Mapping[str, Array], x: Array
) -> tuple[Array, Array]:
    """x' [..., C, N] in x's dtype and mels [..., C] in the operator's, for x [..., N]."""
    shared = Shared(structure, tables, parameters, x)
    dtype, batch = jnp.dtype(structure.dtype_str), x.shape[:-1]
    mels, blocks = [], []
    if structure.has_diagonal:
        total = jnp.zeros(batch, dtype)
        for part, own in zip(structure.diagonal, tables.diagonal, strict=True):
            total = total + Stream(shared, part, own).total()
        mels.append(total[..., None])
    for block, arrays in zip(structure.blocks, tables.blocks, strict=True):
        stream = Stream(shared, block.stream, arrays.stream)
        elements, valid = _with_additions(shared, stream, block, arrays)
        mels.append(jnp.broadcast_to(elements, (*batch, block.stream.term.n_rows)))
        blocks.append(Moving(stream.env, stream.target, valid))
    xps = [_moved(structure, tables, blocks, x)]
    broken = None
    for term, given in zip(structure.promised, tables.promised, strict=True):
        kept, over = compact(run_term(shared.env(term, given)), term.fanout, x)
        broken = over if broken is None else broken | over
        mels.append(kept.mels)
        xps.append(kept.xp)
    mel = mels[0] if len(mels) == 1 else jnp.concatenate(mels, axis=-1)
    xps = [xp for xp in xps if xp.shape[-2]] or xps[:1]
    xp = xps[0] if len(xps) == 1 else jnp.concatenate(xps, axis=-2)
    if broken is not None:
        mel = jnp.where(broken[..., None], jnp.asarray(jnp.nan, dtype), mel)
    return xp, mel


def _with_additions(
    shared: Shared, base: Stream, block: BlockStructure, arrays: BlockTables
) -> tuple[Array, Array | None]:
    """The matrix elements of a block, and where any of its streams has a branch; None where one has one everywhere."""
    elements, valid = base.elements(), base.valid
    given = zip(block.additions, arrays.additions, arrays.groups, arrays.places, strict=True)
    for structure, tables, group, place in given:
        stream = Stream(shared, structure, tables)
        added, there = stream.elements(), stream.valid
        if group is not None or place is not None:
            shape = (*shared.x.shape[:-1], structure.term.n_rows)
            added, there = jnp.broadcast_to(added, shape), None if there is None else jnp.broadcast_to(there, shape)
        if group is not None:
            # one gather for each: a reduction over a short last axis is twice as slow
            parts = [_taken(added, there, rows) for rows in jnp.asarray(group).T]
            added = reduce(jnp.add, [part for part, _ in parts])
            there = jnp.broadcast_to(reduce(jnp.logical_or, [here for _, here in parts]), added.shape)
        if place is not None:
            added, there = _taken(added, there, place)
        elements = elements + added
        valid = None if valid is None or there is None else valid | there
    return elements, valid


def _taken(elements: Array, there: Array | None, rows: Any) -> tuple[Array, Array]:
    """Elements of these rows [..., *rows.shape], 0 where there is none, and where there is a branch."""
    rows = jnp.asarray(rows)
    held = rows >= 0
    taken = jnp.where(held, jnp.take(elements, rows, axis=-1, mode="clip"), jnp.zeros((), elements.dtype))
    return taken, held if there is None else held & jnp.take(there, rows, axis=-1, mode="clip")


def _moved(structure: FusedStructure, tables: FusedTables, blocks: list[Moving], x: Array) -> Array:
    """x' [..., C, N] of the diagonal slot, where there is one, and of the blocks."""
    batch, still = x.shape[:-1], x[..., None, :]
    if not blocks:
        return jnp.broadcast_to(still, (*batch, int(structure.has_diagonal), structure.size))
    if structure.motion.form != GENERAL:
        moving = [[own] for own in blocks]
        always = jnp.asarray(tables.mark)[0]
        return moved(structure.motion, structure.states, structure.size, tables.patterns, moving, x, always)
    parts = [jnp.broadcast_to(still, (*batch, 1, structure.size))] if structure.has_diagonal else []
    for own in blocks:
        shape = (*batch, own.env.term.n_rows, structure.size)
        xp = jnp.broadcast_to(own.target.write_out(), shape)
        held = None if own.valid is None else jnp.broadcast_to(own.valid, shape[:-1])[..., None]
        parts.append(xp if held is None else jnp.where(held, xp, still))
    return jnp.concatenate(parts, axis=-2) if len(parts) > 1 else parts[0]
