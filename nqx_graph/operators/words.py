"""What is known of an operator that was made of others: sums of products of them, to tell which are hermitian.

An operator is a sum of words with factors, ``Σ c · g₁ g₂ … gₙ``, its letters the operators that were written. In this
algebra (A B)† = B† A†, and letters that were said to be hermitian are their own adjoints. Equal sums are equal operators,
so a sum that equals its adjoint is hermitian; of one that does not, nothing is known.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs

from nqx_graph.ir.encode import encode
from nqx_graph.ir.expr import AmplitudeExpr
from nqx_graph.ir.table import Row
from nqx_graph.ir.types import SymbolicOperatorIR

MOST_WORDS = 256


@attrs.frozen
class Letter:
    """An operator that was written (compared by identity), or what became of it."""

    ir: SymbolicOperatorIR
    adjoint: bool = False
    conjugate: bool = False

    def star(self) -> Letter:
        """Its adjoint."""
        return self if self.ir.is_hermitian else attrs.evolve(self, adjoint=not self.adjoint)

    def bar(self) -> Letter:
        """Its complex conjugate."""
        return attrs.evolve(self, conjugate=not self.conjugate)


@attrs.frozen
class Factor:
    """A number in the first quadrant or an expression of symbols, by its canonical bytes; or one over it."""

    code: bytes
    mirror: bytes  # of the complex conjugate
    inverse: bool
    number: complex | None = None

    def bar(self) -> tuple[int, Factor]:
        """Its complex conjugate, as i to a power times a factor."""
        if self.number is None:
            return 0, Factor(self.mirror, self.code, self.inverse)
        turns, left = _quadrant(self.number.conjugate())
        return (-turns if self.inverse else turns), _number(left, self.inverse)  # 1 / (i z) is -i / z


Word = tuple[tuple[Factor, ...], tuple[Letter, ...]]
# how often each is there, in whole multiples of 1 and i; what cancels stays with 0, for its branches are still there
Words = dict[Word, complex]


def letter(ir: SymbolicOperatorIR) -> Words:
    """An operator that was written."""
    return {((), (Letter(ir),)): 1}


def plus(a: Words | None, b: Words | None) -> Words | None:
    """The sum; None where nothing is known of one, or there are too many words."""
    if a is None or b is None or len(a) + len(b) > MOST_WORDS:
        return None
    made = dict(a)
    for word, count in b.items():
        made[word] = made.get(word, 0) + count
    return made


def times(a: Words | None, b: Words | None) -> Words | None:
    """The product."""
    if a is None or b is None or len(a) * len(b) > MOST_WORDS:
        return None
    made: Words = {}
    for (factors, left), count in a.items():
        for (more, right), times in b.items():
            word = _ordered((*factors, *more)), (*left, *right)
            made[word] = made.get(word, 0) + count * times
    return made


def scaled(a: Words | None, number: AmplitudeExpr, *, divide: bool, real: bool) -> Words | None:
    """A multiple; ``real`` says that symbols are."""
    if a is None:
        return None
    turns, factor = _factor(number, divide, real)
    unit = _power(turns)
    return {(_ordered((*factors, *factor)), letters): count * unit for (factors, letters), count in a.items()}


def star(a: Words | None) -> Words | None:
    """The adjoint."""
    return _each(a, lambda word: tuple(g.star() for g in reversed(word)))


def bar(a: Words | None) -> Words | None:
    """The complex conjugate."""
    return _each(a, lambda word: tuple(g.bar() for g in word))


def _each(a: Words | None, of: Callable[[tuple[Letter, ...]], tuple[Letter, ...]]) -> Words | None:
    if a is None:
        return None
    made: Words = {}
    for (factors, letters), count in a.items():
        turned = [factor.bar() for factor in factors]
        word = _ordered(tuple(factor for _, factor in turned)), of(letters)
        made[word] = made.get(word, 0) + complex(count).conjugate() * _power(sum(turns for turns, _ in turned))
    return made


def is_hermitian(a: Words | None) -> bool:
    """Whether the operator is proved to be its own adjoint."""
    return a is not None and star(a) == a


def _ordered(factors: tuple[Factor, ...]) -> tuple[Factor, ...]:
    return tuple(sorted(factors, key=lambda f: (f.code, f.mirror, f.inverse)))


def _power(turns: int) -> complex:
    return (1, 1j, -1, -1j)[turns % 4]


def _factor(number: AmplitudeExpr, divide: bool, real: bool) -> tuple[int, tuple[Factor, ...]]:
    """How often i is a factor of the number, and what is left."""
    row = number.table[-1]
    if row.op == "const":
        turns, left = _quadrant(complex(row.data[0]))
        factor = () if left == 1 else (_number(left, divide),)
        return (-turns if divide else turns), factor
    code = encode(number)
    mirror = code if real and not _has_complex(number.table) else b"conj" + code
    return 0, (Factor(code, mirror, divide),)


def _has_complex(rows: tuple[Row, ...]) -> bool:
    return any(row.op in ("const", "symbol") and any(isinstance(entry, complex) for entry in row.data) for row in rows)


def _quadrant(number: complex) -> tuple[int, complex]:
    """The number as i to a power times a number with a positive real and no negative imaginary part."""
    turns = 0
    while number and not (number.real > 0 and number.imag >= 0):
        number = complex(number.imag, -number.real)  # times -i, exactly
        turns += 1
    return turns, number


def _number(number: complex, inverse: bool) -> Factor:
    plain = complex(number.real + 0.0, number.imag + 0.0)  # without a sign of zero
    return Factor(repr(plain).encode(), b"", inverse, plain)
