"""Functions of users in the IR: text, fingerprint, data and back, and expressions that no function here is meant by."""

from __future__ import annotations

import copy
import json
import os
import pickle
import subprocess
import sys
import textwrap
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from refusal import refused

import nqx_graph as sym
from nqx_graph.errors import ExpressionError, FieldError, IRFormatError
from nqx_graph.ir.expr import AmplitudeExpr
from nqx_graph.ir.functions import known, only_here
from nqx_graph.ir.table import Row
from nqx_graph.ir.types import SymbolicOperatorIR

n = sym.site("i").value


@pytest.fixture(autouse=True)
def forgotten() -> Any:
    with sym.extensions():
        yield


def tanh(version: Any = "1", name: str = "tanh", factor: float = 1.0, **given: Any) -> Any:
    """A function that is another one for another factor."""
    given = {"reference": lambda x: factor * np.tanh(x), **given}
    return sym.expression_function(name, version=version, **given)(lambda x: factor * jnp.tanh(x))


def ir(amplitude: Any) -> SymbolicOperatorIR:
    hilbert = sym.hilbert.Fock(2, 3)
    return sym.DOperator(hilbert, dtype="float64").for_each_site("i").emit(amplitude=amplitude).build().to_ir()


def test_an_expression_of_it() -> None:
    function = tanh()
    expression = 2 * function(n + 1)
    assert repr(expression) == "(2 * tanh((x[i] + 1)))"
    assert expression.table[-2] == Row("call", (3,), ("tanh", "1", function.code))
    assert [row.op for row in expression.table] == ["const", "site", "const", "add", "call", "mul"]
    assert expression.same_as(2 * function(n + 1))
    assert function(0.5).table == (Row("const", (), (0.5,)), Row("call", (0,), ("tanh", "1", function.code)))
    two = sym.expression_function("larger", reference=max, version="1")(jnp.maximum)
    assert repr(two(n, 2)) == "larger(x[i], 2)"
    with refused(ExpressionError, "'larger' takes 2 argument(s); it was given 1"):
        two(n)
    with refused(ExpressionError, "'much'"):
        function("much")
    with refused(FieldError, "has no 'tanh'", "The registered function is called: tanh(expression)."):
        n.tanh()


def test_other_functions_of_one_name_have_other_fingerprints() -> None:
    changes: list[dict[str, Any]] = [
        {},
        {"version": "2"},
        {"version": None},
        {"factor": 2.0},
        {"reference": np.tanh},
        {"interval": "rising"},
        {"interval": (-1, 1)},
        {"interval": lambda x: None},
        {"result": "real"},
        {"real_only": True},
        {"safe": 2.0},
        {"name": "tanh_2"},
    ]
    assert len({ir(tanh(**change)(n)).static_fingerprint() for change in changes}) == len(changes)
    assert ir(tanh()(n)).static_fingerprint() == ir(tanh()(n)).static_fingerprint()
    # without a version it is this very function
    assert ir(tanh(None)(n)).static_fingerprint() != ir(tanh(None)(n)).static_fingerprint()


def test_an_expression_keeps_the_function_that_it_was_written_with() -> None:
    first = tanh()
    expression = first(n)
    second = tanh(factor=2.0)
    assert known(expression.table[-1].data) is first
    assert known(second(n).table[-1].data) is second
    assert not expression.same_as(second(n))
    assert expression.sealed().same_as(AmplitudeExpr.from_table(expression.table))


def test_data_and_back() -> None:
    written = ir(tanh()(n) * 2)
    data = json.loads(json.dumps(written.as_dict()))
    assert SymbolicOperatorIR.from_dict(data).same_as(written)
    # by its author's word the function of a version is one; what is read says what it is here
    changed = tanh(factor=2.0)
    assert SymbolicOperatorIR.from_dict(data).same_as(ir(changed(n) * 2))


