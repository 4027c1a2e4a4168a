"""The loop over terms, rows and emissions that defines what an operator does to a configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs
import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nqx_graph.errors import StateError
from nqx_graph.ir.types import SymbolicIRTerm, SymbolicOperatorIR
from nqx_graph.lowering.reference.arithmetic import Exact, InDtype
from nqx_graph.lowering.reference.columns import with_columns
from nqx_graph.lowering.reference.configurations import as_samples, exact_state, is_local_state
from nqx_graph.lowering.reference.expressions import Place, evaluate
from nqx_graph.lowering.reference.parameters import require_symbols, symbol_values
from nqx_graph.lowering.reference.updates import updated
from nqx_graph.space import SpaceView


@attrs.frozen
class Branch:
    """One connected state.

    ``target`` is x' in exact Python numbers, before any cast; ``mel`` is <x|O|x'> in the operator's dtype; ``outside``
    tells that x' leaves the local states; ``largest`` is the largest finite number met on the way to ``mel``.
    """

    term: int
    row: int
    emission: int
    target: tuple[int | float, ...]
    mel: Any
    outside: bool
    largest: float


def branches(
    ir: SymbolicOperatorIR,
    space: SpaceView,
    x: ArrayLike,
    parameters: Mapping[str, Any] | None = None,
    columns: Mapping[str, Any] | None = None,
    *,
    float_dtype: DTypeLike = np.float64,
) -> Iterator[Branch]:
    """Every active branch of one configuration: terms as written, rows as given, emissions as written.

    Args:
        ir: the operator.
        space: what it acts on.
        x: one configuration, [N].
        parameters: values of free symbols; those left out have their defaults.
        columns: arrays that replace columns of the terms, by name.
        float_dtype: of predicates and updates where they are not integer; float32 is JAX without x64.

    Raises:
        ParameterError: a symbol has no value, or there is no such symbol or column.
        StateError, SampleTypeError: x is not one configuration of N numbers.
    """
    ir = with_columns(ir, columns or {})
    symbols = symbol_values(ir, parameters or {})
    require_symbols(ir, symbols)
    sample = as_samples(x, space)
    if sample.ndim != 1:
        raise StateError(f"one configuration has shape [{space.size}]; this x has shape {sample.shape}.")
    source = tuple(exact_state(value, space) for value in sample.tolist())
    return _loop(ir, space, source, symbols, np.dtype(float_dtype))


def _loop(
    ir: SymbolicOperatorIR,
    space: SpaceView,
    source: tuple[int | float, ...],
    symbols: Mapping[str, Any],
    float_dtype: np.dtype[Any],
) -> Iterator[Branch]:
    dtype = np.dtype(ir.dtype_str)
    for term_number, term in enumerate(ir.terms):
        for row_number in range(term.iterator.n_iter):
            here = _place(term, row_number, source, symbols, space, float_dtype)
            if not here.holds(term.predicate):
                continue
            for emission_number, emission in enumerate(term.emissions):
                if not here.holds(emission.predicate):
                    continue
                target = updated(emission.update_program, here)
                if target is None:
                    continue
                arithmetic = InDtype(dtype)
                mel = evaluate(emission.amplitude, arithmetic, attrs.evolve(here, after=target))
                outside = not all(is_local_state(space, site, value) for site, value in enumerate(target))
                yield Branch(term_number, row_number, emission_number, target, mel, outside, arithmetic.largest)


def _place(
    term: SymbolicIRTerm,
    row: int,
    source: tuple[int | float, ...],
    symbols: Mapping[str, Any],
    space: SpaceView,
    float_dtype: np.dtype[Any],
) -> Place:
    sites = dict(zip(term.iterator.labels, term.iterator.index_sets[row].tolist(), strict=True))
    columns = {name: array[row] for name, array in term.iterator.columns.items()}
    return Place(source, sites, columns, symbols, space, Exact(float_dtype))
