from __future__ import annotations

import attrs
import jax
import pytest
import small

import nqx_graph as sym
from nqx_graph.errors import DefinitionError, DTypeError
from nqx_graph.space import view
from nqx_graph.stages.symbolic_validation import symbolic_validation

STRICT = sym.SymbolicCompilerOptions()
LENIENT = sym.SymbolicCompilerOptions(strict_validation=False)
GOOD = {"valid": True, "error": None, "error_type": None}


def validate(operator, options=STRICT):
    return symbolic_validation(operator.to_ir(), view(operator.hilbert), options)


def test_a_valid_operator():
    assert validate(small.number()) == GOOD
    assert validate(small.raising(), LENIENT) == GOOD
    assert symbolic_validation.always
    assert symbolic_validation.describe(validation_summary=GOOD) == GOOD


def test_strict_raises_and_lenient_records_the_same_words():
    ir = attrs.evolve(small.number().to_ir(), terms=())
    with pytest.raises(DefinitionError) as caught:
        validate(small.Given(ir))
    assert validate(small.Given(ir), LENIENT) == {
        "valid": False, "error": str(caught.value), "error_type": "DefinitionError",
    }  # fmt: skip


@pytest.mark.parametrize("dtype", ["float64", "complex128", "int64"])
def test_wide_numbers_need_the_switch_when_they_are_compiled_too(dtype):
    operator = small.number(dtype=dtype, weight=1)
    assert validate(operator) == GOOD
    with jax.enable_x64(False), pytest.raises(DTypeError, match=f"operator is {dtype}.*jax_enable_x64"):
        validate(operator)


@pytest.mark.parametrize("mode", ["drop", "trust"])
def test_an_integer_operator_cannot_tell_nan(mode):
    operator = small.raising(dtype="int64")
    with pytest.raises(DTypeError) as caught:
        validate(operator)
    for fact in ("emission #0", "term '0'", "may leave the local states", "int64", "on_out_of_domain='drop'"):
        assert fact in str(caught.value)
    assert validate(operator, sym.SymbolicCompilerOptions(on_out_of_domain=mode)) == GOOD
    assert validate(small.number(dtype="int64", weight=1)) == GOOD


def test_a_bug_is_not_recorded_as_an_invalid_operator():
    with pytest.raises(AttributeError):
        symbolic_validation(None, view(small.FOCK), LENIENT)
