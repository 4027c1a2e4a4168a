"""Values of free symbols."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nqx_graph.errors import ParameterError, listed, nearest
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.lowering.reference.scalars import cast, holds


def symbol_values(ir: SymbolicOperatorIR, given: Mapping[str, Any]) -> dict[str, Any]:
    """The value of every free symbol that has one, given or default, as scalars of the operator's dtype.

    Raises:
        ParameterError: there is no such symbol, or its value is not one number that the dtype can hold.
    """
    for name in given:
        if name not in ir.symbols:
            raise ParameterError(
                f"there is no parameter {name!r}; the operator has {listed(ir.symbols)}." + nearest(name, ir.symbols),
                name=name,
            )
    defaults = {name: default for name, default in ir.symbols.items() if default is not None}
    values = {name: {**defaults, **given}[name] for name in ir.symbols if name in defaults or name in given}
    return {name: _scalar(name, value, np.dtype(ir.dtype_str)) for name, value in values.items()}


@np.errstate(all="ignore")
def _scalar(name: str, value: Any, dtype: np.dtype[Any]) -> Any:
    array = np.asarray(value)
    numeric = array.dtype.kind in "iufc" or array.dtype.name == "bfloat16"
    fits = array.ndim == 0 and numeric and (array.dtype.kind != "c" or dtype.kind == "c")
    if not fits or (dtype.kind == "i" and not holds(dtype, array.item())):
        raise ParameterError(
            f"the parameter {name!r} was given {value!r}; the operator is {dtype}, so give one number that it can hold.",
            name=name,
        )
    return cast(array.item(), dtype)


def require_symbols(ir: SymbolicOperatorIR, values: Mapping[str, Any]) -> None:
    """Refuse to run while a free symbol has no value.

    Raises:
        ParameterError: naming every such symbol.
    """
    missing = [name for name in sorted(ir.symbols) if name not in values]
    if missing:
        example = ", ".join(f"{name}=..." for name in missing)
        raise ParameterError(
            f"the operator {ir.operator_name!r} has no value for {listed(missing)}; give with_parameters({example}).",
            names=tuple(missing),
        )
