"""Fusion planning: which terms have one structure and could be lowered as rows of one batch."""

from __future__ import annotations

from typing import Any

import attrs

from nqx_graph.graph import stage
from nqx_graph.ir.encode import encode
from nqx_graph.ir.expr import AmplitudeExpr
from nqx_graph.ir.types import SymbolicIRTerm, SymbolicOperatorIR
from nqx_graph.options import SymbolicCompilerOptions
from nqx_graph.stages.analyses import FUSION_GROUPS


@stage(writes=FUSION_GROUPS, describe=lambda fusion_groups: {"groups": len(fusion_groups)})
def symbolic_fusion_planning(ir: SymbolicOperatorIR, options: SymbolicCompilerOptions) -> tuple[tuple[int, ...], ...]:
    """Groups in order of their first term. A plan for lowerers that fuse; `jax_symbolic_v1` lowers each term alone."""
    if not options.enable_fusion:
        return tuple((position,) for position in range(ir.term_count))
    groups: dict[bytes, list[int]] = {}
    for position, term in enumerate(ir.terms):
        groups.setdefault(_structure(term), []).append(position)
    return tuple(map(tuple, groups.values()))


def _structure(term: SymbolicIRTerm) -> bytes:
    """What two terms must share to be rows of one batch: all but rows, entries of columns, names, amplitude constants."""
    columns = tuple((name, array.ndim, array.dtype.str) for name, array in term.iterator.columns.items())
    emissions = tuple((e.predicate, e.update_program, _shape(e.amplitude)) for e in term.emissions)
    return encode((term.iterator.labels, columns, term.predicate, emissions, term.fanout == term.max_fanout))


def _shape(amplitude: AmplitudeExpr) -> tuple[Any, ...]:
    exponents = {row.args[1] for row in amplitude.table if row.op == "pow"}
    return tuple(
        attrs.astuple(row, recurse=False) if row.op != "const" or line in exponents else ("const", (), ())
        for line, row in enumerate(amplitude.table)
    )
