"""Products as contributions: what moves, and a table of numbers over the two-state sites that are looked at."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import attrs
import numpy as np

from nqx_graph.errors import DefinitionError
from nqx_graph.ir.stored import Expr
from nqx_graph.ir.table import number_key
from nqx_graph.words.bras import Span, ladder_row, matrix, two_state_rows
from nqx_graph.words.kets import Kind, kets
from nqx_graph.words.patterns import Pattern
from nqx_graph.words.tables import Table, cleaned
from nqx_graph.words.value import Factor, Product, Scale

MOST_MERGED = 8  # sites of a table that others are added to; 2**8 numbers
MOST_SITES = 16  # two-state sites of one product


@attrs.frozen
class String:
    """A Jordan-Wigner sign: the slots with an odd number of fermionic factors, and those that the product touches."""

    odd: tuple[int, ...]
    touched: tuple[int, ...]


@attrs.frozen
class Motion:
    """What may be added up: the same coefficient, the same ladders, the same sites turned, the same sign."""

    scale: tuple[Any, ...]
    ladders: tuple[tuple[int, Span], ...]
    turned: tuple[int, ...]
    string: String | None

    @property
    def diagonal(self) -> bool:
        """Whether x' is x."""
        return not self.turned and all(span.shift == 0 for _, span in self.ladders)


@attrs.frozen(eq=False)
class Contribution:
    """A motion, the expressions of its coefficient, and its numbers over the slots of the table's axes."""

    motion: Motion
    scales: tuple[Scale, ...]
    slots: tuple[int, ...]
    kinds: tuple[Kind, ...]
    table: Table

    def structure(self) -> tuple[Any, ...]:
        """What two contributions have to share to be the same up to a sign."""
        return self.motion, self.slots, self.kinds, (self.table * self.sign + 0.0).tobytes()  # + 0.0: no -0.0

    @property
    def sign(self) -> int:
        """That of the first number that is not zero."""
        first = self.table.reshape(-1)[np.flatnonzero(self.table)[0]]
        return 1 if (first.real, first.imag) > (0, 0) else -1


def site_key(site: Expr) -> tuple[Any, ...]:
    """A key under which two expressions are the same as data."""
    return tuple((row.op, row.args, tuple(map(number_key, row.data))) for row in site.table)


def contributions(
    products: Iterable[Product], places: dict[Any, int], pattern: Pattern, real: bool, where: str
) -> list[Contribution]:
    """The contributions of all products on the rows of a pattern; those of one motion added up."""
    found: dict[Any, list[Contribution]] = {}
    for product in products:
        for made in _product(product, places, pattern, real, where):
            found.setdefault(made.motion, []).append(made)
    added = [total for same in found.values() for total in _added(same)]
    return [total for total in added if np.any(total.table)]


def _product(product: Product, places: dict[Any, int], pattern: Pattern, real: bool, where: str) -> list[Contribution]:
    sequences, odd = _sequences(product.factors, places, pattern)
    if sum(pattern.kinds[slot].two_state for slot in sequences) > MOST_SITES:
        raise DefinitionError(
            f"{where}: {product} acts on more than {MOST_SITES} sites; write longer strings by columns, with sym.prod and "
            "sym.flip."
        )
    choices = [_site(words, slot, pattern, where) for slot, words in sorted(sequences.items())]
    # an operator of real numbers has real symbols
    scales = tuple(
        sorted(((s, c and not real) for s, c in product.scales), key=lambda pair: (repr(site_key(pair[0])), pair[1]))
    )
    scale = tuple((site_key(expr), conjugated) for expr, conjugated in scales)
    string = String(odd, tuple(sorted(sequences))) if odd else None
    made = []
    for chosen in itertools.product(*choices):
        number, ladders, turned, slots, table = complex(product.number), [], [], [], np.ones((), dtype=np.complex128)
        for slot, (factor, span, other, row) in zip(sorted(sequences), chosen, strict=True):
            number *= factor
            if span is not None and span != Span(0, None, None, (), ()):
                ladders.append((slot, span))
            if row is not None:
                slots.append(slot)
                table = np.multiply.outer(table, row)
            turned += [slot] if other else []
        motion = Motion(scale, tuple(ladders), tuple(turned), string)
        kinds = tuple(pattern.kinds[slot] for slot in slots)
        made.append(Contribution(motion, scales, tuple(slots), kinds, number * table))
    return made


def _sequences(
    factors: Sequence[Factor], places: dict[Any, int], pattern: Pattern
) -> tuple[dict[int, list[tuple[str, Any]]], tuple[int, ...]]:
    """The words on each slot, leftmost first, and the slots with an odd number of fermionic factors."""
    slots = [pattern.slot_of[places[site_key(factor.site)]] for factor in factors]
    sequences: dict[int, list[tuple[str, Any]]] = {slot: [] for slot in slots}
    odd: set[int] = set()
    for factor, slot in zip(factors, slots, strict=True):
        sequences[slot].append((factor.word, factor.value))
        if factor.word in ("c", "c_dag"):
            assert pattern.before is not None
            odd ^= {slot}
            for other, words in sequences.items():
                if pattern.before[other, slot]:
                    words.append(("parity", None))
    return sequences, tuple(sorted(odd))


def _site(words: list[tuple[str, Any]], slot: int, pattern: Pattern, where: str) -> list[tuple[Any, ...]]:
    """The choices on one site: a number, a ladder or None, whether it is turned, numbers of its two states or None."""
    kind, site = pattern.kinds[slot], pattern.example[slot]
    sums = [kets(word, kind, value, site, where) for word, value in words]
    if kind.two_state:
        product = np.eye(2, dtype=np.complex128)
        for each in sums:
            product = product @ matrix(each, kind)
        return [(1, None, other, row) for other, row in two_state_rows(product).items()]
    rows = [ladder_row(chosen, kind) for chosen in itertools.product(*sums)]
    return [(number, span, False, None) for number, span in filter(None, rows)]


def _added(same: list[Contribution]) -> list[Contribution]:
    """One contribution for all of one motion, unless its table would be large."""
    slots = tuple(sorted({slot for each in same for slot in each.slots}))
    if len(slots) > MOST_MERGED and any(each.slots != same[0].slots for each in same):
        return [attrs.evolve(each, table=cleaned(each.table, np.abs(each.table))) for each in same]
    kinds = {slot: kind for each in same for slot, kind in zip(each.slots, each.kinds, strict=True)}
    total, size = np.zeros((2,) * len(slots), dtype=np.complex128), np.zeros((2,) * len(slots))
    for each in same:
        shape = tuple(2 if slot in each.slots else 1 for slot in slots)
        total, size = total + each.table.reshape(shape), size + np.abs(each.table).reshape(shape)
    return [attrs.evolve(same[0], slots=slots, kinds=tuple(kinds[s] for s in slots), table=cleaned(total, size))]


def one_order(products: Iterable[Product], where: str) -> tuple[bool, tuple[int, ...] | None]:
    """Whether there are fermions, and the order of their modes.

    Raises:
        DefinitionError: for words in two orders.
    """
    orders = {factor.order for product in products for factor in product.factors if factor.word in ("c", "c_dag")}
    if len(orders) > 1:
        raise DefinitionError(f"{where}: the fermions have {len(orders)} orders of their modes; an operator has one.")
    return bool(orders), next(iter(orders), None)
