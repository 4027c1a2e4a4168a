"""The rules of the language: what an expression, an update, a term, an operator must satisfy.

The builder calls these where something is given, the validation stage on the whole operator, `from_dict` on what was
read. Every function raises the error of what it found first and returns nothing.
"""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.errors import (
    DefinitionError,
    DTypeError,
    ExpressionError,
    IRFormatError,
    LabelError,
    NqxError,
    RowsError,
    listed,
    nearest,
)
from nqx_graph.ir.expr import AmplitudeExpr, Expr, PredicateExpr
from nqx_graph.ir.kinds import COMPLEX, INT, array_kind, dtype_kind, line_kinds
from nqx_graph.ir.merging import every_shape
from nqx_graph.ir.rows import check_rows
from nqx_graph.ir.sites import site_numbers
from nqx_graph.ir.table import Row, cone
from nqx_graph.ir.types import (
    MAX_NESTING,
    KBodyIteratorSpec,
    SymbolicIRTerm,
    SymbolicOperatorIR,
    UpdateOp,
    UpdateProgram,
)
from nqx_graph.space import SpaceView

FLOATS = ("float16", "bfloat16", "float32", "float64")
DTYPES = ("int8", "int16", "int32", "int64", *FLOATS, "complex64", "complex128")
_FLOATING_OPS = ("div", "sqrt", "exp", "log", "sin", "cos")
_NUMBERS = ("const", "symbol")
_STATES = ("site", "emitted", "source", "target", "dot", "prod")
# the largest magnitude of the dtypes that a finite float64 can pass
_LARGEST = {"float16": 65504.0, "bfloat16": 3.3895313892515355e38, "float32": 3.4028234663852886e38}
_LARGEST["complex64"] = _LARGEST["float32"]


@attrs.frozen(eq=False)
class Scope:
    """What the parts of a term may refer to. ``space`` is None where only the data is known."""

    where: str
    iterator: KBodyIteratorSpec
    size: int
    dtype_str: str
    space: SpaceView | None = None

    @property
    def integer_states(self) -> bool:
        """Whether local states are whole numbers, as they are wherever nothing else is known."""
        return self.space is None or self.space.integer

    def sites(self, site: Expr) -> NDArray[np.int32]:
        """The flat number of a site on every index row, [M]."""
        check_names(site, self, f"a site number of {self.where}", emitted=False, symbols=False)
        return site_numbers(site, self.iterator.labels, self.iterator.index_sets, self.size)


def check_amplitude(expr: AmplitudeExpr, scope: Scope) -> None:
    """Refuse an amplitude that refers to what is not there, or that the dtype cannot hold."""
    what = f"the amplitude of {scope.where}"
    check_names(expr, scope, what, emitted=True, symbols=True)
    _check_amplitude_dtype(expr, scope, what)
    _check_orderings(expr, scope, what)


def check_predicate(expr: PredicateExpr, scope: Scope, *, symbols: bool = True) -> None:
    """Refuse a predicate that refers to what is not there, or that orders complex numbers."""
    what = f"a predicate of {scope.where}"
    check_names(expr, scope, what, emitted=False, symbols=symbols)
    _check_real(expr, scope, what)
    _check_orderings(expr, scope, what)


def check_names(expr: Expr, scope: Scope, what: str, *, emitted: bool, symbols: bool) -> None:
    """Refuse an expression that uses an unbound label or column, or a leaf that has no meaning where it stands."""
    columns = scope.iterator.columns
    for row in expr.table:
        if row.op in ("site", "index", "emitted") and row.data[0] not in scope.iterator.labels:
            raise LabelError(
                f"{what} uses the label {row.data[0]!r}; bound are {listed(scope.iterator.labels)}."
                + nearest(row.data[0], scope.iterator.labels)
            )
        if row.op in ("emitted", "target") and not emitted:
            raise ExpressionError(
                f"{what} reads x' ({row.op}); only amplitudes know x'. Read the source with site or source_index."
            )
        if row.op == "symbol" and not symbols:
            raise ExpressionError(
                f"{what} uses the free symbol {row.data[0]!r}; symbols stand in amplitudes and predicates only."
            )
        if row.op in ("column", "dot", "prod"):
            check_column(row.op, row.data[0], columns, scope, what)
        if row.op in ("source", "target"):
            part = AmplitudeExpr.from_table(cone(expr.table, row.args[0]))
            site_numbers(part, scope.iterator.labels, scope.iterator.index_sets, scope.size)
        if row.op == "wrap_mod" and scope.space is not None and not (scope.space.even and scope.space.homogeneous):
            raise ExpressionError(
                f"{what} uses wrap_mod; that needs the same, evenly spaced, finitely many local states on every site. Write "
                "shift_mod, which knows its site, or sym.where."
            )


