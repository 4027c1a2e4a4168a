"""New values for free symbols and columns of a compiled operator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from nqx_graph.errors import ParameterError, listed, nearest
from nqx_graph.kernel.structure import Structure, Tables


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


def with_columns(tables: Tables, arrays: Mapping[str, Any], structure: Structure, operator: str) -> Tables:
    """The tables with some columns replaced, in every term that has one of that name and shape.

    Raises:
        ParameterError: for an unknown name, another shape, numbers that the column cannot hold, NaN or infinity, and
            entries other than 0 and 1 in a mask.
    """
    known = sorted({name for own in tables.terms for name in own.columns})
    terms = list(tables.terms)
    for name, given in arrays.items():
        if name not in known:
            raise ParameterError(
                f"the operator {operator!r} has no column {name!r}; it has {listed(known)}." + nearest(name, known)
            )
        array = _array(name, given)
        having = [number for number, own in enumerate(terms) if name in own.columns]
        fitting = [number for number in having if array.shape == terms[number].columns[name].shape]
        if not fitting:
            shapes = sorted({tuple(terms[number].columns[name].shape) for number in having})
            raise ParameterError(
                f"the column {name!r} has the shape {' or '.join(map(str, shapes))}; it was given {array.shape}."
            )
        for number in fitting:
            own = terms[number]
            new = _column(name, array, own.columns[name], name in structure.terms[number].masks)
            terms[number] = own._replace(columns={**own.columns, name: new})
    return tables._replace(terms=tuple(terms))


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
