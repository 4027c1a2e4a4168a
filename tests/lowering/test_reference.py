"""The reference interpreter against numbers worked out by hand.

Operators are built from the IR classes, so that nothing but the interpreter is on trial.
"""

from __future__ import annotations

import math
import pickle
from types import SimpleNamespace
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from nqx_graph import hilbert as spaces
from nqx_graph.errors import (
    CheckError,
    DTypeError,
    ExpressionError,
    HilbertError,
    OptionError,
    ParameterError,
    RowsError,
    SampleTypeError,
    StateError,
)
from nqx_graph.ir.expr import (
    FALSE,
    TRUE,
    AmplitudeExpr,
    PredicateExpr,
    apply,
    as_amplitude,
    as_predicate,
    leaf,
)
from nqx_graph.ir.table import Node
from nqx_graph.ir.types import (
    EmissionSpec,
    KBodyIteratorSpec,
    SymbolicIRTerm,
    SymbolicOperatorIR,
    UpdateOp,
    UpdateProgram,
)
from nqx_graph.lowering.reference import Branch, ReferenceOperator, branches
from nqx_graph.space import SpaceView, from_states, unbounded, view

# --- writing operators down ------------------------------------------------------------------------------------------

x_i, x_j = leaf("site", "i"), leaf("site", "j")
after_i, after_j = leaf("emitted", "i"), leaf("emitted", "j")
i, j = leaf("index", "i"), leaf("index", "j")


def symbol(name: str, default: Any = None) -> AmplitudeExpr:
    return leaf("symbol", name, default, "")


def where(predicate: Any, a: Any, b: Any) -> AmplitudeExpr:
    return apply("select", as_predicate(predicate), as_amplitude(a), as_amplitude(b))


def step(kind: str, **params: Any) -> UpdateOp:
    for name, value in params.items():
        if name in ("sites", "values"):
            params[name] = tuple(map(as_amplitude, value))
        elif name in ("site", "value", "delta", "scale", "bias"):
            params[name] = as_amplitude(value)
        elif name in ("if_true", "if_false"):
            params[name] = UpdateProgram(value)
    return UpdateOp(kind, params)


def write(site: Any, value: Any) -> UpdateOp:
    return step("write", site=site, value=value)


def shift(site: Any, delta: Any) -> UpdateOp:
    return step("shift", site=site, delta=delta)


def shift_mod(site: Any, delta: Any) -> UpdateOp:
    return step("shift_mod", site=site, delta=delta)


def cond(predicate: PredicateExpr, if_true: Any, if_false: Any = ()) -> UpdateOp:
    return step("cond", predicate=predicate, if_true=if_true, if_false=if_false)


invalidate = step("invalidate", reason="")


def emit(*ops: UpdateOp, amplitude: Any = 1.0, when: Any = True, tag: str | None = None) -> EmissionSpec:
    return EmissionSpec(as_predicate(when), UpdateProgram(ops), as_amplitude(amplitude), tag)


def term(
    *emissions: EmissionSpec,
    labels: Any = ("i",),
    over: Any = ((0,),),
    when: Any = True,
    columns: Any = None,
    fanout: int | None = None,
    name: str = "0",
) -> SymbolicIRTerm:
    rows = np.asarray(over, dtype=np.int32).reshape(-1, len(labels)) if labels else np.zeros((1, 0), np.int32)
    return SymbolicIRTerm(name, KBodyIteratorSpec(labels, rows, columns), as_predicate(when), emissions, fanout)


def pair(*emissions: EmissionSpec, over: Any = ((0, 1),), **more: Any) -> SymbolicIRTerm:
    return term(*emissions, labels=("i", "j"), over=over, **more)


FOCK = spaces.Fock(n_max=4, N=3)
SPIN = spaces.Spin(0.5, 3)
SPIN1 = spaces.Spin(1, 3)


def ir_of(*terms: SymbolicIRTerm, size: int = 3, dtype: str = "float64") -> SymbolicOperatorIR:
    return SymbolicOperatorIR("test", "symbolic", size, dtype, False, terms)


def operator(*terms: SymbolicIRTerm, space: Any = FOCK, dtype: str = "float64", **options: Any) -> ReferenceOperator:
    return ReferenceOperator(ir_of(*terms, size=space.size, dtype=dtype), space, view(space), **options)


def found(
    *terms: SymbolicIRTerm, x: Any, space: Any = FOCK, dtype: str = "float64", parameters: Any = None, **options: Any
) -> list[Branch]:
    given = space if isinstance(space, SpaceView) else view(space)
    ir = ir_of(*terms, size=given.size, dtype=dtype)
    return list(branches(ir, given, np.asarray(x), parameters or {}, **options))


def target_of(*ops: UpdateOp, x: Any, space: Any = FOCK, **more: Any) -> tuple[int | float, ...]:
    (branch,) = found(pair(emit(*ops), **more), x=x, space=space)
    return branch.target


def value_of(amplitude: Any, x: Any = (2, 3, 0), dtype: str = "float64", space: Any = FOCK, **more: Any) -> Any:
    """The amplitude on the identity update of row (0, 1)."""
    (branch,) = found(pair(emit(amplitude=amplitude), **more), x=x, dtype=dtype, space=space)
    return branch.mel


def holds(predicate: PredicateExpr, x: Any = (2, 3, 0), dtype: str = "float64", **more: Any) -> bool:
    return bool(found(pair(emit(), when=predicate), x=x, dtype=dtype, **more))


# --- order -----------------------------------------------------------------------------------------------------------


def test_terms_then_rows_then_emissions() -> None:
    one = term(emit(shift(i, 1), amplitude=1 + i), emit(shift(i, -1), amplitude=-(1 + i)), over=[2, 0])
    two = term(emit(amplitude=7), labels=(), name="1")
    got = [(b.term, b.row, b.emission, b.target, float(b.mel)) for b in found(one, two, x=[1, 2, 3])]
    assert got == [
        (0, 0, 0, (1, 2, 4), 3.0),
        (0, 0, 1, (1, 2, 2), -3.0),
        (0, 1, 0, (2, 2, 3), 1.0),
        (0, 1, 1, (0, 2, 3), -1.0),
        (1, 0, 0, (1, 2, 3), 7.0),
    ]


def test_predicates_of_term_and_emission_are_both_needed() -> None:
    only = term(emit(when=x_i < 3), emit(when=FALSE), emit(when=TRUE), over=[0, 1, 2], when=x_i > 0)
    assert [(b.row, b.emission) for b in found(only, x=[0, 2, 4])] == [(1, 0), (1, 2), (2, 2)]


# --- updates ---------------------------------------------------------------------------------------------------------


def test_identity() -> None:
    assert target_of(x=[1, 2, 3]) == (1, 2, 3)


