"""The kernel: all branches of an operator on a batch, in a static shape."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import attrs
import jax
import jax.numpy as jnp

from nqx_graph.kernel.amplitude import amplitude
from nqx_graph.kernel.env import Array, Env
from nqx_graph.kernel.exact import both, predicate
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
    xps, mels, broken = [], [], None
    for term, own in zip(structure.terms, term_branches(structure, tables, parameters, x), strict=True):
        kept = own
        if term.fanout < term.max_fanout:
            kept, over = compact(own, term.fanout, x)
            broken = over if broken is None else broken | over
        xps.append(kept.xp)
        mels.append(kept.mels)
    xp = jnp.concatenate(xps, axis=-2) if len(xps) > 1 else xps[0]
    mel = jnp.concatenate(mels, axis=-1) if len(mels) > 1 else mels[0]
    if broken is not None:
        mel = jnp.where(broken[..., None], jnp.asarray(jnp.nan, mel.dtype), mel)
    return xp, mel


def term_branches(structure: Structure, tables: Tables, parameters: Mapping[str, Array], x: Array) -> list[Branches]:
    """The branches of every term, before any promise is used."""
    made = []
    for term, own in zip(structure.terms, tables.terms, strict=True):
        env = Env(structure, term, own, jnp.asarray(tables.numbers), parameters, x)
        made.append(_run_term(env))
    return made


def _run_term(env: Env) -> Branches:
    common = predicate(env.term.predicate, env)
    emissions = [_run_emission(env, emission, common) for emission in env.term.emissions]
    if len(emissions) == 1:
        return emissions[0]
    batch, n_branches = env.x.shape[:-1], env.term.max_fanout
    flat = [
        jnp.stack(parts, axis=env.x.ndim).reshape(*batch, n_branches, *parts[0].shape[env.x.ndim :])
        for parts in zip(*((e.xp, e.mels, e.active, e.outside) for e in emissions), strict=True)
    ]
    return Branches(*flat)


def _run_emission(env: Env, emission: EmissionStructure, common: Array | None) -> Branches:
    shape = (*env.x.shape[:-1], env.term.n_rows)
    active = both(common, predicate(emission.predicate, env))
    target = Target(env, emission.steps)
    if target.invalid is not None:
        active = both(active, ~target.invalid)
    outside = target.outside(emission.guarded)
    valid = active if outside is None else both(active, ~outside)
    mels = amplitude(emission.amplitude, env, target, valid)
    xp = jnp.broadcast_to(target.write_out(), (*shape, env.structure.size))
    if valid is not None:
        mels = jnp.where(valid, mels, jnp.zeros((), env.dtype))
        xp = jnp.where(jnp.broadcast_to(valid, shape)[..., None], xp, env.x[..., None, :])
    full = jnp.ones(shape, dtype=bool) if active is None else jnp.broadcast_to(active, shape)
    left = jnp.zeros(shape, dtype=bool) if outside is None else full & outside
    if outside is not None and env.structure.on_out_of_domain == "nan":
        mels = jnp.where(left, jnp.asarray(jnp.nan, env.dtype), mels)
    elif outside is not None:
        full = full & ~left
    return Branches(xp, jnp.broadcast_to(mels, shape), full, left)


def compact(branches: Branches, slots: int, x: Array) -> tuple[Branches, Array]:
    """The active branches moved to the front of ``slots``, in their order; and whether there were more. [...]"""
    count = jnp.cumsum(branches.active, axis=-1, dtype=jnp.int32)
    total = count[..., -1]
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


@partial(jax.jit, static_argnames="structure")
def run_connected(
    structure: Structure, tables: Tables, parameters: Mapping[str, Array], x: Array
) -> tuple[Array, Array]:
    """`connected`, compiled once for each structure, shape of tables, and shape and dtype of x."""
    return connected(structure, tables, parameters, x)


@partial(jax.jit, static_argnames="structure")
def run_branches(
    structure: Structure, tables: Tables, parameters: Mapping[str, Array], x: Array
) -> list[tuple[Array, ...]]:
    """`term_branches` as tuples, compiled likewise; for `check`."""
    return [(b.xp, b.mels, b.active, b.outside) for b in term_branches(structure, tables, parameters, x)]
