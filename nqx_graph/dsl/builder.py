"""`DOperator`: the builder a user writes an operator with. Eager Python; nothing is traced here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np

from nqx_graph.dsl import clauses
from nqx_graph.dsl.context import ExpressionContext
from nqx_graph.dsl.drafts import Draft, Part
from nqx_graph.dsl.dtypes import resolve_dtype
from nqx_graph.dsl.rows import all_pairs, all_sites, make_iterator
from nqx_graph.dsl.update import Update, as_update, identity
from nqx_graph.errors import DefinitionError, ExpressionError
from nqx_graph.ir.expr import TRUE, AmplitudeExpr, PredicateExpr, all_of, as_amplitude, as_predicate
from nqx_graph.ir.expression_rules import Scope, check_amplitude, check_predicate
from nqx_graph.ir.rules import check_operator, check_update
from nqx_graph.ir.types import EmissionSpec, SymbolicOperatorIR
from nqx_graph.operators.symbolic import SymbolicOperator
from nqx_graph.space import view

Amplitude = Any  # a number, an expression, or a function of an ExpressionContext
Predicate = Any  # a predicate, True or False, or a function of an ExpressionContext


class DOperator:
    """Writes an operator term by term; every call returns the builder, `build` seals it.

    ``<x|O|x'>`` has the given row x on the left, as in NetKet: ``emit(shift("i", +1), amplitude=sqrt(n + 1))`` is the
    operator that *destroys* a particle when it acts on a ket.

    Args:
        hilbert: a space of ``nqx_graph.hilbert`` or ``netket.hilbert``.
        name: for people; part of the fingerprint.
        dtype: of the matrix elements; float64 where JAX has 64-bit numbers enabled, else float32.
        hermitian: whether the operator is; taken as said.
    """

    def __init__(self, hilbert: Any, name: str = "operator", *, dtype: Any = None, hermitian: bool = False) -> None:
        if not isinstance(name, str):
            raise ExpressionError(f"the name of an operator must be text; it is {name!r}.")
        if not isinstance(hermitian, bool | np.bool_):
            raise ExpressionError(f"hermitian must be True or False; it is {hermitian!r}.")
        self._space = view(hilbert)
        self._name = name
        self._dtype = resolve_dtype(dtype)
        self._hermitian = bool(hermitian)
        self._drafts: list[Draft] = []
        self._built: SymbolicOperator | None = None

    def __repr__(self) -> str:
        return f"<DOperator {self._name!r}, {len(self._drafts)} term(s), {'built' if self._built else 'being written'}>"

    def __getattr__(self, name: str) -> Callable[..., Self]:
        """A clause that was registered under this name."""
        if name.startswith("_"):
            raise AttributeError(name)
        return clauses.method(self, name)  # type: ignore[return-value]  # of this very builder

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *clauses.clauses()})

    @property
    def hilbert(self) -> Any:
        """The space that the operator is written for."""
        return self._space.hilbert

    @property
    def context(self) -> ExpressionContext:
        """The labels and columns of the open term, for clauses.

        Raises:
            DefinitionError: where no term is open.
        """
        return ExpressionContext(self._draft("context").iterator, self._space.size)

    # where to act

    def globally(self, *, columns: Any = None) -> Self:
        """Open a term with one row and no label."""
        return self.open_term((), np.zeros((1, 0), dtype=np.int32), columns, "globally")

    def for_each_site(self, a: str, *, columns: Any = None) -> Self:
        """Open a term that acts on every site."""
        return self.open_term((a,), all_sites(self._space.size), columns, "for_each_site")

    def for_each_pair(self, a: str, b: str, *, columns: Any = None) -> Self:
        """Open a term that acts on every ordered pair of sites, the diagonal included."""
        return self.open_term((a, b), all_pairs(self._space.size, diagonal=True), columns, "for_each_pair")

    def for_each_distinct_pair(self, a: str, b: str, *, columns: Any = None) -> Self:
        """Open a term that acts on every ordered pair of two different sites."""
        return self.open_term((a, b), all_pairs(self._space.size, diagonal=False), columns, "for_each_distinct_pair")

    def for_each_triplet(self, a: str, b: str, c: str, over: Any, *, columns: Any = None) -> Self:
        """Open a term that acts on the given triplets."""
        return self.open_term((a, b, c), over, columns, "for_each_triplet")

    def for_each_plaquette(self, a: str, b: str, c: str, d: str, over: Any, *, columns: Any = None) -> Self:
        """Open a term that acts on the given plaquettes."""
        return self.open_term((a, b, c, d), over, columns, "for_each_plaquette")

    def for_each(self, labels: Any, over: Any, *, columns: Any = None) -> Self:
        """Open a term that acts on the given index rows: tuples, an array [M, K], a graph, or anything with edges."""
        return self.open_term(labels, over, columns, "for_each")

    def open_term(self, labels: Any, over: Any, columns: Any = None, caller: str = "open_term") -> Self:
        """`for_each` under another name, which messages show."""
        self._check_open()
        number = len(self._drafts)
        iterator = make_iterator(labels, over, columns, self._space.size, f"{caller} of term {number}")
        self._drafts.append(Draft(str(number), iterator))
        return self

    # when

    def where(self, predicate: Predicate) -> Self:
        """Restrict the whole term; several calls are and-ed, and hold for emissions written before, too."""
        draft = self._draft("where")
        added = self._predicate(predicate, draft, f"term {draft.name!r}")
        draft.predicate = all_of(draft.predicate, added).sealed()
        return self

    # what it emits

    def emit(
        self,
        update: Any = identity,
        *,
        amplitude: Amplitude = None,
        matrix_element: Amplitude = None,
        tag: str | None = None,
    ) -> Self:
        """One more branch per index row: x' = update(x) with <x|O|x'> = amplitude (1.0 where none is given)."""
        draft = self._draft("emit")
        draft.otherwise = None
        return self._emit(draft, TRUE, update, _either(amplitude, matrix_element), tag)

    def emit_if(
        self,
        predicate: Predicate,
        update: Any = identity,
        *,
        amplitude: Amplitude = None,
        matrix_element: Amplitude = None,
        tag: str | None = None,
    ) -> Self:
        """A branch where the predicate holds; opens a chain for `emit_elseif` and `emit_else`."""
        draft = self._draft("emit_if")
        draft.otherwise = TRUE
        return self._chain(draft, predicate, update, _either(amplitude, matrix_element), tag)

    def emit_elseif(
        self,
        predicate: Predicate,
        update: Any = identity,
        *,
        amplitude: Amplitude = None,
        matrix_element: Amplitude = None,
        tag: str | None = None,
    ) -> Self:
        """A branch where the predicate holds and all before in the chain were false."""
        draft = self._draft("emit_elseif")
        return self._chain(draft, predicate, update, _either(amplitude, matrix_element), tag)

    def emit_else(
        self,
        update: Any = identity,
        *,
        amplitude: Amplitude = None,
        matrix_element: Amplitude = None,
        tag: str | None = None,
    ) -> Self:
        """A branch where all before in the chain were false; closes it."""
        draft = self._draft("emit_else")
        otherwise = self._open_chain(draft, "emit_else")
        draft.otherwise = None
        return self._emit(draft, otherwise, update, _either(amplitude, matrix_element), tag)

    def add(self, words: Any, *, tag: str | None = None) -> Self:
        """The emissions of words such as ``sym.words.hop("i", "j")``: operators in the convention of kets.

        Rows on which sites of the words coincide, and others that have to be treated by themselves, become terms beside
        the open one, with its predicate. Where the words are zero there is no branch.

        Args:
            words: what acts on each index row; labels are those of the term.
            tag: of all these emissions.

        Raises:
            ExpressionError: for anything that is no words.
            HilbertError: for a word that has no meaning on the local states of its site.
            DefinitionError: for fermions in two mode orders, or on a site that is no mode.
        """
        draft = self._draft("add")
        if not hasattr(words, "parts"):
            raise ExpressionError(
                f"add takes words such as sym.words.hop('i', 'j'); it was given {words!r}, of type {type(words).__name__}. An update "
                "and an amplitude are given to emit()."
            )
        _check_tag(tag, where := f"the words of term {draft.name!r}")
        draft.otherwise, draft.has_words = None, True
        for part in words.parts(draft.iterator, self._space, self._dtype, where, tag):
            self._check_part(part, draft, where)
            draft.take(part)
        return self

    def _check_part(self, part: Part, draft: Draft, where: str) -> None:
        scope = Scope(where, part.iterator(draft.iterator), self._space.size, self._dtype, self._space)
        for emission in part.emissions:
            check_predicate(emission.predicate, scope)
            check_update(emission.update_program, scope)
            check_amplitude(emission.amplitude, scope)

    def _chain(self, draft: Draft, predicate: Predicate, update: Any, amplitude: Amplitude, tag: str | None) -> Self:
        otherwise = self._open_chain(draft, "emit_elseif")
        own = self._predicate(predicate, draft, f"emission #{len(draft.emissions)} of term {draft.name!r}")
        self._emit(draft, all_of(otherwise, own), update, amplitude, tag)
        draft.otherwise = all_of(otherwise, ~own)
        return self

    def _open_chain(self, draft: Draft, caller: str) -> PredicateExpr:
        if draft.otherwise is None:
            raise DefinitionError(
                f"{caller} in term {draft.name!r} follows no emit_if; open the chain with emit_if first."
            )
        return draft.otherwise

    def _emit(self, draft: Draft, own: PredicateExpr, update: Any, amplitude: Amplitude, tag: str | None) -> Self:
        where = f"emission #{len(draft.emissions)} of term {draft.name!r}"
        _check_tag(tag, where)
        scope = self._scope(draft, where)
        program = as_update(update, f"the update of {where}").program
        check_update(program, scope)
        element = self._amplitude(amplitude, draft)
        check_amplitude(element, scope)
        draft.emissions.append(EmissionSpec(own.sealed(), program, element.sealed(), tag))
        return self

    # about the term

    def named(self, text: str) -> Self:
        """Name the term; without a name it is called by its position."""
        draft = self._draft("named")
        if not (isinstance(text, str) and text):
            raise ExpressionError(f"the name of a term must be text; it is {text!r}.")
        draft.name = text
        return self

    def fanout(self, k: int) -> Self:
        """Promise that at most k branches of the term are active at once; a broken promise gives NaN, never a loss."""
        draft = self._draft("fanout")
        if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
            raise DefinitionError(f"fanout takes a whole number from 1 up; term {draft.name!r} was given {k!r}.")
        draft.fanout = int(k)
        return self

    max_conn_size = fanout

    def build(self) -> SymbolicOperator:
        """Seal the builder and return the operator.

        Raises:
            DefinitionError: for no term, a term with no emission, a promise above rows times emissions, or a symbol with
                two defaults.
        """
        if self._built is None:
            terms = tuple(term for draft in self._drafts for term in draft.terms())
            ir = SymbolicOperatorIR(self._name, "symbolic", self._space.size, self._dtype, self._hermitian, terms)
            check_operator(ir, self._space)
            self._built = SymbolicOperator(self._space.hilbert, ir)
        return self._built

    def compile(self, **arguments: Any) -> Any:
        """Build the operator and compile it: ``build().compile(...)``."""
        return self.build().compile(**arguments)

    # shared

    def _check_open(self) -> None:
        if self._built is not None:
            raise DefinitionError(
                f"the operator {self._name!r} is built and sealed; start another DOperator, or add two: A + B."
            )

    def _draft(self, caller: str) -> Draft:
        self._check_open()
        if not self._drafts:
            raise DefinitionError(f"{caller} needs an open term; call for_each, for_each_site or globally first.")
        return self._drafts[-1]

    def _scope(self, draft: Draft, where: str) -> Scope:
        return Scope(where, draft.iterator, self._space.size, self._dtype, self._space)

    def _called(self, given: Any, draft: Draft) -> Any:
        if callable(given) and not isinstance(given, AmplitudeExpr | PredicateExpr):
            return given(ExpressionContext(draft.iterator, self._space.size))
        return given

    def _predicate(self, given: Predicate, draft: Draft, where: str) -> PredicateExpr:
        predicate = as_predicate(self._called(given, draft))
        check_predicate(predicate, self._scope(draft, where))
        return predicate

    def _amplitude(self, given: Amplitude, draft: Draft) -> AmplitudeExpr:
        return as_amplitude(self._called(given, draft))


def _check_tag(tag: object, where: str) -> None:
    if tag is not None and not isinstance(tag, str):
        raise ExpressionError(f"the tag of {where} must be text; it is {tag!r}.")


def _either(amplitude: Amplitude, matrix_element: Amplitude) -> Amplitude:
    if amplitude is not None and matrix_element is not None:
        raise ExpressionError("amplitude= and matrix_element= are two names of one thing; give one of them.")
    if amplitude is None and matrix_element is None:
        return 1.0
    return matrix_element if amplitude is None else amplitude


SymbolicDiscreteJaxOperator = DOperator
__all__ = ["DOperator", "SymbolicDiscreteJaxOperator", "Update"]