def test_write() -> None:
    assert target_of(write(j, x_i + x_j), x=[1, 3, 0]) == (1, 4, 0)


def test_shift() -> None:
    assert target_of(shift(i, -1), shift(j, 2), x=[1, 2, 0]) == (0, 4, 0)


def test_chained_steps_read_the_rewritten_site_and_the_source() -> None:
    # x'[i]: 1 -> 3 -> 3 + x[i] = 4, where the second delta reads x, not x'
    assert target_of(shift(i, 2), shift(i, x_i), x=[1, 0, 0]) == (4, 0, 0)
    assert target_of(shift(i, 2), write(j, x_i), x=[1, 0, 0]) == (3, 1, 0)


def test_affine() -> None:
    assert target_of(step("affine", site=i, scale=-1, bias=4), x=[1, 0, 0]) == (3, 0, 0)
    assert target_of(shift(i, 1), step("affine", site=i, scale=x_i, bias=x_j), x=[1, 2, 0]) == (4, 2, 0)


@pytest.mark.parametrize(("x", "delta", "wanted"), [(4, 1, 0), (0, -1, 4), (3, 12, 0), (2, -8, 4), (1, 0, 1)])
def test_shift_mod_on_bosons(x: int, delta: int, wanted: int) -> None:
    assert target_of(shift_mod(i, delta), x=[x, 0, 0]) == (wanted, 0, 0)


@pytest.mark.parametrize(
    ("space", "x", "delta", "wanted"),
    [(SPIN, 1, 2, -1), (SPIN, -1, 2, 1), (SPIN, -1, -2, 1), (SPIN1, 2, 2, -2), (SPIN1, -2, -2, 2), (SPIN1, -2, 8, 0)],
)
def test_shift_mod_on_spins(space: Any, x: int, delta: int, wanted: int) -> None:
    # low m = -1 (or -2), spacing q = 2, n = 2 (or 3) states: modulus 4 (or 6)
    assert target_of(shift_mod(i, delta), x=[x, x, x], space=space) == (wanted, x, x)


def test_shift_mod_knows_the_states_of_its_site() -> None:
    mixed = from_states(SimpleNamespace(size=2), [[0, 1], [0, 1, 2]], None, None)
    assert target_of(shift_mod(i, 1), shift_mod(j, 1), x=[1, 1], space=mixed) == (0, 2)


def test_swap() -> None:
    swap = step("swap", sites=(i, j))
    assert target_of(swap, x=[1, 2, 3]) == (2, 1, 3)
    assert target_of(shift(i, 1), swap, x=[1, 2, 3]) == (2, 2, 3)  # exchanges x', not x
    assert target_of(swap, x=[1, 2, 3], over=[(1, 1)]) == (1, 2, 3)


def test_permute_reads_before_it_writes() -> None:
    assert target_of(step("permute", sites=(i, j, 2)), x=[1, 2, 3]) == (2, 3, 1)
    assert target_of(step("permute", sites=(i,)), x=[1, 2, 3]) == (1, 2, 3)
    # a site named twice: x'[0], x'[1], x'[0] = x'[1], x'[0], x'[0], and the last write stays
    assert target_of(step("permute", sites=(0, 1, 0)), x=[1, 2, 3]) == (1, 1, 3)


def test_scatter() -> None:
    assert target_of(step("scatter", sites=(2, i), values=(x_i, x_j)), x=[1, 2, 3]) == (2, 2, 1)
    assert target_of(step("scatter", sites=(0, 0), values=(3, 4)), x=[1, 2, 3]) == (4, 2, 3)


def test_flip() -> None:
    mask = {"m": np.array([[1, 0, 1]])}
    assert target_of(step("flip", column="m"), x=[1, 1, -1], space=SPIN, columns=mask) == (-1, 1, 1)
    # a value that is neither state (here 3 after a shift) goes to low + high - value
    assert target_of(shift(0, 2), step("flip", column="m"), x=[1, 1, 1], space=SPIN, columns=mask) == (-3, 1, -1)


def test_flip_of_states_that_do_not_add_up_exactly() -> None:
    odd = from_states(SimpleNamespace(size=1), [[0.1, 0.3]], None, None)
    only = term(emit(step("flip", column="m")), columns={"m": np.ones((1, 1), int)})
    assert [found(only, x=[x], space=odd)[0].target for x in (0.1, 0.3)] == [(0.3,), (0.1,)]


def test_cond_takes_one_side_by_the_source() -> None:
    # x[i] is 0 in the source although x' has moved on
    assert target_of(shift(i, 1), cond(x_i == 0, [write(j, 4)], [write(j, 3)]), x=[0, 0, 0]) == (1, 4, 0)
    assert target_of(cond(x_i == 1, [write(j, 4)]), shift(j, 1), x=[0, 0, 0]) == (0, 1, 0)


def test_nested_cond() -> None:
    update = cond(x_i > 0, [cond(x_j > 0, [write(2, 1)], [write(2, 2)])], [write(2, 3)])
    assert [target_of(update, x=[a, b, 0])[2] for a, b in [(1, 1), (1, 0), (0, 1)]] == [1, 2, 3]


def test_invalidate() -> None:
    assert found(term(emit(shift(i, 1), invalidate)), x=[0, 0, 0]) == []
    only = term(emit(shift(i, 1), cond(x_i == 1, [invalidate]), amplitude=5), over=[0, 1, 2])
    assert [(b.row, b.target) for b in found(only, x=[0, 1, 2])] == [(0, (1, 1, 2)), (2, (0, 1, 3))]


def test_invalidate_in_a_slot_of_its_own_is_padding() -> None:
    xp, mels = operator(term(emit(shift(i, 1), cond(x_i == 4, [invalidate])), over=[0, 1, 2])).get_conn_padded(
        [0, 4, 1]
    )
    assert mels.tolist() == [1, 0, 1]
    assert xp.tolist() == [[1, 4, 1], [0, 4, 1], [0, 4, 2]]


def test_sites_are_expressions_of_index() -> None:
    around = where(i == 2, 0, i + 1)
    only = term(emit(step("swap", sites=(i, around))), over=[0, 1, 2])
    assert [b.target for b in found(only, x=[1, 2, 3])] == [(2, 1, 3), (1, 3, 2), (3, 2, 1)]


def test_a_site_that_is_none_is_refused() -> None:
    for site in (-1, 3, 4, 0.5):
        with pytest.raises(RowsError, match=r"no site .* 0 to 2"):
            found(term(emit(write(site, 1))), x=[0, 0, 0])
    with pytest.raises(RowsError):
        value_of(apply("source", i - 1))


def test_updates_compute_in_integers_without_overflow() -> None:
    (branch,) = found(term(emit(shift(0, 2**62), shift(0, 2**62), shift(0, 2**62))), x=np.zeros(3, np.int8))
    assert branch.target == (3 * 2**62, 0, 0)
    assert branch.outside
    assert target_of(write(0, x_i * x_i), x=np.array([100, 0, 0], np.int8)) == (10_000, 0, 0)


