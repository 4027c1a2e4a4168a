"""Clauses of one's own: functions that become methods of `DOperator` when they are registered.

A clause writes what the methods of the builder could write as well, there and then. The IR knows nothing of clauses, and
so neither fingerprints nor keys do.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import attrs

from nqx_graph.dsl.update import Update, identity
from nqx_graph.errors import DefinitionError, FieldError, nearest
from nqx_graph.ir.expr import PredicateExpr
from nqx_graph.ir.registry import Registry, checked_name, home
from nqx_graph.ir.types import KBodyIteratorSpec

if TYPE_CHECKING:
    from nqx_graph.dsl.builder import DOperator

ITERATOR, PREDICATE, EMISSION = "iterator", "predicate", "emission"
# a builder with one of these would be taken for an operator
_RESERVED = ("compile", "to_ir")


@attrs.frozen(eq=False)
class Clause:
    """A registered clause: its name as a method, what kind it is, and the function that it calls."""

    name: str
    kind: str
    function: Callable[..., Any]

    def __repr__(self) -> str:
        return f"<{self.kind} clause {self.name!r} of {home(self.function)}>"


CLAUSES: Registry[Clause] = Registry("clause")


def iterator_clause(function: Any = None, /, *, name: str | None = None, replace: bool = False) -> Any:
    """Register a function of the builder, and of whatever else, as a method that opens a term.

    The function returns labels and index rows, as ``for_each`` takes them, or labels, rows and columns; or it opens the
    term itself and returns the builder. ``builder.hilbert`` is the space.

    Args:
        function: registered under its name, and returned as it is. Left out, a decorator is returned.
        name: of the method, where it is not the function's.
        replace: whether it may take the place of a clause that other code registered.

    Raises:
        DefinitionError: for a name that the builder or other code has, or that cannot be a method.
    """
    return _registering(ITERATOR, function, name, replace)


def predicate_clause(function: Any = None, /, *, name: str | None = None, replace: bool = False) -> Any:
    """Register a function of the builder, and of whatever else, as a method that restricts the open term.

    The function returns what ``where`` takes; or it restricts the term itself and returns the builder.
    ``builder.context`` knows the labels and columns of the open term. Arguments and errors are those of
    `iterator_clause`.
    """
    return _registering(PREDICATE, function, name, replace)


def emission_clause(function: Any = None, /, *, name: str | None = None, replace: bool = False) -> Any:
    """Register a function of the builder, and of whatever else, as a method that adds branches to the open term.

    The function returns an update, ``(update, amplitude)`` or ``(update, amplitude, tag)``, or a list of these; or it
    calls ``emit``, ``emit_if`` and their like itself and returns the builder. Arguments and errors are those of
    `iterator_clause`.
    """
    return _registering(EMISSION, function, name, replace)


def clauses() -> dict[str, Clause]:
    """The registered clauses by name."""
    return CLAUSES.items()


def _registering(kind: str, function: Any, name: str | None, replace: bool) -> Any:
    def register(given: Any) -> Any:
        from nqx_graph.dsl.builder import DOperator

        if not callable(given):
            raise DefinitionError(f"a clause is a function of the builder; it is {given!r}. Write name= for a name.")
        what = f"the {kind} clause {home(given)}"
        wanted = getattr(given, "__name__", None) if name is None else name
        taken = {*dir(DOperator), *_RESERVED}
        checked = checked_name(wanted, what, taken.__contains__, "a method of DOperator or reserved for operators")
        CLAUSES.add(checked, Clause(checked, kind, given), home(given), replace=replace)
        return given

    return register if function is None else register(function)


def method(builder: DOperator, name: str) -> Callable[..., DOperator]:
    """A registered clause as a method of the builder.

    Raises:
        FieldError: where there is none of that name.
    """
    clause = CLAUSES.get(name)
    if clause is None:
        raise FieldError(f"DOperator has no method {name!r}, and no clause of that name is registered.{_hint(name)}")
    found: Clause = clause

    def call(*args: Any, **kwargs: Any) -> DOperator:
        return _applied(found, builder, args, kwargs)

    call.__name__, call.__qualname__, call.__doc__ = name, f"DOperator.{name}", found.function.__doc__
    signature = _signature(found.function)
    if signature is not None:
        call.__signature__ = signature  # type: ignore[attr-defined]  # what help() shows
    return call


def _hint(name: str) -> str:
    from nqx_graph.dsl.builder import DOperator

    return nearest(name, [known for known in (*dir(DOperator), *CLAUSES.items()) if not known.startswith("_")])


def _signature(function: Callable[..., Any]) -> inspect.Signature | None:
    """That of the method: without the builder."""
    try:
        whole = inspect.signature(function)
    except (TypeError, ValueError):
        return None
    return whole.replace(parameters=list(whole.parameters.values())[1:])


def _applied(clause: Clause, builder: DOperator, args: tuple[Any, ...], kwargs: dict[str, Any]) -> DOperator:
    before = _progress(builder)
    made = clause.function(builder, *args, **kwargs)
    if made is builder:
        _check_progress(clause, before, _progress(builder))
    else:
        _APPLY[clause.kind](clause, builder, made)
    return builder


def _progress(builder: DOperator) -> tuple[int, int]:
    """How many terms there are, and how many emissions in the last."""
    drafts = builder._drafts
    return len(drafts), len(drafts[-1].emissions) if drafts else 0


def _check_progress(clause: Clause, before: tuple[int, int], after: tuple[int, int]) -> None:
    """Refuse a clause that says it did its work and did none."""
    idle = {ITERATOR: after[0] == before[0], EMISSION: after == before, PREDICATE: False}
    if idle[clause.kind]:
        what = "opened no term" if clause.kind == ITERATOR else "emitted nothing"
        raise DefinitionError(f"{clause!r} returned the builder and {what}; {_RETURNS[clause.kind]}")


def _open(clause: Clause, builder: DOperator, made: Any) -> None:
    if isinstance(made, KBodyIteratorSpec):
        made = (made.labels, made.index_sets, made.columns)
    if not isinstance(made, tuple) or len(made) not in (2, 3):
        raise _returned(clause, made)
    labels, rows, columns = made if len(made) == 3 else (*made, None)
    builder.open_term(labels, rows, columns, clause.name)


def _restrict(clause: Clause, builder: DOperator, made: Any) -> None:
    if not isinstance(made, PredicateExpr | bool) and not callable(made):
        raise _returned(clause, made)
    builder.where(made)


def _emit(clause: Clause, builder: DOperator, made: Any) -> None:
    branches = made if isinstance(made, list) else [made]
    if not branches:
        raise _returned(clause, made)
    for branch in branches:
        update, *rest = branch if isinstance(branch, tuple) and branch else (branch,)
        if not (isinstance(update, Update) or update is identity) or len(rest) > 2:
            raise _returned(clause, made)
        amplitude, tag = (*rest, None, None)[:2]
        builder.emit(update, amplitude=amplitude, tag=tag)


def _returned(clause: Clause, made: Any) -> DefinitionError:
    return DefinitionError(f"{clause!r} returned {made!r}, a {type(made).__name__}; {_RETURNS[clause.kind]}")


_APPLY = {ITERATOR: _open, PREDICATE: _restrict, EMISSION: _emit}
_RETURNS = {
    ITERATOR: "return labels and rows, or labels, rows and columns, or the builder after it opened a term.",
    PREDICATE: "return a predicate such as sym.site('i') > 0, or the builder.",
    EMISSION: "return an update, (update, amplitude), (update, amplitude, tag), a list of these, or the builder after "
    "it emitted.",
}
