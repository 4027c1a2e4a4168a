"""The IR: what an operator is, as frozen data.

::

    SymbolicOperatorIR = operator_name, mode, hilbert_size, dtype_str, is_hermitian, terms, metadata
    SymbolicIRTerm     = name, iterator, predicate, emissions, fanout_hint, metadata
    KBodyIteratorSpec  = labels, index_sets [M, K], columns {name: [M] or [M, N]}
    EmissionSpec       = predicate, update_program, amplitude, branch_tag
    UpdateProgram      = ops
    UpdateOp           = kind, params

Classes hold data and do not compare by ``==``; `same_as` compares two of them as data, to the bit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.errors import IRFormatError, listed, nearest
from nqx_graph.ir.expr import AmplitudeExpr, PredicateExpr, all_of
from nqx_graph.ir.frozen import FrozenDict, freeze_json
from nqx_graph.ir.table import Row

# kind of update -> its parameters, in the order they are written
UPDATE_PARAMS: dict[str, tuple[str, ...]] = {
    "write": ("site", "value"),
    "shift": ("site", "delta"),
    "shift_mod": ("site", "delta"),
    "affine": ("site", "scale", "bias"),
    "swap": ("sites",),
    "permute": ("sites",),
    "scatter": ("sites", "values"),
    "flip": ("column",),
    "cond": ("predicate", "if_true", "if_false"),
    "invalidate": ("reason",),
}
MAX_NESTING = 64


def _tuple(items: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(items)


def _metadata(items: Mapping[str, Any] | None) -> Any:
    return freeze_json(items or {})


class Comparable:
    """Comparison as data, for the classes of this page."""

    __slots__ = ()

    def same_as(self, other: object) -> bool:
        """Whether both are the same data, every number to the bit."""
        from nqx_graph.ir.encode import encode

        return type(other) is type(self) and encode(self) == encode(other)


@attrs.frozen(eq=False)
class UpdateOp(Comparable):
    """One step of an update; see ``UPDATE_PARAMS`` for what each kind takes. Sites are integer expressions."""

    kind: str
    params: FrozenDict = attrs.field(converter=FrozenDict)

    def __attrs_post_init__(self) -> None:
        wanted = UPDATE_PARAMS.get(self.kind)
        if wanted is None:
            raise IRFormatError(f"there is no update {self.kind!r}." + nearest(self.kind, UPDATE_PARAMS))
        if tuple(sorted(self.params)) != tuple(sorted(wanted)):
            raise IRFormatError(
                f"the update {self.kind!r} takes {listed(wanted)}; it was given {listed(sorted(self.params))}."
            )


@attrs.frozen(eq=False)
class UpdateProgram(Comparable):
    """Steps applied from left to right; no step at all is the identity."""

    ops: tuple[UpdateOp, ...] = attrs.field(default=(), converter=_tuple)

    @cached_property
    def _encoding(self) -> bytes:
        from nqx_graph.ir.encode import encode_program

        return encode_program(self)

    def encoded(self) -> bytes:
        """The canonical bytes, remembered."""
        return self._encoding

    def depth(self) -> int:
        """How deep ``cond`` is nested."""
        deepest, level = 0, [self]
        while level:
            sides = [op.params[side] for prog in level for op in prog.ops if op.kind == "cond" for side in _SIDES]
            deepest, level = deepest + bool(sides), sides
            if deepest > MAX_NESTING:
                return deepest
        return deepest


_SIDES = ("if_true", "if_false")


@attrs.frozen(eq=False)
class EmissionSpec(Comparable):
    """One branch per index row: when, how x becomes x', and <x|O|x'>."""

    predicate: PredicateExpr
    update_program: UpdateProgram
    amplitude: AmplitudeExpr
    branch_tag: str | None = None


def _frozen_rows(rows: Any) -> NDArray[np.int32]:
    array = np.array(rows, dtype=np.int32, order="C")  # a copy even of a read-only view: its base may change
    array.flags.writeable = False
    return array


def _frozen_columns(columns: Mapping[str, Any] | None) -> FrozenDict:
    made = {}
    for name in sorted(columns or {}):
        array = np.array((columns or {})[name], order="C")
        array.flags.writeable = False
        made[name] = array
    return FrozenDict(made)


@attrs.frozen(eq=False)
class KBodyIteratorSpec(Comparable):
    """Where a term acts: K labels, index rows [M, K] of int32, and named columns [M] or [M, N]."""

    labels: tuple[str, ...] = attrs.field(converter=_tuple)
    index_sets: NDArray[np.int32] = attrs.field(converter=_frozen_rows)
    columns: FrozenDict = attrs.field(default=None, converter=_frozen_columns)

    def __reduce__(self) -> tuple[Any, ...]:  # through the converters, which make the arrays read-only again
        return KBodyIteratorSpec, (self.labels, self.index_sets, self.columns)

    @property
    def rows(self) -> NDArray[np.int32]:
        """The index rows, [M, K]; another name of ``index_sets``."""
        return self.index_sets

    @property
    def n_iter(self) -> int:
        """How many index rows there are."""
        return int(self.index_sets.shape[0])


@attrs.frozen(eq=False)
class SymbolicIRTerm(Comparable):
    """Branches that share their index rows and predicate."""

    name: str
    iterator: KBodyIteratorSpec
    predicate: PredicateExpr
    emissions: tuple[EmissionSpec, ...] = attrs.field(converter=_tuple)
    fanout_hint: int | None = None
    metadata: FrozenDict = attrs.field(default=None, converter=_metadata)

    @cached_property
    def _encoding(self) -> bytes:
        from nqx_graph.ir.encode import encode_fields

        return hashlib.sha256(encode_fields(self)).digest()

    def encoded(self) -> bytes:
        """What stands for the term in the encoding of its operator: SHA-256 of its canonical bytes, remembered."""
        return b"h" + self._encoding

    @property
    def max_fanout(self) -> int:
        """Index rows times emissions."""
        return self.iterator.n_iter * len(self.emissions)

    @property
    def fanout(self) -> int:
        """How many slots the term has: the promise where one was given, else `max_fanout`."""
        return self.max_fanout if self.fanout_hint is None else self.fanout_hint

    @property
    def effective_emissions(self) -> tuple[EmissionSpec, ...]:
        """The emissions, each with the term's predicate and-ed into its own."""
        return tuple(attrs.evolve(e, predicate=all_of(self.predicate, e.predicate)) for e in self.emissions)


