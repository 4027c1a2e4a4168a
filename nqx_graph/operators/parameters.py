"""New values for free symbols and columns of a compiled operator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from nqx_graph.errors import ParameterError, listed, nearest
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.kernel.structure import TermTables


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


def with_columns(tables: Any, arrays: Mapping[str, Any], structure: Any, ir: SymbolicOperatorIR) -> Any:
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
    known, operator = sorted({name for columns in declared for name in columns}), ir.operator_name
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
    return jax.tree.unflatten(rebuild, terms)


def _array(name: str, given: Any) -> Any:
    try:
        return jnp.asarray(given)
    except (TypeError, ValueError) as cause:
        raise ParameterError(f"the column {name!r} takes an array of numbers; it was given {given!r}.") from cause


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
    return array.astype(old.dtype)
