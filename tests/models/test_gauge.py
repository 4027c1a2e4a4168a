"""Gauge theories on a torus of 2 x 2 vertices against sums of `np.kron`, the links numbered by hand."""

from __future__ import annotations

from typing import Any

import kron
import numpy as np
import pytest
from kron import assert_written

import nqx_graph as sym

RIGHT = {(x, y): 2 * (2 * x + y) for x in range(2) for y in range(2)}
UP = {vertex: link + 1 for vertex, link in RIGHT.items()}
STARS = [(RIGHT[x, y], UP[x, y], RIGHT[1 - x, y], UP[x, 1 - y]) for x, y in RIGHT]
# bottom, right, top, left
PLAQUETTES = [(RIGHT[x, y], UP[1 - x, y], RIGHT[x, 1 - y], UP[x, y]) for x, y in RIGHT]
SPACES = {"spin 1/2": (sym.hilbert.Spin(0.5, 8), kron.spins(0.5, 8)), "qubit": (sym.hilbert.Qubit(8), kron.qubits(8))}
each_space = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)


def around(sites: kron.Sites, rows: Any, *names: str) -> kron.Matrix:
    words = names if len(names) == 4 else names * 4
    return sum(
        sites.at(*((link, sites.matrices[f"sigma_{name}"]) for link, name in zip(row, words, strict=True)))
        for row in rows
    )


@each_space
def test_toric_code(space: Any) -> None:
    hilbert, sites = space
    expected = -0.5 * around(sites, STARS, "x") - 0.75 * around(sites, PLAQUETTES, "z")
    operator = sym.models.toric_code(hilbert, (2, 2), A=0.5, B=0.75)
    assert_written(operator, expected)
    energies = np.linalg.eigvalsh(expected)
    assert np.sum(np.isclose(energies, -4 * (0.5 + 0.75))) == 4  # the four ground states of a torus


@each_space
def test_z2_gauge(space: Any) -> None:
    hilbert, sites = space
    expected = -0.5 * around(sites, PLAQUETTES, "z") - 0.25 * sum(sites.word("sigma_x", link) for link in range(8))
    assert_written(sym.models.z2_gauge(hilbert, (2, 2), K=0.5, g=0.25), expected)


@each_space
def test_u1_gauge(space: Any) -> None:
    hilbert, sites = space
    turned = around(sites, PLAQUETTES, "plus", "plus", "minus", "minus")
    operator = sym.models.u1_gauge(hilbert, (2, 2), K=0.5, g=0.25)
    assert_written(operator, -0.5 * (turned + turned.T) + 0.125 * 8 * 0.25 * sites.one())


def test_u1_gauge_keeps_the_flux_at_every_vertex() -> None:
    """With links of spin 1: right and up leave a vertex, left and down come in."""
    hilbert = sym.hilbert.Spin(1, 8)
    x = np.asarray(hilbert.random_state(0, 64))
    xp, mels = map(np.asarray, sym.models.u1_gauge(hilbert, (2, 2)).compile().get_conn_padded(x))
    flux = [x[:, None, a] + x[:, None, b] - x[:, None, c] - x[:, None, d] for a, b, c, d in STARS]
    kept = [xp[..., a] + xp[..., b] - xp[..., c] - xp[..., d] for a, b, c, d in STARS]
    for before, after in zip(flux, kept, strict=True):
        np.testing.assert_array_equal(np.broadcast_to(before, after.shape), after)
    moved = np.any(xp != x[:, None], axis=-1)
    assert set(np.round(mels[moved], 12)) == {-4.0}  # (√2)⁴, each link a spin 1
    np.testing.assert_allclose(np.sum(mels * ~moved, axis=1), 0.5 * np.sum((x / 2) ** 2, axis=1), rtol=1e-12)


@pytest.mark.parametrize("model", ["toric_code", "z2_gauge", "u1_gauge"])
def test_a_torus_of_another_size(model: str) -> None:
    with pytest.raises(
        sym.errors.DefinitionError, match=rf"^{model} on a torus of 2 x 3 vertices.* has 12 links; .* 8 sites"
    ):
        getattr(sym.models, model)(sym.hilbert.Spin(0.5, 8), (2, 3))
    with pytest.raises(sym.errors.DefinitionError, match="at least 2 x 2"):
        getattr(sym.models, model)(sym.hilbert.Spin(0.5, 8), (1, 4))
