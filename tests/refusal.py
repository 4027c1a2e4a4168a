"""How every refusal is tested: its class, what Python calls it, and the facts its sentence must hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from nqx_graph import errors

PYTHON = {
    errors.DefinitionError: ValueError,
    errors.RowsError: ValueError,
    errors.LabelError: ValueError,
    errors.DTypeError: ValueError,
    errors.HilbertError: ValueError,
    errors.IRFormatError: ValueError,
    errors.ConversionError: ValueError,
    errors.ExpressionError: TypeError,
    errors.OptionTypeError: TypeError,
    errors.UncompiledOperatorError: TypeError,
    errors.FieldError: AttributeError,
}


@contextmanager
def refused(kind: type[errors.NqxError], *facts: str) -> Iterator[None]:
    """The block raises exactly ``kind``, a Python error of the usual sort, in one sentence with all ``facts``."""
    with pytest.raises(errors.NqxError) as caught:
        yield
    error = caught.value
    assert type(error) is kind, f"{type(error).__name__}: {error}"
    assert isinstance(error, PYTHON[kind])
    for fact in facts:
        assert fact in str(error), str(error)
    assert str(error)[-1] in ".?", str(error)


def shown(value: object) -> str:
    """``repr`` without addresses: a name for a parametrised case that is the same in every process."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))
