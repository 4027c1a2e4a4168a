"""The rules of the language: what an update, a term, an operator must satisfy.

The builder calls these where something is given, the validation stage on the whole operator, `from_dict` on what was
read. Every function raises the error of what it found first and returns nothing. `nqx_graph.ir.expression_rules` has those
of expressions.
"""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from nqx_graph.errors import DefinitionError, DTypeError, ExpressionError, IRFormatError, NqxError, listed
from nqx_graph.ir.expr import AmplitudeExpr
from nqx_graph.ir.expression_rules import (
    DTYPES,
    Scope,
    check_amplitude,
    check_column,
    check_names,
    check_orderings,
    check_predicate,
    check_real,
)
from nqx_graph.ir.kinds import COMPLEX, INT, dtype_kind, line_kinds
from nqx_graph.ir.merging import every_shape
from nqx_graph.ir.rows import check_rows
from nqx_graph.ir.types import MAX_NESTING, SymbolicIRTerm, SymbolicOperatorIR, UpdateOp, UpdateProgram
from nqx_graph.space import SpaceView


def check_update(program: UpdateProgram, scope: Scope) -> None:
    """Refuse an update that writes where there is no site or what is no state."""
    if program.depth() > MAX_NESTING:
        raise DefinitionError(
            f"the update of {scope.where} nests cond more than {MAX_NESTING} deep; use sym.where in a value."
        )
    for op in program.ops:
        _check_op(op, scope)


def _check_op(op: UpdateOp, scope: Scope) -> None:
    p = op.params
    if op.kind == "cond":
        inner = attrs.evolve(scope, where=f"a cond of {scope.where}")
        check_predicate(p["predicate"], inner, symbols=False)
        check_update(p["if_true"], scope)
        check_update(p["if_false"], scope)
    elif op.kind == "flip":
        check_column("flip", p["column"], scope.iterator.columns, scope, f"the update of {scope.where}")
        if scope.space is not None and not scope.space.two_state:
            raise DefinitionError(
                f"flip({p['column']!r}) in {scope.where} needs two local states on every site; write shift or swap."
            )
    elif op.kind in ("swap", "permute", "scatter"):
        _check_sites(op, scope)
    elif op.kind != "invalidate":
        _check_site_op(op, scope)


def _check_sites(op: UpdateOp, scope: Scope) -> None:
    numbers = [scope.sites(site) for site in op.params["sites"]]
    if op.kind == "swap" and len(numbers) != 2:
        raise DefinitionError(f"swap in {scope.where} takes two sites; it has {len(numbers)}.")
    if not numbers:
        raise DefinitionError(f"{op.kind} in {scope.where} has no site; give at least one.")
    if op.kind == "scatter":
        if len(op.params["values"]) != len(numbers):
            raise DefinitionError(
                f"scatter in {scope.where} has {len(numbers)} sites and {len(op.params['values'])} values; give one value a site."
            )
        for value in op.params["values"]:
            _check_written(value, scope)


def _check_site_op(op: UpdateOp, scope: Scope) -> None:
    numbers = scope.sites(op.params["site"])
    for name in ("value", "delta", "scale", "bias"):
        if name in op.params:
            _check_written(op.params[name], scope)
    if op.kind == "shift_mod" and scope.space is not None:
        uneven = (scope.space.step[numbers] <= 0) | (scope.space.count[numbers] < 0)
        if np.any(uneven):
            site = int(numbers[int(np.argmax(uneven))])
            raise DefinitionError(
                f"shift_mod in {scope.where} acts on site {site}, whose local states are not evenly spaced and finitely many; "
                "write shift, or write(site, value)."
            )


def _check_written(value: AmplitudeExpr, scope: Scope) -> None:
    what = f"the update of {scope.where}"
    check_names(value, scope, what, emitted=False, symbols=False)
    check_real(value, scope, what)
    check_orderings(value, scope, what)
    kinds = line_kinds(value.table, scope.iterator.columns, scope.integer_states, dtype_kind(scope.dtype_str))
    if kinds[-1] == COMPLEX:
        raise ExpressionError(f"{what} writes the complex number {value!r}; local states are real.")


