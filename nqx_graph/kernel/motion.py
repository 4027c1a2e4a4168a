"""How x becomes x' in every slot at once, without a scatter, a gather a slot, or a copy.

x' of all branches is one expression: the other state where a pattern says so, if every branch turns two-state sites; else
``x + Σₖ deltaₖ · patternₖ``. Patterns are tables over slots and sites and hold no sample; what a sample decides is a number
per slot. Where neither form is known, every emission writes its x' out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import attrs
import jax
import jax.numpy as jnp

from nqx_graph.environment import x64_enabled
from nqx_graph.ir.kinds import INT, dtype_of
from nqx_graph.kernel.env import Array
from nqx_graph.kernel.exact import both
from nqx_graph.kernel.structure import LocalStates

TURN, ADD, GENERAL = "turn", "add", "general"


@attrs.frozen(eq=False)
class Delta:
    """What a written site gains: 1, ``a · x[source] + b - x[own]``, that wrapped, or the gain of a write of the update.

    ``kind`` is "one", "linear", "wrapped" or "event"; sites are slots of the term; ``b`` is the number of the write for an
    event.
    """

    kind: str
    own: int = -1
    source: int = -1
    a: int = 0
    b: int = 0


@attrs.frozen(eq=False)
class Move:
    """What one emission contributes: its deltas, or the two slots that must differ for its sites to turn."""

    deltas: tuple[Delta, ...] = ()
    unequal: tuple[int, int] | None = None


@attrs.frozen(eq=False)
class Motion:
    """The form that all emissions share, and each one's part in it, term by term.

    ``signs`` says that every pattern holds -1, 0 and 1 only; ``still`` how many slots before the first keep x.
    """

    form: str
    signs: bool = False
    moves: tuple[tuple[Move, ...], ...] = ()
    still: int = 0


class Pattern(NamedTuple):
    """Whole numbers over slots and sites: as they are [C, N], or where large as sites and their entries [W][C]."""

    dense: Any
    sites: Any
    entries: Any


class Moving(NamedTuple):
    """An emission on a batch: what it reads, its x', and where it has a branch (None: everywhere)."""

    env: Any
    target: Any
    valid: Array | None


def moved(
    motion: Motion,
    states: LocalStates,
    size: int,
    patterns: Sequence[Pattern],
    moving: Sequence[Sequence[Moving]],
    x: Array,
    always: Array,
) -> Array:
    """x' [..., C, N], rows as given and emissions as written within every term.

    Args:
        motion: the form; TURN or ADD.
        states: the local states.
        size: N.
        patterns: one for each delta.
        moving: the emissions of every term on this batch.
        x: the configurations [..., N].
        always: -1, of which XLA does not know: without it loops over short rows are unrolled before they are vectorised.
    """
    slots = _Slots(motion, moving, x)
    if motion.form == TURN:
        return _turned(motion, states, size, patterns[0], slots, always)
    made = _added(motion, states, size, patterns, slots)
    return jnp.broadcast_to(made, (*x.shape[:-1], slots.count, size))


class _Slots:
    """Where the values of emissions go."""

    def __init__(self, motion: Motion, moving: Sequence[Sequence[Moving]], x: Array) -> None:
        self.moving, self.still, self.x = moving, motion.still, x
        self.count = motion.still + sum(own[0].env.term.n_rows * len(own) for own in moving)
        self.pairs = [list(zip(moves, own, strict=True)) for moves, own in zip(motion.moves, moving, strict=True)]

    def put(self, values: Sequence[Sequence[Any]], still: Any) -> Array:
        """One value per slot [..., C] from those of every term's emissions [..., M]; ``still`` where x is kept."""
        batch = self.x.shape[:-1]
        parts = []
        for own, emissions in zip(values, self.moving, strict=True):
            rows = emissions[0].env.term.n_rows
            wide = [jnp.broadcast_to(jnp.asarray(value), (*batch, rows)) for value in own]
            parts.append(wide[0] if len(wide) == 1 else jnp.stack(wide, axis=-1).reshape(*batch, rows * len(wide)))
        if self.still:
            parts.insert(0, jnp.broadcast_to(jnp.asarray(still, parts[0].dtype), (*batch, self.still)))
        return parts[0] if len(parts) == 1 else jnp.concatenate(parts, axis=-1)


