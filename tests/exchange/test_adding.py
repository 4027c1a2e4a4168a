"""Weights, sums that are rounded once, and the dtype that elements need."""

import numpy as np
import pytest
from refusal import refused

from nqx_graph import errors
from nqx_graph.exchange.adding import added, element_dtype, numbers, real_if_all_are


def test_equal_rows_are_added_up_whatever_their_order():
    keys = np.array([[1, 0], [0, 1], [1, 0], [1, 0], [0, 1], [1, 1]])
    weights = np.array([1e16, 2.0, 1.0, -1e16, -2.0, 0.5])
    for order in ([0, 1, 2, 3, 4, 5], [3, 5, 0, 4, 2, 1]):
        first, sums = added(keys[order], weights[order])
        assert {tuple(keys[order][row]): total for row, total in zip(first, sums, strict=True)} == {
            (1, 0): 1.0,  # 1e16 + 1 - 1e16 is 0 or 2 one after another
            (1, 1): 0.5,
        }


def test_complex_weights_are_added_up_by_their_parts():
    first, sums = added(np.zeros((3, 1), dtype=int), np.array([1 + 2j, -1 - 1j, 0.25]))
    assert first.tolist() == [0]
    assert sums.tolist() == [0.25 + 1j]


def test_no_rows():
    first, sums = added(np.zeros((0, 4), dtype=int), np.zeros(0))
    assert (len(first), len(sums)) == (0, 0)


def test_one_number_stands_for_all():
    assert numbers(2, 3, "it").tolist() == [2.0, 2.0, 2.0]
    assert numbers([1, 2j], 2, "it").dtype == np.complex128


@pytest.mark.parametrize(
    ("weights", "facts"),
    [
        ([1.0], ("2 strings", "(1,)")),
        ([[1.0, 2.0]], ("2 strings", "(1, 2)")),
        ([1.0, np.nan], ("weight 1", "nan")),
        ([np.inf, 1.0], ("weight 0", "inf")),
        (["a", 1.0], ("must be numbers",)),
        ([None, 1.0], ("must be numbers",)),
    ],
)
def test_weights_that_are_none(weights, facts):
    with refused(errors.ConversionError, *facts):
        numbers(weights, 2, "it")


def test_real_where_no_imaginary_part_is_left():
    assert real_if_all_are(np.array([1 + 0j, 2])).dtype == np.float64
    assert real_if_all_are(np.array([1 + 1e-300j])).dtype == np.complex128


def test_the_dtype_that_elements_need():
    assert element_dtype(None, np.ones(1), "it") is float
    assert element_dtype(None, np.ones(1) * 1j, "it") is complex
    assert element_dtype("complex64", np.ones(1), "it") == "complex64"
    assert element_dtype("complex64", np.ones(1) * 1j, "it") == "complex64"
    for dtype in ("float64", float, np.float32):
        with refused(errors.ConversionError, "complex matrix elements", "Leave dtype out"):
            element_dtype(dtype, np.ones(1) * 1j, "it")
