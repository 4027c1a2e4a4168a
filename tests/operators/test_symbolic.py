"""The symbolic operator as an object."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import jax.numpy as jnp
import pytest
from refusal import refused

from nqx_graph.dsl import selectors as s
from nqx_graph.dsl import update as u
from nqx_graph.dsl.builder import DOperator
from nqx_graph.errors import UncompiledOperatorError
from nqx_graph.hilbert import Fock
from nqx_graph.operators.symbolic import SymbolicOperator


def op(name: str = "A", **kwargs: Any) -> SymbolicOperator:
    return DOperator(Fock(3, 3), name, **kwargs).for_each_site("i").emit(u.shift("i", 1), amplitude=s.site("i")).build()


def test_what_it_has() -> None:
    a = op(dtype="complex64", hermitian=True)
    assert a.hilbert == Fock(3, 3)
    assert (a.name, a.dtype, a.is_hermitian) == ("A", jnp.complex64, True)
    assert repr(a) == "SymbolicOperator('A', hilbert=Fock(n_max=3, N=3), dtype=complex64, terms=1)"
    assert a.to_ir() is a.to_ir()
    assert op(dtype="bfloat16").dtype == jnp.bfloat16


def test_the_space_is_the_very_object() -> None:
    space = Fock(2, 2)
    assert DOperator(space).globally().emit().build().hilbert is space


@pytest.mark.parametrize(
    "name",
    ["get_conn_padded", "get_conn", "n_conn", "to_dense", "to_sparse", "max_conn_size", "check", "parameters",
     "with_parameters", "with_columns"],
)  # fmt: skip
def test_what_only_a_compiled_one_has_names_compile(name: str) -> None:
    with refused(UncompiledOperatorError, "'A'", name, f"operator.compile().{name}"):
        getattr(op(), name)


def test_it_does_not_run() -> None:
    with refused(UncompiledOperatorError, "'A'", ".compile()"):
        op()([0, 1, 2])


def test_anything_else_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'to_matrix'"):
        op().to_matrix  # noqa: B018
    assert not hasattr(op(), "__len__")


@pytest.mark.parametrize("again", [lambda a: pickle.loads(pickle.dumps(a)), copy.copy, copy.deepcopy])
def test_pickling_and_copying(again: Any) -> None:
    a = op(hermitian=True)
    made = again(a)
    assert made.hilbert == a.hilbert
    assert made.to_ir().same_as(a.to_ir())
    assert made.to_ir().static_fingerprint() == a.to_ir().static_fingerprint()


def test_arrays_stay_read_only_through_pickling() -> None:
    a = DOperator(Fock(1, 2)).for_each_site("i", columns={"J": [1.0, 2.0]}).emit().build()
    for made in (a, pickle.loads(pickle.dumps(a)), copy.deepcopy(a)):
        iterator = made.to_ir().terms[0].iterator
        for array in (iterator.index_sets, iterator.columns["J"]):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0


def test_it_hashes_by_identity() -> None:
    a, b = op(), op()
    assert a != b
    assert len({a, b, a}) == 2
