"""Operators of NetKet as symbolic ones, and compiled operators over the equal space of NetKet."""

from __future__ import annotations

from typing import Any

import attrs
import netket as nk
import numpy as np
from netket.operator._fermion2nd.base import FermionOperator2ndBase
from netket.operator._local_operator.base import LocalOperatorBase
from netket.operator._pauli_strings.base import PauliStringsBase
from netket.operator._sum import SumOperator

from nqx_graph import hilbert as embedded
from nqx_graph.errors import ConversionError
from nqx_graph.exchange import ladders, local
from nqx_graph.exchange.adding import real_if_all_are
from nqx_graph.exchange.pauli_strings import from_pauli_strings
from nqx_graph.exchange.qubits import qubits
from nqx_graph.integrations.netket import NetKetOperator
from nqx_graph.operators.compiled import CompiledOperator, Static
from nqx_graph.operators.symbolic import SymbolicOperator
from nqx_graph.space import view


def from_netket(operator: Any, name: str | None) -> SymbolicOperator:
    """The symbolic operator of one of NetKet's; see `nqx_graph.from_netket`."""
    called = type(operator).__name__ if name is None else name
    if isinstance(operator, PauliStringsBase):
        strings, weights = [str(text) for text in operator.operators], np.asarray(operator.weights)
        return from_pauli_strings(operator.hilbert, strings, weights, dtype=operator.dtype, name=called)
    if isinstance(operator, FermionOperator2ndBase):
        return _fermions(operator, called)
    if isinstance(operator, LocalOperatorBase):
        return _local(operator, called)
    if isinstance(operator, SumOperator):
        return _sum(operator, called)
    if hasattr(operator, "to_local_operator"):
        return _local(operator.to_local_operator(), called)
    raise ConversionError(
        f"from_netket takes PauliStrings, LocalOperator, FermionOperator2nd, what has to_local_operator(), and sums of "
        f"these; it was given a {type(operator).__name__}. Write it with nqx_graph.DOperator, or make one of these of it."
    )


def _fermions(operator: Any, name: str) -> SymbolicOperator:
    space = qubits(operator.hilbert, "a FermionOperator2nd")
    hermitian = bool(operator.is_hermitian)
    return ladders.build(space, operator.operators, operator.dtype, name, hermitian)


def _local(operator: Any, name: str) -> SymbolicOperator:
    """Elements that NetKet cuts off are cut off here."""
    hilbert = operator.hilbert
    dense = [np.asarray(matrix.todense() if hasattr(matrix, "todense") else matrix) for matrix in operator.operators]
    return local.build(
        hilbert,
        [np.where(np.abs(matrix) > operator.mel_cutoff, matrix, 0) for matrix in dense],
        operator.acting_on,
        [np.asarray(hilbert.states_at_index(site)) for site in range(hilbert.size)],
        np.asarray(operator.constant).item(),
        name=name,
        dtype=operator.dtype,
        hermitian=bool(operator.is_hermitian),
    )


def _sum(operator: Any, name: str) -> SymbolicOperator:
    # NetKet's coefficients are complex where any part is
    factors = real_if_all_are(np.asarray(operator.coefficients)).tolist()
    parts = zip(operator.operators, factors, strict=True)
    made = [from_netket(part, None) if factor == 1 else factor * from_netket(part, None) for part, factor in parts]
    total: SymbolicOperator = sum(made[1:], made[0])
    return SymbolicOperator(total.hilbert, attrs.evolve(total.to_ir(), operator_name=name))


def to_netket(operator: Any) -> NetKetOperator:
    """A compiled operator over the equal space of NetKet; see `nqx_graph.to_netket`."""
    compiled = operator.compile() if isinstance(operator, SymbolicOperator) else operator
    if isinstance(compiled, NetKetOperator):
        return compiled
    if not isinstance(compiled, CompiledOperator):
        raise ConversionError(f"to_netket takes an operator of this package; it was given {operator!r}.")
    static = compiled._static
    return NetKetOperator(
        Static(static.structure, view(_equal_space(compiled.hilbert)), static.ir), compiled._tables, compiled.parameters
    )


def _equal_space(space: Any) -> Any:
    if isinstance(space, embedded.Qubit):
        return nk.hilbert.Qubit(space.size)
    if isinstance(space, embedded.Fock):
        return nk.hilbert.Fock(space.n_max, space.size, n_particles=space.n_particles)
    if isinstance(space, embedded.Spin):
        data = space.to_data()
        total = None if data["total_sz2"] is None else data["total_sz2"] / 2
        return nk.hilbert.Spin(data["s2"] / 2, space.size, total_sz=total)
    raise ConversionError(
        f"to_netket knows the equals of Spin, Qubit and Fock; the space is {space!r}. Write the operator over a space of "
        "netket.hilbert, and compile it: that is an operator of NetKet's."
    )