def _turned(motion: Motion, states: LocalStates, size: int, pattern: Pattern, slots: _Slots, always: Array) -> Array:
    """Every branch turns two-state sites: the pattern says which, -1 where one turns and 0 elsewhere."""
    x = slots.x
    turns = [[_turns(move, own) for move, own in pairs] for pairs in slots.pairs]
    here = dense(pattern, size)
    sums = jnp.asarray(2 * states.low + states.step).astype(x.dtype)
    other = ((sums[0] if sums.shape[0] == 1 else sums) - x)[..., None, :]
    there = always
    if any(turn is not None for own in turns for turn in own):
        held = slots.put([[True if turn is None else turn for turn in own] for own in turns], False)
        there = -held.astype(jnp.int8)[..., None]
    if not jnp.issubdtype(x.dtype, jnp.integer):
        return jnp.where((here & there) != 0, other, x[..., None, :])
    # bit by bit: a select of bytes is left scalar by LLVM where rows are short
    lane, turned = _lane(x.dtype, size), here.astype(x.dtype)
    old, changed, turned = (_packed(array, lane) for array in (x, x ^ other[..., 0, :], turned))
    made = old[..., None, :] ^ (changed[..., None, :] & turned & there.astype(lane))
    return made if lane == x.dtype else jax.lax.bitcast_convert_type(made, x.dtype).reshape(*made.shape[:-1], size)


def _lane(dtype: Any, size: int) -> Any:
    """The integers that hold several sites of a row: rows of bytes shorter than a vector are walked one by one."""
    if jnp.dtype(dtype).itemsize > 1 or not 8 < size < 32 or size % 2:
        return dtype
    return jnp.int16 if size % 4 else jnp.int32


def _packed(array: Array, lane: Any) -> Array:
    """The last axis seen as integers of ``lane``."""
    many = jnp.dtype(lane).itemsize // jnp.dtype(array.dtype).itemsize
    if many == 1:
        return array
    return jax.lax.bitcast_convert_type(array.reshape(*array.shape[:-1], -1, many), lane)


def _turns(move: Move, own: Moving) -> Array | None:
    if move.unequal is None:
        return own.valid
    first, second = (own.env.read(slot) for slot in move.unequal)
    return both(own.valid, first != second)


def _added(motion: Motion, states: LocalStates, size: int, patterns: Sequence[Pattern], slots: _Slots) -> Array:
    """x plus what each written site gains; whole numbers, so that it is exact whatever the order."""
    x, dtype = slots.x, _sum_dtype(states, slots.x.dtype)
    made = x.astype(dtype)[..., None, :]
    for number, pattern in enumerate(patterns):
        gains = [[_gain(move, own, number, dtype) for move, own in pairs] for pairs in slots.pairs]
        gain = slots.put(gains, 0)[..., None].astype(dtype)
        made = made + _times(gain, dense(pattern, size).astype(dtype), motion.signs)
    return made.astype(x.dtype)


def _times(gain: Array, pattern: Array, signs: bool) -> Array:
    """The product; without a multiplication, which bytes have none of, where the pattern holds -1, 0 and 1 only."""
    if not (signs and jnp.issubdtype(gain.dtype, jnp.integer)):
        return gain * pattern
    negative = pattern >> 1  # -1 for -1, else 0
    return ((gain ^ negative) - negative) & (pattern | -pattern)


def _sum_dtype(states: LocalStates, dtype: Any) -> Any:
    """Whole numbers of the width of x wrap round to the right value; short floats would round on the way."""
    if jnp.issubdtype(dtype, jnp.integer):
        return dtype
    bounded = bool((states.count > 0).all())
    largest = int(abs(states.low).max() + (abs(states.step) * abs(states.count)).max()) if bounded else 2**62
    return dtype if dtype in (jnp.float32, jnp.float64) and largest < 2**18 else dtype_of(INT, x64_enabled())


def _gain(move: Move, own: Moving, number: int, dtype: Any) -> Array:
    if number >= len(move.deltas):
        return jnp.zeros((), dtype)
    # x' is discrete: no derivative flows through it
    gain = jax.lax.stop_gradient(_value(move.deltas[number], own)).astype(dtype)
    return gain if own.valid is None else jnp.where(own.valid, gain, jnp.zeros((), dtype))


def _value(delta: Delta, own: Moving) -> Array:
    env, wide = own.env, own.target.dtype
    if delta.kind == "one":
        return jnp.ones((), jnp.int8)
    if delta.kind == "event":
        return own.target.gains()[delta.b]
    value = env.read(delta.source).astype(wide) * delta.a + delta.b if delta.a else jnp.asarray(delta.b, wide)
    if delta.kind == "wrapped":
        value = env.wrap(value, delta.own)
    return value - env.read(delta.own).astype(wide)


def dense(pattern: Pattern, size: int) -> Array:
    """The pattern [C, N]; a large one is made here, from the sites that it is not 0 at."""
    if pattern.dense is not None:
        return jnp.asarray(pattern.dense)
    numbers = jnp.arange(size, dtype=jnp.int32)
    made = jnp.zeros((), jnp.int32)
    for sites, entries in zip(pattern.sites, pattern.entries, strict=True):
        here = jnp.asarray(sites)[:, None] == numbers
        made = made + jnp.where(here, jnp.asarray(entries)[:, None], 0)
    return made