def test_updates_compute_in_floats_where_a_part_is_one() -> None:
    (branch,) = found(term(emit(write(0, x_i / 2), write(1, x_i / 4), write(2, (0 * x_i) / 0))), x=[2, 0, 0])
    assert branch.target[:2] == (1, 0.5)
    assert type(branch.target[0]) is int
    assert math.isnan(branch.target[2])
    assert branch.outside


def test_updates_without_x64_compute_in_float32() -> None:
    third = as_amplitude(1) / 3
    (branch,) = found(term(emit(write(0, third))), x=[0, 0, 0], float_dtype=np.float32)
    assert branch.target[0] == float(np.float32(1) / np.float32(3))


# --- amplitudes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amplitude", "wanted"),
    [
        (as_amplitude(2.5), 2.5),
        (x_i, 2),
        (i + 10 * j, 10),
        (x_i + x_j, 5),
        (x_i - x_j, -1),
        (x_i * x_j, 6),
        (x_i / x_j, 2 / 3),
        (x_i**x_j, 8),
        (x_i ** (-x_j), 0.125),
        (-x_i, -2),
        ((-x_i).abs(), 2),
        (x_i.conj(), 2),
        (x_i.sqrt(), math.sqrt(2)),
        (x_i.exp(), math.exp(2)),
        (x_i.log(), math.log(2)),
        (x_i.sin(), math.sin(2)),
        (x_i.cos(), math.cos(2)),
        (apply("source", j + 1), 0),
        (apply("source", i + 1), 3),
        (apply("wrap_mod", x_i + x_j), 0),
        (apply("wrap_mod", -x_j), 2),
        (apply("wrap_mod", as_amplitude(5.5)), 0.5),
        (where(x_i < x_j, 1, 2), 1),
        (where(~(x_i < x_j), 1, 2), 2),
        (where((x_i > 0) & (x_j > 9), 1, 2), 2),
        (where((x_i > 0) | (x_j > 9), 1, 2), 1),
        (where(True, x_j, 2), 3),
    ],
)
def test_every_operation(amplitude: AmplitudeExpr, wanted: float) -> None:
    mel = value_of(amplitude)
    assert type(mel) is np.float64
    np.testing.assert_allclose(mel, wanted, rtol=1e-15)


def test_wrap_mod_on_spins() -> None:
    # (e + 1) mod 4 - 1
    assert [value_of(apply("wrap_mod", x_i + d), x=[1, 1, 1], space=SPIN) for d in (0, 2, 4, -4)] == [1, -1, 1, 1]


@pytest.mark.parametrize(
    ("amplitude", "wanted"),
    [
        (as_amplitude(1 + 2j) * x_i, 2 + 4j),
        (as_amplitude(1 + 2j).conj(), 1 - 2j),
        (as_amplitude(3 + 4j).abs(), 5),
        ((0 - x_i).sqrt(), 1j * math.sqrt(2)),
        (as_amplitude(1j) ** 2, -1),
        (apply("wrap_mod", x_i + x_j), 0),
    ],
)
def test_complex_arithmetic(amplitude: AmplitudeExpr, wanted: complex) -> None:
    for dtype in ("complex128", "complex64"):
        mel = value_of(amplitude, dtype=dtype)
        assert mel.dtype == dtype
        np.testing.assert_allclose(mel, wanted, atol=1e-15 if dtype == "complex128" else 1e-6)


def test_emitted_and_target_read_after_the_whole_update() -> None:
    amplitude = after_i + 10 * after_j + 100 * apply("target", i + 2) + 1000 * x_i
    (branch,) = found(pair(emit(shift(i, 1), write(2, 4), shift(j, 2), amplitude=amplitude)), x=[1, 0, 0])
    assert branch.mel == 2 + 20 + 400 + 1000


def test_emitted_in_the_predicate_of_a_select() -> None:
    amplitude = where(after_i > x_i, 1, -1)
    only = term(emit(shift(i, 1), amplitude=amplitude), emit(shift(i, -1), amplitude=amplitude))
    assert [b.mel for b in found(only, x=[1, 0, 0])] == [1, -1]
    with pytest.raises(ExpressionError, match="only amplitudes know x'"):
        found(term(emit(when=after_i > 0)), x=[0, 0, 0])


def test_columns() -> None:
    columns = {"J": np.array([0.5, 2.0]), "m": np.array([[1, 1, 0], [0, 2, -1]]), "s": np.array([[1, 0, 1], [0, 0, 0]])}
    amplitudes = (leaf("column", "J"), leaf("dot", "m"), leaf("prod", "s"))
    only = term(*(emit(amplitude=a) for a in amplitudes), over=[0, 1], columns=columns)
    assert [b.mel for b in found(only, x=[2, 3, 4])] == [0.5, 5, 8, 2, 2, 1]
    assert [b.mel for b in found(only, x=[2, 3, 0])] == [0.5, 5, 0, 2, 6, 1]
    kept = term(emit(), over=[0, 1], columns=columns, when=leaf("dot", "m") + leaf("prod", "s") == 7)
    assert [b.row for b in found(kept, x=[2, 3, 0])] == [1]  # 5 + 0, 6 + 1


def test_amplitudes_are_computed_in_the_dtype_of_the_operator() -> None:
    x = np.array([16, 16, 0], dtype=np.int8)
    assert value_of(x_i * x_j, x=x) == 256
    assert value_of(x_i * x_j, x=x, dtype="int16") == 256
    assert value_of(x_i * x_j, x=x, dtype="int8") == 0  # what an int8 operator asks for
    assert value_of(as_amplitude(0.1), dtype="float32") == np.float32(0.1)
    assert value_of(as_amplitude(1) / 3, dtype="float32") == np.float32(1) / np.float32(3)
    half = value_of(as_amplitude(1) / 3, dtype="float16")
    assert half.dtype == np.float16 and half == np.float16(1) / np.float16(3)


def test_bfloat16() -> None:
    mel = value_of((x_i + 1.001).sqrt() + apply("wrap_mod", x_j + 4), dtype="bfloat16")
    bfloat16 = jnp.dtype("bfloat16").type
    assert mel.dtype == np.dtype(bfloat16)
    assert mel == np.sqrt(bfloat16(2) + bfloat16(1.001)) + bfloat16(2)
    only = operator(term(emit(amplitude=symbol("J", 0.1))), dtype="bfloat16")
    assert only.get_conn_padded([0, 0, 0])[1].dtype == np.dtype(bfloat16)
    assert only.to_sparse().dtype == np.float32