@attrs.frozen(eq=False)
class SymbolicOperatorIR(Comparable):
    """A whole operator. ``print`` shows it; `static_fingerprint` identifies it."""

    operator_name: str
    mode: str
    hilbert_size: int
    dtype_str: str
    is_hermitian: bool
    terms: tuple[SymbolicIRTerm, ...] = attrs.field(converter=_tuple)
    metadata: FrozenDict = attrs.field(default=None, converter=_metadata)

    @property
    def term_count(self) -> int:
        """How many terms there are."""
        return len(self.terms)

    @cached_property
    def symbols(self) -> Mapping[str, int | float | complex | None]:
        """Every free symbol with its default (None where there is none), in order of first appearance."""
        found: dict[str, Any] = {}
        for row in self.expression_rows():
            if row.op == "symbol":
                name, default, _ = row.data
                found[name] = default if found.get(name) is None else found[name]
        return FrozenDict(found)

    @property
    def free_symbols(self) -> tuple[str, ...]:
        """The names of the free symbols, in order of first appearance."""
        return tuple(self.symbols)

    def expression_rows(self) -> list[Row]:
        """Every line of every expression, in the order they are written; of terms of one shape those of the first."""
        from nqx_graph.ir.merging import shapes

        firsts = [self.terms[group[0]] for group in shapes(self)]
        return [row for term in firsts for expr in term_expressions(term) for row in expr.table]

    @cached_property
    def _memory(self) -> dict[Any, Any]:
        return {}

    def remember(self, key: Any, compute: Callable[[], Any]) -> Any:
        """What ``compute`` returned for this key and this object, computed once.

        For results that follow from the IR and the key alone. Two threads that ask at once may both compute; one is kept.
        """
        if key not in self._memory:
            return self._memory.setdefault(key, compute())
        return self._memory[key]

    @cached_property
    def _fingerprint(self) -> str:
        from nqx_graph.ir.encode import digest

        return digest(self)

    def static_fingerprint(self) -> str:
        """SHA-256, in hex, over the canonical encoding of the whole IR; the same in every process."""
        return self._fingerprint

    def as_dict(self) -> dict[str, Any]:
        """The IR as JSON-safe data; `from_dict` is its inverse."""
        from nqx_graph.ir.serial import operator_to_dict

        return operator_to_dict(self)

    @classmethod
    def from_dict(cls, data: Any) -> SymbolicOperatorIR:
        """The IR that `as_dict` wrote down.

        Raises:
            IRFormatError: for data of any other form, and for an operator that breaks the rules of the language.
        """
        from nqx_graph.ir.serial import operator_from_dict

        return operator_from_dict(data)

    def __str__(self) -> str:
        from nqx_graph.ir.text import operator_text

        return operator_text(self)


def term_expressions(term: SymbolicIRTerm) -> list[AmplitudeExpr | PredicateExpr]:
    """Every expression of a term, in the order they are written."""
    found: list[AmplitudeExpr | PredicateExpr] = [term.predicate]
    for emission in term.emissions:
        found += [emission.predicate, *update_expressions(emission.update_program), emission.amplitude]
    return found


def update_expressions(program: UpdateProgram) -> list[AmplitudeExpr | PredicateExpr]:
    """Every expression of an update, nested ones included."""
    found: list[AmplitudeExpr | PredicateExpr] = []
    for op in program.ops:
        for name in UPDATE_PARAMS[op.kind]:
            value = op.params[name]
            for item in value if isinstance(value, tuple) else (value,):
                if isinstance(item, AmplitudeExpr | PredicateExpr):
                    found.append(item)
                elif isinstance(item, UpdateProgram):
                    found.extend(update_expressions(item))
    return found
