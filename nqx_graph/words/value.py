"""`Words`: a sum of products of local operators, written as a physicist writes them on a board.

``create("i") * destroy("j")`` is the operator product a†ᵢ aⱼ, which acts on a ket from the right. Nothing here knows of
rows; `nqx_graph.words.bras` is where operators are turned into NetKet's ``<x|O|x'>``.
"""

from __future__ import annotations

from typing import Any

import attrs

from nqx_graph.errors import DivisionError, ExpressionError
from nqx_graph.ir.expr import AmplitudeExpr
from nqx_graph.ir.scalars import as_number

Number = int | float | complex
Scale = tuple[AmplitudeExpr, bool]  # a symbol, column or expression of them, and whether it is conjugated

_ADJOINTS = {"create": "destroy", "sigma_plus": "sigma_minus", "c_dag": "c"}
_ADJOINTS |= {back: word for word, back in _ADJOINTS.items()}
_READ_X = ("site", "emitted", "source", "target", "dot", "prod", "wrap_mod")


@attrs.frozen(eq=False)
class Factor:
    """One local operator: which, on which site (an integer expression), and what else it was told.

    ``value`` is the local state of a projector, ``order`` the mode order of a fermion (None: that of the site numbers).
    """

    word: str
    site: AmplitudeExpr
    value: Any = None
    order: tuple[int, ...] | None = None

    def adjoint(self) -> Factor:
        """The adjoint operator."""
        return attrs.evolve(self, word=_ADJOINTS.get(self.word, self.word))

    def __str__(self) -> str:
        row = self.site.table[-1]
        where = repr(row.data[0]) if row.op in ("index", "const") else repr(self.site)
        return f"{self.word}({where}{'' if self.value is None else f', {self.value!r}'})"


@attrs.frozen(eq=False)
class Product:
    """``number`` times ``scales`` times the operator product of ``factors``, the leftmost first."""

    number: Number = 1
    scales: tuple[Scale, ...] = ()
    factors: tuple[Factor, ...] = ()

    def times(self, other: Product) -> Product:
        """The operator product."""
        number = as_number(self.number * other.number)
        assert number is not None
        return Product(number, self.scales + other.scales, self.factors + other.factors)

    def adjoint(self) -> Product:
        """The adjoint: factors in reverse, each its own adjoint, and the coefficient conjugated."""
        number = self.number.conjugate()
        scales = tuple((scale, not conjugated) for scale, conjugated in self.scales)
        return Product(number, scales, tuple(factor.adjoint() for factor in reversed(self.factors)))

    def __str__(self) -> str:
        scales = [f"conj({scale!r})" if conjugated else repr(scale) for scale, conjugated in self.scales]
        parts = [*scales, *map(str, self.factors)]
        if self.number == 1 and parts:
            return "*".join(parts)
        return "*".join([repr(self.number), *parts]) if self.number != -1 or not parts else "-" + "*".join(parts)


@attrs.frozen(eq=False, repr=False)
class Words:
    """A sum of products of local operators; immutable. `DOperator.add` takes it.

    ``+ - *`` between words, with numbers and with expressions that read no x (symbols, columns); ``/`` by the latter;
    ``**`` with a whole number; ``.H`` or ``.adjoint()``. A number alone is that multiple of the identity.
    """

    products: tuple[Product, ...]

    takes_expressions = True  # `symbol * words` is left to the words
    __array_ufunc__ = None  # an array times words is refused as one; NumPy would make it an array of words

    def adjoint(self) -> Words:
        """The adjoint operator."""
        return Words(tuple(product.adjoint() for product in self.products))

    @property
    def H(self) -> Words:  # noqa: N802 - NetKet's name
        """The adjoint operator, as in NetKet."""
        return self.adjoint()

    def parts(self, iterator: Any, space: Any, dtype_str: str, where: str, tag: str | None = None) -> Any:
        """The rows of ``<x|O|x'>`` as emissions of terms; what `DOperator.add` calls."""
        from nqx_graph.words.adding import parts

        return parts(self, iterator, space, dtype_str, where, tag)

    def __add__(self, other: object) -> Words:
        added = as_words(other)
        return NotImplemented if added is None else Words(self.products + added.products)

    def __radd__(self, other: object) -> Words:
        if isinstance(other, int) and other == 0:  # what sum() starts with
            return self
        added = as_words(other)
        return NotImplemented if added is None else added + self

    def __sub__(self, other: object) -> Words:
        added = as_words(other)
        return NotImplemented if added is None else self + (-added)

    def __rsub__(self, other: object) -> Words:
        return -self + other

    def __mul__(self, other: object) -> Words:
        factor = as_words(other)
        if factor is None:
            return NotImplemented
        return Words(tuple(a.times(b) for a in self.products for b in factor.products))

    def __rmul__(self, other: object) -> Words:
        factor = as_words(other)
        return NotImplemented if factor is None else factor * self

    def __truediv__(self, other: object) -> Words:
        if isinstance(other, Words):
            raise ExpressionError(f"words are divided by numbers and symbols; {self!r} was to be divided by {other!r}.")
        if isinstance(other, AmplitudeExpr):
            return self * (1 / other)
        number = as_number(other)
        if number == 0:
            raise DivisionError(f"{self!r} was to be divided by zero.")
        return NotImplemented if number is None else self * (1 / number)

    def __pow__(self, exponent: object) -> Words:
        if isinstance(exponent, bool) or not isinstance(exponent, int) or exponent < 0:
            raise ExpressionError(f"a power of words is a whole number from 0 up; it is {exponent!r}.")
        made = Words((Product(),))
        for _ in range(exponent):
            made = made * self
        return made

    def __neg__(self) -> Words:
        return self * -1

    def __pos__(self) -> Words:
        return self

    def __repr__(self) -> str:
        return " + ".join(map(str, self.products)).replace("+ -", "- ") or "0"


def as_words(value: object) -> Words | None:
    """Words as they are, a number or an expression as a multiple of the identity; None for anything else.

    Raises:
        ExpressionError: for an expression that reads x, which is no coefficient.
    """
    if isinstance(value, Words):
        return value
    if isinstance(value, AmplitudeExpr):
        return Words((_coefficient(value),))
    number = as_number(value)
    return None if number is None else Words((Product(number),))


def _coefficient(scale: AmplitudeExpr) -> Product:
    """The product that an expression is, its numbers multiplied: 1j · t · σʸ is known to be real for a real t."""
    number: Any = 1
    scales: list[Scale] = []
    waiting = [_without_x(scale).node]
    while waiting:
        node = waiting.pop()
        if node.op == "mul":
            waiting += reversed(node.args)
        elif node.op == "neg":
            number = -number
            waiting += node.args
        elif node.op == "const":
            number = as_number(number * node.data[0])
        else:
            scales.append((AmplitudeExpr(node).sealed(), False))
    return Product(number, tuple(scales))


def _without_x(scale: AmplitudeExpr) -> AmplitudeExpr:
    for row in scale.table:
        if row.op in _READ_X:
            raise ExpressionError(
                f"{scale!r} stands before words and reads x ({row.op}); a coefficient is made of numbers, symbols and columns. "
                "Write what depends on x as a word, such as number or sigma_z, or as an amplitude of emit()."
            )
    return AmplitudeExpr.from_table(scale.table)
