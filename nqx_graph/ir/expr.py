"""Expressions: what stands in an amplitude, a predicate, an update.

Operators build new expressions; nothing is computed here. ``==`` and ``!=`` build predicates, so two expressions are
compared as data with `same_as`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nqx_graph.errors import ExpressionError, FieldError, listed
from nqx_graph.ir.functions import NAMES
from nqx_graph.ir.scalars import as_number
from nqx_graph.ir.stored import Expr
from nqx_graph.ir.table import Node


class AmplitudeExpr(Expr):
    """A number that depends on the configuration, the index row and the free symbols."""

    __slots__ = ()
    _kind = "A"

    @property
    def value(self) -> AmplitudeExpr:
        """Itself, so that ``symbol("J").value`` reads as well as ``site("i").value``."""
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise FieldError(
            f"an amplitude expression has no {name!r}; it has {listed(_METHODS)} and the operators + - * / ** == < <=."
            + ("" if NAMES.get(name) is None else f" The registered function is called: {name}(expression).")
        )

    def sqrt(self) -> AmplitudeExpr:
        """The square root; of a negative number NaN in a real dtype."""
        return _unary("sqrt", self)

    def abs(self) -> AmplitudeExpr:
        """The absolute value."""
        return _unary("abs", self)

    def conj(self) -> AmplitudeExpr:
        """The complex conjugate."""
        return _unary("conj", self)

    def exp(self) -> AmplitudeExpr:
        """e to this power."""
        return _unary("exp", self)

    def log(self) -> AmplitudeExpr:
        """The natural logarithm."""
        return _unary("log", self)

    def sin(self) -> AmplitudeExpr:
        """The sine, of radians."""
        return _unary("sin", self)

    def cos(self) -> AmplitudeExpr:
        """The cosine, of radians."""
        return _unary("cos", self)

    def __abs__(self) -> AmplitudeExpr:
        return self.abs()

    def __neg__(self) -> AmplitudeExpr:
        return _unary("neg", self)

    def __pos__(self) -> AmplitudeExpr:
        return self

    def __add__(self, other: object) -> AmplitudeExpr:
        if _takes_expressions(other):
            return NotImplemented
        return _binary("add", self, other)

    def __radd__(self, other: object) -> AmplitudeExpr:
        return _binary("add", other, self)

    def __sub__(self, other: object) -> AmplitudeExpr:
        if _takes_expressions(other):
            return NotImplemented
        return _binary("sub", self, other)

    def __rsub__(self, other: object) -> AmplitudeExpr:
        return _binary("sub", other, self)

    def __mul__(self, other: object) -> AmplitudeExpr:
        if _takes_expressions(other) or hasattr(other, "to_ir"):  # a multiple of an operator; the operator knows how
            return NotImplemented
        return _binary("mul", self, other)

    def __rmul__(self, other: object) -> AmplitudeExpr:
        return _binary("mul", other, self)

    def __truediv__(self, other: object) -> AmplitudeExpr:
        return _binary("div", self, other)

    def __rtruediv__(self, other: object) -> AmplitudeExpr:
        return _binary("div", other, self)

    def __pow__(self, other: object) -> AmplitudeExpr:
        return _binary("pow", self, other)

    def __rpow__(self, other: object) -> AmplitudeExpr:
        return _binary("pow", other, self)

    def __eq__(self, other: object) -> PredicateExpr:  # type: ignore[override]  # builds a predicate, by design
        return _compare("eq", self, other)

    def __ne__(self, other: object) -> PredicateExpr:  # type: ignore[override]  # builds a predicate, by design
        return _compare("ne", self, other)

    def __lt__(self, other: object) -> PredicateExpr:
        return _compare("lt", self, other)

    def __le__(self, other: object) -> PredicateExpr:
        return _compare("le", self, other)

    def __gt__(self, other: object) -> PredicateExpr:
        return _compare("gt", self, other)

    def __ge__(self, other: object) -> PredicateExpr:
        return _compare("ge", self, other)

    def __bool__(self) -> bool:
        raise ExpressionError(
            f"{self!r} has no truth value before it is run; compare it, as in `expression != 0`, and use & | ~."
        )

    def __float__(self) -> float:
        raise ExpressionError(f"{self!r} has no number before it is run; write it into an amplitude.")

    def __mod__(self, other: object) -> AmplitudeExpr:
        raise ExpressionError("% is not part of the language; sym.wrap_mod(e) wraps into the local states.")

    __hash__ = object.__hash__
    # NumPy must not take the operators of its own scalars and arrays: `np.float64(2) * e` is one expression
    __array_ufunc__ = None


_METHODS = ("sqrt()", "abs()", "conj()", "exp()", "log()", "sin()", "cos()")


class PredicateExpr(Expr):
    """A condition that depends on the configuration, the index row and the free symbols."""

    __slots__ = ()
    _kind = "P"
    __array_ufunc__ = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise FieldError(f"a predicate has no {name!r}; it has the operators & | ~, and sym.where(predicate, a, b).")

    def __and__(self, other: object) -> PredicateExpr:
        return PredicateExpr(Node("and", (self.node, as_predicate(other).node)))

    def __rand__(self, other: object) -> PredicateExpr:
        return PredicateExpr(Node("and", (as_predicate(other).node, self.node)))

    def __or__(self, other: object) -> PredicateExpr:
        return PredicateExpr(Node("or", (self.node, as_predicate(other).node)))

    def __ror__(self, other: object) -> PredicateExpr:
        return PredicateExpr(Node("or", (as_predicate(other).node, self.node)))

    def __invert__(self) -> PredicateExpr:
        return PredicateExpr(Node("not", (self.node,)))

    def __bool__(self) -> bool:
        raise ExpressionError(
            f"the predicate {self!r} has no truth value before it is run; write & for and, | for or, ~ for not, and split "
            "a chain a < b < c into (a < b) & (b < c)."
        )

    def _refuse(self, other: object) -> PredicateExpr:
        raise ExpressionError(
            f"the predicate {self!r} cannot be compared or added; write & | ~ between predicates, or "
            "sym.where(predicate, 1, 0) to make a number of one."
        )

    def _equal(self, other: object) -> PredicateExpr:
        other_predicate = as_predicate(other)
        return (self & other_predicate) | (~self & ~other_predicate)

    def _unequal(self, other: object) -> PredicateExpr:
        return ~self._equal(other)

    __eq__ = _equal  # type: ignore[assignment]  # builds a predicate, by design
    __ne__ = _unequal  # type: ignore[assignment]  # the same
    __lt__ = __le__ = __gt__ = __ge__ = __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _refuse
    __hash__ = object.__hash__


TRUE = PredicateExpr(Node("truth", (), (True,)))
FALSE = PredicateExpr(Node("truth", (), (False,)))


def as_amplitude(value: object) -> AmplitudeExpr:
    """An amplitude expression of a number, an expression, or a selector.

    Raises:
        ExpressionError: for anything else.
    """
    if isinstance(value, AmplitudeExpr):
        # a selector of the dsl is an expression that also knows its label; what is stored is the expression
        return value if type(value) is AmplitudeExpr else AmplitudeExpr(value.node)
    if isinstance(value, PredicateExpr):
        raise ExpressionError(
            f"the predicate {value!r} stands where a number is needed; write sym.where(predicate, a, b)."
        )
    number = as_number(value)
    if number is None:
        raise ExpressionError(
            f"{value!r}, a {type(value).__name__}, cannot stand in an expression; give a number or an expression such as "
            "site('i').value."
        )
    return AmplitudeExpr(Node("const", (), (number,)))


def as_predicate(value: object) -> PredicateExpr:
    """A predicate of a predicate or of True and False.

    Raises:
        ExpressionError: for anything else.
    """
    if isinstance(value, PredicateExpr):
        return value
    if isinstance(value, bool | np.bool_):
        return TRUE if value else FALSE
    raise ExpressionError(
        f"{value!r}, a {type(value).__name__}, stands where a predicate is needed; compare it, as in `expression != 0`."
    )


def _takes_expressions(other: object) -> bool:
    """Whether it knows what to do with an expression on its left, as words do."""
    return getattr(other, "takes_expressions", False) is True


def _unary(op: str, value: AmplitudeExpr) -> AmplitudeExpr:
    return AmplitudeExpr(Node(op, (value.node,)))


def _binary(op: str, left: object, right: object) -> AmplitudeExpr:
    return AmplitudeExpr(Node(op, (as_amplitude(left).node, as_amplitude(right).node)))


def _compare(op: str, left: object, right: object) -> PredicateExpr:
    return PredicateExpr(Node(op, (as_amplitude(left).node, as_amplitude(right).node)))


def leaf(op: str, *data: Any) -> AmplitudeExpr:
    """An expression of one leaf operation."""
    return AmplitudeExpr(Node(op, (), data))


def apply(op: str, *args: Expr) -> AmplitudeExpr:
    """An expression of one operation on expressions."""
    return AmplitudeExpr(Node(op, tuple(arg.node for arg in args)))


def all_of(first: PredicateExpr, second: PredicateExpr) -> PredicateExpr:
    """``first & second``, without writing down a constant True."""
    if first.same_as(TRUE):
        return second
    return first if second.same_as(TRUE) else first & second
