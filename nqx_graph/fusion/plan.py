"""The slots of a fused operator: which branches share one, and where each stream's matrix elements go.

Two branches reach the same x' for every x if the same sites get the same values (`effects`). Branches that keep x share
the one diagonal slot. Every other slot belongs to a *block*: the rows of one stream whose x' no stream before has reached.
Later streams add their elements to slots of blocks, and so do the rows of a stream that reach an x' again: those that do so
for the first time are one stream, those of the second and third time another, then of the fourth to the seventh. A string
of Pauli matrices has its X mask in common with dozens of others, and a kernel of so many streams takes long to compile.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.fusion.effects import Effect, Linear, effects
from nqx_graph.fusion.rows import grouped, occurrence
from nqx_graph.fusion.streams import Stream
from nqx_graph.space import SpaceView


@attrs.frozen(eq=False)
class Addition:
    """A stream that adds to a block.

    ``group`` [G, W] is the rows that are added up before, -1 for none; None where each row is a group by itself. ``place``
    is the group of every slot [M of the block], -1 for none; None where the groups are the slots.
    """

    stream: Stream
    group: NDArray[np.int32] | None
    place: NDArray[np.int32] | None


@attrs.frozen(eq=False)
class Block:
    """Slots that one stream opens, a slot a row, with its effect and the streams that reach them too."""

    stream: Stream
    effect: Effect
    additions: tuple[Addition, ...]


@attrs.frozen(eq=False)
class Plan:
    """What a fused kernel is made of: the streams of the diagonal slot, the blocks, the terms left as they are."""

    diagonal: tuple[Stream, ...]
    blocks: tuple[Block, ...]
    promised: tuple[int, ...]


def plan(streams: Sequence[Stream], promised: Sequence[int], space: SpaceView) -> Plan:
    """Put every branch of the streams into a slot."""
    parts = [part for stream in streams for part in effects(stream, space)]
    diagonal = tuple(stream for stream, effect in parts if effect.nothing)
    # what a flipped site gets, in the words of the other updates: its lowest plus its highest state minus what it has
    turn = ("Linear", -1, int(2 * space.low[0] + space.step[0])) if space.homogeneous and space.integer else "flip"
    moving = _by_repeats([(stream, effect) for stream, effect in parts if not effect.nothing], turn)
    return Plan(diagonal, tuple(_blocks(moving)), tuple(promised))


def _by_repeats(parts: list[tuple[Stream, Effect]], turn: Any) -> list[tuple[Stream, Effect, NDArray[np.int64]]]:
    """The parts, cut by how often a row's x' was reached before: never, once, 2 or 3 times, 4 to 7 times, and so on.

    With the number of the x' that each row reaches.
    """
    made = []
    for (stream, effect), targets in zip(parts, _targets(parts, turn), strict=True):
        digits = np.frexp(occurrence(targets))[1]  # in base 2
        for number in np.unique(digits):
            rows = np.flatnonzero(digits == number)
            made.append((stream.take(rows), _rows_of(effect, rows), targets[rows]))
    return made


def _rows_of(effect: Effect, rows: NDArray[Any]) -> Effect:
    flipped = None if effect.flipped is None else effect.flipped[rows]
    return attrs.evolve(effect, sites=effect.sites if effect.opaque else effect.sites[:, rows], flipped=flipped)


def _targets(parts: list[tuple[Stream, Effect]], turn: Any) -> list[NDArray[np.int64]]:
    """For every part and row a number, equal where the x' are provably equal for every x."""
    codes: dict[Any, int] = {}
    keys = [None if effect.opaque else _keys(effect, codes, turn) for _, effect in parts]
    width = max((key.shape[1] for key in keys if key is not None), default=0)
    padded = [np.pad(key, ((0, 0), (0, width - key.shape[1])), constant_values=-1) for key in keys if key is not None]
    groups = iter(
        np.split(grouped(np.concatenate(padded))[0], np.cumsum([len(key) for key in padded])[:-1]) if padded else ()
    )
    made, unknown = [], sum(len(key) for key in padded)
    for (stream, _), key in zip(parts, keys, strict=True):
        if key is None:
            made.append(np.arange(unknown, unknown + stream.n_rows))
            unknown += stream.n_rows
        else:
            made.append(next(groups))
    return made


def _keys(effect: Effect, codes: dict[Any, int], turn: Any) -> NDArray[np.int64]:
    """[M, 3 W]: of every written site its number, what kind of value it gets, and the site that the value is read from."""
    if effect.flipped is not None:
        counts = effect.flipped.sum(axis=1)
        code = codes.setdefault(turn, len(codes))
        row, site = np.nonzero(effect.flipped)
        position = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
        made = np.full((len(counts), int(counts.max()), 3), -1, dtype=np.int64)
        made[row, position] = np.stack([site, np.full_like(site, code), np.full_like(site, -1)], axis=1)
        return made.reshape(len(counts), -1)
    parts = []
    for name, value in effect.values.items():
        site = effect.sites[name].astype(np.int64)
        own = value.source in (-1, name)
        code = codes.setdefault((type(value).__name__, *_numbers(value)), len(codes))
        source = np.full_like(site, -1) if own else effect.sites[value.source].astype(np.int64)
        parts.append(np.stack([site, np.full_like(site, code), source], axis=1))
    stacked = np.stack(parts, axis=1)
    order = np.argsort(stacked[:, :, 0], axis=1)
    return np.take_along_axis(stacked, order[:, :, None], axis=1).reshape(len(stacked), -1)


def _numbers(value: Any) -> tuple[int, ...]:
    return (value.a, value.b) if isinstance(value, Linear) else (value.d,)


def _blocks(parts: list[tuple[Stream, Effect, NDArray[np.int64]]]) -> list[Block]:
    total = 1 + max((int(targets.max(initial=-1)) for _, _, targets in parts), default=-1)
    block_of, slot_of = np.full(total, -1), np.full(total, -1)
    opened: list[tuple[Stream, Effect]] = []
    additions: list[list[Addition]] = []
    for stream, effect, targets in parts:
        known = block_of[targets]
        for block in np.unique(known[known >= 0]).tolist():
            rows = np.flatnonzero(known == block)
            group, place = _placed(slot_of[targets[rows]], opened[block][0].n_rows)
            if group is None and np.all(place >= 0):  # its rows may come in the order of the slots
                additions[block].append(Addition(stream.take(rows[place]), None, None))
            else:
                additions[block].append(Addition(stream.take(rows), group, place))
        new = np.flatnonzero(known < 0)
        if len(new):
            block_of[targets[new]], slot_of[targets[new]] = len(opened), np.arange(len(new))
            opened.append((stream.take(new), _rows_of(effect, new)))
            additions.append([])
    return [Block(*pair, tuple(added)) for pair, added in zip(opened, additions, strict=True)]


def _placed(slots: NDArray[np.int64], n_slots: int) -> tuple[NDArray[np.int32] | None, NDArray[np.int32]]:
    """The rows of every slot that has any [G, W], None where each has one; and for every slot its group [n_slots].

    By groups and not by slots: few of many slots may have a dozen rows.
    """
    reached, number = np.unique(slots, return_inverse=True)
    again = occurrence(slots)
    group = np.full((len(reached), int(again.max()) + 1), -1, dtype=np.int32)
    group[number, again] = np.arange(len(slots), dtype=np.int32)
    place = np.full(n_slots, -1, dtype=np.int32)
    if group.shape[1] == 1:
        place[reached] = group[:, 0]
        return None, place
    place[reached] = np.arange(len(reached), dtype=np.int32)
    return group, place
