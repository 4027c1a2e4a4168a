"""The kernel: all branches of an operator on a batch, in a static shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import jax.numpy as jnp

from nqx_graph.kernel.amplitude import amplitude
from nqx_graph.kernel.env import Array, Env
from nqx_graph.kernel.exact import both, predicate
from nqx_graph.kernel.motion import Moving, moved
from nqx_graph.kernel.structure import EmissionStructure, Structure, Tables
from nqx_graph.kernel.target import Target


@attrs.frozen(eq=False)
class Branches:
    """Branches of one term in the order of `language.md`: rows as given, emissions as written. R of them per sample.

    ``xp`` [..., R, N] is x where there is no branch, ``mels`` [..., R] is 0 there; ``active`` [..., R] says which slots
    hold one, ``outside`` [..., R] which of those leave the local states.
    """

    xp: Array
    mels: Array
    active: Array
    outside: Array


def connected(structure: Structure, tables: Tables, parameters: Mapping[str, Array], x: Array) -> tuple[Array, Array]:
    """x' [..., C, N] in x's dtype and mels [..., C] in the operator's, for x [..., N]."""
    envs = _envs(structure, tables, parameters, x)
    if structure.motion is not None:
        return _moved(structure, tables, envs, x)
    xps, mels, broken = [], [], None
    for term, env in zip(structure.terms, envs, strict=True):
        kept = run_term(env)
        if term.fanout < term.max_fanout:
            kept, over = compact(kept, term.fanout, x)
            broken = over if broken is None else broken | over
        xps.append(kept.xp)
        mels.append(kept.mels)
    xp = jnp.concatenate(xps, axis=-2) if len(xps) > 1 else xps[0]
    mel = jnp.concatenate(mels, axis=-1) if len(mels) > 1 else mels[0]
    if broken is not None:
        mel = jnp.where(broken[..., None], jnp.asarray(jnp.nan, mel.dtype), mel)
    return xp, mel


def _moved(structure: Structure, tables: Tables, envs: list[Env], x: Array) -> tuple[Array, Array]:
    """`connected` with x' of all slots as one expression."""
    moving, mels = [], []
    for env in envs:
        own = _emissions(env)
        moving.append([Moving(env, emission.target, emission.valid) for emission in own])
        mels.append(_interleaved([jnp.broadcast_to(emission.mels, _shape(env)) for emission in own]))
    always = jnp.asarray(tables.mark)[0]
    xp = moved(structure.motion, structure.states, structure.size, tables.patterns, moving, x, always)
    return xp, jnp.concatenate(mels, axis=-1) if len(mels) > 1 else mels[0]


def _envs(structure: Structure, tables: Tables, parameters: Mapping[str, Array], x: Array) -> list[Env]:
    return [
        Env(structure, term, own, jnp.asarray(tables.numbers), parameters, x)
        for term, own in zip(structure.terms, tables.terms, strict=True)
    ]


def term_branches(structure: Structure, tables: Tables, parameters: Mapping[str, Array], x: Array) -> list[Branches]:
    """The branches of every term, before any promise is used."""
    return [run_term(env) for env in _envs(structure, tables, parameters, x)]


def run_term(env: Env) -> Branches:
    """The branches of one term, before any promise is used."""
    made = [_branches(env, emission) for emission in _emissions(env)]
    return Branches(*(_interleaved(list(parts), env.x.ndim) for parts in zip(*made, strict=True)))


def _interleaved(parts: list[Array], axis: int | None = None) -> Array:
    """[..., M] of every emission as [..., M · E], the emissions of a row side by side; ``axis`` is where they go."""
    if len(parts) == 1:
        return parts[0]
    axis = parts[0].ndim if axis is None else axis
    shape = parts[0].shape
    return jnp.stack(parts, axis=axis).reshape(*shape[: axis - 1], shape[axis - 1] * len(parts), *shape[axis:])


@attrs.frozen(eq=False)
class _Emission:
    """One emission on a batch. ``active`` and ``valid`` are None where they hold everywhere, ``outside`` where nowhere."""

    target: Target
    active: Array | None
    outside: Array | None
    valid: Array | None
    mels: Array


