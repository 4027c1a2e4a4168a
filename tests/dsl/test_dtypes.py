"""The dtype of an operator, with and without JAX's 64-bit switch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from refusal import refused

from nqx_graph.dsl.builder import DOperator
from nqx_graph.dsl.dtypes import resolve_dtype
from nqx_graph.errors import DTypeError
from nqx_graph.hilbert import Fock
from nqx_graph.ir.expression_rules import DTYPES


@pytest.fixture
def narrow() -> Iterator[None]:
    """JAX without 64-bit numbers."""
    before = jax.config.read("jax_enable_x64")
    jax.config.update("jax_enable_x64", False)
    yield
    jax.config.update("jax_enable_x64", before)


GIVEN: list[tuple[Any, str]] = [
    (None, "float64"), (float, "float64"), (complex, "complex128"), (int, "int64"), ("float32", "float32"),
    ("f8", "float64"), (np.float32, "float32"), (np.dtype("float64"), "float64"), (np.dtype("complex128"), "complex128"),
    (np.dtype("int64"), "int64"), (np.dtype("<c8"), "complex64"), (jnp.float64, "float64"), (jnp.complex64, "complex64"),
    (jnp.bfloat16, "bfloat16"), ("bfloat16", "bfloat16"), (jnp.dtype("float64"), "float64"), (jnp.ones(1).dtype, "float64"),
    (np.int8, "int8"), (np.complex128, "complex128"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "name"), GIVEN, ids=lambda value: str(value))
def test_numpy_and_jax_dtypes_and_their_names(given: Any, name: str) -> None:
    assert resolve_dtype(given) == name
    assert DOperator(Fock(1, 1), dtype=given).globally().emit().build().dtype == jnp.dtype(name)


@pytest.mark.parametrize("name", DTYPES)
def test_every_dtype_there_is(name: str) -> None:
    assert resolve_dtype(name) == resolve_dtype(jnp.dtype(name)) == name


@pytest.mark.parametrize(
    "wrong", ["float128x", "bool", "uint8", np.uint32, bool, "U3", object, 3, "f8,f4", [1], "3,"], ids=str
)
def test_what_is_no_dtype_of_an_operator(wrong: Any) -> None:
    with refused(DTypeError, repr(wrong), "'float32'", "'complex128'"):
        DOperator(Fock(1, 1), dtype=wrong)


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize(
    "wide", ["float64", "complex128", "int64", np.float64, jnp.complex128, np.dtype("float64")], ids=str
)
def test_a_wide_dtype_without_the_switch_names_the_switch(wide: Any) -> None:
    name = jnp.dtype(wide).name
    less = {"float64": "float32", "complex128": "complex64", "int64": "int32"}[name]
    with refused(DTypeError, name, "jax.config.update('jax_enable_x64', True)", f"ask for {less}"):
        DOperator(Fock(1, 1), dtype=wide)


@pytest.mark.usefixtures("narrow")
def test_defaults_without_the_switch() -> None:
    assert [resolve_dtype(given) for given in (None, float, complex, int)] == [
        "float32",
        "float32",
        "complex64",
        "int32",
    ]
    assert DOperator(Fock(1, 1)).globally().emit().build().to_ir().dtype_str == "float32"


def test_the_switch_is_read_when_the_builder_is_made(narrow: None) -> None:
    builder = DOperator(Fock(1, 1))
    jax.config.update("jax_enable_x64", True)
    assert builder.globally().emit().build().to_ir().dtype_str == "float32"