def test_integer_operators() -> None:
    assert value_of(x_i**x_j + 2.0, dtype="int32") == 10
    assert value_of(apply("wrap_mod", -x_j), dtype="int64") == 2
    assert [value_of(as_amplitude(base) ** -x_i, dtype="int64") for base in (3, 1, -1, 0)] == [0, 1, 1, 0]
    assert value_of(as_amplitude(-1) ** -x_j, dtype="int64") == -1
    with pytest.raises(DTypeError, match="div"):
        value_of(x_i / 2, dtype="int64")
    with pytest.raises(DTypeError, match="complex128"):
        value_of(as_amplitude(1j))


@pytest.mark.parametrize(
    ("amplitude", "wanted"),
    [
        (1 / (x_i - 2), np.inf),
        ((x_i - 2) / (x_i - 2), np.nan),
        ((-x_i).sqrt(), np.nan),
        ((x_i - 2).log(), -np.inf),
        ((1000 * x_i).exp(), np.inf),
        ((x_i - 2) ** -1, np.inf),
        ((-x_i) ** 0.5, np.nan),
        ((x_i * 1e300) * 1e300, np.inf),
        ((1000 * x_i).exp().sin(), np.nan),
        (apply("wrap_mod", (1000 * x_i).exp()), np.nan),
    ],
)
def test_undefined_amplitudes_are_ieee_numbers(amplitude: AmplitudeExpr, wanted: float) -> None:
    np.testing.assert_equal(value_of(amplitude), wanted)


def test_an_excluded_branch_is_not_evaluated() -> None:
    bad = apply("source", i - 1)  # no site on row 0: evaluating it raises
    only = term(emit(amplitude=1 / x_i + bad), over=[0, 1, 2], when=x_i != 0)
    assert [b.mel for b in found(only, x=[0, 4, 1])] == [0.25, 5]
    assert found(term(emit(write(i - 1, bad), when=x_i > 9)), x=[0, 0, 0]) == []


def test_select_evaluates_the_side_it_takes_only() -> None:
    amplitude = where(x_i == 2, x_i, apply("source", i - 1))
    (branch,) = found(pair(emit(amplitude=amplitude)), x=[2, 3, 0])
    assert branch.mel == 2
    (branch,) = found(pair(emit(amplitude=where(x_i == 2, 1, 1e9 * x_j) + 0.5)), x=[2, 3, 0])
    assert (branch.mel, branch.largest) == (1.5, 1.5)
    # a part of both the taken and the other side is computed, and counts
    shared = 1e6 * x_j
    (branch,) = found(pair(emit(amplitude=where(x_i == 2, shared * 0, shared))), x=[2, 3, 0])
    assert (branch.mel, branch.largest) == (0, 3e6)


def test_largest_counts_finite_intermediates_of_the_amplitude() -> None:
    (branch,) = found(pair(emit(amplitude=(x_i * 1e8 - x_i * 1e8) + 1)), x=[2, 3, 0])
    assert (branch.mel, branch.largest) == (1, 2e8)
    (branch,) = found(pair(emit(amplitude=1 / (x_i - 2)), emit()), x=[2, 3, 0])[:1]
    assert (branch.mel, branch.largest) == (np.inf, 2)
    (branch,) = found(pair(emit(amplitude=where(x_i * 1000 > 0, 1, 0))), x=[2, 3, 0])
    assert branch.largest == 1
    (branch,) = found(pair(emit(amplitude=leaf("dot", "m")), columns={"m": [[50, 50, 0]]}), x=[2, -2, 0])
    assert (branch.mel, branch.largest) == (0, 100)
    assert found(pair(emit(amplitude=0.25)), x=[0, 0, 0])[0].largest == 0.25
    (branch,) = found(pair(emit(amplitude=as_amplitude(3 + 4j))), x=[0, 0, 0], dtype="complex128")
    assert branch.largest == 5


def test_deep_expressions() -> None:
    total: AmplitudeExpr = x_i
    for _ in range(10_000):
        total = total + 1
    assert value_of(total) == 10_002
    predicate: Any = x_i == 0
    for _ in range(10_000):
        predicate = ~predicate
    assert not holds(predicate)
    chosen: AmplitudeExpr = x_i
    for k in range(10_000):
        chosen = where(x_i == 2, chosen, k)
    assert value_of(chosen) == 2


# --- predicates ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("op", "wanted"),
    [("eq", [0, 1, 0]), ("ne", [1, 0, 1]), ("lt", [1, 0, 0]), ("le", [1, 1, 0]), ("gt", [0, 0, 1]), ("ge", [0, 1, 1])],
)
def test_comparisons(op: str, wanted: list[int]) -> None:
    predicate = PredicateExpr(Node(op, (x_i.node, as_amplitude(2).node)))
    assert [holds(predicate, x=[x, 0, 0]) for x in (1, 2, 3)] == list(map(bool, wanted))


@pytest.mark.parametrize(
    ("predicate", "wanted"),
    [
        (TRUE, True),
        (FALSE, False),
        (~TRUE, False),
        (TRUE & FALSE, False),
        (TRUE | FALSE, True),
        (x_i / 4 == 0.5, True),
        (as_amplitude(2**62) * 4 - 1 < as_amplitude(2**62) * 4, True),  # float64 could not tell them apart
        (as_amplitude(2**62) * 4 - 1.0 < as_amplitude(2**62) * 4, False),
        (x_i**x_j == 8, True),
        (x_i**-1 == 0.5, True),
        (apply("wrap_mod", x_i + x_j) == 0, True),
        (where(x_i == 2, x_j, 0) == 3, True),
        ((-x_j).abs() == 3, True),
        (x_i.conj() == 2, True),
        (x_i.sqrt() * x_i.sqrt() > 2, True),
        (as_amplitude(10) ** 10**9 > 0, True),
        (as_amplitude(10) ** 10**9 == (as_amplitude(10) ** 10**9) + 1, True),  # infinity
        (as_amplitude(-1) ** (10**9 + 1) == -1, True),
        (as_amplitude(1) / 0 > 1e300, True),
        (as_amplitude(2) ** 2000 / 2 > 1e308, True),  # an integer beyond all floats
        (as_amplitude(-2) ** 2001 / 2 < -1e308, True),
        (as_amplitude(1j) * 1j == -1, True),
        (as_amplitude(3 + 4j).abs() <= 5, True),
        (as_amplitude(1j) != 1j, False),
    ],
)
def test_predicates(predicate: PredicateExpr, wanted: bool) -> None:
    assert holds(predicate) is wanted


def test_comparisons_with_nan() -> None:
    nan, other = (x_i - 2) / (x_i - 2), (x_j - 3) / (x_j - 3)
    assert [holds(p) for p in (nan == other, nan < 1, nan <= 1, nan > 1, nan >= 1)] == [False] * 5
    assert holds(nan != other)
    assert holds(~(nan < 1))


