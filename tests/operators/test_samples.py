"""Which configurations a compiled operator takes."""

from __future__ import annotations

import jax
import numpy as np
import pytest
import small

import nqx_graph as sym
from nqx_graph.errors import SampleTypeError, StateError
from nqx_graph.hilbert import Fock, Qubit, Spin
from nqx_graph.operators.samples import admit, can_hold, foreign_rows
from nqx_graph.space import view

SPACES = {
    "qubits": Qubit(2),
    "bosons to 3": Fock(3, N=2),
    "bosons to 127": Fock(127, N=2),
    "bosons to 128": Fock(128, N=2),
    "bosons to 255": Fock(255, N=2),
    "bosons to 256": Fock(256, N=2),
    "bosons to 2048": Fock(2048, N=2),
    "bosons to 2049": Fock(2049, N=2),
    "bosons to 40000": Fock(40000, N=2),
    "spins": Spin(0.5, N=2),
    "spins to 128": Spin(64, N=2),
}
HOLDS = {
    "int8": {"qubits", "bosons to 3", "bosons to 127", "spins"},
    "uint8": {"qubits", "bosons to 3", "bosons to 127", "bosons to 128", "bosons to 255"},
    "int16": set(SPACES) - {"bosons to 40000"},
    "uint16": set(SPACES) - {"spins", "spins to 128"},
    "int64": set(SPACES),
    "bfloat16": {"qubits", "bosons to 3", "bosons to 127", "bosons to 128", "bosons to 255", "bosons to 256", "spins",
                 "spins to 128"},
    "float16": set(SPACES) - {"bosons to 2049", "bosons to 40000"},
    "float32": set(SPACES),
    "float64": set(SPACES),
    "bool": set(),
    "complex64": set(),
    "complex128": set(),
}  # fmt: skip


@pytest.mark.parametrize("dtype", HOLDS)
def test_a_dtype_holds_every_local_state_exactly_or_is_refused(dtype):
    dtype, holds = jax.numpy.dtype(dtype), HOLDS[dtype]
    assert {name for name, space in SPACES.items() if can_hold(dtype, view(space))} == holds
    for name, space in SPACES.items():
        x = np.ones((1, 2), dtype=dtype)
        compiled = sym.DOperator(space).globally().emit().build().compile(cache=False)
        if name in holds:
            assert admit(x, view(space)).dtype == dtype
        else:
            with pytest.raises(SampleTypeError) as caught:
                compiled.get_conn_padded(x.astype(dtype))
            assert isinstance(caught.value, TypeError)
            for fact in (str(dtype), "cannot hold the local states", repr(space)):
                assert fact in str(caught.value)


COMPILED = small.number().compile(cache=False)


@pytest.mark.parametrize("shape", [(), (2,), (4,), (3, 2), (3, 4), (0,), (3, 1)])
def test_another_last_axis_is_refused(shape):
    for call in (COMPILED.get_conn_padded, COMPILED.n_conn, COMPILED.check):
        with pytest.raises(StateError) as caught:
            call(np.zeros(shape, np.int8))
        assert f"have shape [..., 3]; the given ones have {shape}" in str(caught.value)
        assert caught.value.shape == shape


@pytest.mark.parametrize("thing", [None, "110", object(), {"x": 1}, [["a", "b", "c"]]])
def test_what_is_no_array_is_refused(thing):
    with pytest.raises(SampleTypeError, match="configurations"):
        COMPILED.get_conn_padded(thing)


def test_lists_numpy_and_jax_arrays_are_taken():
    for x in ([0, 1, 2], (0, 1, 2), np.array([0, 1, 2]), jax.numpy.array([0, 1, 2]), [0.0, 1.0, 2.0]):
        xp, mels = COMPILED.get_conn_padded(x)
        assert np.asarray(mels).tolist() == [0.0, 1.0, 2.0]
        assert xp.dtype == jax.numpy.asarray(x).dtype


def test_it_is_refused_while_traced_too():
    with pytest.raises(StateError):
        jax.jit(COMPILED.get_conn_padded)(np.zeros((2, 4)))
    with pytest.raises(SampleTypeError):
        jax.eval_shape(COMPILED.get_conn_padded, jax.ShapeDtypeStruct((2, 3), np.complex64))


def test_64_bits_become_32_without_the_switch():
    with jax.enable_x64(False):
        compiled = small.number().compile(cache=False)
        xp, mels = compiled.get_conn_padded(np.array([0, 1, 2], dtype=np.int64))
        assert (xp.dtype, mels.dtype) == (np.int32, np.float32)
        assert np.asarray(mels).tolist() == [0, 1, 2]


def test_foreign_rows():
    x = np.array([[0, 1, 3], [0, 4, 0], [-1, 0, 0], [3, 3, 3]])
    assert foreign_rows(x, view(small.FOCK)).tolist() == [False, True, True, False]
    assert foreign_rows(x / 2, view(small.FOCK)).tolist() == [True, False, True, True]
    x = np.array([[1, 1, -1], [0, 1, 1], [3, 1, 1]])
    assert foreign_rows(x, view(Spin(0.5, N=3))).tolist() == [False, True, True]
    assert foreign_rows(x[:0], view(Spin(0.5, N=3))).tolist() == []
    x = np.array([[1, 1, 0], [2, 0, 0], [3, 0, 0], [0, 0, 4]])
    assert foreign_rows(x, view(Fock(3, N=3, n_particles=2))).tolist() == [False, False, True, True]
    x = np.array([[0, 5], [1, 2], [0, 1]])
    assert foreign_rows(x, view(small.LoadedSpace())).tolist() == [False, True, False]
    nan = np.array([[np.nan, 0.0, 0.0], [np.inf, 0.0, 0.0], [0.0, 0.0, 0.0]])
    assert foreign_rows(nan, view(small.FOCK)).tolist() == [True, True, False]


def test_spaces_without_a_highest_state_want_32_bits():
    """What a shift makes of the largest number must not wrap round."""
    from types import SimpleNamespace

    from nqx_graph.space import unbounded

    endless = unbounded(SimpleNamespace(size=2), None, None)
    held = {name: can_hold(np.dtype(name), endless) for name in ("int8", "uint8", "int16", "float16")}
    assert not any(held.values())
    assert all(can_hold(np.dtype(name), endless) for name in ("int32", "uint32", "int64", "float32", "float64"))


def test_numbers_that_no_dtype_holds():
    with pytest.raises(SampleTypeError, match="no dtype of JAX"):
        admit([2**70, 0], view(Fock(3, N=2)))


def test_dtypes_of_four_bits():
    import jax.numpy as jnp

    made = small.number().compile()
    x = jnp.array([1, 2, 3], dtype=jnp.int4)
    assert made.get_conn_padded(x)[0].dtype == jnp.int4
    with pytest.raises(SampleTypeError, match="int4 cannot hold"):
        admit(jnp.zeros(2, dtype=jnp.int4), view(Fock(9, N=2)))
