from __future__ import annotations

import pytest
import small

import nqx_graph as sym
from nqx_graph.stages.symbolic_normalization import symbolic_normalization


@pytest.mark.parametrize(("preference", "backend"), [("auto", "jax"), ("jax", "jax"), ("numpy", "numpy")])
def test_fingerprint_backend_and_order(preference, backend):
    operator = small.number() + small.number(name="other") + small.raising()
    options = sym.SymbolicCompilerOptions(backend_preference=preference)
    fingerprint, resolved, order = symbolic_normalization(operator.to_ir(), options, {"valid": True})
    assert fingerprint == operator.to_ir().static_fingerprint()
    assert (resolved, order) == (backend, (0, 1, 2))
    assert symbolic_normalization.describe(ir_fingerprint="f", resolved_backend="b", term_order=(0,)) == {
        "ir_fingerprint": "f", "resolved_backend": "b",
    }  # fmt: skip


def test_it_comes_behind_validation():
    assert "validation_summary" in symbolic_normalization.reads
    assert symbolic_normalization.always