def test_complex_numbers_have_no_order() -> None:
    with pytest.raises(ExpressionError, match="no order"):
        holds(as_amplitude(1j) < 1)


def test_predicates_are_exact_in_operators_of_any_dtype() -> None:
    # 257 is no bfloat16, 2049 no float16: the select inside the amplitude compares the numbers themselves
    amplitude = where(i + 257 == 257, 1, 0) * where(i + 2049 == 2049, 1, 0)
    assert value_of(amplitude, dtype="bfloat16") == 1
    assert value_of(amplitude, dtype="float16") == 1
    assert value_of(where(x_i * x_j == 256, 1, 0), x=np.array([16, 16, 0], np.int8), dtype="int8") == 1


def test_symbols_in_predicates_have_the_kind_of_the_operator() -> None:
    half = symbol("c", 0.5)
    assert holds(x_i * half == 1)
    assert holds(symbol("J", 0.1) != 0.1, dtype="float32")  # cast to float32 first
    assert holds(symbol("J", 3) / 2 == 1.5, dtype="int64")
    assert holds(symbol("J", 1) == 1, dtype="complex128")
    with pytest.raises(ExpressionError):
        holds(symbol("J", 1) < 2, dtype="complex128")


def test_predicates_without_x64() -> None:
    predicate = as_amplitude(0.1) + 0.2 == 0.3
    assert not holds(predicate)
    assert holds(predicate, float_dtype=np.float32)


def test_states_given_as_floats_count_as_the_integers_they_are() -> None:
    (branch,) = found(term(emit(shift(i, 1), when=x_i**80 + 1 > x_i**80)), x=np.array([3.0, 0, 0]))
    assert branch.target == (4, 0, 0)
    assert all(type(value) is int for value in branch.target)


# --- slots -----------------------------------------------------------------------------------------------------------


def raise_each(**more: Any) -> SymbolicIRTerm:
    return term(emit(shift(i, 1), amplitude=1 + x_i), over=[0, 1, 2], when=x_i < 4, **more)


def test_padding_is_x_with_zero_in_place() -> None:
    both = term(emit(when=x_i > 0, amplitude=5), emit(write(i, 0), amplitude=7), over=[0, 2])
    xp, mels = operator(raise_each(), both).get_conn_padded(np.array([0, 4, 2], np.int8))
    assert xp.dtype == np.int8 and mels.dtype == np.float64
    assert mels.tolist() == [1, 0, 3, 0, 7, 5, 7]
    x = [0, 4, 2]
    assert xp.tolist() == [[1, 4, 2], x, [0, 4, 3], x, x, x, [0, 4, 0]]


def test_shapes_and_dtypes() -> None:
    only = operator(raise_each(), dtype="complex64")
    assert only.max_conn_size == 3
    for leading in [(), (1,), (2, 5), (0,), (2, 0)]:
        for dtype in (np.int8, np.int64, np.uint8, np.float32, jnp.dtype("bfloat16")):
            x = np.zeros((*leading, 3), dtype)
            xp, mels = only.get_conn_padded(x)
            assert (xp.shape, xp.dtype) == ((*leading, 3, 3), x.dtype)
            assert (mels.shape, mels.dtype) == ((*leading, 3), np.dtype(np.complex64))
            assert only.n_conn(x).shape == leading
            assert np.all(xp == np.eye(3)) and np.all(mels == 1)


def test_each_sample_is_its_own() -> None:
    only = operator(raise_each(fanout=2), pair(emit(when=x_i > x_j)))
    x = np.random.default_rng(0).integers(0, 5, (2, 6, 3))
    xp, mels = only.get_conn_padded(x)
    for at in np.ndindex(2, 6):
        one_xp, one_mels = only.get_conn_padded(x[at])
        np.testing.assert_array_equal(one_xp, xp[at])
        np.testing.assert_array_equal(one_mels, mels[at])


def test_a_promise_moves_branches_to_the_front() -> None:
    only = operator(raise_each(fanout=2), term(emit(amplitude=9), labels=()))
    assert only.max_conn_size == 3
    xp, mels = only.get_conn_padded([4, 4, 2])
    assert mels.tolist() == [3, 0, 9]
    assert xp.tolist() == [[4, 4, 3], [4, 4, 2], [4, 4, 2]]
    assert only.get_conn_padded([4, 0, 2])[1].tolist() == [1, 3, 9]


def test_a_promise_of_all_slots_moves_nothing() -> None:
    assert operator(raise_each(fanout=3)).get_conn_padded([4, 4, 2])[1].tolist() == [0, 0, 3]


def test_a_broken_promise_is_nan_for_the_sample_alone() -> None:
    only = operator(raise_each(fanout=2), term(emit(amplitude=9), labels=(), name="1"))
    xp, mels = only.get_conn_padded([[4, 4, 2], [0, 1, 2], [4, 1, 2]])
    np.testing.assert_array_equal(mels, [[3, 0, 9], [np.nan] * 3, [2, 3, 9]])
    assert xp[1].tolist() == [[1, 1, 2], [0, 2, 2], [0, 1, 2]]
    assert only.n_conn([[4, 4, 2], [0, 1, 2]]).tolist() == [2, 3]
    with pytest.raises(DTypeError, match="promises"):
        operator(raise_each(fanout=2), dtype="int32").get_conn_padded([0, 1, 2])


def test_a_branch_with_amplitude_zero_fills_a_promised_slot() -> None:
    only = term(emit(amplitude=x_i), over=[0, 1, 2], fanout=2)
    assert np.all(np.isnan(operator(only).get_conn_padded([0, 0, 1])[1]))


# --- leaving the local states ----------------------------------------------------------------------------------------


def raise_all(**more: Any) -> SymbolicIRTerm:
    return term(emit(shift(i, 1), amplitude=1 + x_i, tag="up"), over=[0, 1, 2], **more)


def test_out_of_domain_nan() -> None:
    xp, mels = operator(raise_all()).get_conn_padded([[0, 4, 2], [0, 1, 2]])
    np.testing.assert_array_equal(mels, [[1, np.nan, 3], [1, 2, 3]])
    assert xp[0].tolist() == [[1, 4, 2], [0, 4, 2], [0, 4, 3]]
    np.testing.assert_array_equal(operator(raise_all(), dtype="complex64").n_conn([0, 4, 2]), 3)
    with pytest.raises(DTypeError, match="leaves the local states"):
        operator(raise_all(), dtype="int64").get_conn_padded([0, 4, 2])


def test_out_of_domain_drop() -> None:
    xp, mels = operator(raise_all(), on_out_of_domain="drop").get_conn_padded([0, 4, 2])
    assert mels.tolist() == [1, 0, 3]
    assert xp.tolist() == [[1, 4, 2], [0, 4, 2], [0, 4, 3]]


