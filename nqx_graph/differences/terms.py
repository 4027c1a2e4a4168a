"""Which term of one operator is which of another, and what became of it."""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import attrs

from nqx_graph.differences import parts
from nqx_graph.differences.parts import Changed, bare
from nqx_graph.ir.encode import encode
from nqx_graph.ir.text import update_text
from nqx_graph.ir.types import EmissionSpec, SymbolicIRTerm

Key = Callable[[Any, int], Any]


@attrs.frozen(eq=False)
class TermDifference:
    """A term that both operators have, and in what it differs.

    Attributes:
        term: how it is called in the second operator, such as ``term #0 "bond"``.
        changes: what is another.
    """

    term: str
    changes: tuple[Changed, ...]


@attrs.frozen
class Matching:
    """Positions in two sequences: which belong together, and which are in one of them only."""

    pairs: tuple[tuple[int, int], ...]
    removed: tuple[int, ...]
    added: tuple[int, ...]

    @property
    def order(self) -> tuple[int, ...] | None:
        """Where what stayed comes from, in the order of the second; None where that is the order of the first."""
        came = tuple(old for old, _ in sorted(self.pairs, key=lambda pair: pair[1]))
        return came if list(came) != sorted(came) else None


def match(first: Sequence[Any], second: Sequence[Any], keys: Sequence[Key]) -> Matching:
    """What agrees in the first key belongs together, of the rest what agrees in the second, and so on, in order."""
    left, right = list(range(len(first))), list(range(len(second)))
    pairs: list[tuple[int, int]] = []
    for key in keys:
        waiting: dict[Any, deque[int]] = defaultdict(deque)
        for place in right:
            waiting[key(second[place], place)].append(place)
        found = {}
        for place in left:
            wanted = key(first[place], place)
            if wanted is not None and waiting.get(wanted):
                found[place] = waiting[wanted].popleft()
        pairs += found.items()
        left, taken = [place for place in left if place not in found], set(found.values())
        right = [place for place in right if place not in taken]
    return Matching(tuple(sorted(pairs)), tuple(left), tuple(right))


def match_terms(first: Sequence[SymbolicIRTerm], second: Sequence[SymbolicIRTerm]) -> Matching:
    """Terms of one content are the same; the others by their name, what they emit, where they act and what they do to x,
    where they act alone, and last by their place."""
    return match(first, second, (_content, _own_name, _emitted, _moves, _where, lambda term, place: term.name))


def _digest(*items: Any) -> bytes:
    return hashlib.sha256(encode(items)).digest()


def _own_name(term: SymbolicIRTerm, place: int) -> str | None:
    """The name that somebody gave it; None where it is called by its position."""
    return None if term.name == str(place) else term.name


def _emitted(term: SymbolicIRTerm, place: int = 0) -> bytes:
    return _digest(*(_emission(emission) for emission in term.emissions))


def _moves(term: SymbolicIRTerm, place: int) -> bytes:
    return _digest(term.iterator, *(emission.update_program for emission in term.emissions))


def _where(term: SymbolicIRTerm, place: int = 0) -> bytes:
    return encode(term.iterator)


def _content(term: SymbolicIRTerm, place: int) -> bytes:
    about = (_own_name(term, place), term.fanout_hint, term.metadata, bare(term.predicate))
    return _digest(_where(term), _emitted(term), *about)


def _emission(emission: EmissionSpec, place: int = 0) -> bytes:
    amplitude, predicate = bare(emission.amplitude), bare(emission.predicate)
    return _digest(predicate, emission.update_program, amplitude, emission.branch_tag)


def term_changes(before: SymbolicIRTerm, after: SymbolicIRTerm, default_names: bool) -> Iterator[Changed]:
    """What is another in a term. ``default_names``: whether each is called by its position."""
    if not default_names:
        yield from parts.value("name", before.name, after.name)
    old, new = before.iterator, after.iterator
    yield from parts.value("labels", old.labels, new.labels)
    yield from parts.rows(old.index_sets, new.index_sets)
    yield from parts.columns(old.columns, new.columns)
    yield from parts.expression("where", before.predicate, after.predicate)
    yield from _emissions(before.emissions, after.emissions)
    yield from parts.value("promised fanout", before.fanout_hint, after.fanout_hint)
    yield from parts.mapping("metadata", before.metadata, after.metadata)


def _emissions(first: Sequence[EmissionSpec], second: Sequence[EmissionSpec]) -> Iterator[Changed]:
    found = match(
        first,
        second,
        (
            _emission,
            lambda emission, place: emission.branch_tag,
            lambda emission, place: emission.update_program.encoded(),
            lambda emission, place: encode(bare(emission.amplitude)),
            lambda emission, place: place,
        ),
    )
    for old, new in found.pairs:
        yield from _emission_changes(f"emit #{new}", first[old], second[new])
    for place in found.removed:
        yield Changed(f"emit #{place}", first[place], None, (f"removed: {_shown(first[place])}",))
    for place in found.added:
        yield Changed(f"emit #{place}", None, second[place], (f"added: {_shown(second[place])}",))
    if found.order is not None:
        yield Changed("emissions", first, second, (f"in another order: {', '.join(f'#{old}' for old in found.order)}",))


def _emission_changes(name: str, before: EmissionSpec, after: EmissionSpec) -> Iterator[Changed]:
    yield from parts.value(f"tag of {name}", before.branch_tag, after.branch_tag)
    yield from parts.expression(f"condition of {name}", before.predicate, after.predicate)
    yield from parts.update(f"update of {name}", before.update_program, after.update_program)
    yield from parts.expression(f"amplitude of {name}", before.amplitude, after.amplitude)


def _shown(emission: EmissionSpec) -> str:
    return f"{update_text(emission.update_program)}; amplitude {emission.amplitude!r}"
