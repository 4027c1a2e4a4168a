"""New values for free symbols and columns of a compiled operator."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import attrs
import jax
import jax.numpy as jnp
import numpy as np

from nqx_graph.environment import x64_enabled
from nqx_graph.errors import NqxError, ParameterError, listed, nearest
from nqx_graph.ir.bounds import check_integers
from nqx_graph.ir.merging import HIDDEN
from nqx_graph.ir.rules import check_operator
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.kernel.structure import TermTables
from nqx_graph.operators.samples import on_device
from nqx_graph.space import SpaceView


def require_all(values: Mapping[str, Any], operator: str) -> None:
    """Refuse to run while a free symbol has no value.

    Raises:
        ParameterError: naming every such symbol.
    """
    missing = [name for name, value in values.items() if value is None]
    if missing:
        example = ", ".join(f"{name}=..." for name in missing)
        raise ParameterError(
            f"the operator {operator!r} has no value for {listed(missing)}; call compiled.with_parameters({example}) first."
        )


def with_parameters(known: Mapping[str, Any], values: Mapping[str, Any], dtype: Any, operator: str) -> dict[str, Any]:
    """The parameters with some replaced, cast to the operator's dtype.

    Raises:
        ParameterError: for an unknown name, a value that is no scalar, or a complex value in a real operator.
    """
    made = dict(known)
    for name, value in values.items():
        if name not in known:
            raise ParameterError(
                f"the operator {operator!r} has no symbol {name!r}; it has {listed(known)}." + nearest(name, known)
            )
        made[name] = _scalar(name, value, dtype)
    return made


def _scalar(name: str, value: Any, dtype: Any) -> Any:
    try:
        array = jnp.asarray(value)
    except (TypeError, ValueError) as cause:
        raise ParameterError(f"the symbol {name!r} takes a number; it was given {value!r}.") from cause
    except OverflowError as cause:
        raise ParameterError(f"the symbol {name!r} was given {value}, which no dtype of JAX holds.") from cause
    if not holds_scalar(dtype, value):
        raise ParameterError(f"the symbol {name!r} was given {value!r}; the operator is {dtype}, which cannot hold it.")
    if array.shape != ():
        raise ParameterError(
            f"the symbol {name!r} takes one number; it was given the shape {array.shape}. Map over many with "
            f"jax.vmap(lambda v: compiled.with_parameters({name}=v)...)."
        )
    if jnp.iscomplexobj(array) and not jnp.issubdtype(dtype, jnp.complexfloating):
        raise ParameterError(
            f"the symbol {name!r} was given a complex number; the operator is {dtype}. Build it complex."
        )
    if not jnp.issubdtype(dtype, jnp.inexact) and jnp.issubdtype(array.dtype, jnp.inexact):
        raise ParameterError(
            f"the symbol {name!r} was given {array.dtype}; the operator is {dtype}. Build it with a floating dtype."
        )
    return array.astype(dtype)


def holds_scalar(dtype: Any, value: Any) -> bool:
    """Whether a number is within the range of a dtype; so is whatever is no plain number, and what is not finite."""
    if not isinstance(value, int | float | complex | np.number):
        return True
    size = abs(value.item() if isinstance(value, np.number) else value)
    return not size < np.inf or bool(size <= _largest(dtype))


@lru_cache(maxsize=64)
def _largest(dtype: Any) -> Any:
    """The largest absolute value of a dtype, as a Python number."""
    if jnp.issubdtype(dtype, jnp.integer):
        return int(np.iinfo(dtype).max)
    return float(jnp.finfo(dtype).max)  # type: ignore[no-untyped-call]  # JAX does not type it


def with_columns(
    tables: Any, arrays: Mapping[str, Any], structure: Any, ir: SymbolicOperatorIR, space: SpaceView
) -> Any:
    """The tables with some columns replaced, in every term that has one of that name and shape.

    A column whose terms left no branch in the kernel is taken and changes nothing.

    Raises:
        ParameterError: for an unknown name, another shape, numbers that the column cannot hold, NaN or infinity, entries
            other than 0 and 1 in a mask, and a column that decided which branches share a slot.
    """
    terms, rebuild = jax.tree.flatten(tables, is_leaf=lambda node: isinstance(node, TermTables))
    places = [place for place, node in enumerate(terms) if isinstance(node, TermTables)]
    structures = dict(zip(places, (term for term, _ in structure.columned), strict=True))
    declared = [term.iterator.columns for term in ir.terms if term.iterator.columns]
    known = sorted({name for columns in declared for name in columns if not name.startswith(HIDDEN)})
    operator = ir.operator_name
    for name, given in arrays.items():
        if name not in known:
            raise ParameterError(
                f"the operator {operator!r} has no column {name!r}; it has {listed(known)}." + nearest(name, known)
            )
        if name in structure.settled:
            raise ParameterError(
                f"the column {name!r} of the operator {operator!r} decided which branches share a slot when it was compiled "
                "with optimize=True; compile with optimize=False to give it anew, or build the operator with the new one."
            )
        array = _array(name, given)
        shapes = sorted({columns[name].shape for columns in declared if name in columns})
        if array.shape not in shapes:
            raise ParameterError(
                f"the column {name!r} has the shape {' or '.join(map(str, shapes))}; it was given {array.shape}."
            )
        for place in places:
            own = terms[place]
            if name not in own.columns or own.columns[name].shape != array.shape:
                continue
            new = _column(name, array, own.columns[name], name in structures[place].masks)
            terms[place] = own._replace(columns={**own.columns, name: new})
        if isinstance(array, np.ndarray):
            _require_range(name, array, ir, space)
    return jax.tree.unflatten(rebuild, terms)


def _array(name: str, given: Any) -> Any:
    """The array as one of NumPy's, in which no number is wrapped or rounded yet, where it is not traced."""
    array: Any
    try:
        array = given if isinstance(given, jax.core.Tracer) else np.asarray(given)
        if array.dtype == object:
            array = jnp.asarray(given)  # tracers in a list
    except (TypeError, ValueError, OverflowError) as cause:
        raise ParameterError(f"the column {name!r} takes an array of numbers; it was given {given!r}.") from cause
    return array


