"""Names, dtypes, sizes and refusals of products and adjoints."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import paths
import pytest
from refusal import refused
from written import FOCK, UPDATES

import nqx_graph as sym
from nqx_graph.errors import DefinitionError, HilbertError, OptionError

s = sym.site


def op(name: str = "A", space: Any = FOCK, amplitude: Any = 1, **options: Any) -> Any:
    return sym.DOperator(space, name, **options).for_each_site("i").emit(amplitude=amplitude).build()


def test_names() -> None:
    a, b, c = op("A"), op("B"), op("C", dtype="complex128")
    made = [
        a @ b,
        (a + b) @ c,
        a.H @ a,
        (a @ b).H,
        (2 * a).T,
        a**2,
        (a + b) ** 3,
        c.conj(),
        a**0,
        2 * (a @ b),
        a @ b @ c,
    ]
    made += [sym.commutator(a, b) @ c, (a.H @ b) @ (b.H @ a), sym.anticommutator(a, b + c)]
    assert [operator.name for operator in made] == [
        "A @ B", "(A + B) @ C", "A.H @ A", "(A @ B).H", "(2 * A).T", "A ** 2", "(A + B) ** 3", "C.conj()", "A ** 0",
        "2 * A @ B", "(A @ B) @ C", "[A, B] @ C", "(A.H @ B) @ (B.H @ A)", "{A, B + C}",
    ]  # fmt: skip
    assert [term.name for term in (a @ b).to_ir().terms] == ["0 @ 0"]


DTYPES = [
    ("float64", "float32", "float64"), ("float32", "complex64", "complex64"), ("int64", "float64", "float64"),
    ("float64", "complex64", "complex128"), ("int8", "int32", "int32"),
]  # fmt: skip


@pytest.mark.parametrize(("a", "b", "wide"), DTYPES)
def test_the_wider_dtype(a: str, b: str, wide: str) -> None:
    assert (op(dtype=a) @ op(dtype=b)).to_ir().dtype_str == wide
    assert sym.commutator(op(dtype=b), op(dtype=a)).to_ir().dtype_str == wide
    assert op(dtype=a).H.to_ir().dtype_str == a


def test_conjugates() -> None:
    real, z = op(), op(amplitude=sym.symbol("z", 1j) * (2 + 1j), dtype="complex128")
    assert real.conj() is real
    np.testing.assert_array_equal(paths.matrix(z.conj()), paths.matrix(z).conj())
    np.testing.assert_array_equal(paths.matrix(z.conjugate().conj()), paths.matrix(z))
    assert repr(z.conj().conj().to_ir().terms[0].emissions[0].amplitude) == "($z * (2+1j))"
    assert repr(op(amplitude=2j, dtype="complex64").conj().to_ir().terms[0].emissions[0].amplitude) == "-2j"
    promised = (
        sym.DOperator(FOCK, "A", dtype="complex128").for_each_site("i").where(s("i") > 9).emit().fanout(1).build()
    )
    assert promised.conj().padded_size == 1


def test_powers() -> None:
    a = UPDATES["hop"]()
    truth = paths.matrix(a)
    for power in (0, 1, 2, 3):
        np.testing.assert_allclose(paths.matrix(a**power), np.linalg.matrix_power(truth, power), rtol=0, atol=1e-9)
    assert a**1 is a
    assert (a ** np.int8(2)).to_ir().same_as((a**2).to_ir())
    for wrong in (-1, 0.5, True, "2"):
        with pytest.raises(OptionError, match="whole number from 0 up"):
            a**wrong


def test_sizes() -> None:
    a = UPDATES["swap"]()
    assert a.padded_size == 4
    assert (a + a).padded_size == 8
    assert (a @ a).padded_size == 16
    assert (a @ a).compile().max_conn_size == 16


def test_what_does_not_fit() -> None:
    other = op(space=sym.hilbert.Fock(2, 3))
    for write in (lambda: op() @ other, lambda: other @ op()):
        with refused(HilbertError, "cannot be multiplied", "Fock(n_max=2, N=3)"):
            write()
    with refused(DefinitionError, "'J'", "1.0", "2.0"):
        op(amplitude=sym.symbol("J", 1.0)) @ op(amplitude=sym.symbol("J", 2.0))


def test_operands_are_left_as_they_were() -> None:
    a, b = UPDATES["hop"](), UPDATES["cond"]()
    before = [operator.to_ir().static_fingerprint() for operator in (a, b)]
    _ = a @ b, a.H, b.T, sym.commutator(a, b), a**2
    assert [operator.to_ir().static_fingerprint() for operator in (a, b)] == before


def test_products_are_the_same_in_every_order_of_making() -> None:
    a, b = UPDATES["hop"](), UPDATES["cond"]()
    assert (a @ b).to_ir().static_fingerprint() == (UPDATES["hop"]() @ UPDATES["cond"]()).to_ir().static_fingerprint()


def test_the_square_of_64_sites_is_built_at_once() -> None:
    edges = [(i, (i + 1) % 64) for i in range(64)]
    ising = (
        sym.DOperator(sym.hilbert.Spin(1 / 2, 64), "H").for_each(("i", "j"), over=edges)
        .emit(amplitude=-sym.symbol("J", 1.0) * s("i").value * s("j").value)
        .for_each_site("i").emit(sym.affine("i", scale=-1), amplitude=-0.7).build()
    )  # fmt: skip
    start = time.perf_counter()
    square = ising @ ising
    assert time.perf_counter() - start < 2
    assert square.padded_size == 128**2
