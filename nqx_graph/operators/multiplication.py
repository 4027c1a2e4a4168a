"""Products, adjoints and commutators of operators, on their IR."""

from __future__ import annotations

from typing import Any

import attrs
import jax
import numpy as np

from nqx_graph.errors import HilbertError
from nqx_graph.ir.expr import TRUE, AmplitudeExpr, as_amplitude
from nqx_graph.ir.kinds import COMPLEX, dtype_kind
from nqx_graph.ir.rules import check_operator
from nqx_graph.ir.table import Node
from nqx_graph.ir.types import EmissionSpec, KBodyIteratorSpec, SymbolicIRTerm, SymbolicOperatorIR, UpdateProgram
from nqx_graph.operators.adjoint import adjoint_terms, conjugated
from nqx_graph.operators.product import product_terms, united
from nqx_graph.space import view


def multiply(space: Any, a: SymbolicOperatorIR, other_space: Any, b: SymbolicOperatorIR) -> SymbolicOperatorIR:
    """The product A B, in the wider dtype.

    Raises:
        HilbertError: if the spaces differ.
        DefinitionError: where a branch of ``a`` may leave the local states, or cannot be followed; if one symbol has two
            defaults.
    """
    dtype = _common(space, a, other_space, b, "multiplied")
    terms = product_terms(a, b, view(space), dtype)
    return _made(space, a, f"{grouped(a)} @ {grouped(b)}", dtype, terms)


def commute(
    space: Any, a: SymbolicOperatorIR, other_space: Any, b: SymbolicOperatorIR, sign: int
) -> SymbolicOperatorIR:
    """A B + sign · B A. In a commutator, what has no site in common and what is diagonal is left out: it commutes.

    Raises:
        HilbertError: if the spaces differ.
        DefinitionError: where a branch may leave the local states, or cannot be followed; if one symbol has two defaults.
    """
    dtype = _common(space, a, other_space, b, "commuted")
    parts = [
        product_terms(a, b, view(space), dtype, touching=sign < 0),
        product_terms(b, a, view(space), dtype, touching=sign < 0),
    ]
    if sign < 0:
        parts[1] = [_negative(term) for term in parts[1]]
    name = f"[{a.operator_name}, {b.operator_name}]" if sign < 0 else f"{{{a.operator_name}, {b.operator_name}}}"
    return _made(space, a, name, dtype, united([*parts[0], *parts[1]], a, dtype))


def adjoint(space: Any, ir: SymbolicOperatorIR) -> SymbolicOperatorIR:
    """The adjoint.

    Raises:
        DefinitionError: where a branch may leave the local states, or cannot be walked back.
    """
    return _made(space, ir, f"{grouped(ir)}.H", ir.dtype_str, adjoint_terms(ir, view(space)))


def transpose(space: Any, ir: SymbolicOperatorIR) -> SymbolicOperatorIR:
    """The transpose; refused where `adjoint` is."""
    return _made(space, ir, f"{grouped(ir)}.T", ir.dtype_str, adjoint_terms(ir, view(space), conjugate=False))


def conjugate(space: Any, ir: SymbolicOperatorIR) -> SymbolicOperatorIR:
    """The complex conjugate, entry by entry; an operator of a real dtype itself."""
    if dtype_kind(ir.dtype_str) != COMPLEX:
        return ir
    terms = [attrs.evolve(term, emissions=[_conjugated(e, ir.dtype_str) for e in term.emissions]) for term in ir.terms]
    return _made(space, ir, f"{grouped(ir)}.conj()", ir.dtype_str, terms)


def unit(space: Any, ir: SymbolicOperatorIR) -> SymbolicOperatorIR:
    """The identity, in the dtype of an operator."""
    return _made(space, ir, f"{grouped(ir)} ** 0", ir.dtype_str, [_diagonal(1)])


def grouped(ir: SymbolicOperatorIR) -> str:
    """The operator's name as it stands in a longer one."""
    name = ir.operator_name
    return f"({name})" if " " in name and not _closed(name) else name


def _closed(name: str) -> bool:
    """Whether brackets hold the name together."""
    if (name[0], name[-1]) not in (("(", ")"), ("[", "]"), ("{", "}")):
        return False
    depth = 0
    for place, letter in enumerate(name):
        depth += (letter in "([{") - (letter in ")]}")
        if depth == 0 and place < len(name) - 1:
            return False
    return True


def _common(space: Any, a: SymbolicOperatorIR, other_space: Any, b: SymbolicOperatorIR, what: str) -> str:
    if space != other_space:
        raise HilbertError(f"operators on different Hilbert spaces cannot be {what}: {space!r} and {other_space!r}.")
    return str(jax.numpy.promote_types(a.dtype_str, b.dtype_str).name)


def _made(space: Any, ir: SymbolicOperatorIR, name: str, dtype: str, terms: list[SymbolicIRTerm]) -> SymbolicOperatorIR:
    # an operator has a term; that of no branch at all is 0
    made = SymbolicOperatorIR(name, ir.mode, ir.hilbert_size, dtype, False, terms or [_diagonal(0)])
    check_operator(made, view(space))
    return made


def _diagonal(number: int) -> SymbolicIRTerm:
    emission = EmissionSpec(TRUE, UpdateProgram(), as_amplitude(number))
    return SymbolicIRTerm("0", KBodyIteratorSpec((), np.zeros((1, 0), dtype=np.int32)), TRUE, (emission,))


def _negative(term: SymbolicIRTerm) -> SymbolicIRTerm:
    made = [
        attrs.evolve(e, amplitude=AmplitudeExpr(Node("mul", (e.amplitude.node, as_amplitude(-1).node))).sealed())
        for e in term.emissions
    ]
    return attrs.evolve(term, emissions=made)


def _conjugated(emission: EmissionSpec, dtype: str) -> EmissionSpec:
    return attrs.evolve(emission, amplitude=conjugated(emission.amplitude, dtype))
