"""New numbers for a compiled operator: nothing is traced again, and every wrong one is refused by name."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import nqx_graph as sym
from nqx_graph.errors import ParameterError
from nqx_graph.hilbert import Fock, Spin
from nqx_graph.kernel.kernels import trace_count

s = sym.site
FOCK = Fock(3, N=3)
X = np.array([1, 2, 3], dtype=np.int8)


def operator(dtype="float64", default=2.0):
    """Σ J·cᵢ·nᵢ + h."""
    return (
        sym.DOperator(FOCK, "model", dtype=dtype)
        .for_each_site("i", columns={"c": [1.0, 10.0, 100.0]})
        .emit(amplitude=sym.symbol("J", default) * sym.column("c") * s("i").value)
        .globally()
        .emit(amplitude=sym.symbol("h"))
        .build()
        .compile(cache=False)
    )


def mels(compiled, x=X):
    return np.asarray(compiled.get_conn_padded(x)[1]).tolist()


# --- parameters -------------------------------------------------------------------------------------------------------


def test_defaults_and_what_is_missing():
    compiled = operator()
    assert list(compiled.parameters) == ["J", "h"]
    assert float(compiled.parameters["J"]) == 2.0
    assert compiled.parameters["J"].dtype == np.float64
    assert compiled.parameters["h"] is None
    for call in (compiled.get_conn_padded, compiled.n_conn, compiled.get_conn, compiled.check):
        with pytest.raises(ParameterError) as caught:
            call(X)
        words = str(caught.value)
        assert words == "the operator 'model' has no value for 'h'; call compiled.with_parameters(h=...) first."
    with pytest.raises(ParameterError, match="'h'"):
        compiled.to_dense()


def test_every_missing_symbol_is_named():
    compiled = operator(default=None)
    with pytest.raises(ParameterError, match=r"no value for 'J', 'h'; call compiled.with_parameters\(J=..., h=...\)"):
        compiled.get_conn_padded(X)


def test_a_new_operator_and_the_old_one_as_it_was():
    first = operator()
    second = first.with_parameters(h=0.5)
    third = second.with_parameters(J=-1.0)
    assert first.parameters["h"] is None
    assert mels(second) == [2.0, 40.0, 600.0, 0.5]
    assert mels(third) == [-1.0, -20.0, -300.0, 0.5]
    assert mels(second) == [2.0, 40.0, 600.0, 0.5]
    assert type(third) is type(first)
    assert (third.hilbert, third.name, third.max_conn_size) == (FOCK, "model", 4)


def test_parameters_are_a_copy():
    compiled = operator().with_parameters(h=1.0)
    compiled.parameters["h"] = 7.0
    assert mels(compiled)[-1] == 1.0


@pytest.mark.parametrize("value", [3, 3.0, np.float32(3), np.int8(3), np.array(3.0), jnp.asarray(3), True + 2])
def test_values_are_cast_to_the_operators_dtype(value):
    for dtype in ("float64", "float32", "complex128"):
        compiled = operator(dtype).with_parameters(h=value)
        assert compiled.parameters["h"].dtype == dtype
        assert mels(compiled)[-1] == 3


@pytest.mark.parametrize(
    ("values", "facts"),
    [
        ({"j": 1.0}, ("'model' has no symbol 'j'", "it has 'J', 'h'")),
        ({"c": 1.0}, ("'model' has no symbol 'c'",)),
        ({"J": [1.0, 2.0]}, ("the symbol 'J' takes one number", "(2,)", "jax.vmap")),
        ({"J": np.ones((1, 1))}, ("the symbol 'J'", "(1, 1)")),
        ({"J": 1j}, ("the symbol 'J' was given a complex number", "float64")),
        ({"J": "1"}, ("the symbol 'J' takes a number", "'1'")),
        ({"J": object()}, ("the symbol 'J' takes a number",)),
    ],
)
def test_refused_values(values, facts):
    with pytest.raises(ParameterError) as caught:
        operator().with_parameters(**values)
    for fact in facts:
        assert fact in str(caught.value), str(caught.value)


def test_none_is_no_value():
    with pytest.raises(ParameterError, match="the symbol 'J' takes a number; it was given None"):
        operator().with_parameters(J=None)


def test_whole_numbers_stay_whole():
    compiled = sym.DOperator(FOCK, dtype="int64").for_each_site("i").emit(amplitude=sym.symbol("k", 2) * s("i").value)
    compiled = compiled.build().compile(cache=False)
    assert mels(compiled.with_parameters(k=2**53 + 1)) == [2**53 + 1, 2**54 + 2, 3 * 2**53 + 3]
    with pytest.raises(ParameterError, match="'k' was given float64; the operator is int64"):
        compiled.with_parameters(k=1.5)


def test_complex_values_in_a_complex_operator():
    assert mels(operator("complex128").with_parameters(J=2j, h=-1j)) == [2j, 40j, 600j, -1j]


def test_nothing_is_traced_again():
    compiled = operator().with_parameters(h=1.0)
    compiled.get_conn_padded(X)
    before = trace_count()
    for k, value in enumerate((3, 3.0, np.float32(3), jnp.asarray(3.0), np.int16(3))):
        assert mels(compiled.with_parameters(J=value)) == [3.0, 60.0, 900.0, 1.0]
        assert mels(compiled.with_columns(c=np.array([k, 0, 0]))) == [2.0 * k, 0.0, 0.0, 1.0]
    assert trace_count() == before


def test_nothing_is_traced_again_as_an_argument():
    traced = []

    @jax.jit
    def total(op, x):
        traced.append(1)
        return jnp.sum(op.get_conn_padded(x)[1])

    compiled = operator().with_parameters(h=0.0)
    assert float(total(compiled, X)) == 642.0
    assert float(total(compiled.with_parameters(J=1), X)) == 321.0
    assert float(total(compiled.with_parameters(J=1, h=9), X)) == 330.0
    assert float(total(compiled.with_columns(c=[1, 1, 1]), X)) == 12.0
    assert traced == [1]


def test_grad_vmap_and_jit_go_through():
    compiled = operator()

    def total(J, h, c):
        return jnp.sum(compiled.with_parameters(J=J, h=h).with_columns(c=c).get_conn_padded(X)[1])

    c = np.array([1.0, 10.0, 100.0])
    by_j, by_h, by_c = jax.grad(total, argnums=(0, 1, 2))(2.0, 0.5, c)
    assert (float(by_j), float(by_h), by_c.tolist()) == (321.0, 1.0, [2.0, 4.0, 6.0])
    assert jax.vmap(total, in_axes=(0, None, None))(np.array([1.0, 2.0]), 0.5, c).tolist() == [321.5, 642.5]
    assert jax.vmap(total, in_axes=(None, None, 0))(1.0, 0.0, np.eye(3)).tolist() == [1.0, 2.0, 3.0]
    assert float(jax.jit(total)(1.0, 1.0, c)) == 322.0
    assert jax.jacfwd(lambda J: compiled.with_parameters(J=J, h=0.0).get_conn_padded(X)[1])(1.0).tolist() == [
        1,
        20,
        300,
        0,
    ]


def test_grad_of_a_complex_operator():
    compiled = operator("complex128").with_parameters(h=0.0)
    slope = jax.grad(lambda J: jnp.sum(compiled.with_parameters(J=J).get_conn_padded(X)[1]).real)(1.0)
    assert float(slope) == 321.0


# --- columns ----------------------------------------------------------------------------------------------------------


def test_a_column_is_replaced_in_every_term_that_has_it():
    builder = sym.DOperator(FOCK, "two")
    for weight in (1, 10):
        builder = builder.for_each_site("i", columns={"c": [1.0, 1.0, 1.0]}).emit(amplitude=weight * sym.column("c"))
    compiled = builder.build().compile(cache=False)
    assert mels(compiled.with_columns(c=[1, 2, 3])) == [1, 2, 3, 10, 20, 30]
    assert mels(compiled) == [1, 1, 1, 10, 10, 10]


def masked():
    m = np.eye(3, dtype=int)
    return (
        sym.DOperator(Spin(0.5, N=3), "masked")
        .for_each_site("i", columns={"m": m, "w": m * 1.0, "K": [1, 2, 3]})
        .where(sym.column("K") > 1)
        .emit(sym.flip("m"), amplitude=sym.dot("w"))
        .build()
        .compile(cache=False)
    )


def test_masks_and_columns_of_predicates():
    x = np.array([1, -1, 1], dtype=np.int8)
    compiled = masked()
    assert mels(compiled, x) == [0, -1, 1]
    other = compiled.with_columns(m=[[1, 1, 1], [1, 0, 0], [0, 0, 0]], K=[5, 0, 2], w=np.full((3, 3), 0.5))
    xp, values = other.get_conn_padded(x)
    assert np.asarray(xp).tolist() == [[-1, 1, -1], [1, -1, 1], [1, -1, 1]]
    assert np.asarray(values).tolist() == [0.5, 0, 0.5]


@pytest.mark.parametrize(
    ("columns", "facts"),
    [
        ({"k": [1, 2, 3]}, ("'masked' has no column 'k'", "'K', 'm', 'w'")),
        ({"K": [1, 2]}, ("the column 'K' has the shape (3,); it was given (2,)",)),
        ({"K": [[1, 2, 3]]}, ("the column 'K' has the shape (3,); it was given (1, 3)",)),
        ({"m": [1, 0, 1]}, ("the column 'm' has the shape (3, 3); it was given (3,)",)),
        ({"K": [1.5, 2, 3]}, ("the column 'K' holds int64; it was given float64",)),
        ({"w": np.eye(3) * 1j}, ("the column 'w' holds float64; it was given complex128",)),
        ({"w": np.eye(3) * np.nan}, ("the column 'w' was given NaN or infinity",)),
        ({"w": np.eye(3) + np.inf}, ("the column 'w' was given NaN or infinity",)),
        ({"m": np.eye(3, dtype=int) * 2}, ("the column 'm' masks sites", "0 and 1")),
        ({"m": -np.eye(3, dtype=int)}, ("the column 'm' masks sites",)),
    ],
)
def test_refused_columns(columns, facts):
    with pytest.raises(ParameterError) as caught:
        masked().with_columns(**columns)
    for fact in facts:
        assert fact in str(caught.value), str(caught.value)


@pytest.mark.parametrize("thing", ["123", None, object(), [[1, 2], [3]]])
def test_what_is_no_array_is_refused_by_name(thing):
    with pytest.raises(ParameterError, match="the column 'K'"):
        masked().with_columns(K=thing)


def test_the_nearest_name_is_named():
    builder = sym.DOperator(FOCK, "o").for_each_site("i", columns={"coupling": [1, 2, 3]})
    compiled = builder.emit(amplitude=sym.symbol("field") * sym.column("coupling")).build().compile(cache=False)
    with pytest.raises(ParameterError, match=r"no symbol 'feild'; it has 'field'. Did you mean 'field'"):
        compiled.with_parameters(feild=1.0)
    with pytest.raises(ParameterError, match=r"no column 'couplings'; it has 'coupling'. Did you mean 'coupling'"):
        compiled.with_columns(couplings=[1, 2, 3])


def test_one_name_and_two_shapes():
    builder = (
        sym.DOperator(FOCK, "o").for_each_site("i", columns={"J": [1.0, 1.0, 1.0]}).emit(amplitude=sym.column("J"))
    )
    builder = builder.globally(columns={"J": [5.0]}).emit(amplitude=sym.column("J"))
    compiled = builder.build().compile(cache=False)
    assert mels(compiled.with_columns(J=[1, 2, 3])) == [1, 2, 3, 5]
    assert mels(compiled.with_columns(J=[7])) == [1, 1, 1, 7]
    with pytest.raises(ParameterError, match=r"the column 'J' has the shape \(1,\) or \(3,\); it was given \(2,\)"):
        compiled.with_columns(J=[1, 2])


def test_traced_columns_are_trusted_in_their_entries():
    def run(w):
        return masked().with_columns(w=w).get_conn_padded(np.array([1, -1, 1]))[1]

    assert np.asarray(jax.jit(run)(np.ones((3, 3)))).tolist() == [0, 1, 1]


def columns(J, dtype="float64"):
    return sym.DOperator(Fock(3, N=2), "o", dtype=dtype).for_each_site("i", columns={"J": J})


def test_a_column_takes_no_number_that_its_operator_could_not_be_built_with():
    J = sym.column("J")
    quadrupled = columns([1, 1]).where(J * 4 > 0).emit().build().compile()
    assert quadrupled.with_columns(J=[2**60, 3]).get_conn_padded([0, 0])[1].tolist() == [1, 1]
    with pytest.raises(ParameterError, match=r"'J' was given: .* may reach 1.84e\+19 in whole numbers of 64 bits"):
        quadrupled.with_columns(J=[2**62, 1])
    compared = columns([1, 1]).where(J > 0).emit().build().compile()
    with pytest.raises(ParameterError, match="holds int64; it was given numbers from 1 to 9223372036854775813"):
        compared.with_columns(J=np.array([2**63 + 5, 1], dtype=np.uint64))
    with pytest.raises(ParameterError, match="takes an array of numbers"):
        compared.with_columns(J=[2**70, 1])
    with jax.enable_x64(False):
        short = columns([1, 1], dtype="float32").where(sym.site("i").value < J).emit().build().compile()
        with pytest.raises(ParameterError, match="holds int32; it was given numbers from 1099511627776"):
            short.with_columns(J=np.array([2**40, 2**40]))


@pytest.mark.parametrize(("dtype", "given"), [("int8", 300), ("float16", 1e6), ("float32", 1e39)])
def test_a_column_that_the_dtype_cannot_hold(dtype, given):
    array = [1, 1] if dtype == "int8" else [1.0, 1.0]
    built = columns(array, dtype=dtype).emit(amplitude=sym.column("J")).build()
    for made in (built.compile(), built.compile(optimize=True)):
        with pytest.raises(
            ParameterError, match=r"cannot hold what the column 'J' was given|holds int8; it was given numbers from 300"
        ):
            made.with_columns(J=np.array([given, given]))
        assert made.with_columns(J=np.array([7, 7])).get_conn_padded([0, 0])[1].sum() == 14


@pytest.mark.parametrize(
    ("dtype", "given"),
    [("int8", 300), ("int8", -129), ("float16", 1e6), ("float32", -1e39), ("float32", np.float64(1e39))],
)
def test_a_parameter_that_the_dtype_cannot_hold(dtype, given):
    built = columns([1, 1], dtype=dtype).emit(amplitude=sym.symbol("g", 1)).build().compile()
    with pytest.raises(ParameterError, match="which cannot hold it"):
        built.with_parameters(g=given)
    assert built.with_parameters(g=-127).parameters["g"] == -127
    with pytest.raises(ParameterError, match="no dtype of JAX holds"):
        built.with_parameters(g=2**70)


def test_a_parameter_may_be_infinite_and_have_any_name():
    built = columns([1.0, 2.0]).emit(amplitude=sym.symbol("self", 1.0) * sym.column("J")).build().compile()
    assert built.with_parameters(self=2.0).get_conn_padded([0, 0])[1].tolist() == [2, 4]
    assert np.isinf(built.with_parameters(self=np.inf).parameters["self"])
    own = sym.DOperator(Fock(3, N=1)).for_each_site("i", columns={"self": [1.0]}).emit(amplitude=sym.column("self"))
    assert own.build().compile().with_columns(self=[5.0]).get_conn_padded([0])[1].tolist() == [5]


def test_columns_that_the_compiler_made_are_not_given_anew():
    """A product's columns follow from those of its factors; constants that become columns meet none of them."""
    H = columns([1.0, 2.0]).emit(amplitude=sym.column("J")).build()
    product = H @ H
    names = {name for term in product.to_ir().terms for name in term.iterator.columns}
    assert names
    assert all(name.startswith("#") for name in names)
    for made in (product.compile(), product.compile(optimize=True)):
        for name in names:
            with pytest.raises(ParameterError, match="has no column"):
                made.with_columns(**{name: np.ones(4)})
    total = (product + 2 * product + 3 * product).compile(optimize=True)
    np.testing.assert_allclose(total.to_dense(), 6 * np.linalg.matrix_power(H.compile().to_dense(), 2))
    np.testing.assert_allclose((product + 2 * product + 3 * product).compile().to_dense(), total.to_dense())