def _shape(env: Env) -> tuple[int, ...]:
    return (*env.x.shape[:-1], env.term.n_rows)


def _emissions(env: Env) -> list[_Emission]:
    common = predicate(env.term.predicate, env)
    return [_emission(env, emission, common) for emission in env.term.emissions]


def _emission(env: Env, emission: EmissionStructure, common: Array | None) -> _Emission:
    active = both(common, predicate(emission.predicate, env))
    target = Target(env, emission.steps, emission.width)
    if target.invalid is not None:
        active = both(active, ~target.invalid)
    outside = target.outside(emission.guarded)
    valid = active if outside is None else both(active, ~outside)
    mels = amplitude(emission.amplitude, env, target, valid)
    if valid is not None:
        mels = jnp.where(valid, mels, jnp.zeros((), env.dtype))
    if outside is not None and env.structure.on_out_of_domain == "nan":
        left: Any = both(active, outside)
        mels = jnp.where(left, jnp.asarray(jnp.nan, env.dtype), mels)
    return _Emission(target, active, outside, valid, mels)


def _branches(env: Env, emission: _Emission) -> tuple[Array, ...]:
    """x', elements, where there is a branch, and where it leaves the local states."""
    shape = _shape(env)
    xp = jnp.broadcast_to(emission.target.write_out(), (*shape, env.structure.size))
    if emission.valid is not None:
        xp = jnp.where(jnp.broadcast_to(emission.valid, shape)[..., None], xp, env.x[..., None, :])
    full = jnp.ones(shape, dtype=bool) if emission.active is None else jnp.broadcast_to(emission.active, shape)
    left = jnp.zeros(shape, dtype=bool) if emission.outside is None else full & emission.outside
    if emission.outside is not None and env.structure.on_out_of_domain != "nan":
        full = full & ~left
    return xp, jnp.broadcast_to(emission.mels, shape), full, left


def compact(branches: Branches, slots: int, x: Array) -> tuple[Branches, Array]:
    """The active branches moved to the front of ``slots``, in their order; and whether there were more. [...]"""
    # two of these are alive at once: the mask made wide, and its running sum
    short = jnp.int16 if branches.active.shape[-1] < 2**15 else jnp.int32
    count = jnp.cumsum(branches.active, axis=-1, dtype=short)
    total = count[..., -1].astype(jnp.int32)
    wanted = jnp.arange(1, slots + 1, dtype=jnp.int32)
    place = jnp.minimum(_first_reaching(count, wanted), count.shape[-1] - 1)
    held = wanted <= total[..., None]
    xp = jnp.take_along_axis(branches.xp, place[..., None], axis=-2, mode="clip")
    mels = jnp.take_along_axis(branches.mels, place, axis=-1, mode="clip")
    outside = jnp.take_along_axis(branches.outside, place, axis=-1, mode="clip")
    front = Branches(
        jnp.where(held[..., None], xp, x[..., None, :]),
        jnp.where(held, mels, jnp.zeros((), mels.dtype)),
        held,
        held & outside,
    )
    return front, total > slots


def _first_reaching(count: Array, wanted: Array) -> Array:
    """How many entries of the rising counts [..., R] are below each number wanted [K], by bisection. [..., K]

    Written out, because `jnp.searchsorted` is a scan however it is unrolled.
    """
    n_branches = count.shape[-1]
    below = jnp.zeros((*count.shape[:-1], wanted.shape[0]), dtype=jnp.int32)
    for bit in reversed(range(n_branches.bit_length())):
        further = below + 2**bit
        last = jnp.take_along_axis(count, jnp.minimum(further, n_branches) - 1, axis=-1, mode="clip")
        below = jnp.where((further <= n_branches) & (last < wanted), further, below)
    return below


def branch_tuples(
    structure: Structure, tables: Tables, parameters: Mapping[str, Array], x: Array
) -> list[tuple[Array, ...]]:
    """`term_branches` as tuples; for `check`."""
    return [(b.xp, b.mels, b.active, b.outside) for b in term_branches(structure, tables, parameters, x)]
