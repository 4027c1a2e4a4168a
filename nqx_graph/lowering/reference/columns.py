"""Arrays in place of the columns of an operator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.errors import ParameterError, listed, nearest
from nqx_graph.ir.merging import HIDDEN
from nqx_graph.ir.types import SymbolicIRTerm, SymbolicOperatorIR, UpdateProgram, term_expressions
from nqx_graph.lowering.reference.scalars import holds


def with_columns(ir: SymbolicOperatorIR, given: Mapping[str, Any]) -> SymbolicOperatorIR:
    """The operator with these arrays in place of the columns of that name and shape, in every term that has one.

    Raises:
        ParameterError: there is no such column, it has another shape, it cannot hold the numbers, or it masks sites
            and the numbers are not 0 and 1.
    """
    for name, value in given.items():
        terms: Any = _replaced(ir, name, np.asarray(value))
        ir = attrs.evolve(ir, terms=terms)
    return ir


def _replaced(ir: SymbolicOperatorIR, name: str, array: NDArray[Any]) -> Iterator[SymbolicIRTerm]:
    columns = [term.iterator.columns for term in ir.terms]
    shapes = [have[name].shape for have in columns if name in have and not name.startswith(HIDDEN)]
    if not shapes:
        known = sorted({known for have in columns for known in have if not known.startswith(HIDDEN)})
        text = f"there is no column {name!r}; the operator has {listed(known)}." + nearest(name, known)
        raise ParameterError(text, name=name)
    if array.shape not in shapes:
        raise ParameterError(f"the column {name!r} has shape {shapes[0]}; it was given shape {array.shape}.", name=name)
    for term, have in zip(ir.terms, columns, strict=True):
        if name in have and have[name].shape == array.shape:
            new = _like(array, have[name], name)
            if name in _masks(term):
                _require_mask(new, name)
            yield attrs.evolve(term, iterator=attrs.evolve(term.iterator, columns={**have, name: new}))
        else:
            yield term


def _like(array: NDArray[Any], old: NDArray[Any], name: str) -> NDArray[Any]:
    """The array in the dtype of the column it replaces: an integer column stays one, whatever predicates make of it."""
    kinds = {"i": "iu", "u": "iu", "f": "iuf", "c": "iufc"}[old.dtype.kind]
    fits = array.dtype.kind in kinds and bool(np.all(np.isfinite(array)))
    if fits and old.dtype.kind in "iu" and array.size:
        fits = holds(old.dtype, int(array.min())) and holds(old.dtype, int(array.max()))
    if not fits:
        raise ParameterError(
            f"the column {name!r} holds {old.dtype} and was given {array.dtype}, {array.tolist()}; give finite numbers that "
            "it can hold, or build the operator with a column of that kind.",
            name=name,
        )
    with np.errstate(all="ignore"):
        return array.astype(old.dtype)


def _require_mask(array: NDArray[Any], name: str) -> None:
    others = array[(array != 0) & (array != 1)]
    if others.size:
        raise ParameterError(
            f"the column {name!r} masks sites for prod or flip, which take 0 and 1; it was given {others[0]}.",
            name=name,
        )


def _masks(term: SymbolicIRTerm) -> set[str]:
    """The columns that `prod` and `flip` read."""
    found = {row.data[0] for expr in term_expressions(term) for row in expr.table if row.op == "prod"}
    return found.union(*(_flipped(emission.update_program) for emission in term.emissions))


def _flipped(program: UpdateProgram) -> set[str]:
    found: set[str] = set()
    for op in program.ops:
        if op.kind == "flip":
            found.add(op.params["column"])
        elif op.kind == "cond":
            found |= _flipped(op.params["if_true"]) | _flipped(op.params["if_false"])
    return found
