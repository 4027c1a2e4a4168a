"""How large the integers of predicates and updates can get, so that none overflows in silence.

A bound is the largest absolute value over all states of the space and all index rows; None where there is no such bound
(a space without a highest state), or where a line is computed in floating point.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nqx_graph.errors import DTypeError
from nqx_graph.ir.kinds import INT, dtype_kind, line_kinds
from nqx_graph.ir.stored import Expr
from nqx_graph.ir.table import COMPARISONS, Row, reachable
from nqx_graph.ir.types import SymbolicIRTerm, SymbolicOperatorIR, UpdateOp, UpdateProgram
from nqx_graph.space import SpaceView

Bound = int | None


def check_integers(ir: SymbolicOperatorIR, space: SpaceView, bits: int) -> None:
    """Refuse an operator one of whose predicates or updates may pass the integers of that many bits.

    Raises:
        DTypeError: naming the expression and how large it may get.
    """
    for term in ir.terms:
        bounds = _Bounds(ir, term, space, bits)
        bounds.expression(term.predicate)
        for emission in term.emissions:
            bounds.expression(emission.predicate)
            bounds.program(emission.update_program, bounds.state)
            rows = emission.amplitude.table
            bounds.lines(emission.amplitude, reachable(rows, {row.args[0] for row in rows if row.op == "select"}))


class _Bounds:
    """Bounds of the expressions of one term."""

    def __init__(self, ir: SymbolicOperatorIR, term: SymbolicIRTerm, space: SpaceView, bits: int) -> None:
        low, high = space.bounds()
        self.ir, self.term, self.integer_states = ir, term, space.integer
        self.state: Bound = None if math.isinf(high) or not space.integer else int(max(abs(low), abs(high)))
        self.bits = bits

    def expression(self, expr: Expr) -> Bound:
        """The bound of the whole expression, after every line of it was checked."""
        return self.lines(expr, reachable(expr.table, {len(expr.table) - 1}))

    def lines(self, expr: Expr, needed: set[int]) -> Bound:
        columns: Mapping[str, NDArray[Any]] = self.term.iterator.columns
        kinds = line_kinds(expr.table, columns, self.integer_states, dtype_kind(self.ir.dtype_str))
        bounds: list[Bound] = []
        for line, row in enumerate(expr.table):
            counted = line in needed and kinds[line] == INT and row.op not in COMPARISONS
            given = [bounds[arg] for arg in row.args]
            bounds.append(self._checked(self._line(expr.table, row, given), expr) if counted else None)
        return bounds[-1]

    def _line(self, rows: tuple[Row, ...], row: Row, given: list[Bound]) -> Bound:  # one per operation
        if row.op == "const":
            return abs(int(row.data[0]))
        if row.op in ("site", "emitted", "source", "target", "wrap_mod"):
            return self.state
        if row.op == "index":
            return self.ir.hilbert_size
        if row.op == "column":
            return int(np.max(np.abs(self.term.iterator.columns[row.data[0]])))
        if row.op in ("dot", "prod"):
            sums = np.sum(np.abs(self.term.iterator.columns[row.data[0]]), axis=1)
            most = int(np.max(sums))
            return None if self.state is None else self.state * most if row.op == "dot" else max(self.state, 1) ** most
        numbers = given[1:] if row.op == "select" else given
        if not numbers or any(bound is None for bound in numbers):
            return None
        known = [bound for bound in numbers if bound is not None]
        if row.op in ("add", "sub"):
            return sum(known)
        if row.op == "mul":
            return known[0] * known[1]
        if row.op == "pow":
            exponent = min(int(rows[row.args[1]].data[0]), 64)  # 2 ** 64 is past every width already
            return int(known[0] ** exponent)
        return max(known)

    def _checked(self, bound: Bound, what: object) -> Bound:
        if bound is not None and bound >= 2 ** (self.bits - 1):
            raise DTypeError(
                f"{what} in term {self.term.name!r} may reach {bound:.3g} in whole numbers of {self.bits} bits; make one of its "
                "numbers a float (2.0 for 2) to compute it in floating point"
                + ("." if self.bits == 64 else ", or call jax.config.update('jax_enable_x64', True).")
            )
        return bound

    def program(self, program: UpdateProgram, state: Bound) -> Bound:
        """The bound of x' after an update that starts from a bound of x'."""
        for op in program.ops:
            state = self._step(op, state)
        return state

    def _step(self, op: UpdateOp, state: Bound) -> Bound:
        p = op.params
        if op.kind == "cond":
            self.expression(p["predicate"])
            return _widest(self.program(p["if_true"], state), self.program(p["if_false"], state))
        if op.kind in ("write", "scatter"):
            written = [self.expression(value) for value in p.get("values", (p.get("value"),))]
            return _widest(state, *written)
        if op.kind in ("shift", "shift_mod"):
            moved = self._sum(state, self.expression(p["delta"]), op)
            return state if op.kind == "shift_mod" else _widest(state, moved)
        if op.kind == "affine":
            scale, bias = self.expression(p["scale"]), self.expression(p["bias"])
            product = None if scale is None or state is None else scale * state
            return _widest(state, self._sum(product, bias, op))
        return state

    def _sum(self, a: Bound, b: Bound, op: UpdateOp) -> Bound:
        return None if a is None or b is None else self._checked(a + b, f"the value of {op.kind}")


def _widest(*bounds: Bound) -> Bound:
    known = [bound for bound in bounds if bound is not None]
    return max(known) if len(known) == len(bounds) else None