def test_out_of_domain_trust() -> None:
    xp, mels = operator(raise_all(), on_out_of_domain="trust").get_conn_padded([0, 4, 2])
    assert mels.tolist() == [1, 5, 3]
    assert xp.tolist() == [[1, 4, 2], [0, 5, 2], [0, 4, 3]]


def test_trusted_numbers_beyond_the_dtype_become_the_nearest() -> None:
    big = as_amplitude(2) ** 70
    writes = [big, -big, 1.5, as_amplitude(1) / 0, -as_amplitude(1) / 0, as_amplitude(0) / 0]
    only = operator(*(term(emit(write(0, value))) for value in writes), on_out_of_domain="trust")
    assert only.get_conn_padded(np.zeros(3, np.int8))[0][:, 0].tolist() == [127, -128, 1, 127, -128, 0]
    floats = only.get_conn_padded(np.zeros(3, np.float16))[0][:, 0]
    np.testing.assert_array_equal(floats, np.array([np.inf, -np.inf, 1.5, np.inf, -np.inf, np.nan], np.float16))


def test_out_of_domain_and_promises() -> None:
    # of three active branches one leaves: with "nan" it fills a slot, with "drop" it is none
    assert np.all(np.isnan(operator(raise_all(fanout=2)).get_conn_padded([0, 4, 2])[1]))
    xp, mels = operator(raise_all(fanout=2), on_out_of_domain="drop").get_conn_padded([0, 4, 2])
    assert (xp.tolist(), mels.tolist()) == ([[1, 4, 2], [0, 4, 3]], [1, 3])
    np.testing.assert_array_equal(
        operator(raise_all(when=x_i > 1, fanout=2)).get_conn_padded([0, 4, 2])[1], [np.nan, 3]
    )


def test_only_the_final_target_must_be_a_state() -> None:
    assert not found(term(emit(shift(0, 9), shift(0, -9))), x=[0, 0, 0])[0].outside
    assert found(term(emit(shift(0, 1))), x=[1, 1, 1], space=SPIN)[0].outside  # 2 lies above 1
    assert found(term(emit(shift(0, 1))), x=[-1, 1, 1], space=SPIN)[0].outside  # 0 lies between -1 and 1
    assert found(term(emit(write(0, 0.5))), x=[0, 0, 0])[0].outside


def test_spaces_of_other_states() -> None:
    def outside(space: SpaceView, values: list[float]) -> list[bool]:
        return [found(term(emit(write(0, v))), x=space.low, space=space)[0].outside for v in values]

    uneven = from_states(SimpleNamespace(size=2), [[0, 1, 5]], None, None)
    assert outside(uneven, [0, 1, 5, 2, 6]) == [False, False, False, True, True]
    endless = unbounded(SimpleNamespace(size=2), None, None)
    assert outside(endless, [0, 2**62, -1, 0.5]) == [False, False, True, True]
    halves = from_states(SimpleNamespace(size=2), [[-0.5, 0.5, 1.5]], None, None)
    assert outside(halves, [-0.5, 1.5, 2.5, 0, -1.5]) == [False, False, True, True, True]
    mixed = from_states(SimpleNamespace(size=2), [[0, 1], [0, 1, 2]], None, None)
    assert outside(mixed, [1, 2]) == [False, True]


def test_half_integer_states() -> None:
    halves = from_states(SimpleNamespace(size=2), [[-0.5, 0.5]], None, None)
    (branch,) = found(
        term(emit(shift_mod(i, 1), amplitude=x_i * after_i)), x=np.array([0.5, 0.5], np.float32), space=halves
    )
    assert (branch.target, branch.mel) == ((-0.5, 0.5), -0.25)


# --- parameters and columns ------------------------------------------------------------------------------------------


def test_parameters() -> None:
    only = operator(term(emit(amplitude=symbol("J") * symbol("h", 2))), dtype="float32")
    assert only.parameters == {"h": 2, "J": None}
    given = only.with_parameters(J=np.float64(0.1))
    assert given.parameters == {"J": np.float32(0.1), "h": 2}
    assert given.parameters["J"].dtype == np.float32
    assert given.get_conn_padded([0, 0, 0])[1].tolist() == [float(np.float32(0.1) * np.float32(2))]
    assert given.with_parameters(h=0).parameters == {"J": np.float32(0.1), "h": 0}
    assert only.parameters == {"h": 2, "J": None}
    assert only.with_columns().parameters == {"h": 2, "J": None}
    assert found(term(emit(amplitude=symbol("J"))), x=[0, 0, 0], parameters={"J": 3})[0].mel == 3


def test_every_symbol_without_a_value_is_named() -> None:
    unset = term(emit(when=False, amplitude=symbol("h", 2) * symbol("g") + symbol("J")))
    only, x = operator(unset), np.zeros(3, int)
    assert list(only.parameters.items()) == [("J", None), ("g", None), ("h", 2)]
    message = r"'test' has no value for 'J', 'g'; give with_parameters\(J=\.\.\., g=\.\.\.\)\.$"
    for call in (only.get_conn_padded, only.n_conn, only.get_conn, only.check, lambda x: found(unset, x=x)):
        with pytest.raises(ParameterError, match=message) as caught:
            call(x)
        assert caught.value.facts == {"names": ("J", "g")}
    with pytest.raises(ParameterError, match="no value for 'g'; "):
        only.with_parameters(J=1).to_dense()
    only.with_parameters(J=1, g=2).to_dense()


def test_a_default_given_once_holds_everywhere() -> None:
    assert operator(term(emit(amplitude=symbol("J") + symbol("J", 2)))).get_conn_padded([0, 0, 0])[1] == [4]


def test_bad_parameters() -> None:
    only = operator(term(emit(amplitude=symbol("coupling", 1))))
    with pytest.raises(ParameterError, match=r"no parameter 'coupled'; the operator has 'coupling'. Did you mean"):
        only.with_parameters(coupled=1)
    for value in (1j, "1", None, [1.0], True):
        with pytest.raises(ParameterError, match="'coupling' was given"):
            only.with_parameters(coupling=value)
    whole = operator(term(emit(amplitude=symbol("J"))), dtype="int8")
    assert whole.with_parameters(J=2.0).get_conn_padded([0, 0, 0])[1] == 2
    for value in (0.5, 128, np.nan, np.inf):
        with pytest.raises(ParameterError, match="'J' was given"):
            whole.with_parameters(J=value)
    assert operator(term(emit(amplitude=symbol("J"))), dtype="complex128", parameters={"J": 1j}).parameters == {"J": 1j}


