"""A compiled operator as a value: what it has, when two are equal, how it travels."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import attrs
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small

import nqx_graph as sym
from nqx_graph.hilbert import Fock, Spin

s = sym.site
n = s("i").value
FOCK = Fock(3, N=3)
X = np.array([[0, 1, 3], [2, 2, 0]], dtype=np.int8)


def hopping(
    J=1.0, edges=((0, 1), (1, 2)), name="hopping", hilbert=FOCK, tag=None, hermitian=False, dtype=None, **symbol
):
    return (
        sym.DOperator(hilbert, name, hermitian=hermitian, dtype=dtype)
        .for_each(("i", "j"), over=edges, columns={"J": np.full(len(edges), J)})
        .where((n > 0) & (s("j") < 3))
        .emit(sym.shift("i", -1).shift("j", 1), amplitude=-sym.column("J") * sym.symbol("t", 1.0) * n, tag=tag)
        .build()
        # not strict: what is said to be hermitian here hops one way
        .compile(cache=False, options=sym.SymbolicCompilerOptions(strict_validation=False))
    )


def test_what_it_has():
    operator = hopping(hermitian=True, dtype="complex64")
    assert operator.hilbert is FOCK
    assert operator.name == "hopping"
    assert operator.dtype == np.complex64
    assert operator.is_hermitian is True
    assert hopping().is_hermitian is False
    assert operator.max_conn_size == 2
    assert operator.ir.operator_name == "hopping"
    assert repr(operator) == f"CompiledOperator('hopping', hilbert={FOCK!r}, dtype=complex64, max_conn_size=2)"


# --- equality ---------------------------------------------------------------------------------------------------------

EQUAL = {
    "made again": hopping,
    "another name": lambda: hopping(name="other"),
    "another tag": lambda: hopping(tag="t"),
    "the same parameter": lambda: hopping().with_parameters(t=1),
    "the same column": lambda: hopping(J=5.0).with_columns(J=[1.0, 1.0]),
    "an equal space": lambda: hopping(hilbert=Fock(3, N=3)),
    "pickled": lambda: pickle.loads(pickle.dumps(hopping())),
    "copied": lambda: copy.deepcopy(hopping()),
    "through a tree": lambda: jax.tree.map(lambda leaf: leaf + 0, hopping()),
}
DIFFERENT = {
    "another coupling": lambda: hopping(J=2.0),
    "another edge": lambda: hopping(edges=((0, 1), (2, 1))),
    "edges in another order": lambda: hopping(edges=((1, 2), (0, 1))),
    "another parameter": lambda: hopping().with_parameters(t=2.0),
    "another space": lambda: hopping(hilbert=Fock(3, N=3, n_particles=3)),
    "hermitian": lambda: hopping(hermitian=True),
    "another dtype": lambda: hopping(dtype="float32"),
    "another operator": lambda: small.number().compile(cache=False),
    "no operator": lambda: 3,
    "a symbolic operator": small.number,
}


@pytest.mark.parametrize("name", EQUAL)
def test_equal_by_content(name):
    ours, theirs = hopping(), EQUAL[name]()
    assert ours is not theirs
    assert ours == theirs
    assert (ours != theirs) is False
    assert hash(ours) == hash(theirs)
    assert {ours: 1}[theirs] == 1


@pytest.mark.parametrize("name", DIFFERENT)
def test_different_by_content(name):
    ours, theirs = hopping(), DIFFERENT[name]()
    assert ours != theirs
    assert theirs != ours
    assert len({ours, theirs}) == 2


def test_out_of_domain_is_content():
    operator = small.raising()
    made = [
        operator.compile(cache=False, options=sym.SymbolicCompilerOptions(on_out_of_domain=mode))
        for mode in ("nan", "drop", "trust")
    ]
    assert len(set(made)) == 3


# --- pytree -----------------------------------------------------------------------------------------------------------


def test_leaves_are_parameters_and_tables():
    operator = hopping(J=0.25)
    leaves = [np.asarray(leaf) for leaf in jax.tree.leaves(operator)]
    assert any(leaf.shape == (2,) and leaf.tolist() == [0.25, 0.25] for leaf in leaves)
    assert any(leaf.shape == () and leaf == 1.0 for leaf in leaves)
    assert any(leaf.dtype == np.int32 and leaf.tolist() == [[0, 1], [1, 2]] for leaf in leaves)


def test_round_trip():
    operator = hopping().with_parameters(t=0.5)
    leaves, structure = jax.tree.flatten(operator)
    again = jax.tree.unflatten(structure, leaves)
    assert type(again) is type(operator)
    assert again == operator
    assert (again.name, again.hilbert) == ("hopping", FOCK)
    for ours, theirs in zip(again.get_conn_padded(X), operator.get_conn_padded(X), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_structures_are_compared_without_names_and_numbers():
    structures = [
        jax.tree.structure(made) for made in (hopping(), hopping(name="b", J=3.0), hopping(edges=((2, 1), (0, 2))))
    ]
    assert structures[0] == structures[1] == structures[2]
    assert hash(structures[0]) == hash(structures[1])
    assert jax.tree.structure(hopping(edges=((0, 1),))) != structures[0]
    assert jax.tree.structure(hopping(hilbert=Fock(3, N=3, n_particles=3))) != structures[0]


def test_a_missing_parameter_survives_the_round_trip():
    operator = sym.DOperator(FOCK).globally().emit(amplitude=sym.symbol("h")).build().compile(cache=False)
    again = jax.tree.map(lambda leaf: leaf, operator)
    assert again.parameters == {"h": None}
    assert pickle.loads(pickle.dumps(operator)).parameters == {"h": None}


def test_leaves_may_be_anything():
    operator = hopping()
    placeholders = jax.tree.map(lambda _: object(), operator)
    assert isinstance(placeholders, sym.CompiledOperator)
    assert placeholders != operator
    shapes = jax.eval_shape(lambda op: op, operator)
    assert isinstance(shapes, sym.CompiledOperator)


def test_as_an_argument_and_result_of_transformations():
    operator = hopping()

    def total(op):
        return jnp.sum(op.get_conn_padded(X)[1])

    # x = [0, 1, 3]: nothing may hop; x = [2, 2, 0]: -2 and -2
    assert float(jax.jit(total)(operator)) == -4.0
    slopes = jax.grad(total, allow_int=True)(operator)
    assert float(slopes.parameters["t"]) == -4.0
    doubled = jax.jit(lambda op: op.with_parameters(t=2.0))(operator)
    assert float(total(doubled)) == -8.0
    stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), operator, doubled)
    assert jax.vmap(total)(stacked).tolist() == [-4.0, -8.0]


def test_static_parts_compare_by_structure_and_space():
    static = hopping()._static
    assert static == hopping(name="other")._static
    assert hash(static) == hash(hopping(J=3.0)._static)
    assert static != hopping(hermitian=True)._static
    assert static != attrs.evolve(static, structure=small.number().compile(cache=False)._static.structure)
    assert static != 3


# --- pickling ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hilbert", [FOCK, Fock(3, N=3, n_particles=3)])
def test_pickling(hilbert):
    operator = hopping(hilbert=hilbert).with_parameters(t=0.5).with_columns(J=[1.0, 3.0])
    again = pickle.loads(pickle.dumps(operator))
    assert again == operator
    assert (again.hilbert, again.name, float(again.parameters["t"])) == (hilbert, "hopping", 0.5)
    for ours, theirs in zip(again.get_conn_padded(X[:1]), operator.get_conn_padded(X[:1]), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert again.check(np.array([1, 2, 0])) is None


def test_pickling_every_kind_of_step():
    operator = (
        sym.DOperator(Spin(0.5, N=3), "all")
        .for_each_site("i", columns={"m": np.eye(3, dtype=int)})
        .emit(sym.cond(n > 0, sym.flip("m"), sym.invalidate("no")).swap("i", 0).shift_mod("i", 2))
        .fanout(2)
        .build()
        .compile(cache=False)
    )
    again = pickle.loads(pickle.dumps(operator))
    assert again == operator
    assert hash(again) == hash(operator)


def test_a_pickle_runs_in_another_process(tmp_path):
    path = tmp_path / "operator.pickle"
    path.write_bytes(pickle.dumps(hopping()))
    program = (
        "import sys, jax, pickle; jax.config.update('jax_enable_x64', True)\n"
        "operator = pickle.load(open(sys.argv[1], 'rb'))\n"
        "print(operator.get_conn_padded([2, 2, 0])[1].tolist(), operator.name)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip() == "[-2.0, -2.0] hopping"


def test_artifacts_hold_what_was_compiled():
    artifact = sym.SymbolicCompiler().compile(small.number())
    assert artifact.compiled_operator.ir is artifact.analyses["ir"]
    assert artifact.metadata["total_padded_size"] == artifact.compiled_operator.max_conn_size