def _require_range(name: str, array: Any, ir: SymbolicOperatorIR, space: SpaceView) -> None:
    """Refuse numbers that are larger than those the operator was built with, where it could not have been built with them.

    What follows from the size of a column, such as that whole numbers of a predicate do not overflow, was worked out then.
    """
    largest = np.max(np.abs(array.astype(np.float64 if array.dtype.kind != "c" else np.complex128)), initial=0.0)
    alike = [t for t in ir.terms if name in t.iterator.columns and t.iterator.columns[name].shape == array.shape]
    if all(largest <= np.max(np.abs(term.iterator.columns[name]), initial=0) for term in alike):
        return
    for term in alike:
        old = term.iterator.columns[name]
        columns = {**term.iterator.columns, name: array.astype(old.dtype)}
        given = attrs.evolve(ir, terms=[attrs.evolve(term, iterator=attrs.evolve(term.iterator, columns=columns))])
        try:
            check_operator(given)
            check_integers(given, space, 64 if x64_enabled() else 32)
        except NqxError as cause:
            raise ParameterError(f"the operator cannot hold what the column {name!r} was given: {cause}") from cause


def _column(name: str, array: Any, old: Any, mask: bool) -> Any:
    order = (jnp.integer, jnp.floating, jnp.complexfloating)
    ranks = [next((k for k, kind in enumerate(order) if jnp.issubdtype(a.dtype, kind)), 0) for a in (array, old)]
    if ranks[0] > ranks[1]:
        raise ParameterError(
            f"the column {name!r} holds {old.dtype}; it was given {array.dtype}. Build the operator with a column of that "
            "kind of number."
        )
    if not isinstance(array, jax.core.Tracer):
        values = np.asarray(array)
        if not np.all(np.isfinite(values)):
            raise ParameterError(f"the column {name!r} was given NaN or infinity; columns hold finite numbers.")
        if mask and not np.all((values == 0) | (values == 1)):
            raise ParameterError(f"the column {name!r} masks sites; it takes 0 and 1 and was given other numbers.")
        if values.dtype.kind in "iu" and old.dtype.kind == "i" and values.size:
            limits = np.iinfo(old.dtype)
            if int(values.min()) < limits.min or int(values.max()) > limits.max:
                raise ParameterError(
                    f"the column {name!r} holds {old.dtype}; it was given numbers from {values.min()} to {values.max()}."
                )
        with np.errstate(over="ignore"):  # `_require_range` tells of it
            return on_device(values.astype(old.dtype))
    return array.astype(old.dtype)