def test_columns_can_be_replaced() -> None:
    columns = {"J": np.array([1.0, 2.0]), "K": np.array([0, 0])}
    first = term(emit(amplitude=leaf("column", "J")), over=[0, 1], columns=columns)
    second = term(emit(amplitude=leaf("dot", "J")), over=[0, 1], columns={"J": np.ones((2, 3))}, name="1")
    third = term(emit(amplitude=leaf("column", "J")), over=[0, 2], columns={"J": np.array([3.0, 4.0])}, name="2")
    only = operator(first, second, third)
    assert only.get_conn_padded([1, 1, 1])[1].tolist() == [1, 2, 3, 3, 3, 4]
    changed = only.with_columns(J=[0.5, 0.25])
    assert changed.get_conn_padded([1, 1, 1])[1].tolist() == [0.5, 0.25, 3, 3, 0.5, 0.25]
    both = changed.with_columns(J=np.zeros((2, 3)))
    assert both.get_conn_padded([1, 1, 1])[1].tolist() == [0.5, 0.25, 0, 0, 0.5, 0.25]
    assert only.get_conn_padded([1, 1, 1])[1].tolist() == [1, 2, 3, 3, 3, 4]
    made = operator(first, second, third, columns={"J": [7, 8]})
    assert made.get_conn_padded([1, 1, 1])[1].tolist() == [7, 8, 3, 3, 7, 8]
    assert [b.mel for b in found(first, x=[0, 0, 0], columns={"J": [7, 8]})] == [7, 8]


def test_bad_columns() -> None:
    only = operator(term(emit(), over=[0, 1], columns={"J": np.array([1, 2])}))
    with pytest.raises(ParameterError, match="no column 'j'; the operator has 'J'"):
        only.with_columns(j=[1, 2])
    with pytest.raises(ParameterError, match=r"shape \(2,\); it was given shape \(3,\)"):
        only.with_columns(J=[1, 2, 3])
    for value in ([1j, 2], [0.5, 1], [True, False], ["a", "b"], np.array([2**63, 0], np.uint64)):
        with pytest.raises(ParameterError, match="'J' holds int64 and was given"):
            only.with_columns(J=value)
    only.with_columns(J=np.array([3, 200], np.uint8))
    real = operator(term(emit(amplitude=leaf("column", "J")), columns={"J": np.ones(1, np.float32)}))
    assert real.with_columns(J=[3]).get_conn_padded([0, 0, 0])[1] == 3
    assert real.with_columns(J=[0.1]).get_conn_padded([0, 0, 0])[1] == np.float32(0.1)
    for value in ([np.nan], [np.inf], [1j]):
        with pytest.raises(ParameterError, match="finite numbers"):
            real.with_columns(J=value)


FLIP = step("flip", column="m")


@pytest.mark.parametrize(
    "reader",
    [
        emit(amplitude=leaf("prod", "m")),
        emit(write(0, leaf("prod", "m"))),
        emit(when=leaf("prod", "m") == 1),
        emit(amplitude=where(leaf("prod", "m") == 1, 1, 2)),
        emit(FLIP),
        emit(cond(x_i == 0, [write(i, 0)], [cond(x_j == 0, [FLIP])])),
    ],
    ids=["amplitude", "update", "predicate", "select", "flip", "nested flip"],
)
@pytest.mark.parametrize(("kind", "bad"), [(int, 2), (int, -1), (float, 0.5)])
def test_masks_hold_zeros_and_ones(reader: EmissionSpec, kind: type, bad: float) -> None:
    mask = np.array([[1, 0, 1]], kind)
    only = pair(reader, columns={"m": mask, "free": mask})
    refused = f"'m' masks sites for prod or flip, which take 0 and 1; it was given {bad}"
    for call in (operator(only).with_columns, lambda **new: operator(only, columns=new)):
        assert call(m=1 - mask).ir.terms[0].iterator.columns["m"].tolist() == [[0, 1, 0]]
        with pytest.raises(ParameterError, match=refused):
            call(m=[[1, bad, 0]])
        call(free=[[1, bad, 0]])
    with pytest.raises(ParameterError, match=refused):
        found(only, x=[0, 0, 0], columns={"m": [[1, bad, 0]]})


def test_a_column_is_a_mask_where_its_term_reads_it_as_one() -> None:
    masked, read = leaf("prod", "m"), leaf("dot", "m")
    first = term(emit(amplitude=masked), columns={"m": np.ones((1, 3), int)})
    second = term(emit(amplitude=read), over=[0, 1], columns={"m": np.ones((2, 3), int)}, name="1")
    only = operator(first, second)
    assert only.with_columns(m=[[2, 0, 0], [0, 2, 0]]).get_conn_padded([1, 2, 3])[1].tolist() == [6, 2, 4]
    with pytest.raises(ParameterError, match="masks sites"):
        only.with_columns(m=[[2, 0, 0]])


def test_options_survive_a_change() -> None:
    only = operator(raise_all(columns={"J": np.ones(3)}), on_out_of_domain="drop", float_dtype=np.float32)
    changed = only.with_columns(J=np.zeros(3)).with_parameters()
    assert (changed.on_out_of_domain, changed.float_dtype) == ("drop", np.dtype(np.float32))


# --- the operator's other methods ------------------------------------------------------------------------------------


def test_attributes_and_pickling() -> None:
    only = operator(raise_each(), term(emit(amplitude=symbol("J", 2))), dtype="float32")
    again = pickle.loads(pickle.dumps(only.with_parameters(J=3)))
    assert (again.name, again.dtype, again.is_hermitian, again.max_conn_size) == ("test", np.float32, False, 4)
    assert again.hilbert == FOCK and again.parameters == {"J": 3}
    assert again.get_conn_padded([0, 0, 0])[1].tolist() == [1, 1, 1, 3]


def test_get_conn_leaves_zeros_out() -> None:
    only = operator(raise_all(), term(emit(amplitude=x_i)))
    xp, mels = only.get_conn(np.array([0, 4, 1], np.int8))
    np.testing.assert_array_equal(mels, [1, np.nan, 2])
    assert xp.tolist() == [[1, 4, 1], [0, 4, 1], [0, 4, 2]] and xp.dtype == np.int8
    assert only.n_conn([0, 4, 1]) == 3
    with pytest.raises(StateError, match="one configuration"):
        only.get_conn([[0, 0, 0]])


def test_matrices_of_an_ising_chain() -> None:
    field, coupling = 0.7, -1.3
    ising = operator(
        term(emit(shift_mod(i, 2), amplitude=field), over=[0, 1, 2]),
        pair(emit(amplitude=coupling * x_i * x_j), over=[(0, 1), (1, 2)]),
        space=SPIN,
    )
    sx, sz, one = np.array([[0, 1], [1, 0]]), np.diag([1, -1]), np.eye(2)

    def kron(*factors: Any) -> Any:
        return np.kron(np.kron(factors[0], factors[1]), factors[2])

    wanted = field * (kron(sx, one, one) + kron(one, sx, one) + kron(one, one, sx))
    wanted = wanted + coupling * (kron(sz, sz, one) + kron(one, sz, sz))
    np.testing.assert_allclose(ising.to_dense(), wanted, atol=1e-15)
    sparse = ising.to_sparse()
    assert sparse.format == "csr"
    np.testing.assert_allclose(sparse.toarray(), wanted, atol=1e-15)