def test_data_of_functions_that_are_not_here() -> None:
    with sym.extensions():
        versioned, bare = ir(tanh()(n)).as_dict(), ir(tanh(None, name="bare")(n)).as_dict()
    with refused(IRFormatError, "'tanh', of version '1'", "no function of that name", "@sym.expression_function"):
        SymbolicOperatorIR.from_dict(versioned)
    tanh(name="tahn")
    with refused(IRFormatError, "Did you mean 'tahn'?"):
        SymbolicOperatorIR.from_dict(versioned)
    tanh("2")
    with refused(IRFormatError, "'tanh', of version '1'", "registered in this process is of version '2'"):
        SymbolicOperatorIR.from_dict(versioned)
    tanh(None, name="bare")
    with refused(IRFormatError, "'bare', which has no version", "only in the process that registered it"):
        SymbolicOperatorIR.from_dict(bare)


@pytest.mark.parametrize(
    "payload", [[], ["tanh"], ["tanh", "1", 2], ["tanh", None, "x"], [1, "1", "x"], ["tanh", "1", "x", ""]]
)
def test_payloads_that_are_none(payload: list[Any]) -> None:
    tanh()
    data = ir(n).as_dict()
    data["terms"][0]["emissions"][0]["amplitude"] += [["call", [0], payload]]
    if payload == ["tanh", "1", 2]:  # the name and the version are known, and what the code is follows
        assert SymbolicOperatorIR.from_dict(data).same_as(ir(tanh()(n)))
    else:
        with refused(IRFormatError, "a call names a function, its version and the digest of its code"):
            SymbolicOperatorIR.from_dict(data)


def test_a_table_with_other_arguments() -> None:
    data = tanh().data
    site, true = Row("site", (), ("i",)), Row("truth", (), (True,))
    for rows in ((site, Row("call", (0, 0), data)), (true, Row("call", (0,), data)), (Row("call", (), data),)):
        with refused(IRFormatError, "(call) takes arguments 'A' and 3 payload entries"):
            AmplitudeExpr.from_table(rows)
    with refused(IRFormatError, "its code is another one", "give the function a version= of its own"):
        AmplitudeExpr.from_table((site, Row("call", (0,), ("tanh", "1", "0" * 64))))


def test_pickles() -> None:
    function = tanh()
    written = ir(function(n))
    stored, alone = pickle.dumps(written), pickle.dumps(function)
    assert pickle.loads(stored).same_as(written)
    assert pickle.loads(alone) is function
    assert copy.deepcopy(function) is function
    tanh("2", factor=2.0)
    assert pickle.loads(stored).same_as(written)
    with sym.extensions():
        other = tanh("3", name="other")(n)
        dumped = pickle.dumps(other)
    with refused(IRFormatError, "'other', of version '3'", "no function of that name"):
        pickle.loads(dumped)


def test_which_functions_no_other_process_knows() -> None:
    rows = ir(tanh()(n) + tanh(None, name="b")(n) + tanh(None, name="a")(n)).expression_rows()
    assert only_here(rows) == ["a", "b"]


def test_another_process_reads_what_this_one_wrote() -> None:
    program = textwrap.dedent(
        """
        import json, sys, jax, jax.numpy as jnp, numpy as np
        import nqx_graph as sym
        jax.config.update("jax_enable_x64", True)

        @sym.expression_function(reference=np.arctan, version=sys.argv[1])
        def arctan(x):
            return jnp.arctan(x)

        operator = sym.DOperator(sym.hilbert.Fock(2, 3)).for_each_site("i").emit(amplitude=arctan(sym.site("i").value))
        ir = operator.build().to_ir()
        if sys.argv[2] == "write":
            print(json.dumps([ir.as_dict(), ir.static_fingerprint()]))
        else:
            data, fingerprint = json.load(sys.stdin)
            print(sym.SymbolicOperatorIR.from_dict(data).static_fingerprint() == fingerprint)
        """
    )

    def run(use: str, given: str = "", hash_seed: str = "1") -> Any:
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        command = [sys.executable, "-c", program, "1", use]
        return subprocess.run(command, input=given, capture_output=True, text=True, env=environment, check=True).stdout

    assert run("read", run("write"), "7") == "True\n"
