"""Two operators are the same if their local energies are, whatever their slots."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np


def local_energies(xp, mels, seed=0):
    """Σ <x|O|x'> ψ(x') for a random state ψ that tells configurations apart. [B]"""
    rng = np.random.default_rng(seed)
    size = xp.shape[-1]
    first, second = rng.normal(size=(size, 24)) / np.sqrt(size), rng.normal(size=24)
    psi = jnp.exp(jnp.tanh(xp.astype(float) @ first) @ second)
    return jnp.sum(mels * psi, axis=-1)


def assert_same_operator(made, theirs, tolerance=1e-9):
    """Both as get_conn_padded returned them for the same configurations."""
    own, other = np.asarray(local_energies(*made)), np.asarray(local_energies(*theirs))
    scale = np.max(np.abs(other))
    assert np.all(np.isfinite(own)) and scale > 0
    assert np.max(np.abs(own - other)) <= tolerance * scale, (own[:4], other[:4])
