from __future__ import annotations

import pytest
import small

from nqx_graph.errors import HilbertError, OptionTypeError
from nqx_graph.stages.extraction import extraction


def test_ir_space_and_view():
    operator = small.number()
    ir, hilbert, space = extraction(operator)
    assert ir is operator.to_ir()
    assert hilbert is small.FOCK
    assert space.hilbert is small.FOCK
    assert (space.size, space.bounds()) == (3, (0.0, 3.0))
    assert extraction.describe(ir=ir, hilbert=hilbert, space=space) == {"operator": "number", "terms": 1}


def test_to_ir_is_called_once():
    class Counted(small.Given):
        calls = 0

        def to_ir(self):
            self.calls += 1
            return self.ir

    operator = Counted(small.number().to_ir())
    extraction(operator)
    assert operator.calls == 1


@pytest.mark.parametrize(
    ("operator", "kind", "fact"),
    [
        (object(), OptionTypeError, "it has no 'to_ir'"),
        (small.Given(None), OptionTypeError, "NoneType"),
        (small.Given("ir"), OptionTypeError, "it must return a SymbolicOperatorIR"),
        (small.Given(small.number().to_ir(), hilbert=None), HilbertError, "NoneType"),
    ],
)
def test_refused(operator, kind, fact):
    with pytest.raises(kind, match=fact):
        extraction(operator)