def test_the_row_is_x() -> None:
    one = spaces.Fock(n_max=3, N=1)
    destroy = operator(term(emit(shift(i, 1), amplitude=(x_i + 1).sqrt(), when=x_i < 3)), space=one)
    np.testing.assert_allclose(destroy.to_dense(), np.diag(np.sqrt([1, 2, 3]), k=1))


def test_a_matrix_with_no_entry_and_one_in_a_constrained_space() -> None:
    assert operator(term(emit(when=False))).to_sparse().nnz == 0
    kept = spaces.Fock(n_max=2, N=2, n_particles=2)
    hop = pair(emit(shift(i, 1), shift(j, -1), when=(x_i < 2) & (x_j > 0)))
    matrix = operator(hop, space=kept).to_dense()
    assert matrix.shape == (3, 3) and matrix.sum() == 2
    with pytest.raises(CheckError, match="not in the space"):
        operator(term(emit(shift(i, 1), when=x_i < 2)), space=kept).to_dense()
    with pytest.raises(HilbertError, match="too many states"):
        operator(term(emit()), space=spaces.Spin(0.5, 64)).to_sparse()


def test_check_is_content() -> None:
    operator(raise_each(fanout=3), pair(emit(), fanout=1)).check([[4, 4, 2], [0, 0, 0]])
    operator(raise_each()).check(np.zeros((0, 3), int))


def test_check_names_a_broken_promise() -> None:
    only = operator(raise_each(fanout=2, name="ladder"))
    with pytest.raises(CheckError, match=r"term 'ladder' promises at most 2 .*; sample 1 has 3") as caught:
        only.check([[4, 4, 2], [0, 1, 2]])
    error: Any = caught.value
    assert (error.term, error.sample, error.active, error.promised) == ("ladder", (1,), 3, 2)
    with pytest.raises(CheckError, match=r"sample \(0, 1\) has 3"):
        only.check([[[4, 4, 2], [0, 1, 2]]])
    with pytest.raises(CheckError, match="x has 3"):
        only.check([0, 1, 2])


@pytest.mark.parametrize("mode", ["nan", "trust"])
def test_check_names_a_branch_that_leaves_the_local_states(mode: str) -> None:
    with pytest.raises(
        CheckError, match=r"term '0', row 1, emission #0 \('up'\): from sample 1 .*\[0, 5, 2\]"
    ) as caught:
        operator(raise_all(), on_out_of_domain=mode).check([[0, 0, 0], [0, 4, 2]])
    error: Any = caught.value
    assert (error.row, error.emission, error.tag, error.target) == (1, 0, "up", (0, 5, 2))


def test_check_lets_dropped_branches_be() -> None:
    operator(raise_all(fanout=2), on_out_of_domain="drop").check([0, 4, 2])


def test_check_names_a_branch_that_breaks_the_constraint() -> None:
    kept = operator(term(emit(shift(i, 1), when=x_i < 2)), space=spaces.Fock(n_max=2, N=2, n_particles=2))
    assert kept.get_conn_padded([1, 1])[1].tolist() == [1]  # looked at by check only
    with pytest.raises(CheckError, match=r"row 0, emission #0: from x it leads to \[2, 1\], which breaks"):
        kept.check([1, 1])
    with pytest.raises(StateError, match="constraint"):
        kept.check([[1, 1], [2, 2]])
    operator(term(emit(shift(i, 1), amplitude=0, when=x_i < 2)), space=kept.hilbert).check([1, 1])  # no connection


def test_check_refuses_what_is_no_state() -> None:
    with pytest.raises(StateError, match=r"sample 1 is not in the space: site 2 holds 5; the local states are 0, 1"):
        operator(raise_each()).check([[0, 0, 0], [0, 0, 5]])
    with pytest.raises(StateError, match=r"site 0 holds 0\.5"):
        operator(raise_each()).check([0.5, 0, 0])


# --- what is refused -------------------------------------------------------------------------------------------------


def test_bad_shapes() -> None:
    for x in (0, [0, 0], np.zeros((3, 2), int)):
        with pytest.raises(StateError, match="3 sites"):
            operator(raise_each()).get_conn_padded(x)
    with pytest.raises(StateError, match="one configuration"):
        branches(ir_of(raise_each()), view(FOCK), [[0, 0, 0]])


@pytest.mark.parametrize("dtype", [bool, complex, object, "U1"])
def test_bad_dtypes(dtype: Any) -> None:
    with pytest.raises(SampleTypeError, match="cannot hold the local states"):
        operator(raise_each()).get_conn_padded(np.zeros(3, dtype))


def test_dtypes_that_are_too_narrow() -> None:
    def refused(space: Any, dtype: Any) -> bool:
        given = space if isinstance(space, SpaceView) else view(space)
        only = ReferenceOperator(ir_of(term(emit())), space, given)
        try:
            only.get_conn_padded(np.ones(3, dtype))
        except SampleTypeError:
            return True
        return False

    assert refused(SPIN, np.uint8) and not refused(SPIN, np.int8)
    assert refused(spaces.Fock(n_max=200, N=3), np.int8) and not refused(spaces.Fock(n_max=200, N=3), np.uint8)
    assert refused(spaces.Fock(n_max=2050, N=3), np.float16)  # 2049 is no float16, though 2050 is
    assert not refused(spaces.Fock(n_max=2048, N=3), np.float16)
    halves = from_states(SimpleNamespace(size=3), [[-0.5, 0.5]], None, None)
    assert refused(halves, np.int64) and not refused(halves, np.float32)
    uneven = from_states(SimpleNamespace(size=3), [[0, 1, 300]], None, None)
    assert refused(uneven, np.uint8) and not refused(uneven, np.int16)
    endless = unbounded(SimpleNamespace(size=3), None, None)
    assert refused(endless, np.int8) and refused(endless, np.float16)  # the largest one plus 1 would wrap round
    assert not refused(endless, np.int32) and not refused(endless, np.float32)
    single = from_states(SimpleNamespace(size=3), [[300]], None, None)
    assert refused(single, np.uint8) and not refused(single, np.int16)


def test_bad_options() -> None:
    with pytest.raises(OptionError, match=r"'nann'; it can be 'nan', 'drop', 'trust'. Did you mean 'nan'"):
        operator(raise_each(), on_out_of_domain="nann")
    with pytest.raises(HilbertError, match="3 sites; the space has 2"):
        ReferenceOperator(ir_of(raise_each()), SPIN, view(spaces.Spin(0.5, 2)))
