"""No random operator contradicts its ranges: values of lines, widths, conditions, branches that stay."""

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import missing_parameters, operators

import nqx_graph as sym
from ranges.truth import contradictions

QUIET = {"deadline": None, "suppress_health_check": list(HealthCheck)}
S = sym.site


@settings(max_examples=80, **QUIET)
@given(operators())
def test_nothing_that_ranges_claim_is_ever_contradicted(operator):
    assert contradictions(operator, missing_parameters(operator), most=6) == []


@settings(max_examples=60, **QUIET)
@given(operators(), st.sampled_from(["float16", "bfloat16"]))
def test_nor_in_dtypes_of_few_digits(operator, dtype):
    dtype = "complex64" if operator.to_ir().dtype_str.startswith("complex") else dtype
    floats = (np.dtype(jnp.float32),)
    assert contradictions(operator, missing_parameters(operator), floats, most=3, dtype=dtype) == []


@pytest.fixture(scope="module")
def functions():
    """Functions with rules of every kind, and one without."""
    with sym.extensions():
        yield [
            sym.expression_function(name, reference=reference, interval=interval, safe=0.5, version="1")(lower)
            for name, lower, reference, interval in (
                ("tanh", jnp.tanh, np.tanh, "rising"),
                ("decay", lambda x: jnp.exp(-x), lambda x: np.exp(-x), "falling"),
                ("soft", lambda x: x / (1 + jnp.abs(x)), lambda x: x / (1 + abs(x)), (-1, 1)),
                ("cube", lambda x: x * x * x, lambda x: x * x * x, lambda x: (x[0] ** 3, x[1] ** 3)),
                ("artanh", jnp.arctanh, np.arctanh, lambda x: np.arctanh(x) if max(map(abs, x)) < 0.9 else None),
                ("sinh", jnp.sinh, np.sinh, None),
            )
        ]


@st.composite
def steep(draw, more=()):
    """Operators whose numbers are large, tiny, or far apart: they round, overflow and come close to 0."""
    hilbert = draw(st.sampled_from([sym.hilbert.Fock(3, 2), sym.hilbert.Spin(1 / 2, 2)]))
    large = st.sampled_from([2, 3.0, 0.1, 300, 2**24 + 1, 2**31, 1e-3, 1e-20, 1e17, 1e30, 1e200, -7])
    numbers = st.recursive(
        st.one_of(large.map(lambda n: S("i").value * 0 + n), st.sampled_from([S("i").value, S("i").value + 2])),
        lambda part: st.one_of(
            st.tuples(part, part).map(lambda p: p[0] + p[1]),
            st.tuples(part, part).map(lambda p: p[0] - p[1]),
            st.tuples(part, part).map(lambda p: p[0] * p[1]),
            st.tuples(part, part).map(lambda p: p[0] / p[1]),
            st.tuples(part, part).map(lambda p: sym.where(p[0] < p[1], p[0], p[1])),
            part.map(lambda p: p**3),
            part.map(lambda p: (p * 0.1).cos().exp()),
            part.map(abs),
            *(part.map(lambda p, function=function: function(p)) for function in more),
        ),
        max_leaves=6,
    )
    a, b, c = draw(numbers), draw(numbers), draw(numbers)
    update = draw(st.sampled_from([sym.write, sym.shift]))("i", b).shift("i", c).shift("i", -c)
    return sym.DOperator(hilbert, dtype="float64").for_each_site("i").where(a <= b).emit(update, amplitude=c).build()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@settings(max_examples=120, **QUIET)
@given(steep(), st.sampled_from(["float64", "float32", "float16", "bfloat16", "complex64"]))
def test_nor_where_numbers_round_and_overflow(operator, dtype):
    assert contradictions(operator, most=4, dtype=dtype) == []


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@settings(max_examples=40, **QUIET)
@given(st.data(), st.sampled_from(["float64", "float32", "float16", "bfloat16", "complex64"]))
def test_nor_where_functions_of_users_say_what_they_are_between(functions, data, dtype):
    operator = data.draw(steep(functions))
    assert contradictions(operator, most=4, dtype=dtype) == []
