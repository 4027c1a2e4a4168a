"""Texts for code: equal for equal code, in another process as well, and different for all that may differ."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import textwrap
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from nqx_graph.ir.code import code_digest


def written(text: str, **beside: Any) -> Any:
    """The function ``f`` of a module of that text."""
    module = dict(beside)
    exec(compile(textwrap.dedent(text), "anywhere", "exec", dont_inherit=True), module)
    return module["f"]


PLAIN = "def f(x):\n    return x + 1"
DIFFERENT = {
    "constant": "def f(x):\n    return x + 2",
    "type of a constant": "def f(x):\n    return x + 1.0",
    "operation": "def f(x):\n    return x - 1",
    "attribute": "def f(x):\n    return x.real + 1",
    "other attribute": "def f(x):\n    return x.imag + 1",
    "default": "def f(x, y=1):\n    return x + 1",
    "other default": "def f(x, y=2):\n    return x + 1",
    "keyword default": "def f(x, *, y=1):\n    return x + 1",
    "inner function": "def f(x):\n    return (lambda y: y + 1)(x)",
    "other inner function": "def f(x):\n    return (lambda y: y + 2)(x)",
    "number beside": "one = 1\ndef f(x):\n    return x + one",
    "other number beside": "one = 2\ndef f(x):\n    return x + one",
    "function beside": "def g(x):\n    return x + 1\ndef f(x):\n    return g(x)",
    "other function beside": "def g(x):\n    return x + 2\ndef f(x):\n    return g(x)",
    "set": "def f(x):\n    return x in {1, 2}",
    "other set": "def f(x):\n    return x in {1, 3}",
}


def test_what_differs_has_another_digest() -> None:
    digests = {name: code_digest(written(text)) for name, text in DIFFERENT.items()} | {"": code_digest(written(PLAIN))}
    assert len(set(digests.values())) == len(DIFFERENT) + 1


def test_comments_lines_and_files_do_not_count() -> None:
    noted = "\n\n# note\ndef f(x):\n\n    # another\n    return x + 1"
    assert code_digest(written(noted)) == code_digest(written(PLAIN))


def test_what_is_closed_over_and_arrays() -> None:
    def adding(what: Any) -> Any:
        return lambda x: x + what

    values = [
        1,
        1.0,
        np.array([1, 2]),
        np.array([1, 3]),
        np.array([1.0, 2.0]),
        jnp.array([1.0, 2.5]),
        adding(1),
        [1],
        {},
    ]
    assert len({code_digest(adding(value)) for value in values}) == len(values)
    assert code_digest(adding(np.array([1, 2]))) == code_digest(adding(np.array([1, 2])))
    tables = [written("def f(x):\n    return table[x]", table=np.arange(n)) for n in (2, 3)]
    assert code_digest(tables[0]) != code_digest(tables[1])


def test_wrapped_and_partial_functions_and_methods() -> None:
    one, two = written(PLAIN), written("def f(x):\n    return x + 2")
    for wrap in (jax.jit, functools.cache, lambda f: functools.partial(f, 1)):
        assert code_digest(wrap(one)) != code_digest(wrap(two))
        assert code_digest(wrap(one)) == code_digest(wrap(written(PLAIN)))
    assert code_digest((1).__add__) != code_digest((1).__sub__)
    assert code_digest(jnp.tanh) != code_digest(jnp.sinh)
    assert code_digest(np.tanh) != code_digest(np.sinh)
    assert code_digest(DIFFERENT.get) == code_digest(DIFFERENT.get)

    assert code_digest(jnp.maximum) != code_digest(jnp.minimum)
    assert code_digest({1: 2}.get) != code_digest({1: 3}.get)
    assert code_digest(np.vectorize(one)) != code_digest(np.vectorize(two))
    assert code_digest(jax.custom_jvp(one)) != code_digest(jax.custom_jvp(two))

    named_alike = [functools.wraps(jnp.tanh)(f) for f in (lambda x: x, lambda x: -x)]
    assert len({code_digest(wrap(f)) for f in (*named_alike, jnp.tanh) for wrap in (jax.jit, lambda f: f)}) == 5

    class Scaled:
        def __init__(self, by: int = 1) -> None:
            self.by, self.self = by, self

        def __call__(self, x: Any) -> Any:
            return x * self.by

        def of(self, x: Any) -> Any:
            return x

        def twice(self, x: Any) -> Any:
            return 2 * x

    assert code_digest(Scaled().of) != code_digest(Scaled().twice)
    assert code_digest(Scaled(1)) != code_digest(Scaled(2))
    assert code_digest(Scaled(2)) == code_digest(Scaled(2))


def test_functions_that_name_each_other() -> None:
    text = "def g(x):\n    return f(x - 1)\ndef f(x):\n    return g(x) + {}"
    assert code_digest(written(text.format(1))) != code_digest(written(text.format(2)))

    def until_later() -> Any:
        def inner() -> Any:
            return later

        before = code_digest(inner)
        later = 1
        return before, code_digest(inner), later

    assert len(set(until_later())) == 3


def test_another_process_says_the_same() -> None:
    program = textwrap.dedent(
        f"""
        import jax, jax.numpy as jnp, numpy as np
        from nqx_graph.ir.code import code_digest
        module = {{}}
        exec({DIFFERENT["set"]!r}, module)
        print(code_digest(module["f"], jnp.tanh, jnp.maximum, jax.nn.relu, np.tanh, "name", 1, None, (1.0, "a")))
        """
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    here = code_digest(
        written(DIFFERENT["set"]), jnp.tanh, jnp.maximum, jax.nn.relu, np.tanh, "name", 1, None, (1.0, "a")
    )
    assert done.stdout.strip() == here
