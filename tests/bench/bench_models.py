"""The models that `beside_nkdsl` writes in nkDSL, whose lines the documentation counts, are those of the package."""

from __future__ import annotations

import beside_nkdsl
import netket as nk
import numpy as np
import peers
import pytest
from small_models import CASES

import nqx_graph as sym


def dense(compiled, hilbert):
    """The matrix of its rows: nkDSL computes in the dtype of x, and leaves an x' in empty slots that may be outside the space."""
    x = np.asarray(hilbert.all_states(), dtype=float)
    xp, mels = map(np.asarray, compiled.get_conn_padded(x))
    xp = np.where(mels[..., None] == 0, x[:, None], xp)
    matrix = np.zeros((len(x), len(x)))
    np.add.at(matrix, (np.arange(len(x))[:, None], np.asarray(hilbert.states_to_numbers(xp))), mels)
    return matrix


@pytest.mark.parametrize("model", CASES)
def test_models(model):
    case = CASES[model]
    hilbert = case.hilbert(nk.hilbert)
    ours = getattr(sym.models, model)(hilbert, *case.given, **case.couplings)
    theirs = peers.nkdsl_compile(getattr(beside_nkdsl, model)(hilbert, *case.rows, **case.couplings))
    reference = sym.SymbolicCompilerOptions(backend_preference="numpy")
    expected = ours.compile(cache=False, options=reference).to_dense()
    np.testing.assert_allclose(dense(theirs, hilbert), expected, atol=1e-12, rtol=0)
