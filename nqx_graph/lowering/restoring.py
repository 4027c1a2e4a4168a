"""What a store on disk keeps of an operator over a JAX kernel, and the operator made of it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from nqx_graph.context import SymbolicCompilationContext
from nqx_graph.errors import IRFormatError
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.operators.compiled import CompiledOperator, Static, initial_parameters
from nqx_graph.space import SpaceView


def operator_class(space: SpaceView) -> type[CompiledOperator]:
    """The class of compiled operators over a space: the space's own where it has one."""
    return space.operator_class or CompiledOperator


def kept(context: SymbolicCompilationContext, operator: CompiledOperator) -> dict[str, Any]:
    """The order of the terms, the structure of the kernel and its arrays, which are the operator's own."""
    (tables, _), static = operator.tree_flatten()
    return {"order": tuple(context.analyses["term_order"]), "structure": static.structure, "tables": tables}


def restored(data: Mapping[str, Any], structure_class: Any, tables_class: Any) -> CompiledOperator:
    """The operator, with parameters at their defaults.

    Args:
        data: what `kept` returned, and ``ir`` and ``space`` of the call that asks.
        structure_class: the class that the structure has.
        tables_class: the class that the tables have.

    Raises:
        IRFormatError: if that is something else, or of another operator.
    """
    ir, space = data["ir"], data["space"]
    structure, tables, order = data["structure"], data["tables"], data["order"]
    if type(structure) is not structure_class or type(tables) is not tables_class:
        raise IRFormatError(f"it holds no {structure_class.__name__} with {tables_class.__name__}.")
    if (structure.size, structure.dtype_str) != (space.size, ir.dtype_str):
        raise IRFormatError(f"it is made for {structure.size} sites and {structure.dtype_str}.")
    return operator_class(space)(Static(structure, space, in_order(ir, order)), tables, initial_parameters(ir))


def in_order(ir: SymbolicOperatorIR, order: tuple[int, ...]) -> SymbolicOperatorIR:
    """The operator with its terms in that order."""
    if sorted(order) != list(range(ir.term_count)):
        raise IRFormatError(f"{order!r} is no order of {ir.term_count} terms.")
    if tuple(order) == tuple(range(ir.term_count)):
        return ir
    return attrs.evolve(ir, terms=[ir.terms[position] for position in order])
