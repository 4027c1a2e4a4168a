from __future__ import annotations

import small

import nqx_graph as sym
from nqx_graph.space import view
from nqx_graph.stages.key_derivation import key_derivation

IR = small.number().to_ir()
COVERED = {"ir": b"\x01", "space": b"\x02"}


def derive(options=None, covered=COVERED, space=None, fingerprint="f", backend="jax", identities=("a",)):
    options = options or sym.SymbolicCompilerOptions()
    return key_derivation(IR, space or view(small.FOCK), options, fingerprint, backend, identities, covered)


def test_a_key_in_the_namespace_of_the_options():
    key = derive(sym.SymbolicCompilerOptions(cache_namespace="mine"))
    assert key.namespace == "mine"
    assert len(key.token) == 64
    assert key_derivation.describe(cache_key=key) == {"namespace": "mine", "token": key.token}
    assert derive() == derive()


def test_every_argument_is_in_the_token():
    keys = [
        derive(),
        derive(fingerprint="g"),
        derive(backend="numpy"),
        derive(identities=("a", "b")),
        derive(covered={"ir": b"\x01", "space": b"\x03"}),
        derive(covered={"ir": b"\x02", "space": b"\x01"}),
        derive(covered={"ir": b"\x01"}),
        derive(covered={"ir": b"\x01", "spaces": b"\x02"}),
        derive(sym.SymbolicCompilerOptions(enable_fusion=False)),
        derive(space=view(sym.hilbert.Fock(4, N=3))),
    ]
    assert len({key.token for key in keys}) == len(keys)


def test_no_key_without_a_cache_or_without_a_digest():
    assert derive(small.UNCACHED) is None
    assert derive(covered={**COVERED, "space": None}) is None
    assert derive(space=view(small.LoadedSpace())) is None
    assert key_derivation.describe(cache_key=None) == {}


def test_the_digests_come_from_the_graph():
    assert key_derivation.covered
    assert "covered" not in key_derivation.reads
