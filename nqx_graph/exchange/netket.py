"""The way from and to NetKet. NetKet is imported where one of its operators is met or asked for, and not before."""

from __future__ import annotations

import importlib
from typing import Any

from nqx_graph.errors import ConversionError
from nqx_graph.operators.symbolic import SymbolicOperator

# importing from here would turn the layers around: integrations come last
_MODULE = "nqx_graph.integrations.netket_operators"


def from_netket(operator: Any, *, name: str | None = None) -> SymbolicOperator:
    """The symbolic operator of an operator of NetKet, over the same space.

    ``PauliStrings``, ``LocalOperator`` and ``FermionOperator2nd`` are taken, both of Numba and of JAX; those that NetKet
    itself turns into a ``LocalOperator``, such as ``Ising`` and ``BoseHubbard``; and sums of all of these. The numbers of
    its terms are columns.

    Args:
        operator: of NetKet.
        name: of the operator; None: that of its class.

    Raises:
        ConversionError: for any other object.
    """
    if not any(cls.__module__.partition(".")[0] == "netket" for cls in type(operator).__mro__):
        raise ConversionError(f"from_netket takes an operator of NetKet; it was given {operator!r}.")
    made: SymbolicOperator = importlib.import_module(_MODULE).from_netket(operator, name)
    return made


def to_netket(operator: Any) -> Any:
    """The operator over the equal space of NetKet, where it is a ``netket.operator.DiscreteJaxOperator``.

    A symbolic operator is compiled. A compiled one keeps its kernel, parameters and columns; over a space of NetKet it is
    one of NetKet's operators already, and is returned as it is.

    Raises:
        ConversionError: for what is no operator of this package, a space without an equal one in NetKet, or where NetKet
            is not installed.
    """
    try:
        module = importlib.import_module(_MODULE)
    except ModuleNotFoundError as missing:
        if missing.name != "netket":
            raise
        raise ConversionError("to_netket needs NetKet: pip install 'nqx_graph[netket]'.") from missing
    return module.to_netket(operator)
