"""What `expression_function` takes, and what it refuses."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from refusal import refused

import nqx_graph as sym
from nqx_graph.errors import DefinitionError


@pytest.fixture(autouse=True)
def forgotten() -> Any:
    with sym.extensions():
        yield


def sinc(x: Any) -> Any:
    return jnp.sinc(x)


def made(function: Any = sinc, **given: Any) -> Any:
    return sym.expression_function(**{"reference": np.sinc, "version": "1", **given})(function)


def test_what_it_is_made_of() -> None:
    function = made()
    assert (function.name, function.n_args, function.version, function.safe) == ("sinc", 1, "1", (1.0,))
    assert (function.result, function.real_only, function.interval) == ("float", False, None)
    assert (function.lower, function.reference) == (sinc, np.sinc)
    assert repr(function) == (
        "ExpressionFunction(name='sinc', n_args=1, result='float', real_only=False, safe=(1.0,), version='1')"
    )
    assert made(name="other", safe=2).safe == (2.0,)
    assert made(name="other", version=None).version == ""


@pytest.mark.parametrize(
    ("function", "given", "count"),
    [
        (lambda x, y: x * y, {}, 2),
        (lambda x, y=2: x, {}, 1),
        (jnp.arctan2, {}, 2),
        (jnp.maximum, {}, 2),
        (jnp.tanh, {}, 1),
        (lambda *args: sum(args), {"arguments": 3}, 3),
    ],
)
def test_how_many_arguments(function: Any, given: Any, count: int) -> None:
    one = made(function, name="f", reference=lambda *args: args[0], **given)
    assert (one.n_args, one.safe) == (count, (1.0,) * count)
    assert len(one(*range(count)).table) == count + 1


@pytest.mark.parametrize(
    ("given", "facts"),
    [
        ({"reference": None}, ["reference= of the expression function", "test_functions.sinc", "None"]),
        ({"version": 2}, ["version=", "text", "2"]),
        ({"version": ""}, ["version=", "text"]),
        ({"result": "complx"}, ["result=", "'complx'", "Did you mean 'complex'?"]),
        ({"safe": (1.0, 2.0)}, ["takes 1 argument(s)", "safe= has 2"]),
        ({"arguments": 0, "safe": ()}, ["at least one argument", "0"]),
        ({"arguments": True}, ["at least one argument", "True"]),
        ({"result": "complex", "interval": (0, 1)}, ["complex numbers, which have no interval"]),
        ({"interval": "raising"}, ["'raising'", "'rising' or 'falling'"]),
        ({"interval": (1, 0)}, ["pair of finite numbers", "(1, 0)"]),
        ({"interval": (0, math.inf)}, ["pair of finite numbers", "inf"]),
        ({"interval": (0, 1, 2)}, ["pair of finite numbers", "(0, 1, 2)"]),
        ({"interval": 1.0}, ["pair of finite numbers", "1.0"]),
        ({"reference": lambda x: 1 / (x - x)}, ["is inf at 1.0", "give safe="]),
        ({"reference": lambda x: math.log(1 - x), "safe": 1.0}, ["is nan at 1.0", "give safe="]),
        ({"reference": lambda x: np.log(x - 1)}, ["is -inf at 1.0", "give safe="]),
    ],
)
def test_what_cannot_be_right(given: Any, facts: list[str]) -> None:
    with refused(DefinitionError, *facts):
        made(**given)
    assert made().name == "sinc"  # nothing is left behind


def test_what_cannot_be_seen() -> None:
    with refused(DefinitionError, "how many arguments", "give arguments="):
        made(lambda *args: args[0], name="f")
    with refused(DefinitionError, "'rising'", "one argument"):
        made(lambda x, y: x, name="f", reference=lambda x, y: x, interval="rising")


@pytest.mark.parametrize("name", ["sqrt", "add", "site", "select", "value", "cos"])
def test_names_of_the_language(name: str) -> None:
    with refused(DefinitionError, repr(name), "an operation of expressions"):
        made(name=name)


def test_names_of_others() -> None:
    with refused(DefinitionError, "must be an identifier", "'<lambda>'"):
        made(lambda x: x)
    made()
    with refused(
        DefinitionError, "the expression function 'sinc' of", "test_functions.sinc has that name", "replace=True"
    ):
        made(lambda x: x, name="sinc")
    other = made(lambda x: x, name="sinc", replace=True)
    assert repr(other(1.0)) == "sinc(1.0)"


def test_which_there_are() -> None:
    function = made()
    assert sym.expression_functions()["sinc"] is function
    second = made(name="arc")
    assert [name for name in sym.expression_functions() if name in ("sinc", "arc")] == ["arc", "sinc"]
    assert sym.expression_functions()["arc"] is second


def test_a_cell_that_runs_again() -> None:
    def cell(factor: float) -> Any:
        @sym.expression_function(reference=lambda x: factor * x, version="1")
        def scaled(x: Any) -> Any:
            return factor * x

        return scaled

    first, second, again = cell(1.0), cell(2.0), cell(1.0)
    assert first.code == again.code != second.code


def test_extensions_forget_functions_and_what_they_are_not_forgotten_by() -> None:
    kept = made()
    with sym.extensions():
        gone = made(jnp.tanh, reference=np.tanh)
        replaced = made(version="2")
        operator = (
            sym.DOperator(sym.hilbert.Fock(2, 2))
            .for_each_site("i")
            .emit(amplitude=gone(1.0))
            .build()
            .compile(cache=False)
        )
    assert kept(1.0).sealed().table[-1].data[1] == "1"
    assert made().code == kept.code
    assert replaced.version == "2"
    with jax.disable_jit(), pytest.raises(sym.errors.IRFormatError, match=r"'tanh'.*no function of that name"):
        operator.get_conn_padded(np.zeros(2, np.int8))
