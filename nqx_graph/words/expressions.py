"""Tables and ladders as expressions of the sites."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

import attrs
import numpy as np

from nqx_graph.ir.expr import TRUE, AmplitudeExpr, PredicateExpr, all_of, as_amplitude
from nqx_graph.words.bras import Span
from nqx_graph.words.contributions import Contribution
from nqx_graph.words.kets import Kind, Line
from nqx_graph.words.tables import Peeled, Table, moebius, monomials, walsh

Pulled = tuple[complex, list[AmplitudeExpr]]  # a number and what it is multiplied by


@attrs.frozen(eq=False)
class Names:
    """What the sites of the words are called.

    ``value`` and ``site`` give x at a slot and its number; ``signs`` gives the expressions of the Jordan-Wigner sign of a
    contribution and of the sign of its rows.
    """

    value: Callable[[int], AmplitudeExpr]
    site: Callable[[int], AmplitudeExpr]
    signs: Callable[[Contribution], list[AmplitudeExpr]]


def constant(number: complex) -> AmplitudeExpr:
    """A number, real where it is."""
    return as_amplitude(number.real if number.imag == 0 else number)


def product(parts: Sequence[AmplitudeExpr]) -> AmplitudeExpr:
    """The parts multiplied, from left to right; there is at least one."""
    return reduce(lambda a, b: a * b, parts)


def multiple(number: complex, parts: Sequence[AmplitudeExpr]) -> AmplitudeExpr:
    """A number times parts, without writing down a 1."""
    if not parts:
        return constant(number)
    if number == 1:
        return product(parts)
    return -product(parts) if number == -1 else product([constant(number), *parts])


def pulled(peeled: Peeled, each: Contribution, names: Names) -> Pulled:
    """A table that was taken apart."""
    number, parts = peeled.number, list[AmplitudeExpr]()
    factors = [((axis,), np.array(pair, dtype=np.complex128)) for axis, pair in sorted(peeled.factors.items())]
    for axes, table in (*factors, (peeled.axes, peeled.rest)):
        factor, more = polynomial(table, axes, each, names)
        number, parts = number * factor, [*parts, *more]
    return number, parts


def polynomial(table: Table, axes: tuple[int, ...], each: Contribution, names: Names) -> Pulled:
    """A table over axes, in occupations or in signs ±1, whichever takes fewer monomials."""
    kinds, x = [each.kinds[axis] for axis in axes], [names.value(each.slots[axis]) for axis in axes]
    signs = tuple(-1 if kind.occupation else 1 for kind in kinds)  # of z at the higher state: an empty qubit is up
    z = [1 - 2 * value if kind.occupation else value for kind, value in zip(kinds, x, strict=True)]
    terms, variables = monomials(walsh(table, signs)), z
    if all(kind.occupation for kind in kinds) and len(monomials(moebius(table))) <= len(terms):
        terms, variables = monomials(moebius(table)), x
    written = [(number, [variables[axis] for axis in over]) for number, over in terms]
    if len(written) == 1:
        return written[0]
    return 1, [reduce(_plus, [multiple(number, parts) for number, parts in written])]


def _plus(a: AmplitudeExpr, b: AmplitudeExpr) -> AmplitudeExpr:
    return a - AmplitudeExpr(b.node.args[0]) if b.node.op == "neg" else a + b


def total(parts: Sequence[AmplitudeExpr]) -> AmplitudeExpr:
    """The parts added, from left to right; there is at least one."""
    return reduce(_plus, parts)


def support(peeled: Peeled, each: Contribution, names: Names) -> PredicateExpr:
    """Where the rest is not zero, by a polynomial of whole numbers that is zero where it is not."""
    there = (peeled.rest != 0).astype(np.complex128)
    if np.all(there == 1):
        return TRUE
    whole = 2 ** len(peeled.axes)  # over signs the coefficients are multiples of 1 / 2^axes
    number, parts = polynomial(there * whole, peeled.axes, each, names)
    return _in_whole_numbers(multiple(number, parts)) != 0


def _in_whole_numbers(expr: AmplitudeExpr) -> AmplitudeExpr:
    from nqx_graph.ir.table import Row

    rows = tuple(Row("const", (), (int(row.data[0]),)) if row.op == "const" else row for row in expr.table)
    return AmplitudeExpr.from_table(rows)


def ladders(each: Contribution, names: Names) -> tuple[PredicateExpr, list[AmplitudeExpr]]:
    """When the ladders can be climbed, and what for: all radicands under one root."""
    predicate, factors, radicands = TRUE, list[AmplitudeExpr](), list[AmplitudeExpr]()
    for slot, span in each.motion.ladders:
        x = names.value(slot)
        predicate = all_of(predicate, _within(span, x))
        factors += [_line(line, x) for line in span.factors]
        radicands += [_line(line, x) for line in span.radicands]
    return predicate, [*factors, product(radicands).sqrt()] if radicands else factors


def _within(span: Span, x: AmplitudeExpr) -> PredicateExpr:
    if span.low is not None and span.low == span.high:
        return x == int(span.low)
    low = TRUE if span.low is None else x >= int(span.low)
    return low if span.high is None else all_of(low, x <= int(span.high))


def _line(line: Line, x: AmplitudeExpr) -> AmplitudeExpr:
    a, b = (int(part) for part in line)
    if a == -1:
        return b - x
    scaled = x if a == 1 else a * x
    return scaled + b if b > 0 else scaled - -b if b < 0 else scaled


def states(kind: Kind) -> tuple[int, int]:
    """The two local states of a site, the lower first."""
    return int(kind.low), int(kind.high)
