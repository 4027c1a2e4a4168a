"""What two operators differ in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import attrs

from nqx_graph.differences import parts
from nqx_graph.differences.parts import Changed
from nqx_graph.differences.terms import TermDifference, match_terms, term_changes
from nqx_graph.errors import OptionTypeError
from nqx_graph.files.spaces import package_of
from nqx_graph.ir.types import SymbolicIRTerm, SymbolicOperatorIR, term_expressions
from nqx_graph.space import view

SAME: Final = "no difference"
_MOST_SHOWN: Final = 16  # positions of terms


@attrs.frozen(eq=False)
class OperatorDifference:
    """What a second operator has that a first has not, and the other way round. It is false if there is no difference.

    Of two IRs that is so exactly where their fingerprints are equal; of two operators, where their spaces are equal too.

    Attributes:
        fields: what is another of the operator as a whole: name, dtype, hermiticity, metadata, Hilbert space.
        symbols: free symbols that were added or removed, or have another default or doc.
        removed: the terms that only the first has, by position and name.
        added: the terms that only the second has.
        changed: the terms that both have and that differ.
        order: where the terms that both have stand in the first, in the order of the second; None if it is the same.
    """

    fields: tuple[Changed, ...] = ()
    symbols: tuple[Changed, ...] = ()
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    changed: tuple[TermDifference, ...] = ()
    order: tuple[int, ...] | None = None

    def __bool__(self) -> bool:
        return any(attrs.astuple(self, recurse=False))

    def __str__(self) -> str:
        signs = [("~", change) for change in self.fields] + [(_sign(change), change) for change in self.symbols]
        lines = []
        for sign, change in signs:
            first, *rest = change.lines()
            lines += [f"{sign} {first}", *(f"  {line}" for line in rest)]
        lines += [*(f"- {term}" for term in self.removed), *(f"+ {term}" for term in self.added)]
        for term in self.changed:
            lines += [f"~ {term.term}", *(f"    {line}" for change in term.changes for line in change.lines())]
        if self.order is not None:
            more = ", ..." if len(self.order) > _MOST_SHOWN else ""
            lines.append(f"> terms in another order: {', '.join(f'#{old}' for old in self.order[:_MOST_SHOWN])}{more}")
        return "\n".join(lines) or SAME


def _sign(change: Changed) -> str:
    if (change.before is None) == (change.after is None):
        return "~"
    return "+" if change.before is None else "-"


def operator_diff(first: Any, second: Any) -> OperatorDifference:
    """What a second operator changes of a first.

    Raises:
        OptionTypeError: for what is no symbolic operator and no IR.
    """
    old, new = _ir(first), _ir(second)
    fields = [*_fields(old, new), *_space(first, second)]
    if old.static_fingerprint() == new.static_fingerprint():
        return OperatorDifference(fields=tuple(fields))
    found = match_terms(old.terms, new.terms)
    changed = []
    for here, there in found.pairs:
        one, other = old.terms[here], new.terms[there]
        changes = tuple(term_changes(one, other, one.name == str(here) and other.name == str(there)))
        if changes:
            changed.append(TermDifference(_called(there, other), changes))
    made = OperatorDifference(
        fields=tuple(fields),
        symbols=tuple(_symbols(old, new)),
        removed=tuple(_summary(place, old.terms[place]) for place in found.removed),
        added=tuple(_summary(place, new.terms[place]) for place in found.added),
        changed=tuple(changed),
        order=found.order,
    )
    # one symbol may have several docs, and then only who has which
    return made or OperatorDifference(symbols=(Changed("symbols", None, None, ("declared in other places",)),))


def _ir(operator: Any) -> SymbolicOperatorIR:
    if isinstance(operator, SymbolicOperatorIR):
        return operator
    found = operator.to_ir() if hasattr(operator, "to_ir") else None
    if isinstance(found, SymbolicOperatorIR):
        return found
    hint = "call .build() on it first" if hasattr(operator, "build") else "give two symbolic operators"
    if isinstance(getattr(operator, "ir", None), SymbolicOperatorIR):
        hint = "give its .ir, which has the defaults and columns that it was built with"
    raise OptionTypeError(
        f"diff compares two graphs, or two symbolic operators or their IRs; it was given a {type(operator).__name__}: {hint}."
    )


def _fields(old: SymbolicOperatorIR, new: SymbolicOperatorIR) -> Iterator[Changed]:
    yield from parts.value("name", old.operator_name, new.operator_name)
    yield from parts.value("mode", old.mode, new.mode)
    yield from parts.value("dtype", old.dtype_str, new.dtype_str, str)
    yield from parts.value("hermitian", old.is_hermitian, new.is_hermitian)
    yield from parts.value("hilbert_size", old.hilbert_size, new.hilbert_size)
    yield from parts.mapping("metadata", old.metadata, new.metadata)


def _space(first: Any, second: Any) -> Iterator[Changed]:
    """The spaces of two operators, where both are more than an IR."""
    old, new = (getattr(operator, "hilbert", None) for operator in (first, second))
    if old is None or new is None or old is new:
        return
    digests = (view(old).digest, view(new).digest)
    if digests[0] != digests[1] if None not in digests else not bool(old == new):
        shown = " -> ".join(f"{space!r} of {package_of(space)}" for space in (old, new))
        yield Changed("Hilbert space", old, new, (shown,))


def _symbols(old: SymbolicOperatorIR, new: SymbolicOperatorIR) -> Iterator[Changed]:
    before, after = _declared(old), _declared(new)
    for name in sorted({*before, *after}):
        old_ones, new_ones = before.get(name), after.get(name)
        shown = [" and ".join(_declaration(*one) for one in side or ()) or "none" for side in (old_ones, new_ones)]
        if shown[0] != shown[1]:
            yield Changed(f"symbol {name}", old_ones, new_ones, (" -> ".join(shown),))


def _declared(ir: SymbolicOperatorIR) -> dict[str, tuple[Any, ...]]:
    """Default and doc of every symbol; several of them where it is declared in several ways."""
    found: dict[str, dict[str, Any]] = {}
    for row in (row for term in ir.terms for expr in term_expressions(term) for row in expr.table):
        if row.op == "symbol":
            name, *declaration = row.data
            found.setdefault(name, {})[repr(declaration)] = tuple(declaration)
    return {name: tuple(declarations.values()) for name, declarations in found.items()}


def _declaration(default: Any, doc: str) -> str:
    text = "no default" if default is None else f"default {default!r}"
    return f"{text}, doc {doc!r}" if doc else text


def _called(place: int, term: SymbolicIRTerm) -> str:
    return f"term #{place}" if term.name == str(place) else f'term #{place} "{term.name}"'


def _summary(place: int, term: SymbolicIRTerm) -> str:
    n_rows, n_emissions = term.iterator.n_iter, len(term.emissions)
    emissions = f"{n_emissions} emission{'s' if n_emissions != 1 else ''}"
    return f"{_called(place, term)} [{n_rows} row{'s' if n_rows != 1 else ''}, {emissions}]"