def check_column(use: str, name: str, columns: Any, scope: Scope, what: str) -> None:
    """Refuse a column that is not there, or that has the wrong shape or entries for its use."""
    if name not in columns:
        raise LabelError(f"{what} uses the column {name!r}; the term has {listed(columns)}." + nearest(name, columns))
    array = columns[name]
    if use == "column" and array.ndim != 1:
        raise RowsError(
            f"{what} reads column({name!r}), which has a number per row and site; read it with sym.dot or sym.prod."
        )
    if use != "column" and array.ndim != 2:
        raise RowsError(
            f"{what} uses {use}({name!r}), which needs a number per row and site; {name!r} has shape {array.shape}."
        )
    if use in ("prod", "flip") and not np.all((array == 0) | (array == 1)):
        raise RowsError(f"{what} uses {use}({name!r}), which needs entries 0 and 1; {name!r} has others.")


def _number(row: Row) -> int | float | complex | None:
    """The constant or default that a line holds."""
    value: int | float | complex | None = row.data[{"const": 0, "symbol": 1}[row.op]] if row.op in _NUMBERS else None
    return value


def _check_real(expr: Expr, scope: Scope, what: str) -> None:
    """Refuse a complex constant or default in a real operator, wherever it stands."""
    if dtype_kind(scope.dtype_str) == COMPLEX:
        return
    for value in map(_number, expr.table):
        if isinstance(value, complex):
            raise DTypeError(
                f"{what} has the complex number {value}; the operator is {scope.dtype_str}. Give dtype='complex128'."
            )


def _check_amplitude_dtype(expr: Expr, scope: Scope, what: str) -> None:
    """Refuse an amplitude that the dtype cannot hold."""
    _check_real(expr, scope, what)
    kind = dtype_kind(scope.dtype_str)
    for row in expr.table:
        value = _number(row)
        if value is not None and _too_large(np.abs(value), scope.dtype_str):
            raise DTypeError(f"{what} has {value!r}, which {scope.dtype_str} cannot hold; give a wider dtype.")
        if row.op in ("column", "dot", "prod"):
            array = scope.iterator.columns[row.data[0]]
            if array_kind(array) > kind or _too_large(np.max(np.abs(array), initial=0), scope.dtype_str):
                raise DTypeError(
                    f"{what} uses the column {row.data[0]!r} of {array.dtype.name}; the operator is {scope.dtype_str}, which "
                    "cannot hold it. Give the operator a wider dtype."
                )
        if kind == INT:
            _check_integer(expr, row, scope, what)


def _check_integer(expr: Expr, row: Row, scope: Scope, what: str) -> None:
    """Refuse what is no whole number in an operator of whole numbers."""
    value, part = _number(row), row.op
    fraction = row.op in _FLOATING_OPS or (row.op in _STATES and not scope.integer_states)
    if isinstance(value, float) and not value.is_integer():
        fraction, part = True, repr(value)
    if row.op == "pow":
        exponent = _number(expr.table[row.args[1]])
        fraction, part = isinstance(exponent, int | float) and exponent < 0, "a negative exponent"
    if fraction:
        raise DTypeError(f"{what} has {part}; the operator is {scope.dtype_str}. Give the operator a floating dtype.")


def _too_large(magnitude: Any, dtype_str: str) -> bool:
    limit = np.iinfo(dtype_str).max if dtype_kind(dtype_str) == INT else _LARGEST.get(dtype_str)
    return limit is not None and bool(magnitude > limit)


def _check_orderings(expr: Expr, scope: Scope, what: str) -> None:
    kinds = line_kinds(expr.table, scope.iterator.columns, scope.integer_states, dtype_kind(scope.dtype_str))
    for row, kind in zip(expr.table, kinds, strict=True):
        if row.op in ("lt", "le", "gt", "ge") and kind == COMPLEX:
            widened = any(part.op == "symbol" for part in expr.table) and dtype_kind(scope.dtype_str) == COMPLEX
            why = f" (the operator is {scope.dtype_str}, and so are its symbols)" if widened else ""
            raise ExpressionError(
                f"{what} orders complex numbers ({row.op}){why}; compare their .abs(), or use == and !=."
            )


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
    _check_real(value, scope, what)
    _check_orderings(value, scope, what)
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