def check_fanout(term: SymbolicIRTerm, dtype_str: str) -> None:
    """Refuse a promise above rows times emissions, and one below it where NaN cannot be told."""
    hint = term.fanout_hint
    if hint is None:
        return
    if not 1 <= hint <= term.max_fanout:
        raise DefinitionError(
            f"term {term.name!r} promises at most {hint} active branches; it has {term.iterator.n_iter} rows x "
            f"{len(term.emissions)} emissions = {term.max_fanout}. Give a number from 1 to that."
        )
    if hint < term.max_fanout and dtype_kind(dtype_str) == INT:
        raise DTypeError(
            f"term {term.name!r} promises {hint} of {term.max_fanout} branches, and the operator is {dtype_str}; a broken "
            "promise is told by NaN, so give a floating dtype or leave the promise out."
        )


def check_term(term: SymbolicIRTerm, size: int, dtype_str: str, space: SpaceView | None) -> None:
    """Refuse a term that breaks a rule."""
    where = f"term {term.name!r}"
    check_rows(term.iterator, size, where)
    if not term.emissions:
        raise DefinitionError(f"{where} has no emission; call emit() after opening it.")
    scope = Scope(where, term.iterator, size, dtype_str, space)
    check_predicate(term.predicate, scope)
    for number, emission in enumerate(term.emissions):
        inner = attrs.evolve(scope, where=f"emission #{number} of {where}")
        check_predicate(emission.predicate, inner)
        check_update(emission.update_program, inner)
        check_amplitude(emission.amplitude, inner)
    check_fanout(term, dtype_str)


def check_symbols(ir: SymbolicOperatorIR) -> None:
    """Refuse one symbol with two defaults."""
    defaults: dict[str, Any] = {}
    for row in ir.expression_rows():
        if row.op == "symbol" and row.data[1] is not None:
            known = defaults.setdefault(row.data[0], row.data[1])
            if known != row.data[1]:
                raise DefinitionError(
                    f"the symbol {row.data[0]!r} has the defaults {known!r} and {row.data[1]!r}; give one, or two names."
                )


def check_operator(ir: SymbolicOperatorIR, space: SpaceView | None = None) -> None:
    """Refuse an operator that breaks any rule of the language. That one breaks none is remembered.

    Raises:
        NqxError: of the kind and with the words of the first rule that is broken.
    """
    if space is not None and space.digest is None:
        _check_operator(ir, space)
    else:
        key = ("keeps the rules", None if space is None else space.digest)
        ir.remember(key, lambda: _check_operator(ir, space))


def _check_operator(ir: SymbolicOperatorIR, space: SpaceView | None) -> None:
    if ir.dtype_str not in DTYPES:
        raise DTypeError(f"an operator cannot have the dtype {ir.dtype_str!r}; it can have {listed(DTYPES)}.")
    if ir.mode != "symbolic" or ir.hilbert_size < 1:
        raise IRFormatError(
            f"mode must be 'symbolic' and hilbert_size positive; they are {ir.mode!r} and {ir.hilbert_size}."
        )
    if space is not None and space.size != ir.hilbert_size:
        raise DefinitionError(
            f"the operator is written for {ir.hilbert_size} sites; its Hilbert space has {space.size}."
        )
    if not ir.terms:
        raise DefinitionError("the operator has no term; open one with for_each, for_each_site or globally.")
    if not _every_shape_keeps_the_rules(ir, space):
        # in the words of the first term that breaks a rule; merged ones may be refused where each alone is not
        for term in ir.terms:
            check_term(term, ir.hilbert_size, ir.dtype_str, space)
    for term in ir.terms:
        check_fanout(term, ir.dtype_str)
    check_symbols(ir)


def _every_shape_keeps_the_rules(ir: SymbolicOperatorIR, space: SpaceView | None) -> bool:
    # before anything looks into updates by recursion, as the encoding does
    if any(emission.update_program.depth() > MAX_NESTING for term in ir.terms for emission in term.emissions):
        return False
    try:
        for merged in every_shape(ir):
            check_term(merged.term, ir.hilbert_size, ir.dtype_str, space)
    except NqxError:
        return False
    return True
